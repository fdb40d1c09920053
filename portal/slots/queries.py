"""Places as their own staff read them: pools, patterns, a day, closures."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.facilities.models import Closure, Facility
from portal.kernel.actor import Actor
from portal.kernel.spans import CELLS
from portal.slots.models import (
    DutyOverride,
    DutyPattern,
    Pool,
    PoolDay,
    PoolOverride,
    PoolPattern,
)
from portal.slots.rules import Shortage, short_cells

_EMPTY: Sequence[int] = (0,) * CELLS


@dataclass(frozen=True, slots=True)
class Week:
    """The weekly pattern in force on a day; weekdays without one take nobody."""

    capacity: Mapping[tuple[uuid.UUID, int], Sequence[int]]
    on_duty: Mapping[int, Sequence[int]]
    #: Days from which another pattern is in force, later than the one asked about.
    later_from: tuple[date, ...]
    #: How many are kept for referred families, by pool and weekday.
    kept: Mapping[tuple[uuid.UUID, int], int] = field(default_factory=dict)

    def cells(self, pool_id: uuid.UUID, weekday: int) -> Sequence[int]:
        """Return the capacity of a pool by half hour on a weekday (0 is Monday)."""
        return self.capacity.get((pool_id, weekday), _EMPTY)

    def duty(self, weekday: int) -> Sequence[int]:
        """Return the staff on duty by half hour on a weekday."""
        return self.on_duty.get(weekday, _EMPTY)


@dataclass(frozen=True, slots=True)
class PlacesOnDay:
    """A day of a facility as laid out; pools without a row are not laid out yet."""

    pool_days: Mapping[uuid.UUID, PoolDay]
    overrides: Mapping[uuid.UUID, PoolOverride]
    on_duty: Sequence[int]
    is_duty_single: bool


def own_facilities(session: Session, actor: Actor) -> list[Facility]:
    """Return the facilities of the actor's organisation, by reading."""
    return list(
        session.scalars(
            select(Facility)
            .where(Facility.organisation_id == actor.organisation_id)
            .order_by(Facility.name_kana, Facility.name, Facility.id)
        )
    )


def own_facility(session: Session, facility_id: uuid.UUID, actor: Actor) -> Facility:
    """Return a facility of the actor's organisation.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is another organisation's.
    """
    return session.scalars(
        select(Facility).where(
            Facility.id == facility_id,
            Facility.organisation_id == actor.organisation_id,
            Facility.organisation_id.is_not(None),
        )
    ).one()


def pools_of(session: Session, facility_id: uuid.UUID, actor: Actor) -> list[Pool]:
    """Return the facility's pools in use, the totals first."""
    found = session.scalars(
        select(Pool)
        .where(
            Pool.facility_id == facility_id,
            Pool.organisation_id == actor.organisation_id,
            Pool.retired_at.is_(None),
        )
        .order_by(Pool.position, Pool.youngest_class, Pool.id)
    )
    return list(found)


def week_of(session: Session, facility_id: uuid.UUID, on: date, actor: Actor) -> Week:
    """Return the weekly pattern in force on a day, with the staff on duty."""
    patterns = session.scalars(
        select(PoolPattern)
        .where(
            PoolPattern.facility_id == facility_id,
            PoolPattern.organisation_id == actor.organisation_id,
        )
        .order_by(PoolPattern.in_force_from)
    ).all()
    duty = session.scalars(
        select(DutyPattern).where(
            DutyPattern.facility_id == facility_id,
            DutyPattern.organisation_id == actor.organisation_id,
        )
    )
    return Week(
        # The newest in force comes last and stays.
        capacity={
            (pattern.pool_id, pattern.weekday): pattern.capacity
            for pattern in patterns
            if pattern.in_force_from <= on
        },
        on_duty={row.weekday: row.on_duty for row in duty},
        later_from=tuple(sorted({p.in_force_from for p in patterns if p.in_force_from > on})),
        kept={(p.pool_id, p.weekday): p.kept for p in patterns if p.in_force_from <= on},
    )


def places_on(session: Session, facility_id: uuid.UUID, day: date, actor: Actor) -> PlacesOnDay:
    """Return a day as laid out, what was set for it alone, and the staff on duty."""
    pool_days = session.scalars(
        select(PoolDay)
        .join(Pool, Pool.id == PoolDay.pool_id)
        .where(
            PoolDay.facility_id == facility_id,
            PoolDay.day == day,
            Pool.organisation_id == actor.organisation_id,
        )
        .execution_options(populate_existing=True)
    )
    overrides = session.scalars(
        select(PoolOverride).where(
            PoolOverride.facility_id == facility_id,
            PoolOverride.day == day,
            PoolOverride.organisation_id == actor.organisation_id,
        )
    )
    single = session.scalars(
        select(DutyOverride.on_duty).where(
            DutyOverride.facility_id == facility_id,
            DutyOverride.day == day,
            DutyOverride.organisation_id == actor.organisation_id,
        )
    ).one_or_none()
    weekly = session.scalars(
        select(DutyPattern.on_duty).where(
            DutyPattern.facility_id == facility_id,
            DutyPattern.weekday == day.weekday(),
            DutyPattern.organisation_id == actor.organisation_id,
        )
    ).one_or_none()
    return PlacesOnDay(
        pool_days={row.pool_id: row for row in pool_days},
        overrides={row.pool_id: row for row in overrides},
        on_duty=single or weekly or _EMPTY,
        is_duty_single=single is not None,
    )


def closures_of(
    session: Session, facility_id: uuid.UUID, since: date, actor: Actor
) -> list[Closure]:
    """Return the closures that end on ``since`` or later and are not lifted, by date."""
    return list(
        session.scalars(
            select(Closure)
            .where(
                Closure.facility_id == facility_id,
                Closure.organisation_id == actor.organisation_id,
                Closure.to_day >= since,
                Closure.lifted_at.is_(None),
            )
            .order_by(Closure.from_day, Closure.from_cell)
        )
    )


def closure_of(session: Session, closure_id: uuid.UUID, actor: Actor) -> Closure:
    """Return a closure of the actor's organisation, lifted or not.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is another organisation's.
    """
    return session.scalars(
        select(Closure)
        .where(Closure.id == closure_id, Closure.organisation_id == actor.organisation_id)
        .execution_options(populate_existing=True)
    ).one()


def shortages_if(
    session: Session,
    facility_id: uuid.UUID,
    wanted: Mapping[tuple[uuid.UUID, int], Sequence[int]],
    first: date,
    last: date,
    actor: Actor,
) -> list[Shortage]:
    """Return where more is taken than a weekly pattern would want, days set singly left out.

    Args:
        wanted: The pattern by pool and weekday, as it would be.
    """
    single = select(PoolOverride.day).where(
        PoolOverride.pool_id == PoolDay.pool_id, PoolOverride.day == PoolDay.day
    )
    rows = session.execute(
        select(PoolDay.pool_id, PoolDay.day, PoolDay.capacity, PoolDay.free, PoolDay.kept)
        .join(Pool, Pool.id == PoolDay.pool_id)
        .where(
            PoolDay.facility_id == facility_id,
            PoolDay.day.between(first, last),
            Pool.organisation_id == actor.organisation_id,
            ~single.exists(),
        )
        .order_by(PoolDay.day, PoolDay.pool_id)
    )
    found = []
    for row in rows:
        cells = wanted.get((row.pool_id, row.day.weekday()))
        if cells is None:
            continue
        cells_now = zip(row.capacity, row.free, row.kept, strict=True)
        taken = [capacity - free - kept for capacity, free, kept in cells_now]
        short = short_cells(taken, cells)
        if short:
            found.append(Shortage(row.pool_id, row.day, short))
    return found
