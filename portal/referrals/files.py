"""Taking a file of referrals: each row read, tried, told; nothing stays but what is confirmed.

A preview does what taking does and is rolled back, so that it cannot say anything else.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.facilities.lists.reading import read_table
from portal.facilities.lists.table import TableRow
from portal.families.rules import ChildDetails, GuardianDetails, plain_phone
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.referrals import file_columns as columns
from portal.referrals.models import Referral
from portal.referrals.outside import take_in
from portal.referrals.outside_receivers import Possible, by_name, possible_receivers
from portal.referrals.rules import (
    FileRefusal,
    Item,
    ReferralRefusal,
    ReferralSource,
    Stage,
    Urgency,
)
from portal.referrals.sheet import (
    LEARNED,
    Located,
    NotTaken,
    Record,
    ReferralSheet,
    SignedRecord,
    Wanted,
    several,
)

#: Rows at once, without the header: each is tried as if it were sent.
MOST_ROWS: Final = 100
#: Bytes; the preview carries the file along, so that nothing of it is stored.
LARGEST_FILE: Final = 300 * 1024


class Became(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    THERE = "there"  # sent before: nothing changes
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a row is not taken: at which column, what stands there, the reason."""

    column: str
    text: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class RowResult:
    """One row, as a spreadsheet counts it, and what becomes of it."""

    number: int
    became: Became
    own_number: str
    guardian: str
    receiver: str
    remarks: tuple[Remark, ...] = ()
    referral_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """All rows of a file."""

    rows: tuple[RowResult, ...]
    #: Columns that are no part of a list of referrals: left aside.
    unknown: tuple[str, ...]

    def of(self, became: Became) -> list[RowResult]:
        """Return the rows of which this becomes."""
        return [row for row in self.rows if row.became is became]

    @property
    def fingerprint(self) -> str:
        """What tells this outcome from another: taking stops where it would be another."""
        told = [
            (row.number, row.became, [(each.column, each.reason.code) for each in row.remarks])
            for row in self.rows
        ]
        return hashlib.sha256(repr(told).encode()).hexdigest()


def take_file(session: Session, data: bytes, *, actor: Actor, now: datetime) -> FileResult:
    """Send the referrals of a file; rows that cannot be taken leave nothing, and say why.

    The caller commits what was confirmed, or rolls back what was only to be looked at.

    Raises:
        Refusal: it is no list of referrals at all.
    """
    names, rows = _table(data)
    on = today(now)
    possible = possible_receivers(session, actor=actor, on=on)
    results = []
    for row in rows:
        cells = {name: cell.strip() for name, cell in zip(names, row.cells, strict=False) if name}
        results.append(_take_row(session, row.number, cells, possible, actor=actor, now=now))
    unknown = tuple(name for name in names if name and not columns.is_known(name))
    return FileResult(tuple(results), unknown)


def _table(data: bytes) -> tuple[list[str], Sequence[TableRow]]:
    if len(data) > LARGEST_FILE:
        raise Refusal([Reason(FileRefusal.TOO_LARGE, {"limit_kb": LARGEST_FILE // 1024})])
    try:
        table = read_table(data)
    except Refusal as refusal:
        first = refusal.reasons[0]
        raise Refusal([Reason(FileRefusal(first.code.value), first.values)]) from None
    names = [name.strip() for name in table.header]
    twice = next((name for name in names if name and names.count(name) > 1), None)
    if twice is not None:
        raise Refusal([Reason(FileRefusal.DUPLICATE_COLUMN, {"column": twice})])
    missing = [name for name in columns.NEEDED if name not in names]
    if missing:
        said = "".join(f"「{name}」" for name in missing)
        raise Refusal([Reason(FileRefusal.UNKNOWN_COLUMNS, {"missing": said})])
    rows = [row for row in table.rows if not row.is_blank]
    if not rows:
        raise Refusal([FileRefusal.EMPTY])
    if len(rows) > MOST_ROWS:
        raise Refusal([Reason(FileRefusal.TOO_MANY_ROWS, {"limit": MOST_ROWS})])
    return names, rows


def _take_row(
    session: Session,
    number: int,
    cells: Mapping[str, str],
    possible: Sequence[Possible],
    *,
    actor: Actor,
    now: datetime,
) -> RowResult:
    def result(
        became: Became, remarks: tuple[Remark, ...] = (), made: uuid.UUID | None = None
    ) -> RowResult:
        return RowResult(
            number,
            became,
            cells.get(columns.NUMBER, ""),
            cells.get(columns.COLUMNS["guardian.name"], ""),
            cells.get(columns.RECEIVER, ""),
            remarks,
            made,
        )

    portal_number = cells.get(columns.PORTAL_NUMBER, "")
    if portal_number:
        if _is_ours(session, portal_number, actor):
            return result(Became.THERE)
        reason = Reason(FileRefusal.PORTAL_NUMBER)
        return result(Became.WRONG, (Remark(columns.PORTAL_NUMBER, portal_number, reason),))
    reader = _Reader(cells, possible)
    sheet = reader.sheet()
    if sheet is None:
        return result(Became.WRONG, tuple(reader.remarks))
    attempt = session.begin_nested()
    try:
        taken = take_in(
            session, sheet, source=ReferralSource.CSV, actor=actor, now=now, possible=possible
        )
    except NotTaken as refusal:
        attempt.rollback()
        codes = {each.reason.code for each in refusal.located}
        if codes == {ReferralRefusal.NUMBER_TAKEN}:
            return result(Became.THERE)
        return result(Became.WRONG, _remarks(refusal.located, cells))
    attempt.commit()
    return result(Became.NEW, made=taken.referrals[0].id)


def _is_ours(session: Session, number: str, actor: Actor) -> bool:
    if not (number.isascii() and number.isdigit() and len(number) < 19):  # noqa: PLR2004 - bigint
        return False
    return (
        session.scalars(
            select(Referral.id).where(
                Referral.number == int(number), Referral.sender_id == actor.organisation_id
            )
        ).first()
        is not None
    )


def _remarks(located: Sequence[Located], cells: Mapping[str, str]) -> tuple[Remark, ...]:
    found = []
    for each in located:
        column = columns.column_of(each.field)
        remark = Remark(column, cells.get(column, ""), each.reason)
        if remark not in found:
            found.append(remark)
    return tuple(found)


class _Reader:
    """One row's cells into a sheet; what cannot be read is remarked, all of it."""

    def __init__(self, cells: Mapping[str, str], possible: Sequence[Possible]) -> None:
        self.cells, self.possible = cells, possible
        self.remarks: list[Remark] = []

    def sheet(self) -> ReferralSheet | None:
        """Return the sheet, or nothing where a cell cannot be read."""
        number = self._text("number")
        if not number:
            self._remark(columns.NUMBER, FileRefusal.NUMBER_MISSING)
        stage = self._choice("interview.stage", columns.stages())
        if stage is None and not self._text("interview.stage"):
            self._remark(columns.COLUMNS["interview.stage"], FileRefusal.STAGE_MISSING)
        held_on = self._day(columns.COLUMNS["interview.held_on"])
        if held_on is None and not self._text("interview.held_on"):
            self._remark(columns.COLUMNS["interview.held_on"], FileRefusal.DAY_MISSING)
        ticked = self._day(columns.COLUMNS["interview.guide_ticked_on"])
        urgency = self._choice("urgency", columns.urgencies())
        target = self._day(columns.COLUMNS["target_on"])
        children = self._children()
        records = self._records()
        wanted = self._receiver()
        if self.remarks or stage is None or held_on is None or wanted is None:
            return None
        return ReferralSheet(
            Stage(stage),
            held_on,
            ticked,
            self._guardian(),
            several(children),
            (wanted,),
            records,
            {
                item: words
                for item in LEARNED
                if (words := self._text(f"learned.{Item(item).value}"))
            },
            Urgency(urgency or Urgency.NORMAL),
            target,
            number,
        )

    def _guardian(self) -> GuardianDetails:
        return GuardianDetails(
            self._text("guardian.name"),
            self._text("guardian.relation") or "母",
            self._text("guardian.name_kana") or None,
            plain_phone(self._text("guardian.phone")),
            self._text("guardian.mail") or None,
            self._text("guardian.address") or None,
        )

    def _children(self) -> list[ChildDetails]:
        found = []
        for number in range(1, columns.children_in(self.cells) + 1):
            names = {
                part: columns.child_column(number, part)
                for part in ("name", "name_kana", "born_on", "due_on")
            }
            if not any(self.cells.get(name) for name in names.values()):
                continue
            found.append(
                ChildDetails(
                    self.cells.get(names["name"]) or None,
                    self.cells.get(names["name_kana"]) or None,
                    self._day(names["born_on"]),
                    self._day(names["due_on"]),
                )
            )
        return found

    def _records(self) -> dict[Record, SignedRecord]:
        version, reference = self._text("wording_version"), self._text("reference")
        given = {record for record, column in columns.RECORD_DAYS.items() if self.cells.get(column)}
        form = self._choice("source", columns.sources())
        if given and form is None and not self._text("source"):
            self._remark(columns.COLUMNS["source"], FileRefusal.FORM_MISSING)
        items = {
            Record.SHARING: self._several("consents.sharing.items", columns.items()),
            Record.TOLD: (
                *self._several("consents.told.times", columns.times()),
                *self._several("consents.told.channels", columns.channels()),
            ),
        }
        return {
            record: SignedRecord(
                self._day(columns.RECORD_DAYS[record]),
                version,
                reference,
                items.get(record, ()),
                self._day(columns.COLUMNS[f"consents.{record}.until_on"]),
                (self._text("consents.told.person") or None) if record is Record.TOLD else None,
            )
            for record in Record
            if record in given
        }

    def _receiver(self) -> Wanted | None:
        typed = self.cells.get(columns.RECEIVER, "")
        found = by_name(self.possible, typed) if typed else []
        if len(found) == 1:
            return found[0].wanted
        code = (
            FileRefusal.RECEIVER_UNCLEAR
            if found
            else ReferralRefusal.RECEIVER_UNKNOWN
            if typed
            else ReferralRefusal.NO_RECEIVER
        )
        self._remark(columns.RECEIVER, code)
        return None

    def _text(self, field: str) -> str:
        return self.cells.get(columns.COLUMNS[field], "")

    def _day(self, column: str) -> date | None:
        try:
            return columns.day_in(self.cells.get(column, ""))
        except ValueError:
            self._remark(column, FileRefusal.DAY_UNREADABLE)
            return None

    def _choice(self, field: str, words: Mapping[str, str]) -> str | None:
        try:
            return columns.one_of(self._text(field), words)
        except ValueError:
            self._no_choice(field, words)
            return None

    def _several(self, field: str, words: Mapping[str, str]) -> tuple[str, ...]:
        try:
            return columns.several_of(self._text(field), words)
        except ValueError:
            self._no_choice(field, words)
            return ()

    def _no_choice(self, field: str, words: Mapping[str, str]) -> None:
        values = {"choices": "、".join(words.values())}
        self._remark(columns.COLUMNS[field], FileRefusal.NO_CHOICE, values)

    def _remark(
        self, column: str, code: StrEnum, values: Mapping[str, object] | None = None
    ) -> None:
        self.remarks.append(Remark(column, self.cells.get(column, ""), Reason(code, values or {})))
