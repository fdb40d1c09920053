"""Kinds of pools, weekly hours as cells, and why a change of places is refused. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.spans import CELLS

#: Months ahead for which places are laid out, the running one not counted.
MONTHS_AHEAD = 4
#: The longest closure, in days; a longer one is a mistyped year.
LONGEST_CLOSURE = 366
#: No room holds more; a larger number is a mistyped one.
MOST_PLACES = 200


class PoolKind(StrEnum):
    """What a pool limits. A stay takes one unit from each pool of its facility that fits it."""

    TOTAL = "total"  # 全体の定員
    AGE_BAND = "age_band"  # クラス年齢ごとの上限


class PlacesRefusal(StrEnum):
    """Why places, closures or pools are not changed; sentences in ``documents/wording``."""

    HOURS_REVERSED = "hours_reversed"
    NO_WEEKDAY = "no_weekday"
    NOTHING_TO_CHANGE = "nothing_to_change"
    IN_THE_PAST = "in_the_past"
    DAYS_REVERSED = "days_reversed"
    TOO_LONG = "too_long"
    REASON_MISSING = "reason_missing"
    ALREADY_LIFTED = "already_lifted"
    BAND_REVERSED = "band_reversed"
    TOTAL_STAYS = "total_stays"
    TOTAL_EXISTS = "total_exists"
    BREAK_HALF = "break_half"
    BREAK_OUTSIDE = "break_outside"


@dataclass(frozen=True, slots=True)
class Hours:
    """Half-open cells of a day; an end that is not after the start holds nothing (B22)."""

    from_cell: int
    to_cell: int

    def cells(self) -> range:
        """Return the cells in between; none where the hours are reversed."""
        return range(max(0, self.from_cell), min(CELLS, self.to_cell))


@dataclass(frozen=True, slots=True)
class DayHours:
    """Opening hours of a day in half-open cells, with a break in which nobody is there, or none."""

    from_cell: int
    to_cell: int
    break_from: int | None = None
    break_to: int | None = None

    def reasons(self) -> list[PlacesRefusal]:
        """Return what is wrong with them."""
        if self.to_cell <= self.from_cell:
            return [PlacesRefusal.HOURS_REVERSED]
        if self.break_from is None and self.break_to is None:
            return []
        if self.break_from is None or self.break_to is None:
            return [PlacesRefusal.BREAK_HALF]
        is_inside = self.from_cell < self.break_from < self.break_to < self.to_cell
        return [] if is_inside else [PlacesRefusal.BREAK_OUTSIDE]

    def cells(self) -> frozenset[int]:
        """Return the half hours in which children may be there."""
        away = range(self.break_from or 0, self.break_to or 0)
        return frozenset(range(self.from_cell, self.to_cell)) - frozenset(away)


@dataclass(frozen=True, slots=True)
class PatternChange:
    """What staff change of the weekly pattern.

    Args:
        weekdays: Monday is 0.
        places: Capacity by pool during ``hours``.
        keeps_other_hours: Whether the rest of the day stays as it is, or takes nobody.
        on_duty: Staff during ``hours``; ``None`` leaves them.
    """

    weekdays: frozenset[int]
    hours: Hours
    places: Mapping[uuid.UUID, int]
    in_force_from: date
    keeps_other_hours: bool = True
    on_duty: int | None = None


@dataclass(frozen=True, slots=True)
class DayChange:
    """What staff change of a single day; pools left out stay as they are."""

    day: date
    hours: Hours
    places: Mapping[uuid.UUID, int]
    reason: str
    on_duty: int | None = None
    #: How many of the total are kept for referred families; ``None`` leaves it.
    kept: int | None = None


@dataclass(frozen=True, slots=True)
class ClosureWish:
    """Days, both included, or the same hours on each of them, on which nobody is taken."""

    from_day: date
    to_day: date
    reason: str
    hours: Hours = field(default_factory=lambda: Hours(0, CELLS))


@dataclass(frozen=True, slots=True)
class Shortage:
    """A pool that has taken more on a day than is wanted there, in so many half hours."""

    pool_id: uuid.UUID
    day: date
    cells: int


def horizon_end(today: date) -> date:
    """Return the last day for which places are laid out: the end of the 4th month ahead."""
    months = today.year * 12 + today.month - 1 + MONTHS_AHEAD + 1
    return date(months // 12, months % 12 + 1, 1) - timedelta(days=1)


def with_hours(
    before: Sequence[int], hours: Hours, number: int, *, keeps_other_hours: bool = True
) -> list[int]:
    """Return the cells of a day with ``number`` during ``hours``."""
    changed = list(before) if keeps_other_hours else [0] * CELLS
    for cell in hours.cells():
        changed[cell] = number
    return changed


def stretches(cells: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return the stretches of equal numbers above nothing: first cell, end, number."""
    found: list[tuple[int, int, int]] = []
    for cell, number in enumerate(cells):
        if found and found[-1][1] == cell and found[-1][2] == number:
            found[-1] = (found[-1][0], cell + 1, number)
        elif number:
            found.append((cell, cell + 1, number))
    return found


def short_cells(taken: Sequence[int], wanted: Sequence[int]) -> int:
    """Count the half hours in which more is taken than wanted."""
    return sum(t > w for t, w in zip(taken, wanted, strict=True))
