"""How many places staff keep for families that go first, and when everybody gets them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.clock import at, today
from portal.kernel.spans import cell_time
from portal.slots.models import PoolDay, PoolPattern
from portal.slots.queries import own_facility, pools_of
from portal.slots.rules import PoolKind, horizon_end
from portal.slots.service import lay_out


def save_kept(
    session: Session,
    facility_id: uuid.UUID,
    by_weekday: Mapping[int, int],
    until_days: int,
    until_cell: int = 0,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set how many of the total are kept on each weekday, and lay out the days from today on.

    No booking is touched: where fewer are free than are to be kept, those that come free are.

    Args:
        by_weekday: Monday is 0; weekdays left out stay as they are.
        until_days: So many days before the day, what is still kept is given to everybody.
        until_cell: At this half hour of that day; 0 as the day begins.

    Raises:
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    facility = own_facility(session, facility_id, actor)
    totals = [p.id for p in pools_of(session, facility_id, actor) if p.kind is PoolKind.TOTAL]
    for weekday, number in by_weekday.items():
        session.execute(
            update(PoolPattern)
            .where(PoolPattern.pool_id.in_(totals), PoolPattern.weekday == weekday)
            .values(kept=number)
        )
    facility.kept_until_days, facility.kept_until_cell = until_days, until_cell
    facility.updated_at = now
    session.flush()
    lay_out(session, facility_id, today(now), horizon_end(today(now)))
    record(
        session,
        actor,
        "places.kept_saved",
        facility_id,
        by_weekday={str(weekday): number for weekday, number in by_weekday.items()},
        until_days=until_days,
        until_cell=until_cell,
    )


def give_to_everybody(now: datetime) -> None:
    """Give what is still kept to everybody where its moment has come since the last round.

    One transaction a facility, acting for its organisation. May be run twice without harm: days
    are laid out as their patterns say.
    """
    with acting_as(ANONYMOUS) as session:
        found = session.execute(
            select(
                Facility.id,
                Facility.organisation_id,
                Facility.kept_until_days,
                Facility.kept_until_cell,
            ).where(
                Facility.published_at.is_not(None),
                Facility.organisation_id.is_not(None),
                Facility.kept_until_cell > 0,
            )
        ).all()
    for facility_id, organisation_id, days, cell in found:
        if now < at(today(now), cell_time(cell)):
            continue
        on = today(now) + timedelta(days=days)
        actor = Actor(role=Role.STAFF, organisation_id=organisation_id)
        with acting_as(actor), transaction() as session:
            rows = session.scalars(
                select(PoolDay.kept).where(PoolDay.facility_id == facility_id, PoolDay.day == on)
            ).all()
            if any(map(any, rows)):
                lay_out(session, facility_id, on, on)
