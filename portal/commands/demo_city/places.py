"""What the planning of days needs to know of a facility: rules, open days, what is free."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from portal.kernel.age import class_age
from portal.policies.calendar import FacilityCalendar
from portal.policies.document import RulesDocument
from portal.slots.opening import open_days_of

_SITES = text("""
    SELECT f.id, f.name, f.organisation_id, g.id AS programme_id, r.id AS rulebook_id, r.document
      FROM facilities f
      JOIN programmes g ON g.facility_id = f.id
      JOIN LATERAL (SELECT id, document FROM rulebooks
                     WHERE programme_id = g.id ORDER BY version DESC LIMIT 1) AS r ON true
     WHERE f.id = ANY (:ids)""")
_POOLS = text("""
    SELECT id, facility_id, kind, youngest_class, oldest_class FROM pools
     WHERE facility_id = ANY (:ids) AND retired_at IS NULL ORDER BY facility_id, position""")
_DAYS = text("""
    SELECT pool_id, day, capacity, free, closed FROM pool_days
     WHERE facility_id = ANY (:ids) AND day BETWEEN :first AND :last""")
_HOURS = text("""
    SELECT d.facility_id, d.day, d.capacity, d.closed FROM pool_days d
      JOIN pools p ON p.id = d.pool_id AND p.kind = 'total' AND p.retired_at IS NULL
     WHERE d.facility_id = ANY (:facilities) AND d.day BETWEEN :first AND :last""")
#: From this load on a facility is always full.
SOUGHT_AFTER = 0.95
#: How far around a day ``open_days_of`` knows single days; a second look covers what lies before.
_REACH = timedelta(days=70)


@dataclass(frozen=True, slots=True)
class PoolOf:
    """A pool and the class ages that take from it, both included."""

    pool_id: uuid.UUID
    is_total: bool
    youngest: int
    oldest: int


@dataclass(slots=True)
class PoolOnDay:
    """What is left of a pool on a day, while the day is being planned."""

    capacity: list[int]
    free: list[int]
    closed: list[bool]


@dataclass(slots=True)
class Place:
    """A facility with its programme, as days are planned for it. ``load``: how full days get."""

    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    programme_id: uuid.UUID
    rulebook_id: uuid.UUID
    document: RulesDocument
    pools: tuple[PoolOf, ...]
    calendars: tuple[tuple[date, FacilityCalendar], ...]
    load: tuple[float, float] = (0.3, 1.0)
    days: dict[tuple[uuid.UUID, date], PoolOnDay] = field(default_factory=dict)

    @property
    def is_sought_after(self) -> bool:
        """Whether its days are full weeks before, and nobody gives a place away."""
        return self.load[0] >= SOUGHT_AFTER

    def calendar(self, day: date) -> FacilityCalendar:
        """Return the open and closed days around ``day``."""
        return next(known for since, known in self.calendars if day >= since)

    def pools_of(self, born_on: date, day: date) -> list[PoolOf]:
        """Return the pools a child takes from on ``day``; none where it has no places here."""
        its_class = class_age(born_on, day)
        found = [pool for pool in self.pools if pool.youngest <= its_class <= pool.oldest]
        return found if any(pool.is_total for pool in found) else []

    def total(self, day: date) -> PoolOnDay | None:
        """Return the places of all classes together on ``day``."""
        total = next(pool for pool in self.pools if pool.is_total)
        return self.days.get((total.pool_id, day))

    def open_cells(self, day: date) -> tuple[int, int] | None:
        """Return the first and the last open cell (half-open) of a day, ``None`` if it is shut."""
        total = self.total(day)
        if total is None:
            return None
        cells = [
            cell
            for cell, (places, shut) in enumerate(zip(total.capacity, total.closed, strict=True))
            if places and not shut
        ]
        return (cells[0], cells[-1] + 1) if cells else None

    def take(self, pools: Sequence[PoolOf], day: date, cells: range, by: int = 1) -> None:
        """Take places of one child; ``by=-1`` gives them back."""
        for pool in pools:
            free = self.days[pool.pool_id, day].free
            for cell in cells:
                free[cell] -= by

    def fits(self, wanted: Sequence[Sequence[PoolOf]], day: date, cells: range) -> bool:
        """Say whether all children, each with its pools, fit in together."""
        asked: dict[uuid.UUID, int] = {}
        for pools in wanted:
            for pool in pools:
                asked[pool.pool_id] = asked.get(pool.pool_id, 0) + 1
        for pool_id, children in asked.items():
            on_day = self.days.get((pool_id, day))
            if on_day is None or any(
                on_day.free[cell] < children or on_day.closed[cell] for cell in cells
            ):
                return False
        return True


def load_places(
    connection: Connection, facility_ids: Sequence[uuid.UUID], first: date, last: date, today: date
) -> list[Place]:
    """Return the facilities with what is free of their days from ``first`` to ``last``."""
    values = {"ids": list(facility_ids)}
    session = Session(connection)
    calendars = [(date.min, open_days_of(session, facility_ids, today))]
    if first < today - _REACH:
        calendars = [
            (today - timedelta(days=45), open_days_of(session, facility_ids, today)),
            (date.min, open_days_of(session, facility_ids, first + _REACH)),
        ]
    pools: dict[uuid.UUID, list[PoolOf]] = {}
    for row in connection.execute(_POOLS, values):
        pool = PoolOf(row.id, row.kind == "total", row.youngest_class, row.oldest_class)
        pools.setdefault(row.facility_id, []).append(pool)
    documents: dict[str, RulesDocument] = {}
    places = {}
    for row in connection.execute(_SITES, values):
        key = repr(row.document)
        if key not in documents:
            documents[key] = RulesDocument.model_validate(row.document)
        places[row.id] = Place(
            row.id,
            row.organisation_id,
            row.programme_id,
            row.rulebook_id,
            documents[key],
            tuple(pools.get(row.id, ())),
            tuple((since, known[row.id].calendar) for since, known in calendars),
        )
    owner = {pool.pool_id: place for place in places.values() for pool in place.pools}
    for row in connection.execute(_DAYS, {**values, "first": first, "last": last}):
        if row.pool_id in owner:
            owner[row.pool_id].days[row.pool_id, row.day] = PoolOnDay(
                row.capacity, row.free, row.closed
            )
    return [places[facility_id] for facility_id in facility_ids]


def open_hours(
    connection: Connection, facility_ids: Sequence[uuid.UUID], first: date, last: date
) -> dict[tuple[uuid.UUID, date], tuple[int, int]]:
    """Return the first and the last open cell (half-open) of each open day of facilities."""
    values = {"facilities": list(facility_ids), "first": first, "last": last}
    found = {}
    for row in connection.execute(_HOURS, values):
        pairs = enumerate(zip(row.capacity, row.closed, strict=True))
        cells = [cell for cell, (places, shut) in pairs if places and not shut]
        if cells:
            found[row.facility_id, row.day] = cells[0], cells[-1] + 1
    return found
