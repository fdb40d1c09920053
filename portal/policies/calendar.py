"""The days on which a facility is open, as far as rules need to know them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Protocol

#: How far a search for an open day goes; no facility worth asking closes for longer.
SEARCH_DAYS = 400

_DAY = timedelta(days=1)
_MONDAY_TO_FRIDAY = frozenset(range(5))


class Weekday(StrEnum):
    """A day of the week, as it is written in rules."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


#: Monday is 0, as ``date.weekday`` counts.
WEEKDAYS: tuple[Weekday, ...] = tuple(Weekday)

WEEKDAY_WORDS: Mapping[Weekday, str] = MappingProxyType(
    dict(zip(WEEKDAYS, "月火水木金土日", strict=True))
)


class DayPattern(Protocol):
    """What says on which days a facility is open, where that is more than days of the week."""

    def opens_on(self, day: date, calendar: FacilityCalendar) -> bool:
        """Say whether ``day`` is open, single days of ``calendar`` apart."""
        ...


@dataclass(frozen=True, slots=True)
class FacilityCalendar:
    """Open and closed days of a facility or programme.

    Args:
        open_weekdays: Monday is 0, Sunday is 6.
        closed_days: Closures by date; they win over everything else.
        holidays: National holidays in the span that matters.
        extra_open_days: Days opened by exception, on which weekday and holiday do not count.
        first_day: The first day of care there ever was; ``None`` where it lies long ago.
        pattern: Stands in for ``open_weekdays`` and ``closed_on_holidays`` where given
            (``hours.open_days`` lays it); days named one by one win over it.
    """

    open_weekdays: frozenset[int] | set[int]
    closed_days: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    closed_on_holidays: bool = True
    extra_open_days: frozenset[date] = field(default=frozenset())
    first_day: date | None = None
    pattern: DayPattern | None = None
    #: What ``pattern`` said of a day: deadlines and limits ask for the same days again and again.
    _said: dict[date, bool] = field(default_factory=dict, init=False, compare=False, repr=False)
    #: Calendars made from this one, for as long as it lives: what they were said stays with them.
    kept: dict[Hashable, FacilityCalendar] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    @property
    def for_deadlines(self) -> FacilityCalendar:
        """The same days as deadlines count them: as if there had been care before the first day.

        Otherwise all that should have opened or closed before a new facility's first day would
        wait for that day.
        """
        if self.first_day is None:
            return self
        return self._kept("for deadlines", lambda: replace(self, first_day=None))

    @property
    def of_weekdays(self) -> FacilityCalendar:
        """Monday to Friday without national holidays (平日), whenever the facility is open."""
        return self._kept(
            "of weekdays", lambda: FacilityCalendar(_MONDAY_TO_FRIDAY, holidays=self.holidays)
        )

    def is_open(self, day: date) -> bool:
        """Say whether the facility cares for children on ``day``."""
        if self.first_day is not None and day < self.first_day:
            return False
        if day in self.closed_days:
            return False
        if day in self.extra_open_days:
            return True
        if self.pattern is not None:
            if day not in self._said:
                self._said[day] = self.pattern.opens_on(day, self)
            return self._said[day]
        if self.closed_on_holidays and day in self.holidays:
            return False
        return day.weekday() in self.open_weekdays

    def next_open_day(self, day: date) -> date | None:
        """Return the first open day after ``day``, or None where none is in reach."""
        return self._search(day, _DAY)

    def previous_open_day(self, day: date) -> date | None:
        """Return the last open day before ``day``, or None where none is in reach."""
        return self._search(day, -_DAY)

    def open_days_before(self, day: date, count: int) -> date | None:
        """Return the day that lies ``count`` open days before ``day``; 0 gives ``day`` itself.

        None where one of them is not in reach.
        """
        reached: date | None = day
        for _ in range(count):
            if reached is None:
                return None
            reached = self.previous_open_day(reached)
        return reached

    def is_first_of_week(self, day: date, week_starts: Weekday = Weekday.MON) -> bool:
        """Say whether no day of the week of ``day`` is open before it.

        A Tuesday after a holiday is the first of its week where Mondays are open otherwise.
        """
        passed = (day.weekday() - WEEKDAYS.index(week_starts)) % 7
        return not any(self.is_open(day - _DAY * distance) for distance in range(1, passed + 1))

    def open_days_between(self, first: date, last: date) -> int:
        """Count the open days from ``first`` to ``last``, both included."""
        length = (last - first).days + 1
        return sum(self.is_open(first + timedelta(days=offset)) for offset in range(length))

    def _kept(self, key: Hashable, make: Callable[[], FacilityCalendar]) -> FacilityCalendar:
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = make()
        return found

    def _search(self, day: date, step: timedelta) -> date | None:
        for distance in range(1, SEARCH_DAYS + 1):
            candidate = day + step * distance
            if self.is_open(candidate):
                return candidate
        return None


def closure(first: date, last: date) -> frozenset[date]:
    """Return the days of a closure from ``first`` to ``last``, both included."""
    return frozenset(first + _DAY * offset for offset in range((last - first).days + 1))
