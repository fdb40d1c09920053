"""Kind G13, the days: weekdays, holidays, seasons, closures and single days as rules write them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from portal.policies.calendar import WEEKDAYS, Weekday
from portal.policies.deadlines import Deadline
from portal.policies.nth import NthOfMonth, is_nth
from portal.policies.rule import ClockTime, Rule

_ONE_DAY = timedelta(days=1)
#: More holidays than this never follow each other.
_HOLIDAYS_IN_A_ROW = 14
_LEAP_YEAR = 2024


def _is_a_day(written: str) -> str:
    month, day = (int(part) for part in written.split("-"))
    if day > monthrange(_LEAP_YEAR, month)[1]:
        raise ValueError("a day of each year is written 12-29")
    return written


#: A day of every year: ``12-29``.
MonthDay = Annotated[
    str,
    Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"),
    AfterValidator(_is_a_day),
]


class OpenSpan(Rule):
    """Hours in which children may be there: ``starts <= t < ends``."""

    starts: ClockTime = Field(description="始まりの時刻。", examples=["08:30"])
    ends: ClockTime = Field(description="終わりの時刻。その日の終わりは24:00。", examples=["17:00"])

    @model_validator(mode="after")
    def _ends_after_start(self) -> OpenSpan:
        if self.ends <= self.starts:
            raise ValueError("hours end after they begin")
        return self


class WeeklyHours(OpenSpan):
    """Hours on days of the week. Several for one weekday are parts of a split day."""

    weekdays: tuple[Weekday, ...] = Field(
        min_length=1,
        description="この時間に開いている曜日（mon〜sun）。",
        examples=[["mon", "tue", "wed", "thu", "fri"]],
    )
    nth: tuple[NthOfMonth, ...] = Field(
        default=(),
        description="その月の第何の曜日だけか（1〜5、last＝最後）。書かなければ毎週。",
        examples=[[1, 3]],
    )

    def holds(self, day: date) -> bool:
        """Say whether ``day`` has these hours by its weekday."""
        return WEEKDAYS[day.weekday()] in self.weekdays and is_nth(day, self.nth)


class OnHoliday(StrEnum):
    """What becomes of a closed weekday that is a national holiday."""

    CLOSED = "closed"
    OPEN = "open"
    NEXT_DAY = "next_day"  # open, and closed on the next day that is no holiday


ON_HOLIDAY_WORDS: Mapping[OnHoliday, str] = MappingProxyType(
    {
        OnHoliday.CLOSED: "祝日でも休みです",
        OnHoliday.OPEN: "祝日なら開きます",
        OnHoliday.NEXT_DAY: "祝日なら開き、その次の祝日でない日に休みます",
    }
)


class ClosedWeekday(Rule):
    """Days of the week that are closed: each one, or the second and fourth of a month."""

    weekday: Weekday = Field(description="休む曜日（mon〜sun）。", examples=["wed"])
    nth: tuple[NthOfMonth, ...] = Field(
        default=(),
        description="その月の第何の曜日に休むか（1〜5、last＝最後）。書かなければ毎週。",
        examples=[[2]],
    )
    on_holiday: OnHoliday = Field(
        default=OnHoliday.CLOSED,
        description=(
            "休む曜日が祝日のとき。closed：休み。open：開く。"
            "next_day：開き、その次の祝日でない日に休む。"
        ),
        examples=["next_day"],
    )

    def names(self, day: date) -> bool:
        """Say whether ``day`` is such a day by its name, holidays apart."""
        return WEEKDAYS[day.weekday()] is self.weekday and is_nth(day, self.nth)

    def closes(self, day: date, holidays: frozenset[date]) -> bool:
        """Say whether ``day`` is closed by this, itself or for a holiday before it."""
        if self.names(day):
            return day not in holidays or self.on_holiday is OnHoliday.CLOSED
        if self.on_holiday is not OnHoliday.NEXT_DAY or day in holidays:
            return False
        for distance in range(1, _HOLIDAYS_IN_A_ROW):
            before = day - _ONE_DAY * distance
            if before not in holidays:
                return False
            if self.names(before):
                return True
        return False


class _EachYear(Rule):
    """Days of every year, both ends included; the end may lie in the next year."""

    from_: MonthDay = Field(
        alias="from", description="毎年この日から（月-日。この日を含む）。", examples=["12-29"]
    )
    until: MonthDay = Field(
        description="毎年この日まで（月-日。この日を含む）。年をまたいでもかまいません。",
        examples=["01-03"],
    )

    def holds(self, day: date) -> bool:
        """Say whether a local day lies in it, in any year."""
        written = f"{day.month:02d}-{day.day:02d}"
        if self.from_ <= self.until:
            return self.from_ <= written <= self.until
        return written >= self.from_ or written <= self.until


class YearlyClosure(_EachYear):
    """A closure that comes back every year: year-end, お盆, the first days of April."""

    name: str = Field(
        default="",
        max_length=40,
        description="休みの名前。保護者が読みます。",
        examples=["年末年始"],
    )


class Season(_EachYear):
    """Other weekly hours for a part of every year."""

    name: str = Field(
        default="", max_length=40, description="この時期の名前。", examples=["夏休み"]
    )
    weekly: tuple[WeeklyHours, ...] = Field(
        min_length=1,
        description="この時期の曜日ごとの時間。ここにない曜日は休みです。",
        examples=[[{"weekdays": ["mon", "tue"], "starts": "09:00", "ends": "15:00"}]],
    )


class _Dated(Rule):
    from_: date = Field(alias="from", description="この日から（この日を含む）。")
    until: date | None = Field(default=None, description="この日まで（この日を含む）。")

    @model_validator(mode="after")
    def _ends_after_start(self) -> _Dated:
        if self.until is not None and self.until < self.from_:
            raise ValueError("days end after they begin")
        return self


class SpecialDays(_Dated):
    """Single days that differ from their weekday: an event, a holiday that is opened.

    Without ``until`` it is one day. They win over all other rules of days but a suspension.
    """

    from_: date = Field(
        alias="from", description="この日から（この日を含む）。", examples=["2026-10-10"]
    )
    until: date | None = Field(
        default=None,
        description="この日まで（この日を含む）。書かなければ、その日だけ。",
        examples=["2026-10-11"],
    )
    closed: bool = Field(
        default=False, description="true：休み。false：開く（祝日などでも）。", examples=[True]
    )
    hours: tuple[OpenSpan, ...] = Field(
        default=(),
        description="その日の時間。書かなければ、その曜日のいつもの時間。",
        examples=[[{"starts": "09:00", "ends": "12:00"}]],
    )
    name: str = Field(
        default="", max_length=40, description="行事などの名前。", examples=["運動会"]
    )

    @model_validator(mode="after")
    def _a_closed_day_has_no_hours(self) -> SpecialDays:
        if self.closed and self.hours:
            raise ValueError("a closed day has no hours")
        return self

    def holds(self, day: date) -> bool:
        """Say whether a local day lies in it."""
        return self.from_ <= day <= (self.until or self.from_)


class Suspension(_Dated):
    """A long pause of the whole service, with what is told to families. An end left out is open."""

    from_: date = Field(
        alias="from", description="この日から休止（この日を含む）。", examples=["2026-09-01"]
    )
    until: date | None = Field(
        default=None,
        description="この日まで休止（この日を含む）。書かなければ、決まるまで。",
        examples=["2027-03-31"],
    )
    message: str = Field(
        default="",
        max_length=200,
        description="休止のわけや、かわりの案内。保護者がそのまま読みます。",
        examples=["建物の工事のため"],
    )

    def holds(self, day: date) -> bool:
        """Say whether a local day lies in it."""
        return self.from_ <= day and (self.until is None or day <= self.until)


class DoorTimes(Rule):
    """Times at which children may come, or be fetched; both ends included."""

    starts: ClockTime = Field(description="この時刻から（ちょうどを含む）。", examples=["08:30"])
    ends: ClockTime = Field(description="この時刻まで（ちょうどを含む）。", examples=["10:00"])
    weekdays: tuple[Weekday, ...] = Field(
        default=(), description="どの曜日のことか。書かなければ、どの曜日も。", examples=[["sat"]]
    )

    @model_validator(mode="after")
    def _ends_after_start(self) -> DoorTimes:
        if self.ends < self.starts:
            raise ValueError("hours end after they begin")
        return self

    def concerns(self, day: date) -> bool:
        """Say whether it is about the weekday of ``day``."""
        return not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays


class NeedsChildren(Rule):
    """Open only if enough children are booked. A booking is told so; it is not refused."""

    weekdays: tuple[Weekday, ...] = Field(
        default=(), description="どの曜日のことか。書かなければ、どの曜日も。", examples=[["sat"]]
    )
    at_least: int = Field(
        default=1, ge=1, le=100, description="開くのに必要な子どもの人数。", examples=[3]
    )
    decided: Deadline | None = Field(
        default=None,
        description="開くかどうかを決めるとき。書かなければ、日時は決まっていません。",
        examples=[{"days": 3, "at": "17:00"}],
    )

    def concerns(self, day: date) -> bool:
        """Say whether it is about the weekday of ``day``."""
        return not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays
