"""What a month report counts, and how. Pure."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.kernel.age import fiscal_year
from portal.kernel.clock import today

#: Class ages (クラス年齢) a report has a line for.
CLASSES = range(6)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, local time."""

    year: int
    number: int

    def __post_init__(self) -> None:
        date(self.year, self.number, 1)  # a month that does not exist raises ValueError

    @staticmethod
    def of(day: date) -> Month:
        """Return the month in which a local day lies."""
        return Month(day.year, day.month)

    @property
    def first_day(self) -> date:
        """The month's first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def previous(self) -> Month:
        """The month before."""
        return Month(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    @property
    def fiscal_year_start(self) -> date:
        """1 April of the fiscal year (年度) the month lies in."""
        return date(fiscal_year(self.first_day), 4, 1)

    def is_running(self, now: datetime) -> bool:
        """Say whether the month is not over yet at ``now``, by the local day."""
        return today(now) < self.next.first_day

    def is_to_come(self, now: datetime) -> bool:
        """Say whether the month has not begun yet at ``now``, by the local day."""
        return today(now) < self.first_day

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class ClassLine:
    """One class age: children (実人数) and child-days (延べ人数) by reason, whole numbers."""

    class_age: int
    children: int = 0
    irregular_work: int = 0
    emergency: int = 0
    respite: int = 0

    @property
    def child_days(self) -> int:
        """All child-days of the class."""
        return self.irregular_work + self.emergency + self.respite


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What else became of the month's bookings, counted in bookings."""

    cancelled_by_family: int = 0
    cancelled_by_facility: int = 0
    excused_absences: int = 0
    no_shows: int = 0
    #: Nobody has said yet whether the child came: to be settled before handing in. In a month
    #: that is running, also those to come.
    still_open: int = 0


@dataclass(frozen=True, slots=True)
class MonthReport:
    """One facility's month.

    A child counts once a day and facility, half a day as one, under the reason of the day's first
    stay; brothers and sisters count each; who did not come does not count. Class age is that of
    1 April, so a child is in one line for the whole month and children add up over the lines.
    """

    facility_id: uuid.UUID
    facility_name: str
    month: Month
    lines: tuple[ClassLine, ...]
    outcomes: Outcomes
    up_to_four_hours: int
    over_four_hours: int
    first_time: int
    open_days: int
    #: Child-days of each month of the fiscal year until this one.
    year_so_far: tuple[tuple[Month, int], ...]
    #: The month in which the facility's places or stays begin here; ``None`` where it has none.
    in_use_from: Month | None = None

    def is_before_use(self, month: Month) -> bool:
        """Say whether the portal knows nothing of a month, so that its 0 would be no count."""
        return self.in_use_from is None or month.first_day < self.in_use_from.first_day

    @property
    def has_record(self) -> bool:
        """Whether the portal knows anything of the month itself."""
        return not self.is_before_use(self.month)

    @property
    def months_before_use(self) -> int:
        """How many months of the fiscal year the portal knows nothing of; they come first."""
        return sum(self.is_before_use(month) for month, _ in self.year_so_far)

    @property
    def counts_from(self) -> Month | None:
        """The month from which the fiscal year's sum counts; ``None`` where there is no record."""
        known = [month for month, _ in self.year_so_far if not self.is_before_use(month)]
        return known[0] if known else None

    @property
    def year_total(self) -> int:
        """Child-days of the fiscal year from ``counts_from`` until this month."""
        return sum(child_days for _, child_days in self.year_so_far)

    @property
    def total(self) -> ClassLine:
        """The sum over all classes; its ``class_age`` means nothing."""
        return ClassLine(
            -1,
            sum(line.children for line in self.lines),
            sum(line.irregular_work for line in self.lines),
            sum(line.emergency for line in self.lines),
            sum(line.respite for line in self.lines),
        )

    @property
    def number(self) -> str:
        """The paper's number: month and the first figures of the facility's id."""
        return f"R-{self.month}-{self.facility_id.hex[:6].upper()}"
