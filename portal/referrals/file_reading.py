"""One row of a file of referrals into a sheet; what cannot be read is remarked, all of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.consents.rules import ConsentSource
from portal.families.rules import ChildDetails, GuardianDetails, plain_phone
from portal.kernel.errors import Reason
from portal.referrals import file_columns as columns
from portal.referrals.outside_receivers import Possible, by_name
from portal.referrals.rules import FileRefusal, Item, ReferralRefusal, Stage, Urgency
from portal.referrals.sheet import (
    LEARNED,
    Located,
    Record,
    ReferralSheet,
    SignedRecord,
    Wanted,
    several,
)


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a row is not taken: at which column, what stands there, the reason."""

    column: str
    text: str
    reason: Reason


class RowReader:
    """One row's cells, read as far as they can be."""

    def __init__(self, cells: Mapping[str, str], possible: Sequence[Possible], *, on: date) -> None:
        self.cells, self.possible, self.on = cells, possible, on
        self.remarks: list[Remark] = []

    def sheet(self) -> ReferralSheet:
        """Return the sheet as far as it can be read; it may be sent where there is no remark."""
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
        return ReferralSheet(
            Stage(stage or Stage.OTHER),
            held_on or self.on,
            ticked,
            self._guardian(),
            several(children),
            (wanted,) if wanted else (),
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

    def remark_besides(self, located: Sequence[Located]) -> None:
        """Add what is wrong with the sheet, but not what a cell that cannot be read brings about.

        Whoever mends a row then mends all of it, and does not send it again for each reason.
        """
        unread = {each.column for each in self.remarks}
        if columns.COLUMNS["source"] in unread:  # which words were read depends on the form
            unread.add(columns.COLUMNS["wording_version"])
        for each in located:
            column = columns.column_of(each.field)
            if not unread & {column, *_together(each.field)}:
                remark = Remark(column, self.cells.get(column, ""), each.reason)
                if remark not in self.remarks:
                    self.remarks.append(remark)

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
                ConsentSource(form or ConsentSource.PAPER_FORM),
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


def _together(field: str) -> set[str]:
    """Return the columns that say the same thing: a child has one day or the other."""
    parts = field.split(".")
    if parts[0] != "children" or len(parts) == 1:
        return set()
    return {columns.child_column(int(parts[1]) + 1, day) for day in ("born_on", "due_on")}
