"""What may be told of an expected child: its birth, that it is no longer expected. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from portal.families.rules import ChildDetails, reasons_against_child
from portal.kernel.errors import Reason

#: Born so much before the date, or after it, somebody mistyped the year or the month.
EARLIEST_BEFORE_DUE = timedelta(days=140)
LATEST_AFTER_DUE = timedelta(days=45)
#: Days between the first and the last of one birth.
LONGEST_BIRTH = timedelta(days=3)
#: More at once are entered by staff as children of their own.
MOST_AT_ONCE = 4
#: Two due dates nearer to each other than this are one pregnancy, typed twice.
ONE_PREGNANCY = timedelta(days=200)
#: How long what was told of an expected child can be taken back.
UNDO_FOR = timedelta(days=14)


class ExpectedRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    TOLD_ALREADY = "told_already"
    FAR_FROM_DUE = "far_from_due"
    DAYS_APART = "days_apart"
    TOO_MANY = "too_many"
    SAME_NAME = "same_name"
    EXPECTED_ALREADY = "expected_already"
    NOT_EXPECTED = "not_expected"
    TOO_LATE_TO_UNDO = "too_late_to_undo"
    STAYS_BOOKED = "stays_booked"


@dataclass(frozen=True, slots=True)
class Newborn:
    """One child of a birth."""

    name: str
    born_on: date
    name_kana: str | None = None

    @property
    def details(self) -> ChildDetails:
        """The child as it is registered."""
        return ChildDetails(self.name, self.name_kana, born_on=self.born_on)


def reasons_against_birth(
    newborns: Sequence[Newborn], due_on: date | None, *, today: date
) -> tuple[Reason, ...]:
    """Return every reason against a birth told on the local day ``today``."""
    reasons = [reason for each in newborns for reason in _against(each, due_on, today)]
    if not 1 <= len(newborns) <= MOST_AT_ONCE:
        reasons.append(Reason(ExpectedRefusal.TOO_MANY, {"most": MOST_AT_ONCE}))
    names = [each.name.strip() for each in newborns]
    if len(set(names)) < len(names):
        reasons.append(Reason(ExpectedRefusal.SAME_NAME))
    days = [each.born_on for each in newborns]
    if days and max(days) - min(days) > LONGEST_BIRTH:
        reasons.append(Reason(ExpectedRefusal.DAYS_APART))
    return tuple({reason.code: reason for reason in reasons}.values())


def _against(newborn: Newborn, due_on: date | None, today: date) -> Iterable[Reason]:
    yield from reasons_against_child(newborn.details, today=today)
    if due_on is None or newborn.born_on > today:
        return
    if not due_on - EARLIEST_BEFORE_DUE <= newborn.born_on <= due_on + LATEST_AFTER_DUE:
        yield Reason(ExpectedRefusal.FAR_FROM_DUE, {"due_on": due_on})


def is_same_pregnancy(due_on: date, other: date) -> bool:
    """Say whether two due dates can only be one pregnancy of one mother."""
    return abs(due_on - other) < ONE_PREGNANCY


def may_still_undo(told_at: datetime, *, now: datetime) -> bool:
    """Say whether what was told at an aware moment can be taken back."""
    return now <= told_at + UNDO_FOR
