"""Kind G13, opening hours: on which days, and within which hours, children can be cared for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time
from typing import Literal

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.notes import BookingNote
from portal.policies.open_days import (
    ClosedWeekday,
    DoorTimes,
    NeedsChildren,
    OnHoliday,
    OpenSpan,
    Season,
    SpecialDays,
    Suspension,
    WeeklyHours,
    YearlyClosure,
)
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule, moment_on, time_of

#: Hours of a day: empty where it is closed, None where it is open and no hours are said.
Hours = tuple[OpenSpan, ...] | None


class HoursRule(Rule):
    """Opening days and hours. What is left out is as the facility's calendar has it.

    What decides about a day, the first that says anything: the calendar's single days (a closure,
    a day opened by exception), ``suspended``, ``days``, ``closed_each_year``, ``closed_weekdays``,
    holidays, ``seasons``, ``weekly``.
    """

    weekly: tuple[WeeklyHours, ...] = Field(
        default=(),
        description=(
            "曜日ごとの時間。ここにない曜日は休みです。同じ曜日を2回書くと、"
            "あいだに休みのある日になります（8:30〜12:30と15:00〜17:00など）。"
            "預かりは、その1つの時間の中におさめます。"
            "書かなければ、開いている曜日は施設のカレンダーのとおりです。"
        ),
        examples=[
            [
                {
                    "weekdays": ["mon", "tue", "wed", "thu", "fri"],
                    "starts": "08:30",
                    "ends": "17:00",
                },
                {"weekdays": ["sat"], "nth": [1, 3], "starts": "08:30", "ends": "12:30"},
            ]
        ],
    )
    closed_weekdays: tuple[ClosedWeekday, ...] = Field(
        default=(),
        description="休む曜日（第2水曜日など）と、それが祝日のときのこと。",
        examples=[[{"weekday": "wed", "nth": [2]}]],
    )
    on_holidays: Literal["closed", "open"] | None = Field(
        default=None,
        description=(
            "祝日。closed：休み。open：その曜日のいつもの時間に開く。"
            "書かなければ、施設のカレンダーのとおり（決めていなければ休み）。"
        ),
        examples=["open"],
    )
    holiday_hours: tuple[OpenSpan, ...] = Field(
        default=(),
        description="祝日だけの時間。書くと、祝日はどの曜日でもこの時間に開きます。",
        examples=[[{"starts": "09:00", "ends": "12:00"}]],
    )
    closed_each_year: tuple[YearlyClosure, ...] = Field(
        default=(),
        description="毎年の休み（年末年始・お盆・年度のはじめなど）。",
        examples=[[{"from": "12-29", "until": "01-03", "name": "年末年始"}]],
    )
    seasons: tuple[Season, ...] = Field(
        default=(),
        description="毎年、時間の変わる時期。重なるときは、先に書いたほう。",
        examples=[
            [
                {
                    "from": "07-21",
                    "until": "08-31",
                    "weekly": [{"weekdays": ["mon"], "starts": "09:00", "ends": "15:00"}],
                }
            ]
        ],
    )
    days: tuple[SpecialDays, ...] = Field(
        default=(),
        description="日付で決まる休みや時間（行事の日など）。重なるときは、先に書いたほう。",
        examples=[[{"from": "2026-10-10", "closed": True, "name": "運動会"}]],
    )
    suspended: tuple[Suspension, ...] = Field(
        default=(),
        description="事業そのものを休む期間。",
        examples=[[{"from": "2026-09-01", "until": "2027-03-31", "message": "工事のため"}]],
    )
    arrivals: tuple[DoorTimes, ...] = Field(
        default=(),
        description="登園できる時刻。預かりの始まりは、このどれかの中です。",
        examples=[[{"starts": "08:30", "ends": "10:00"}]],
    )
    pick_ups: tuple[DoorTimes, ...] = Field(
        default=(),
        description="お迎えできる時刻。預かりの終わりは、このどれかの中です。",
        examples=[[{"starts": "15:00", "ends": "17:00"}]],
    )
    needs_children: tuple[NeedsChildren, ...] = Field(
        default=(),
        description=(
            "予約した子どもがいる日（何人以上の日）だけ開くとき。"
            "予約は断らず、そのことを知らせます。"
        ),
        examples=[[{"weekdays": ["sat"], "at_least": 3, "decided": {"days": 3, "at": "17:00"}}]],
    )

    @model_validator(mode="after")
    def _holiday_hours_are_for_open_holidays(self) -> HoursRule:
        if self.holiday_hours and self.on_holidays == "closed":
            raise ValueError("a closed day has no hours")
        return self

    def opens_on(self, day: date, calendar: FacilityCalendar) -> bool:
        """Say whether ``day`` is open, the calendar's single days apart (``DayPattern``)."""
        return self._by_rule(day, calendar) != ()

    def hours_on(self, day: date, calendar: FacilityCalendar) -> Hours:
        """Return the hours of ``day``; empty where it is closed, None where none are said."""
        if not open_days(self, calendar).is_open(day):
            return ()
        hours = self._by_rule(day, calendar)
        return hours if hours != () else self._of_weekday(day, calendar) or None

    def suspension_on(self, day: date) -> Suspension | None:
        """Return the pause of the service in which ``day`` lies, if any."""
        return next((one for one in self.suspended if one.holds(day)), None)

    def reasons(self, span: Span, calendar: FacilityCalendar) -> Iterator[Reason]:
        """Yield what days and hours say against the stay.

        Args:
            calendar: The facility's own; ``open_days`` may have laid these hours over it already.
        """
        day, hours = span.day, self.hours_on(span.day, calendar)
        if hours == ():
            yield self._closed(day, calendar)
            return
        if hours is not None and not any(_is_within(span, one) for one in hours):
            values = {"on": day, "hours": _times(hours)}
            yield Reason(BookingRefusal.OUTSIDE_HOURS, values)
        for doors, moment, code in (
            (self.arrivals, span.starts_at, BookingRefusal.ARRIVAL_OUTSIDE_TIMES),
            (self.pick_ups, span.ends_at, BookingRefusal.PICK_UP_OUTSIDE_TIMES),
        ):
            today = [door for door in doors if door.concerns(day)]
            if today and not any(_lets_through(door, day, moment) for door in today):
                yield Reason(code, {"times": _times(today)})

    def notes(self, span: Span, calendar: FacilityCalendar) -> Iterator[Reason]:
        """Yield what a family should know of the day that does not forbid the stay."""
        for needed in self.needs_children:
            if needed.concerns(span.day):
                decided = needed.decided
                decided_at = decided.before(span.day, calendar) if decided else None
                values = {"at_least": needed.at_least, "decided_at": decided_at}
                yield Reason(BookingNote.OPENS_IF_ENOUGH, values)

    def _closed(self, day: date, calendar: FacilityCalendar) -> Reason:
        if (pause := self.suspension_on(day)) is not None:
            values = {"on": day, "until_on": pause.until, "message": pause.message or None}
            return Reason(BookingRefusal.SUSPENDED, values)
        # A variant knows the days it is for; the usual days, laid before, know the next one.
        days = open_days(self, calendar) if calendar.pattern is None else calendar
        next_open_on = days.next_open_day(day)
        return Reason(BookingRefusal.NOT_OPEN_DAY, {"on": day, "next_open_on": next_open_on})

    def _by_rule(self, day: date, calendar: FacilityCalendar) -> Hours:
        if self.suspension_on(day) is not None:
            return ()
        special = next((one for one in self.days if one.holds(day)), None)
        if special is not None:
            usual = self._of_weekday(day, calendar) or None
            return () if special.closed else special.hours or usual
        if self._is_closed(day, calendar):
            return ()
        if day in calendar.holidays and self.holiday_hours:
            return self.holiday_hours
        return self._of_weekday(day, calendar)

    def _is_closed(self, day: date, calendar: FacilityCalendar) -> bool:
        return (
            any(closure.holds(day) for closure in self.closed_each_year)
            or any(closed.closes(day, calendar.holidays) for closed in self.closed_weekdays)
            or (day in calendar.holidays and self._rests_on_holiday(day, calendar))
        )

    def _rests_on_holiday(self, day: date, calendar: FacilityCalendar) -> bool:
        if self.holiday_hours:
            return False
        if any(c.names(day) and c.on_holiday is not OnHoliday.CLOSED for c in self.closed_weekdays):
            return False  # the rule of its weekday opens it
        return (
            calendar.closed_on_holidays
            if self.on_holidays is None
            else (self.on_holidays == "closed")
        )

    def _of_weekday(self, day: date, calendar: FacilityCalendar) -> Hours:
        season = next((one for one in self.seasons if one.holds(day)), None)
        weekly = season.weekly if season is not None else self.weekly
        if not weekly:
            return None if day.weekday() in calendar.open_weekdays else ()
        return tuple(hours for hours in weekly if hours.holds(day))


def open_days(hours: HoursRule | None, calendar: FacilityCalendar) -> FacilityCalendar:
    """Return the calendar with the days of ``hours`` laid over it; as it is where there are none.

    Deadlines and openings are counted with it. Days named one by one in ``calendar`` stay.
    """
    if hours is None or calendar.pattern is hours:
        return calendar
    return replace(calendar, pattern=hours)


def _is_within(span: Span, hours: OpenSpan) -> bool:
    return moment_on(span.day, hours.starts) <= span.starts_at and span.ends_at <= moment_on(
        span.day, hours.ends
    )


def _lets_through(door: DoorTimes, day: date, moment: datetime) -> bool:
    return moment_on(day, door.starts) <= moment <= moment_on(day, door.ends)


def _times(spans: Iterable[OpenSpan | DoorTimes]) -> tuple[tuple[time, time], ...]:
    return tuple((time_of(span.starts), time_of(span.ends)) for span in spans)
