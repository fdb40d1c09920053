"""What referred families find: places that anybody may take, and those kept for them."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.kernel.age import class_age
from portal.slots.availability import Cells, PoolCells, free_cells
from portal.slots.published import Place

_DAYS = Statement("""
    SELECT pool_id, day, wanted, free, kept, closed FROM pool_days
     WHERE pool_id = ANY (%(pools)s) AND day BETWEEN %(first)s AND %(last)s
     ORDER BY day, pool_id""")


@dataclass(frozen=True, slots=True)
class DayForReferred:
    """How often all the children fit on a day, and in which half hours a place is kept for them."""

    cells: Cells
    kept: frozenset[int]


def days_for_referred(
    session: Session, place: Place, born_on: Sequence[date], first: date, last: date
) -> dict[date, DayForReferred]:
    """Return the filled days on which children born on these days are cared for together."""
    needed = {
        day: _needed(place, born_on, day)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1))
    }
    ids = {pool_id for units in needed.values() for pool_id in units}
    found: dict[date, list[PoolCells]] = defaultdict(list)
    kept: dict[date, set[int]] = defaultdict(set)
    for pool_id, day, wanted, free, own, closed in _DAYS.rows(
        session, {"pools": list(ids), "first": first, "last": last}
    ):
        units = needed[day][pool_id]
        if units:
            groups = [(left + more) // units for left, more in zip(free, own, strict=True)]
            found[day].append(PoolCells(wanted, groups, closed))
            kept[day] |= {cell for cell, number in enumerate(own) if number}
    return {
        day: DayForReferred(free_cells(pools), frozenset(kept[day]))
        for day, pools in found.items()
        if len(pools) == len(needed[day])
    }


def _needed(place: Place, born_on: Sequence[date], day: date) -> Counter[uuid.UUID]:
    """Return how many places of each pool the children take; none where one is not cared for."""
    ages = [class_age(born, day) for born in born_on if born <= day]
    pools = [place.pools_for(age) for age in ages]
    if len(ages) < len(born_on) or not all(pools):
        return Counter()
    return Counter(pool_id for own in pools for pool_id in own)
