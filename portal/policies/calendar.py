"""The days on which a facility is open, as far as rules need to know them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

#: How far a search for an open day goes; no facility worth asking closes for longer.
SEARCH_DAYS = 400

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FacilityCalendar:
    """Open and closed days of a facility or programme.

    Args:
        open_weekdays: Monday is 0, Sunday is 6.
        closed_days: Closures by date; they win over everything else.
        holidays: National holidays in the span that matters.
        extra_open_days: Days opened by exception, on which weekday and holiday do not count.
        first_day: The first day of care there ever was; ``None`` where it lies long ago.
    """

    open_weekdays: frozenset[int] | set[int]
    closed_days: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    closed_on_holidays: bool = True
    extra_open_days: frozenset[date] = field(default=frozenset())
    first_day: date | None = None

    @property
    def for_deadlines(self) -> FacilityCalendar:
        """The same days as deadlines count them: as if there had been care before the first day.

        Otherwise all that should have opened or closed before a new facility's first day would
        wait for that day.
        """
        return self if self.first_day is None else replace(self, first_day=None)

    def is_open(self, day: date) -> bool:
        """Say whether the facility cares for children on ``day``."""
        if self.first_day is not None and day < self.first_day:
            return False
        if day in self.closed_days:
            return False
        if day in self.extra_open_days:
            return True
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

    def open_days_between(self, first: date, last: date) -> int:
        """Count the open days from ``first`` to ``last``, both included."""
        length = (last - first).days + 1
        return sum(self.is_open(first + timedelta(days=offset)) for offset in range(length))

    def _search(self, day: date, step: timedelta) -> date | None:
        for distance in range(1, SEARCH_DAYS + 1):
            candidate = day + step * distance
            if self.is_open(candidate):
                return candidate
        return None


def closure(first: date, last: date) -> frozenset[date]:
    """Return the days of a closure from ``first`` to ``last``, both included."""
    return frozenset(first + _DAY * offset for offset in range((last - first).days + 1))
