"""What is left on a day: why a stay does not fit, and when it would."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.documents.dates import written_span
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.clock import at
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, Span, cell_label, cell_time, span_on
from portal.policies.reasons import BookingRefusal
from portal.slots.rules import PoolKind

T = TypeVar("T")

_OLDEST = 5

_POOLS = text("""
SELECT q.id, q.kind, q.youngest_class, q.oldest_class, d.capacity, d.free, d.kept, d.closed
  FROM pools q LEFT JOIN pool_days d ON d.pool_id = q.id AND d.day = :day
 WHERE q.facility_id = :facility AND q.retired_at IS NULL ORDER BY q.position
""")
_DAYS = text("""
SELECT d.day FROM pool_days d
  JOIN unnest(CAST(:pools AS uuid[]), CAST(:units AS smallint[])) AS n (pool, units)
    ON n.pool = d.pool_id
 WHERE d.day > :after AND d.day <= :until
   AND n.units <= ALL (d.free[:first + 1:CAST(:last AS integer)])
   AND NOT true = ANY (d.closed[:first + 1:CAST(:last AS integer)])
 GROUP BY d.day HAVING count(*) = cardinality(CAST(:pools AS uuid[])) ORDER BY d.day LIMIT :most
""")
#: The same for a family that was referred, which may take what is kept.
_DAYS_WITH_KEPT = text("""
SELECT d.day FROM pool_days d
  JOIN unnest(CAST(:pools AS uuid[]), CAST(:units AS smallint[])) AS n (pool, units)
    ON n.pool = d.pool_id
 WHERE d.day > :after AND d.day <= :until
   AND NOT true = ANY (d.closed[:first + 1:CAST(:last AS integer)])
   AND NOT EXISTS (SELECT 1 FROM unnest(d.free[:first + 1:CAST(:last AS integer)],
                                        d.kept[:first + 1:CAST(:last AS integer)]) AS c (free, kept)
                    WHERE c.free + c.kept < n.units)
 GROUP BY d.day HAVING count(*) = cardinality(CAST(:pools AS uuid[])) ORDER BY d.day LIMIT :most
""")

_OPEN_CELLS = text("""
SELECT DISTINCT n.place - 1 FROM pools q JOIN pool_days d ON d.pool_id = q.id
 CROSS JOIN unnest(d.capacity) WITH ORDINALITY AS n (capacity, place)
 WHERE q.facility_id = :facility AND q.kind = 'total' AND q.retired_at IS NULL
   AND d.day BETWEEN :day AND :until AND n.capacity > 0
""")

_BOOKED = text("""
SELECT from_cell, to_cell FROM bookings
 WHERE child_id = ANY (:children) AND day = :day AND state IN ('confirmed', 'attended')
""")


@dataclass(frozen=True, slots=True)
class PoolLeft:
    """What one pool has left by half hour; empty lists where the facility has no such day."""

    id: uuid.UUID
    kind: PoolKind
    youngest_class: int
    oldest_class: int
    capacity: Sequence[int]
    free: Sequence[int]
    closed: Sequence[bool]

    @property
    def words(self) -> str:
        """The pool as parents call it: 「1歳児クラス」, 「園全体」."""
        if self.kind is PoolKind.TOTAL:
            return _("園全体")
        if self.youngest_class == self.oldest_class:
            return _("%(age)s歳児クラス") % {"age": self.youngest_class}
        if self.oldest_class == _OLDEST:
            return _("%(age)s歳以上のクラス") % {"age": self.youngest_class}
        return _("%(youngest)s〜%(oldest)s歳児クラス") % {
            "youngest": self.youngest_class,
            "oldest": self.oldest_class,
        }


@dataclass(frozen=True, slots=True)
class DayLeft:
    """A facility's day, seen by certain children."""

    facility_id: uuid.UUID
    day: date
    pools: tuple[PoolLeft, ...]
    #: How many places the children need of each pool, in the order of ``pools``; never 0.
    units: tuple[int, ...]

    @property
    def is_laid_out(self) -> bool:
        """Whether its places are known yet; days far ahead have none."""
        return any(pool.capacity for pool in self.pools)

    def reasons(self, span: Span) -> list[Reason]:
        """Return why the children do not fit, one for each pool; empty where all do."""
        total = [pool for pool in self.pools if pool.kind is PoolKind.TOTAL]
        cells = range(span.first_cell, span.end_cell)
        if not total or not all(_at(pool.capacity, c, 0) for pool in total for c in cells):
            values = {"on": self.day, "hours": self._hours_beside(span, total)}
            return [Reason(BookingRefusal.OUTSIDE_HOURS, values)]
        found: list[Reason] = []
        closed = next(
            (c for c in cells if any(_at(pool.closed, c, otherwise=True) for pool in self.pools)),
            None,
        )
        if closed is not None:
            found.append(Reason(BookingRefusal.CLOSED_TO_NEW, {"from_at": self._moment(closed)}))
        for pool, units in zip(self.pools, self.units, strict=True):
            full = next((c for c in cells if _at(pool.free, c, 0) < units), None)
            if full is not None:
                # Where there is a place, but not one for each, it is not full: one could come.
                count = units if _at(pool.free, full, 0) > 0 else None
                said = {"pool": pool.words, "from_at": self._moment(full), "count": count}
                found.append(Reason(BookingRefusal.FULL, said))
        return found

    def words_of(self, pool_id: uuid.UUID | None) -> str | None:
        """Return how parents call a pool, if it is one of these."""
        return next((pool.words for pool in self.pools if pool.id == pool_id), None)

    def left(self, span: Span) -> int:
        """Return how many more such groups of places there are throughout the span."""
        return min(
            (
                _at(pool.free, cell, 0) // units
                for pool, units in zip(self.pools, self.units, strict=True)
                for cell in range(span.first_cell, span.end_cell)
            ),
            default=0,
        )

    def other_spans(self, span: Span) -> Iterator[Span]:
        """Yield stays of the same length that fit, those nearest in time first."""
        length = span.end_cell - span.first_cell
        starts = sorted(range(CELLS - length + 1), key=lambda c: (abs(c - span.first_cell), c))
        for start in starts:
            if start != span.first_cell and self._fits(start, start + length):
                yield span_on(self.day, cell_time(start), cell_time(start + length))

    def _fits(self, first: int, end: int) -> bool:
        """Say whether the children fit, as ``reasons`` would; asked for dozens of times a page."""
        has_total = any(pool.kind is PoolKind.TOTAL for pool in self.pools)
        return has_total and all(
            len(pool.free) >= end
            and min(pool.free[first:end]) >= units
            and not any(pool.closed[first:end])
            and (pool.kind is not PoolKind.TOTAL or all(pool.capacity[first:end]))
            for pool, units in zip(self.pools, self.units, strict=True)
        )

    def _hours_beside(self, span: Span, total: Sequence[PoolLeft]) -> str | None:
        """Return the day's hours as ``8:30〜17:00``, None where the span lies within."""
        cells = [c for c in range(CELLS) if any(_at(pool.capacity, c, 0) for pool in total)]
        if not cells or (cells[0] <= span.first_cell and span.end_cell <= cells[-1] + 1):
            return None
        return written_span(cell_label(cells[0]), cell_label(cells[-1] + 1))

    def _moment(self, cell: int) -> datetime:
        return at(self.day, cell_time(cell))


def _at(cells: Sequence[T], cell: int, otherwise: T) -> T:
    return cells[cell] if cell < len(cells) else otherwise


def day_left(
    session: Session,
    facility_id: uuid.UUID,
    day: date,
    born_on: Iterable[date],
    *,
    actor: Actor,
    given_back: Iterable[tuple[Sequence[uuid.UUID], int, int]] = (),
    with_kept: bool = False,
) -> DayLeft:
    """Return what is left on a local day of the pools that the children fall under.

    Args:
        given_back: Places that would be given back: pools, first cell, cell after the last. A
            booking that moves does not stand in its own way.
        with_kept: Whether places kept for referred families count.
    """
    del actor  # row-level security knows who asks
    classes = [class_age(born, day) for born in born_on]
    pools, units = [], []
    for row in session.execute(_POOLS, {"facility": facility_id, "day": day}):
        needed = sum(row.youngest_class <= age <= row.oldest_class for age in classes)
        if not needed:
            continue
        free = list(row.free or ())
        if with_kept:
            free = [cell + kept for cell, kept in zip(free, row.kept or (), strict=True)]
        for back, first, end in given_back:
            for cell in range(first, end) if row.id in back and free else ():
                free[cell] += 1
        kind = PoolKind(row.kind)
        ages = (row.youngest_class, row.oldest_class)
        pools.append(PoolLeft(row.id, kind, *ages, row.capacity or (), free, row.closed or ()))
        units.append(needed)
    return DayLeft(facility_id, day, tuple(pools), tuple(units))


def booked_cells(
    session: Session, child_ids: Iterable[uuid.UUID], day: date, *, actor: Actor
) -> frozenset[int]:
    """Return the half hours of a local day in which one of the children is booked, anywhere."""
    del actor  # row-level security knows who asks
    values = {"children": list(child_ids), "day": day}
    return frozenset(
        cell
        for from_cell, to_cell in session.execute(_BOOKED, values)
        for cell in range(from_cell, to_cell)
    )


def open_cells(session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor) -> set[int]:
    """Return the half hours with care on any of the two weeks from a local day, perhaps none."""
    del actor  # row-level security knows who asks
    values = {"facility": facility_id, "day": day, "until": day + timedelta(days=13)}
    return set(session.scalars(_OPEN_CELLS, values))


def days_with_room(
    session: Session,
    left: DayLeft,
    span: Span,
    *,
    actor: Actor,
    days: int = 31,
    most: int = 8,
    with_kept: bool = False,
) -> list[date]:
    """Return the next local days on which the same hours have room, the soonest first."""
    del actor  # row-level security knows who asks
    values = {
        "pools": [pool.id for pool in left.pools],
        "units": list(left.units),
        "after": left.day,
        "until": left.day + timedelta(days=days),
        "first": span.first_cell,
        "last": span.end_cell,
        "most": most,
    }
    return list(session.scalars(_DAYS_WITH_KEPT if with_kept else _DAYS, values))
