"""What the calendar says of a day for a class age, from what is free. Pure.

Half hours are cells of a day: 0 is 0:00-0:30, 47 is 23:30-24:00 (JST). A cell is *offered*
where every pool that fits the child wants at least one place and none is closed; others never
count.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.kernel.clock import JST
from portal.kernel.spans import CELLS
from portal.policies.units import Stays, stays
from portal.policies.window import WindowState

#: What is free in each cell of a day; ``None`` where nothing is offered.
Cells = tuple[int | None, ...]

#: A day on which nothing is offered.
NOTHING: Cells = (None,) * CELLS


class Sign(StrEnum):
    """The five signs of the public calendar.

    *Source:* the legend of 中央区 子ども家庭支援センター's calendar: ○ every open half hour has a
    place, △ some are full, × all are full, − not the time to book, 休 closed.
    """

    FREE = "○"
    FEW = "△"
    FULL = "×"
    NOT_NOW = "−"
    CLOSED = "休"


@dataclass(frozen=True, slots=True)
class PoolCells:
    """One pool on one day, as stored in ``pool_days``."""

    wanted: Sequence[int]
    free: Sequence[int]
    closed: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Vacancy:
    """What a day says.

    ``places`` with ○: how many children could stay the whole day (the least of all half hours).
    ``None`` with other signs: beside △ any number would look like more room than beside ○.
    ``is_for_others``: there is care, but on this day not for children of this age.
    """

    sign: Sign
    places: int | None = None
    is_for_others: bool = False

    @property
    def is_bookable(self) -> bool:
        """Whether the day can be chosen: there is a place, and it is the time to book."""
        return self.sign in {Sign.FREE, Sign.FEW}


def free_cells(pools: Iterable[PoolCells]) -> Cells:
    """Return what a child has who takes one place from each of ``pools``; the least of them."""
    result: Cells | None = None
    for pool in pools:
        own = tuple(
            free if wanted > 0 and not closed else None
            for wanted, free, closed in zip(pool.wanted, pool.free, pool.closed, strict=True)
        )
        result = own if result is None else tuple(map(_least, result, own))
    return NOTHING if result is None else result


def _least(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else min(one, other)


def fitting(cells: Cells, allowed: Stays, first_cell: int = 0) -> Cells:
    """Return the cells as they count for those who book: only where a stay would fit.

    Where the rules know no stay at all, or it can no longer be reached, nothing is offered
    (``None``). Where each stay meets a full half hour there is no place (0): what is left
    between two bookings may be too short for anybody.

    Args:
        allowed: The stays that the rules know.
        first_cell: Cells before it can no longer be reached today.
    """
    offered = _covered(cells, allowed, first_cell, least=0)
    within = _covered(cells, allowed, first_cell, least=1) if 0 in cells else offered
    return tuple(
        None if not is_offered else free if is_within else 0
        for free, is_offered, is_within in zip(cells, offered, within, strict=True)
    )


def _covered(cells: Cells, allowed: Stays, first_cell: int, *, least: int) -> list[bool]:
    """Say for each cell whether it is part of a stay with ``least`` places throughout."""
    found = [False] * len(cells)
    for begin, end in runs(cells, first_cell=first_cell, least=least):
        reached = begin
        for start in range(begin, end):
            ends = allowed[start]
            count = bisect_right(ends, end)
            if count and ends[count - 1] > reached:
                reached, since = ends[count - 1], max(start, reached)
                found[since:reached] = [True] * (reached - since)
    return found


def vacancy(
    cells: Cells, state: WindowState, *, allowed: Stays | None = None, first_cell: int = 0
) -> Vacancy:
    """Return the sign of a day.

    Args:
        state: Where now lies in the time to book this day.
        allowed: The stays that the rules know; all without.
        first_cell: Cells before it can no longer be reached today.
    """
    if all(free is None for free in cells):
        return Vacancy(Sign.CLOSED)
    if state is not WindowState.OPEN:
        return Vacancy(Sign.NOT_NOW)
    seen = fitting(cells, stays(None) if allowed is None else allowed, first_cell)
    left = [free for free in seen if free is not None]
    if not left and first_cell:
        return Vacancy(Sign.NOT_NOW)
    if max(left, default=0) == 0:
        return Vacancy(Sign.FULL)
    if min(left) == 0:
        return Vacancy(Sign.FEW)
    return Vacancy(Sign.FREE, min(left))


def first_reachable_cell(now: datetime, notice_minutes: int = 0) -> int:
    """Return the first cell of today that begins at or after ``now`` plus the notice asked for.

    48 where today has none left.
    """
    earliest = (now + timedelta(minutes=notice_minutes)).astimezone(JST)
    if earliest.date() > now.astimezone(JST).date():
        return CELLS
    minutes = earliest.hour * 60 + earliest.minute
    is_exact = not (minutes % 30 or earliest.second or earliest.microsecond)
    return minutes // 30 + (not is_exact)


def runs(cells: Cells, *, first_cell: int = 0, least: int = 1) -> list[tuple[int, int]]:
    """Return the longest stretches with ``least`` places throughout, as half-open cell spans."""
    found: list[tuple[int, int]] = []
    for cell in range(first_cell, len(cells)):
        free = cells[cell]
        if free is None or free < least:
            continue
        if found and found[-1][1] == cell:
            found[-1] = (found[-1][0], cell + 1)
        else:
            found.append((cell, cell + 1))
    return found


def last_end(cells: Cells, start: int) -> int:
    """Return the cell at which a stay from ``start`` must end at the latest; ``start`` if none."""
    return next((end for begin, end in runs(cells) if begin <= start < end), start)


def places_during(cells: Cells, start: int, end: int) -> int:
    """Return how many children could stay from cell ``start`` until ``end``; 0 if any is full."""
    wanted = cells[start:end]
    return min((free or 0 for free in wanted), default=0)
