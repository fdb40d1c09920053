"""Days and hours on which nobody is taken: shutting and opening again. No booking is touched."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.models import Closure
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.slots.opening import DayOff, OpenDays, open_days
from portal.slots.queries import closure_of, own_facility
from portal.slots.rules import LONGEST_CLOSURE, ClosureWish, PlacesRefusal
from portal.slots.service import lay_out_within


def close_days(
    session: Session, facility_id: uuid.UUID, wish: ClosureWish, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Take no more bookings on days, both included, or in hours of them; return the closure.

    Bookings that lie there stay: whoever closes sees them and calls the families.

    Raises:
        Refusal: the wish itself makes no sense.
        sqlalchemy.exc.NoResultFound: the facility is not the actor's.
    """
    check_closure(wish, now=now)
    facility = own_facility(session, facility_id, actor)
    closure_id = uuid.uuid4()
    session.execute(
        insert(Closure)
        .values(
            id=closure_id,
            facility_id=facility_id,
            organisation_id=facility.organisation_id,
            from_day=wish.from_day,
            to_day=wish.to_day,
            from_cell=wish.hours.from_cell,
            to_cell=wish.hours.to_cell,
            reason=wish.reason.strip(),
            created_by=actor.user_id,
            created_at=now,
        )
        .inline()
    )
    lay_out_within(session, facility_id, wish.from_day, wish.to_day, now=now)
    record(
        session,
        actor,
        "places.closed",
        closure_id,
        facility_id,
        from_day=wish.from_day.isoformat(),
        to_day=wish.to_day.isoformat(),
        from_cell=wish.hours.from_cell,
        to_cell=wish.hours.to_cell,
    )
    return closure_id


def lift_closure(
    session: Session, closure_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Closure:
    """Open again what a closure shut; return it.

    Raises:
        Refusal: it is lifted already.
        sqlalchemy.exc.NoResultFound: it is not the actor's.
    """
    closure = closure_of(session, closure_id, actor)
    if closure.lifted_at is not None:
        raise Refusal([PlacesRefusal.ALREADY_LIFTED])
    closure.lifted_at = now
    session.flush()
    lay_out_within(session, closure.facility_id, closure.from_day, closure.to_day, now=now)
    record(session, actor, "places.closure_lifted", closure_id, closure.facility_id)
    return closure


def holidays_off(session: Session, facility_id: uuid.UUID, since: date) -> list[tuple[date, str]]:
    """Return the holidays of the next months on which the facility rests, with their names."""
    off = open_days(session, facility_id, since).days_off
    return [(day.first, day.words) for day in off if day.is_holiday and day.first >= since]


def why_off(session: Session, facility_id: uuid.UUID, day: date) -> list[DayOff] | None:
    """Return what shuts a day or hours of it, in no order; ``None`` where it is plainly open.

    An empty list: no closure and no holiday, but the week takes nobody on that day.
    """
    return off_on(open_days(session, facility_id, day), day)


def off_on(opening: OpenDays, day: date) -> list[DayOff] | None:
    """Return the same from what is known of the facility's days around ``day``."""
    found = [off for off in opening.days_off if off.first <= day <= off.last]
    return found or (None if opening.calendar.is_open(day) else [])


def check_closure(wish: ClosureWish, *, now: datetime) -> None:
    """Refuse a closure that makes no sense, with all reasons; for the page before saving."""
    reasons = []
    if wish.to_day < wish.from_day:
        reasons.append(PlacesRefusal.DAYS_REVERSED)
    if wish.to_day < today(now):
        reasons.append(PlacesRefusal.IN_THE_PAST)
    if (wish.to_day - wish.from_day).days >= LONGEST_CLOSURE:
        reasons.append(PlacesRefusal.TOO_LONG)
    if not wish.hours.cells():
        reasons.append(PlacesRefusal.HOURS_REVERSED)
    if not wish.reason.strip():
        reasons.append(PlacesRefusal.REASON_MISSING)
    if reasons:
        raise Refusal(reasons)
