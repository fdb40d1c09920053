"""The days on which a facility is open, as far as rules need to know them."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    """

    open_weekdays: frozenset[int] | set[int]
    closed_days: frozenset[date] = frozenset()
    holidays: frozenset[date] = frozenset()
    closed_on_holidays: bool = True
    extra_open_days: frozenset[date] = field(default=frozenset())

    def is_open(self, day: date) -> bool:
        """Say whether the facility cares for children on ``day``."""
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
