"""What every kind of rule is made from: a frozen model, clock times, the shift of closed days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from portal.kernel.clock import at
from portal.policies.calendar import FacilityCalendar


class Rule(BaseModel):
    """The base of every kind: cannot be changed, and knows all its fields.

    An unknown field is an error rather than ignored, so that a misspelt rule is never silently
    absent. A field whose name is a word of Python (``from``) has it as its alias, and is written
    out under it, so that what is stored reads as what was written.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True
    )


#: A clock time (JST) as written in a rule: ``09:00``; ``24:00`` is the midnight that ends the day.
#: Limits are half-open, so "until 23:59" on paper is ``24:00`` here.
ClockTime = Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


def moment_on(day: date, clock_time: ClockTime) -> datetime:
    """Return the aware moment (JST) of a rule's clock time on ``day``."""
    hours, minutes = (int(part) for part in clock_time.split(":"))
    return at(day, time(0)) + timedelta(hours=hours, minutes=minutes)


def time_of(clock_time: ClockTime) -> time:
    """Return a rule's clock time as a ``time``; 0:00 for the midnight that ends the day."""
    return time(int(clock_time[:2]) % 24, int(clock_time[3:]))


class Shift(StrEnum):
    """Where a day set by a rule moves when the facility is closed on it."""

    NONE = "none"
    NEXT = "next"
    PREVIOUS = "previous"


class Counting(StrEnum):
    """Which days a rule counts."""

    CALENDAR = "calendar"
    OPEN = "open"


def shifted(day: date, shift: Shift, calendar: FacilityCalendar) -> date:
    """Return ``day``, or the open day the rule moves it to.

    Where the facility has no open day in reach the day stays: a limit that is never met helps
    nobody.
    """
    calendar = calendar.for_deadlines
    if shift is Shift.NONE or calendar.is_open(day):
        return day
    step = calendar.next_open_day if shift is Shift.NEXT else calendar.previous_open_day
    return step(day) or day


class Deadline(Rule):
    """So many days before the day of care, at a clock time: the end of a half-open span.

    ``days=0`` is the day of care itself. Counting open days skips closed ones: one open day
    before a Monday is the Friday where weekends are closed. Moving a closed day
    (``shift``) matters only when calendar days are counted.
    """

    days: int = Field(ge=0, le=366)
    at: ClockTime = "24:00"
    counting: Counting = Counting.CALENDAR
    shift: Shift = Shift.NONE

    def before(self, day: date, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which it is too late for care on ``day``.

        A facility without open days in reach is counted in calendar days.
        """
        if self.counting is Counting.OPEN:
            counted = calendar.for_deadlines.open_days_before(day, self.days)
            if counted is not None:
                return moment_on(counted, self.at)
        limit = shifted(day - timedelta(days=self.days), self.shift, calendar)
        return moment_on(limit, self.at)
