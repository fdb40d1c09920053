"""Adding, renaming and retiring pools: which age bands a facility limits."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.slots.models import Pool, PoolPattern
from portal.slots.queries import own_facility, pools_of
from portal.slots.rules import PlacesRefusal, PoolKind, horizon_end
from portal.slots.service import lay_out


def add_pool(
    session: Session,
    facility_id: uuid.UUID,
    *,
    kind: PoolKind,
    label: str,
    youngest_class: int,
    oldest_class: int,
    places: int,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Limit an age band from now on, at ``places`` during all hours in which the total is open.

    Bookings made before do not count in it. A first total has no hours yet: its pattern comes next.

    Raises:
        Refusal: the band is reversed, or there is a total already.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    facility = own_facility(session, facility_id, actor)
    pools = pools_of(session, facility_id, actor)
    reasons = []
    if oldest_class < youngest_class:
        reasons.append(PlacesRefusal.BAND_REVERSED)
    totals = [pool.id for pool in pools if pool.kind is PoolKind.TOTAL]
    if kind is PoolKind.TOTAL and totals:
        reasons.append(PlacesRefusal.TOTAL_EXISTS)
    if reasons:
        raise Refusal(reasons)
    pool_id = uuid.uuid4()
    ours = {"facility_id": facility_id, "organisation_id": facility.organisation_id}
    session.execute(
        insert(Pool)
        .values(
            id=pool_id,
            **ours,
            kind=kind,
            label=label,
            youngest_class=youngest_class,
            oldest_class=oldest_class,
            position=len(pools),
        )
        .inline()
    )
    patterns = session.scalars(select(PoolPattern).where(PoolPattern.pool_id.in_(totals)))
    for pattern in patterns.all():
        cells = [places if number else 0 for number in pattern.capacity]
        session.execute(
            insert(PoolPattern).values(
                pool_id=pool_id,
                weekday=pattern.weekday,
                in_force_from=pattern.in_force_from,
                **ours,
                capacity=cells,
            )
        )
    _lay_out_ahead(session, facility_id, now)
    record(session, actor, "places.pool_added", pool_id, facility_id, kind=kind.value)
    return pool_id


def rename_pool(session: Session, pool_id: uuid.UUID, label: str, *, actor: Actor) -> Pool:
    """Give a pool another name; return it.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's, or retired.
    """
    pool = own_pool(session, pool_id, actor)
    pool.label = label
    session.flush()
    record(session, actor, "places.pool_renamed", pool_id, pool.facility_id)
    return pool


def retire_pool(session: Session, pool_id: uuid.UUID, *, actor: Actor, now: datetime) -> Pool:
    """Limit an age band no longer; return the pool. Bookings in it stay as they are.

    Raises:
        Refusal: it is the total, without which nobody can be taken.
        sqlalchemy.exc.NoResultFound: it is not the actor's, or retired already.
    """
    pool = own_pool(session, pool_id, actor)
    if pool.kind is PoolKind.TOTAL:
        raise Refusal([PlacesRefusal.TOTAL_STAYS])
    pool.retired_at = now
    session.flush()
    _lay_out_ahead(session, pool.facility_id, now)
    record(session, actor, "places.pool_retired", pool_id, pool.facility_id)
    return pool


def own_pool(session: Session, pool_id: uuid.UUID, actor: Actor) -> Pool:
    """Return a pool in use of the actor's organisation.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is another organisation's.
    """
    return session.scalars(
        select(Pool).where(
            Pool.id == pool_id,
            Pool.organisation_id == actor.organisation_id,
            Pool.retired_at.is_(None),
        )
    ).one()


def _lay_out_ahead(session: Session, facility_id: uuid.UUID, now: datetime) -> None:
    lay_out(session, facility_id, today(now), horizon_end(today(now)))
