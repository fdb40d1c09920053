"""What staying away from a booking costs from the end of the free time on, for who reads it."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from portal.bookings.queries.lists import Group
from portal.bookings.queries.stay_cases import laid_rules
from portal.kernel.actor import Actor
from portal.policies.cancelling import LateStep, absent_yen, steps_under
from portal.policies.fee import Fee
from portal.policies.matching import calendar_for
from portal.rulebooks.queries import document_of
from portal.slots import opening


class AwayCosts(NamedTuple):
    """What a family that booked reads again; all children of the booking together."""

    #: What cancelling costs once it is late, and from when on it costs more or less than that.
    late_steps: tuple[LateStep, ...] = ()
    #: What an absence costs that nobody told, in whole yen; 0 where the rules say nothing of it.
    absent_yen: int = 0


def away_costs(session: Session, group: Group, *, actor: Actor, now: datetime) -> AwayCosts:
    """Return what staying away costs by the rules under which a booking was made.

    Nothing once nobody of it is to come any more.
    """
    live = group.live
    if not live or now >= group.first.starts_at:
        return AwayCosts()
    first = live[0]
    document = document_of(session, first.rulebook_id)
    calendar = opening.facility_calendar(session, first.facility_id, first.day)
    of_booking = laid_rules(
        session, live, document, actor=actor, group=group.bookings, calendar=calendar
    )
    laid = {booking.child_id: of_booking[booking.id] for booking in live}
    fee = Fee.from_json(line for booking in live for line in booking.fee_lines)
    days = calendar_for(document, calendar)
    return AwayCosts(steps_under(laid, fee, group.span, days, now=now), absent_yen(laid, fee))
