"""Kind G7, openings: when care on a day becomes bookable, a model for each way to release days."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, model_validator

from portal.kernel.clock import JST
from portal.policies.announced import AnnouncedOpening, AnnouncedPeriod
from portal.policies.calendar import FacilityCalendar, Weekday
from portal.policies.deadlines import (
    DayOfMonth,
    WeekStart,
    day_of_month,
    months_earlier,
    on_weekday,
    week_of,
)
from portal.policies.nth import NthOfMonth, is_nth
from portal.policies.rule import (
    ClockTime,
    Counting,
    CountingOfDays,
    Rule,
    Shift,
    TargetOfShift,
    days_before,
    days_counted,
    moment_on,
    shifted,
)

__all__ = [
    "AnnouncedOpening",
    "AnnouncedPeriod",
    "HalfMonthOpening",
    "MissingDay",
    "MonthlyOpening",
    "Opening",
    "RollingOpening",
    "TermOpening",
    "WeeklyOpening",
    "opening_and_end",
]

_ONE_DAY = timedelta(days=1)


class _ByCalendar(Rule, ABC):
    """What all openings share that a rule sets by the calendar: clock time and closed days."""

    at: ClockTime = Field(
        default="00:00",
        description="予約が始まる時刻。書かなければ0:00（その日のはじまり）。",
        examples=["09:00"],
    )
    shift: Shift = Field(
        default=Shift.NONE,
        description=(
            "始まる日が休みのとき。none：動かさない。next：次の開所日。previous：前の開所日。"
            "締め切りのshiftとは別に決めます。"
        ),
        examples=["next"],
    )
    shift_to: TargetOfShift = None

    @abstractmethod
    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift."""

    def opens_at(self, day: date, calendar: FacilityCalendar) -> datetime:
        """Return the aware moment (JST) from which care on ``day`` can be booked."""
        first = shifted(self.opening_day(day, calendar), self.shift, calendar, self.shift_to)
        return moment_on(first, self.at)


class MonthlyOpening(_ByCalendar):
    """A whole month opens on one day of an earlier month ("on the 15th for the next month").

    The day is a number (``day``), or a weekday (``nth`` and ``weekday``: the second Monday).
    """

    kind: Literal["monthly"] = Field(
        default="monthly", description="ひと月分を、決まった日にまとめて始める。"
    )
    day: DayOfMonth | None = Field(
        default=None,
        description=(
            "月の何日か（1〜28、またはlast＝月の最後の日。29〜31日のない月があるため）。"
            "dayか、nthとweekdayか、どちらかを書きます。"
        ),
        examples=[15],
    )
    nth: NthOfMonth | None = Field(
        default=None,
        description="第何の曜日か（1〜5、またはlast＝最後）。weekdayといっしょに書きます。",
        examples=[2],
    )
    weekday: Weekday | None = Field(
        default=None, description="nthの曜日（mon〜sun）。", examples=["mon"]
    )
    months_before: int = Field(
        default=1,
        ge=0,
        le=12,
        description="利用する月の何か月前の月か。1は前の月、0は同じ月。",
        examples=[1],
    )
    counting: Counting = Field(
        default=Counting.CALENDAR,
        description=(
            "dayの数え方。calendar：日付。open：その月の何番目の開所日か。"
            "weekdays：その月の何番目の平日（月〜金。祝日を除く）か。"
        ),
        examples=["open"],
    )

    @model_validator(mode="after")
    def _a_number_or_a_weekday(self) -> MonthlyOpening:
        has_weekday = self.nth is not None and self.weekday is not None
        if has_weekday == (self.day is not None) or (self.nth is None) != (self.weekday is None):
            raise ValueError("give either day, or nth and weekday")
        return self

    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift.

        A fifth weekday, or a tenth open day, that a month lacks is its last one.
        """
        year, month = months_earlier(day, self.months_before)
        if self.weekday is not None and self.nth is not None:
            return _nth_weekday(year, month, self.nth, self.weekday)
        written = self.day or 1
        if self.counting is Counting.CALENDAR:
            return day_of_month(year, month, written)
        counted = days_counted(self.counting, calendar)
        last = day_of_month(year, month, "last")
        days = [last.replace(day=number) for number in range(1, last.day + 1)]
        open_ones = [one for one in days if counted.is_open(one)] or days
        return open_ones[-1 if written == "last" else min(written, len(open_ones)) - 1]


class HalfMonthOpening(_ByCalendar):
    """Half a month opens at once; each half on its own day.

    As long as nothing else is written, the second half opens on the 1st of its own month, and the
    first half on the 16th of the month before.
    """

    kind: Literal["half_month"] = Field(
        default="half_month", description="月の前半と後半を、別の日に始める。"
    )
    second_half_from: int = Field(
        default=16, ge=2, le=28, description="後半は何日からか。", examples=[16]
    )
    first_half_day: DayOfMonth = Field(
        default=16, description="前半の予約が始まる日（1〜28、またはlast）。", examples=[16]
    )
    first_half_months_before: int = Field(
        default=1,
        ge=0,
        le=12,
        description="first_half_dayが、利用する月の何か月前の月か。1は前の月。",
        examples=[1],
    )
    second_half_day: DayOfMonth = Field(
        default=1, description="後半の予約が始まる日（1〜28、またはlast）。", examples=[1]
    )
    second_half_months_before: int = Field(
        default=0,
        ge=0,
        le=12,
        description="second_half_dayが、利用する月の何か月前の月か。0は同じ月。",
        examples=[0],
    )

    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:  # noqa: ARG002 - one shape for all openings
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        if day.day >= self.second_half_from:
            months, on = self.second_half_months_before, self.second_half_day
        else:
            months, on = self.first_half_months_before, self.first_half_day
        return day_of_month(*months_earlier(day, months), on)


class TermOpening(_ByCalendar):
    """Several months open at once: a quarter, half a year, a fiscal year."""

    kind: Literal["term"] = Field(
        default="term", description="数か月分（四半期・半年・1年）を、まとめて始める。"
    )
    months: Literal[2, 3, 4, 6, 12] = Field(
        default=3, description="何か月分か。3は四半期。", examples=[3]
    )
    first_month: int = Field(
        default=4,
        ge=1,
        le=12,
        description="期のはじまりになる月のどれか1つ。4なら、3か月ごとは4・7・10・1月から。",
        examples=[4],
    )
    day: DayOfMonth = Field(
        description="予約が始まる日（1〜28、またはlast＝月の最後の日）。", examples=[1]
    )
    months_before: int = Field(
        default=1,
        ge=0,
        le=12,
        description="期のはじめの月の、何か月前の月か。1は前の月。",
        examples=[1],
    )

    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:  # noqa: ARG002 - one shape for all openings
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        into_term = (day.month - self.first_month) % self.months
        return day_of_month(*months_earlier(day, into_term + self.months_before), self.day)


class WeeklyOpening(_ByCalendar):
    """A whole week opens on one day of an earlier week ("on Mondays for the week after")."""

    kind: Literal["weekly"] = Field(
        default="weekly", description="1週間分を、前の週などの決まった曜日に始める。"
    )
    weekday: Weekday = Field(description="予約が始まる曜日（mon〜sun）。", examples=["mon"])
    weeks_before: int = Field(
        default=1, ge=0, le=52, description="利用する週の何週前の週か。1は前の週。", examples=[1]
    )
    week_starts: WeekStart | None = Field(
        default=None, description="週のはじまり。mon（書かないとき）かsun。", examples=["sun"]
    )

    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:  # noqa: ARG002 - one shape for all openings
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        first = week_of(day, self.week_starts) - timedelta(weeks=self.weeks_before)
        return on_weekday(first, self.weekday)


class MissingDay(StrEnum):
    """Which day stands for "one month before the 31st" in a shorter month."""

    LAST_DAY = "last_day"
    FIRST_OF_NEXT_MONTH = "first_of_next_month"


MISSING_DAY_WORDS: Mapping[MissingDay, str] = MappingProxyType(
    {
        MissingDay.LAST_DAY: "その月の最後の日",
        MissingDay.FIRST_OF_NEXT_MONTH: "その次の月の1日",
    }
)


class RollingOpening(_ByCalendar):
    """Each day opens by itself: so many days, weeks (on the same weekday) or months before."""

    kind: Literal["rolling"] = Field(
        default="rolling", description="利用日ごとに、何日前・何週間前・何か月前から始める。"
    )
    days: int | None = Field(
        default=None,
        ge=0,
        le=366,
        description="利用日の何日前からか。days・weeks・monthsのうち、どれか1つを書きます。",
        examples=[16],
    )
    weeks: int | None = Field(
        default=None,
        ge=1,
        le=52,
        description="利用日の何週間前の、同じ曜日からか。",
        examples=[2],
    )
    months: int | None = Field(
        default=None,
        ge=1,
        le=12,
        description="利用日の何か月前の、同じ日からか。",
        examples=[1],
    )
    when_day_is_missing: MissingDay = Field(
        default=MissingDay.LAST_DAY,
        description=(
            "monthsで、同じ日のない月のとき（3月31日の1か月前など）。"
            "last_day：その月の最後の日。first_of_next_month：次の月の1日。"
        ),
        examples=["first_of_next_month"],
    )
    counting: CountingOfDays = Counting.CALENDAR

    @model_validator(mode="after")
    def _one_length(self) -> RollingOpening:
        if sum(length is not None for length in (self.days, self.weeks, self.months)) != 1:
            raise ValueError("give one of days, weeks or months")
        return self

    def opening_day(self, day: date, calendar: FacilityCalendar) -> date:
        """Return the day on which care on ``day`` becomes bookable, before any shift."""
        if self.weeks is not None:
            return day - timedelta(weeks=self.weeks)
        if self.months is None:
            return days_before(day, self.days or 0, self.counting, calendar)
        last = day_of_month(*months_earlier(day, self.months), "last")
        if day.day <= last.day:
            return last.replace(day=day.day)
        by_rule = self.when_day_is_missing is MissingDay.FIRST_OF_NEXT_MONTH
        return last + _ONE_DAY * by_rule


Opening = Annotated[
    MonthlyOpening
    | HalfMonthOpening
    | TermOpening
    | WeeklyOpening
    | RollingOpening
    | AnnouncedOpening,
    Field(discriminator="kind"),
]


def opening_and_end(
    opens: Opening, day: date, calendar: FacilityCalendar
) -> tuple[datetime, datetime | None] | None:
    """Return from when care on ``day`` can be booked, and until when if the opening says so.

    Both are aware (JST), the end is half-open. None where the day is not announced yet.
    """
    if not isinstance(opens, AnnouncedOpening):
        return opens.opens_at(day, calendar), None
    period = opens.period_of(day)
    if period is None:
        return None
    closes_at = period.closes_at.replace(tzinfo=JST) if period.closes_at else None
    return period.opens_at.replace(tzinfo=JST), closes_at


def _nth_weekday(year: int, month: int, nth: NthOfMonth, weekday: Weekday) -> date:
    last = day_of_month(year, month, "last")
    days = [last.replace(day=number) for number in range(1, last.day + 1)]
    of_that_name = [day for day in days if day == on_weekday(week_of(day), weekday)]
    return next((day for day in of_that_name if is_nth(day, (nth,))), of_that_name[-1])
