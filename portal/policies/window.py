"""Kind G7, booking window: from when until when care on a day can be booked."""

from __future__ import annotations

import calendar as month_lengths
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, model_validator

from portal.policies.calendar import FacilityCalendar
from portal.policies.rule import ClockTime, Deadline, Rule, Shift, moment_on, shifted


class WindowState(StrEnum):
    """Whether a day can be booked at a moment, places apart."""

    BEFORE = "before"
    OPEN = "open"
    AFTER = "after"


class BookingWindow(NamedTuple):
    """When care on one day can be booked: ``opens_at <= t < closes_at``.

    ``opens_at`` is None where booking has always been open.
    """

    opens_at: datetime | None
    closes_at: datetime

    def state(self, moment: datetime) -> WindowState:
        """Return where ``moment`` lies; a window that closes before it opens is never open."""
        if moment >= self.closes_at:
            return WindowState.AFTER
        if self.opens_at is not None and moment < self.opens_at:
            return WindowState.BEFORE
        return WindowState.OPEN


class MonthlyOpening(Rule):
    """A whole month opens on a fixed day of an earlier month ("on the 15th for the next month")."""

    kind: Literal["monthly"] = "monthly"
    #: 29 to 31 are left out: not every month has them. Say ``last`` instead.
    day: Annotated[int, Field(ge=1, le=28)] | Literal["last"]
    months_before: int = Field(default=1, ge=0, le=12)
    at: ClockTime
    shift: Shift = Shift.NONE

    def opening_day(self, day: date) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        year, month = _months_earlier(day, self.months_before)
        last = month_lengths.monthrange(year, month)[1]
        return date(year, month, last if self.day == "last" else self.day)


class HalfMonthOpening(Rule):
    """On the 1st opens the second half of the month, on the 16th the first half of the next."""

    kind: Literal["half_month"] = "half_month"
    at: ClockTime
    shift: Shift = Shift.NONE

    def opening_day(self, day: date) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        if day.day >= 16:  # noqa: PLR2004 - the half of a month, as written in the rule
            return day.replace(day=1)
        year, month = _months_earlier(day, 1)
        return date(year, month, 16)


class MissingDay(StrEnum):
    """Which day stands for "one month before the 31st" in a shorter month."""

    LAST_DAY = "last_day"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


class RollingOpening(Rule):
    """Each day opens by itself, so many days or months before."""

    kind: Literal["rolling"] = "rolling"
    days: int | None = Field(default=None, ge=0, le=366)
    months: int | None = Field(default=None, ge=1, le=12)
    when_day_is_missing: MissingDay = MissingDay.LAST_DAY
    at: ClockTime
    shift: Shift = Shift.NONE

    @model_validator(mode="after")
    def _days_or_months(self) -> RollingOpening:
        if (self.days is None) == (self.months is None):
            raise ValueError("give either days or months")
        return self

    def opening_day(self, day: date) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        if self.months is None:
            return day - timedelta(days=self.days or 0)
        year, month = _months_earlier(day, self.months)
        last = month_lengths.monthrange(year, month)[1]
        if day.day <= last:
            return date(year, month, day.day)
        last_day = date(year, month, last)
        by_rule = self.when_day_is_missing is MissingDay.FIRST_OF_NEXT_MONTH
        return last_day + timedelta(days=by_rule)


Opening = Annotated[MonthlyOpening | HalfMonthOpening | RollingOpening, Field(discriminator="kind")]


class BookingWindowRule(Rule):
    """When booking opens and closes for a day of care.

    Without ``opens`` booking is always open; without ``closes`` until the day of care ends.
    ``notice_minutes`` asks for that much time between the request and the start of the stay.
    """

    opens: Opening | None = None
    closes: Deadline | None = None
    notice_minutes: int = Field(default=0, ge=0, le=7 * 24 * 60)

    def window(self, day: date, calendar: FacilityCalendar) -> BookingWindow:
        """Return the window for care on ``day``."""
        opens_at = None
        if self.opens is not None:
            opening_day = shifted(self.opens.opening_day(day), self.opens.shift, calendar)
            opens_at = moment_on(opening_day, self.opens.at)
        closes_at = moment_on(day, "24:00")
        if self.closes is not None:
            closes_at = min(closes_at, self.closes.before(day, calendar))
        return BookingWindow(opens_at, closes_at)


def _months_earlier(day: date, months: int) -> tuple[int, int]:
    years, month = divmod(day.month - 1 - months, 12)
    return day.year + years, month + 1
