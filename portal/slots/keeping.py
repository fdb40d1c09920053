"""How many places staff keep for referred families, by weekday, and when everybody gets them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.slots.models import PoolPattern
from portal.slots.queries import own_facility, pools_of
from portal.slots.rules import PoolKind, horizon_end
from portal.slots.service import lay_out


def save_kept(
    session: Session,
    facility_id: uuid.UUID,
    by_weekday: Mapping[int, int],
    until_days: int,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Set how many of the total are kept on each weekday, and lay out the days from today on.

    No booking is touched: where fewer are free than are to be kept, those that come free are.

    Args:
        by_weekday: Monday is 0; weekdays left out stay as they are.
        until_days: So many days before the day, what is still kept is given to everybody.

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
    facility.kept_until_days, facility.updated_at = until_days, now
    session.flush()
    lay_out(session, facility_id, today(now), horizon_end(today(now)))
    record(
        session,
        actor,
        "places.kept_saved",
        facility_id,
        by_weekday={str(weekday): number for weekday, number in by_weekday.items()},
        until_days=until_days,
    )
