"""Taking a file of referrals: each row read, tried, told; nothing stays but what is confirmed.

A preview does what taking does and is rolled back, so that it cannot say anything else.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.consents.sharing import SHARING_VERSION
from portal.facilities.lists.reading import read_table
from portal.facilities.lists.table import TableRow
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.referrals import file_columns as columns
from portal.referrals.file_reading import Remark, RowReader
from portal.referrals.models import Referral
from portal.referrals.outside import take_in
from portal.referrals.outside_receivers import Possible, possible_receivers
from portal.referrals.rules import (
    FileRefusal,
    ReferralRefusal,
    ReferralSource,
)
from portal.referrals.sheet import (
    Located,
    NotTaken,
    reasons_against_sheet,
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
    reader = RowReader(cells, possible, on=today(now))
    sheet = reader.sheet()
    if reader.remarks:
        reader.remark_besides(
            reasons_against_sheet(sheet, wording_version=SHARING_VERSION, today=today(now))
        )
        return result(Became.WRONG, tuple(reader.remarks))
    try:
        with session.begin_nested():
            taken = take_in(
                session, sheet, source=ReferralSource.CSV, actor=actor, now=now, possible=possible
            )
    except NotTaken as refusal:
        codes = {each.reason.code for each in refusal.located}
        if codes == {ReferralRefusal.NUMBER_TAKEN}:
            return result(Became.THERE)
        return result(Became.WRONG, _remarks(refusal.located, cells))
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
