"""Kind G6, its periods: from which day to which a cap counts."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year
from portal.policies.rule import Rule


class CapPeriod(StrEnum):
    """In which time a cap counts."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TERM = "term"
    HALF_YEAR = "half_year"
    FISCAL_YEAR = "fiscal_year"
    CALENDAR_YEAR = "calendar_year"
    RUNNING_DAYS = "running_days"
    DATES = "dates"
    REGISTRATION = "registration"
    WHOLE_TIME = "whole_time"


PERIOD_WORDS: Mapping[CapPeriod, str] = MappingProxyType(
    {
        CapPeriod.DAY: "1日",
        CapPeriod.WEEK: "1週間（week_startsの曜日から7日間）",
        CapPeriod.MONTH: "月（1日から末日まで）",
        CapPeriod.TERM: "4月から数えた数か月（term_months）",
        CapPeriod.HALF_YEAR: "半年（4〜9月、10〜3月）",
        CapPeriod.FISCAL_YEAR: "年度（4月1日〜3月31日）",
        CapPeriod.CALENDAR_YEAR: "年（1月1日〜12月31日）",
        CapPeriod.RUNNING_DAYS: "どの日から数えても、続く何日間か（running_days）",
        CapPeriod.DATES: "決まった日から日まで（first_day〜last_day）",
        CapPeriod.REGISTRATION: "登録が有効な期間",
        CapPeriod.WHOLE_TIME: "はじめから終わりまで通して",
    }
)


class WeekStart(StrEnum):
    """The day on which a week begins."""

    MON = "mon"
    SUN = "sun"


WEEK_START_WORDS: Mapping[WeekStart, str] = MappingProxyType(
    {WeekStart.MON: "月曜日から日曜日まで", WeekStart.SUN: "日曜日から土曜日まで"}
)


class Days(NamedTuple):
    """Local days from ``first`` to ``last``, both included; None is open."""

    first: date | None
    last: date | None

    def __contains__(self, day: object) -> bool:
        return (
            isinstance(day, date)
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )

    @property
    def length(self) -> int | None:
        """How many days there are, None without end."""
        if self.first is None or self.last is None:
            return None
        return (self.last - self.first).days + 1


ALWAYS = Days(None, None)


class PeriodRule(Rule):
    """The part of a cap that says in which time it counts."""

    period: CapPeriod | None = Field(
        default=None,
        description=(
            "いつからいつまでの分を数えるか。続けて使う日数、原因や登録の数などでは、"
            "書かなければ通して数えます"
        ),
        examples=["month"],
    )
    per_cause: bool = Field(
        default=False,
        description="true：もとになった原因（caseのcause）が同じ利用だけを数える",
        examples=[True],
    )
    week_starts: WeekStart = Field(
        default=WeekStart.MON, description="periodがweekのとき、週が始まる曜日", examples=["sun"]
    )
    term_months: int | None = Field(
        default=None,
        ge=1,
        le=6,
        description="periodがtermのとき、何か月ずつか（4月から数える。1・2・3・4・6のどれか）",
        examples=[3],
    )
    running_days: int | None = Field(
        default=None,
        ge=2,
        le=366,
        description="periodがrunning_daysのとき、続く何日間か",
        examples=[30],
    )
    first_day: date | None = Field(
        default=None,
        description="periodがdatesのとき、最初の日（この日を含む）。ほかの日に上限はかかりません",
        examples=["2026-10-01"],
    )
    last_day: date | None = Field(
        default=None,
        description="periodがdatesのとき、最後の日（この日を含む）",
        examples=["2026-12-31"],
    )

    @model_validator(mode="after")
    def _period_has_its_length(self) -> PeriodRule:
        if (self.period is CapPeriod.TERM) != (self.term_months is not None):
            raise ValueError("a term has its number of months, and no other period has")
        if self.term_months is not None and 12 % self.term_months:
            raise ValueError("terms fill the fiscal year")
        if (self.period is CapPeriod.RUNNING_DAYS) != (self.running_days is not None):
            raise ValueError("running days have their number, and no other period has")
        has_dates = self.first_day is not None and self.last_day is not None
        some_dates = self.first_day is not None or self.last_day is not None
        if (self.period is CapPeriod.DATES) != has_dates or has_dates != some_dates:
            raise ValueError("dates have a first and a last day, and no other period has")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("days end after they begin")
        return self

    def days_around(self, day: date, registered: Days = ALWAYS) -> Days | None:
        """Return the period that ``day`` lies in; None where the cap does not hold on it.

        For running days all windows that hold ``day``, together.
        """
        match self.period:
            case CapPeriod.WEEK:
                since = (day.weekday() + (self.week_starts is WeekStart.SUN)) % 7
                first = day - timedelta(days=since)
                found: Days | None = Days(first, first + timedelta(days=6))
            case CapPeriod.CALENDAR_YEAR:
                found = Days(date(day.year, 1, 1), date(day.year, 12, 31))
            case CapPeriod.DAY | CapPeriod.RUNNING_DAYS:
                reach = timedelta(days=(self.running_days or 1) - 1)
                found = Days(day - reach, day + reach)
            case CapPeriod.DATES:
                dates = Days(self.first_day, self.last_day)
                found = dates if day in dates else None
            case CapPeriod.REGISTRATION:
                found = registered
            case CapPeriod.WHOLE_TIME | None:
                found = ALWAYS
            case _:
                found = _months_of(day, self._months())
        return found

    def _months(self) -> int:
        fixed = {CapPeriod.MONTH: 1, CapPeriod.HALF_YEAR: 6, CapPeriod.FISCAL_YEAR: 12}
        return fixed.get(self.period or CapPeriod.MONTH, self.term_months or 1)


@lru_cache(maxsize=4096)
def _months_of(day: date, months: int) -> Days:
    """Return the stretch of whole months, counted from April, that ``day`` lies in."""
    since_april = (day.month - 4) % 12
    first_month = since_april - since_april % months
    year, month = _month(fiscal_year(day), first_month)
    last_year, last_month = _month(fiscal_year(day), first_month + months - 1)
    last = date(last_year, last_month, calendar.monthrange(last_year, last_month)[1])
    return Days(date(year, month, 1), last)


def _month(fiscal: int, since_april: int) -> tuple[int, int]:
    years, month = divmod(3 + since_april, 12)
    return fiscal + years, month + 1
