"""Whose rules say when a child's record is asked for again: those where the child is known."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.lists import belongs_to
from portal.bookings.rules import BookingState
from portal.kernel.actor import Actor
from portal.policies.record import RecordRule, strictest
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import mine
from portal.preregistration.rules import LIVE
from portal.rulebooks.queries import record_rules_of


def record_rules_for(
    session: Session, child_ids: Collection[uuid.UUID], *, on: date, actor: Actor
) -> dict[uuid.UUID, RecordRule]:
    """Return for each child the strictest rule of the facilities at which it is known.

    Known: registered or applied for, or booked.

    To staff only their own provider's facilities count. A child that is known nowhere is asked
    about as usual.

    Args:
        on: The local day whose rules hold; stays before it do not count.
    """
    if not child_ids:
        return {}
    applied = select(Preregistration.child_id, Preregistration.facility_id).where(
        Preregistration.child_id.in_(child_ids), Preregistration.state.in_(LIVE), mine(actor)
    )
    booked = select(Booking.child_id, Booking.facility_id).where(
        Booking.child_id.in_(child_ids),
        Booking.state == BookingState.CONFIRMED,
        Booking.day >= on,
        belongs_to(actor),
    )
    facilities: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for child_id, facility_id in session.execute(applied.union(booked)):
        facilities[child_id].add(facility_id)
    rules = record_rules_of(session, set().union(*facilities.values()), on)
    return {each: strictest(rules[one] for one in facilities[each]) for each in child_ids}
