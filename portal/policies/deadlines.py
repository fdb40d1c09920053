"""Until when something can be done before a day of care: what G7 (closing) and G11 share."""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, model_validator

from portal.policies.calendar import WEEKDAY_WORDS, WEEKDAYS, FacilityCalendar, Weekday
from portal.policies.rule import (
    ClockTime,
    Counting,
    CountingOfDays,
    Rule,
    Shift,
    TargetOfShift,
    days_before,
    limit_on,
    shifted,
)

#: A day of a month that every month has, or its last one.
DayOfMonth = Annotated[int, Field(ge=1, le=28)] | Literal["last"]
#: On which day weeks begin; Monday where a rule says nothing.
WeekStart = Literal["mon", "sun"]


class DayOfWeek(StrEnum):
    """A day of a week: by its name, or the first or last day on which the facility is open."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"
    FIRST_OPEN = "first_open"
    LAST_OPEN = "last_open"


DAY_OF_WEEK_WORDS: Mapping[DayOfWeek, str] = MappingProxyType(
    {
        **{DayOfWeek(day.value): f"{word}曜日" for day, word in WEEKDAY_WORDS.items()},
        DayOfWeek.FIRST_OPEN: "はじめの開所日",
        DayOfWeek.LAST_OPEN: "終わりの開所日",
    }
)


class Deadline(Rule):
    """The end of a half-open span before a day of care: a day, and a clock time on it (JST).

    The day is said in exactly one of three ways: ``days`` before the day of care (0 is the day
    itself), ``day_of_month`` of its month or one before, ``weekday`` of its week or one before.
    Counting open days skips closed ones: one open day before a Monday is the Friday where
    weekends are closed, so that there is nothing left to move.
    """

    days: int | None = Field(
        default=None,
        ge=0,
        le=366,
        description=(
            "利用日の何日前か。0は利用日の当日、1は前の日。"
            "days・day_of_month・weekdayのうち、どれか1つだけを書きます。"
        ),
        examples=[3],
    )
    day_of_month: DayOfMonth | None = Field(
        default=None,
        description="月の何日か（1〜28、またはlast＝月の最後の日）。どの月かはmonths_before。",
        examples=[20],
    )
    months_before: int | None = Field(
        default=None,
        ge=0,
        le=12,
        description="day_of_monthが、利用日の月の何か月前の月か。0は同じ月。書かなければ1。",
        examples=[1],
    )
    weekday: DayOfWeek | None = Field(
        default=None,
        description=(
            "週の何曜日か（mon〜sun）。first_openはその週のはじめの開所日、"
            "last_openは終わりの開所日。どの週かはweeks_before。"
        ),
        examples=["thu"],
    )
    weeks_before: int | None = Field(
        default=None,
        ge=0,
        le=52,
        description="weekdayが、利用日の週の何週前の週か。0は同じ週。書かなければ1。",
        examples=[1],
    )
    at: ClockTime = Field(
        default="24:00",
        description=(
            "その日の何時までか。その時刻ちょうどは、もう過ぎています。"
            "24:00はその日の終わり。23:59と書いても24:00として読みます。"
        ),
        examples=["17:00"],
    )
    counting: CountingOfDays = Counting.CALENDAR
    shift: Shift = Field(
        default=Shift.NONE,
        description=(
            "その日が休みのとき。none：動かさない。next：次の開所日。previous：前の開所日。"
        ),
        examples=["previous"],
    )
    shift_to: TargetOfShift = None
    week_starts: WeekStart | None = Field(
        default=None,
        description="週のはじまり。mon（書かないとき）かsun。",
        examples=["sun"],
    )
    first_of_week: Deadline | None = Field(
        default=None,
        description=(
            "利用日がその週のはじめの開所日のときだけ、代わりに使う期限。"
            "月曜が休みなら、火曜がはじめの開所日です。"
        ),
        examples=[{"days": 3, "at": "15:00"}],
    )

    @model_validator(mode="after")
    def _one_way_to_say_the_day(self) -> Deadline:
        ways = (self.days, self.day_of_month, self.weekday)
        if sum(way is not None for way in ways) != 1:
            raise ValueError("give one of days, day_of_month or weekday")
        if self.months_before is not None and self.day_of_month is None:
            raise ValueError("months_before belongs to day_of_month")
        if self.weeks_before is not None and self.weekday is None:
            raise ValueError("weeks_before belongs to weekday")
        if self.first_of_week is not None and self.first_of_week.first_of_week is not None:
            raise ValueError("the deadline of a week's first day has no other of its own")
        return self

    def before(self, day: date, calendar: FacilityCalendar) -> datetime:
        """Return the aware moment (JST) from which it is too late for care on ``day``.

        A facility without open days in reach is counted in calendar days.
        """
        if self.first_of_week is not None and calendar.for_deadlines.is_first_of_week(
            day, Weekday(self.week_starts or "mon")
        ):
            return self.first_of_week.before(day, calendar)
        return limit_on(self._last_day(day, calendar), self.at)

    def _last_day(self, day: date, calendar: FacilityCalendar) -> date:
        limit = day
        if self.days is not None:
            limit = days_before(day, self.days, self.counting, calendar)
            if self.counting is not Counting.CALENDAR:
                return limit  # it lies on such a day already
        elif self.day_of_month is not None:
            months = 1 if self.months_before is None else self.months_before
            limit = day_of_month(*months_earlier(day, months), self.day_of_month)
        elif self.weekday is not None:
            weeks = 1 if self.weeks_before is None else self.weeks_before
            first = week_of(day, self.week_starts) - timedelta(weeks=weeks)
            limit = _in_week(first, self.weekday, calendar.for_deadlines)
        return shifted(limit, self.shift, calendar, self.shift_to)


def months_earlier(day: date, months: int) -> tuple[int, int]:
    """Return year and month that lie so many months before the month of ``day``."""
    years, month = divmod(day.month - 1 - months, 12)
    return day.year + years, month + 1


def day_of_month(year: int, month: int, day: int | Literal["last"]) -> date:
    """Return a day of a month, or its last one."""
    return date(year, month, month_lengths.monthrange(year, month)[1] if day == "last" else day)


def week_of(day: date, starts: WeekStart | None = None) -> date:
    """Return the first day of the week in which ``day`` lies; Monday unless told otherwise."""
    return day - timedelta(days=(day.weekday() + (starts == "sun")) % 7)


def on_weekday(week: date, weekday: Weekday) -> date:
    """Return the day of that name in the week that begins on ``week``."""
    return week + timedelta(days=(WEEKDAYS.index(weekday) - week.weekday()) % 7)


def _in_week(first: date, weekday: DayOfWeek, calendar: FacilityCalendar) -> date:
    """Return the day that a deadline names; a week without open days gives its outermost day."""
    if weekday not in {DayOfWeek.FIRST_OPEN, DayOfWeek.LAST_OPEN}:
        return on_weekday(first, Weekday(weekday.value))
    days = [first + timedelta(days=offset) for offset in range(7)]
    if weekday is DayOfWeek.LAST_OPEN:
        days.reverse()
    return next((day for day in days if calendar.is_open(day)), days[0])
