"""A month of days on which a child may have been elsewhere, as a calendar to tick. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from portal.uses.rules import EARLIEST, LATEST

_DAYS = 7
_WRITTEN = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class UseDay:
    """A day of the month: whether it can be told, and whether it is told already."""

    day: date
    is_open: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class UseMonth:
    """A month, given by its first day, as seen on the local day ``on``."""

    first: date
    on: date

    @property
    def last(self) -> date:
        """Its last day."""
        return _first_after(self.first) - timedelta(days=1)

    @property
    def previous(self) -> date | None:
        """The first day of the month before, where any of its days can be told."""
        last = self.first - timedelta(days=1)
        return last.replace(day=1) if last >= self.on - EARLIEST else None

    @property
    def next(self) -> date | None:
        """The first day of the month after, where any of its days can be told."""
        first = _first_after(self.first)
        return first if first <= self.on + LATEST else None

    def holds(self, day: date) -> bool:
        """Say whether a day lies in it."""
        return self.first <= day <= self.last

    def days(self, told: Collection[date]) -> list[UseDay]:
        """Return its days in order.

        Args:
            told: Days of the child that stand already.
        """
        earliest, latest = self.on - EARLIEST, self.on + LATEST
        return [
            UseDay(day, earliest <= day <= latest, day in told)
            for day in (self.first + timedelta(days=n) for n in range(self.last.day))
        ]

    def weeks(self, told: Collection[date]) -> list[list[UseDay | None]]:
        """Return the days by week from Sunday on; None where a week has no day of the month."""
        before: list[UseDay | None] = [None] * (self.first.isoweekday() % _DAYS)
        cells = before + list(self.days(told))
        cells += [None] * (-len(cells) % _DAYS)
        return [cells[at : at + _DAYS] for at in range(0, len(cells), _DAYS)]


def month_asked(written: str, on: date) -> UseMonth:
    """Return the month that an address names (``2026-11``); that of ``on`` for anything else."""
    match = _WRITTEN.fullmatch(written)
    try:
        first = date(int(match[1]), int(match[2]), 1) if match else on.replace(day=1)
    except ValueError:
        first = on.replace(day=1)
    is_near = (on - EARLIEST).replace(day=1) <= first <= on + LATEST
    return UseMonth(first if is_near else on.replace(day=1), on)


def _first_after(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
