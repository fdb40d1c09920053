"""What every kind of rule is made from: a frozen model, clock times, the shift of closed days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from portal.kernel.clock import at
from portal.policies.calendar import FacilityCalendar

_ONE_DIGIT_HOUR = re.compile(r"\d:\d\d")


class Rule(BaseModel):
    """The base of every kind: cannot be changed, and knows all its fields.

    An unknown field is an error rather than ignored, so that a misspelt rule is never silently
    absent. A field whose name is a word of Python (``from``) has it as its alias, and is written
    out under it, so that what is stored reads as what was written.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True
    )


def _clock_as_written(written: Any) -> Any:
    """Take ``9:00`` for ``09:00``, and the times that TOML knows itself."""
    if isinstance(written, time):
        return written.strftime("%H:%M")
    if isinstance(written, str) and _ONE_DIGIT_HOUR.fullmatch(written):
        return f"0{written}"
    return written


#: A clock time (JST) as written in a rule: ``09:00``; ``24:00`` is the midnight that ends the day.
#: Limits are half-open: see ``limit_on`` for "until 23:59" on paper.
ClockTime = Annotated[
    str,
    BeforeValidator(_clock_as_written),
    Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$"),
]


@lru_cache(maxsize=8192)
def moment_on(day: date, clock_time: ClockTime) -> datetime:
    """Return the aware moment (JST) of a rule's clock time on ``day``."""
    hours, minutes = (int(part) for part in clock_time.split(":"))
    return at(day, time(0)) + timedelta(hours=hours, minutes=minutes)


def limit_on(day: date, clock_time: ClockTime) -> datetime:
    """Return the aware moment (JST) at which "until ``clock_time``" is over on ``day``.

    Who writes 23:59 means the whole day: it is read as 24:00.
    """
    return moment_on(day, "24:00" if clock_time == "23:59" else clock_time)


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
    WEEKDAYS = "weekdays"  # Monday to Friday without national holidays


class MovesTo(StrEnum):
    """What a day that is moved (``Shift``) must be."""

    OPEN = "open"
    WEEKDAYS = "weekdays"


#: How a rule counts its ``days``.
CountingOfDays = Annotated[
    Counting,
    Field(
        description=(
            "daysの数え方。calendar：休みの日も数える。open：開所日だけを数える。"
            "weekdays：平日（月〜金。祝日を除く）だけを数える。"
        ),
        examples=["open"],
    ),
]
#: Where a rule's ``shift`` moves to; None reads as open days.
TargetOfShift = Annotated[
    MovesTo | None,
    Field(
        description=(
            "shiftで動かす先。open（書かないとき）：開所日。weekdays：平日（月〜金。祝日を除く）。"
        ),
        examples=["weekdays"],
    ),
]
SHIFT_WORDS: Mapping[Shift, str] = MappingProxyType(
    {
        Shift.NONE: "休みの日でも動かしません",
        Shift.NEXT: "休みの日なら、次の開所日に動かします",
        Shift.PREVIOUS: "休みの日なら、前の開所日に動かします",
    }
)
COUNTING_WORDS: Mapping[Counting, str] = MappingProxyType(
    {
        Counting.CALENDAR: "休みの日も数えます",
        Counting.OPEN: "開所日だけを数えます",
        Counting.WEEKDAYS: "平日（月〜金。祝日を除く）だけを数えます",
    }
)
MOVES_TO_WORDS: Mapping[MovesTo, str] = MappingProxyType(
    {
        MovesTo.OPEN: "開所日でなければ動かします",
        MovesTo.WEEKDAYS: "平日（月〜金。祝日を除く）でなければ動かします",
    }
)


def shifted(day: date, shift: Shift, calendar: FacilityCalendar, to: MovesTo | None = None) -> date:
    """Return ``day``, or the open day (``to``: the weekday) the rule moves it to.

    Where the facility has no open day in reach the day stays: a limit that is never met helps
    nobody.
    """
    calendar = calendar.of_weekdays if to is MovesTo.WEEKDAYS else calendar.for_deadlines
    if shift is Shift.NONE or calendar.is_open(day):
        return day
    step = calendar.next_open_day if shift is Shift.NEXT else calendar.previous_open_day
    return step(day) or day


def days_counted(counting: Counting, calendar: FacilityCalendar) -> FacilityCalendar:
    """Return the calendar whose open days are those that count, where not every day does."""
    return calendar.of_weekdays if counting is Counting.WEEKDAYS else calendar.for_deadlines


def days_before(day: date, days: int, counting: Counting, calendar: FacilityCalendar) -> date:
    """Return the day that lies so many days before ``day``, counted as the rule says.

    A facility without open days in reach is counted in calendar days.
    """
    if counting is not Counting.CALENDAR:
        counted = days_counted(counting, calendar).open_days_before(day, days)
        if counted is not None:
            return counted
    return day - timedelta(days=days)
