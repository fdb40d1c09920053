"""The daily round: places laid out one day further, and arrays held against bookings."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.clock import today
from portal.slots.checks import compare_places
from portal.slots.rules import horizon_end
from portal.slots.service import extend_horizon

_log = logging.getLogger(__name__)


def lay_out_days(now: datetime) -> None:
    """Lay out every published facility's days until the end of the 4th month ahead.

    One transaction a facility, acting for its organisation. May be run twice without harm. Where
    free places and bookings disagree an error is logged, with ids and no names.
    """
    with acting_as(ANONYMOUS) as session:
        found = session.execute(
            select(Facility.id, Facility.organisation_id).where(
                Facility.published_at.is_not(None), Facility.organisation_id.is_not(None)
            )
        ).all()
    for facility_id, organisation_id in found:
        actor = Actor(role=Role.STAFF, organisation_id=organisation_id)
        with acting_as(actor), transaction() as session:
            extend_horizon(session, facility_id, actor=actor, now=now)
            first, last = today(now), horizon_end(today(now))
            for wrong in compare_places(session, facility_id, first, last):
                _log.error(
                    "places of pool %s on %s, cell %s: %s in arrays, %s in bookings",
                    wrong.pool_id,
                    wrong.day,
                    wrong.cell,
                    wrong.in_arrays,
                    wrong.in_bookings,
                )
