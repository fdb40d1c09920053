"""Spans of time, half-open, and the half-hour cells of a day that places are counted in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from portal.kernel.clock import JST, at, local_date

#: Cells of half an hour in a day: cell 0 is 0:00-0:30, cell 47 is 23:30-24:00 (JST).
CELLS = 48
CELL = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Span:
    """A stay on one local day: ``starts_at <= t < ends_at``, both timezone-aware.

    Raises:
        ValueError: the span is empty, reversed, without time zone, or leaves its local day.
    """

    starts_at: datetime
    ends_at: datetime
    #: The local day (JST) on which the span lies.
    day: date = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.starts_at.tzinfo is None or self.ends_at.tzinfo is None:
            raise ValueError("a span needs time zones")
        if self.ends_at <= self.starts_at:
            raise ValueError(f"a span must end after it starts: {self.starts_at}-{self.ends_at}")
        # Asked for by every rule, so worked out once.
        object.__setattr__(self, "day", local_date(self.starts_at))
        if self.ends_at > at(self.day, time(0)) + timedelta(days=1):
            raise ValueError("a span stays within one local day")

    @property
    def first_cell(self) -> int:
        """The cell of the start, rounded outward (down)."""
        local = self.starts_at.astimezone(JST)
        return (local.hour * 60 + local.minute) // 30

    @property
    def end_cell(self) -> int:
        """The cell after the last one, rounded outward (up); 48 for an end at midnight."""
        local = self.ends_at.astimezone(JST)
        if local.date() > self.day:
            return CELLS
        minutes = local.hour * 60 + local.minute + (local.second > 0 or local.microsecond > 0)
        return -(-minutes // 30)

    @property
    def minutes(self) -> int:
        """Length in whole minutes, a started minute counting."""
        return -(-int((self.ends_at - self.starts_at).total_seconds()) // 60)

    def overlaps(self, other: Span) -> bool:
        """Say whether both share a moment; touching ends share none."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def span_on(day: date, start: time, end: time) -> Span:
    """Return the span from ``start`` to ``end`` (JST) on ``day``; an end of 0:00 ends the day."""
    ends_at = at(day, end) if end != time(0) else at(day + timedelta(days=1), time(0))
    return Span(at(day, start), ends_at)


def cell_time(cell: int) -> time:
    """Return the clock time at which a cell begins; 48 gives 0:00, the midnight after."""
    return time(cell // 2 % 24, cell % 2 * 30)


def cell_label(cell: int) -> str:
    """Return a cell border as staff write it: ``9:00``, ``13:30``, ``24:00``."""
    return f"{cell // 2}:{cell % 2 * 30:02d}"
