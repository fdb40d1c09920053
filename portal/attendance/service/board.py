"""The board and a stay opened: what is seen of children's health leaves its trace."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.attendance import queries
from portal.attendance.queries import ChildOfDay
from portal.audit.service import record_read
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.slots.queries import places_on


@dataclass(frozen=True, slots=True)
class Board:
    """A facility's day. ``on_duty``: staff by half-hour cell, all zero where it is not kept."""

    facility: Facility
    day: date
    children: tuple[ChildOfDay, ...]
    on_duty: tuple[int, ...]


def open_board(
    session: Session,
    facility_id: uuid.UUID,
    day: date,
    *,
    actor: Actor,
    now: datetime,
    via: str = "board",
) -> Board:
    """Return the day of a facility, and leave the trace that its health data was seen.

    The caller commits before the page leaves.

    Args:
        via: On what it is seen; stands in the trace.

    Raises:
        NoResultFound: not a facility of the actor's provider.
    """
    facility = queries.facility(session, facility_id, actor=actor)
    children = queries.children_of_day(session, facility_id, day, actor=actor, now=now)
    _leave_trace(session, actor, children, via)
    on_duty = places_on(session, facility_id, day, actor).on_duty
    return Board(facility, day, tuple(children), tuple(on_duty))


def open_stay(
    session: Session, booking_id: uuid.UUID, *, actor: Actor, now: datetime
) -> ChildOfDay:
    """Return one stay of the actor's provider, in any state; leaves the trace as ``open_board``.

    Raises:
        NoResultFound: no booking of the actor's provider.
    """
    booking = queries.stay(session, booking_id, actor=actor)
    (child,) = queries.describe(session, [booking], actor=actor, now=now)
    _leave_trace(session, actor, [child], "board")
    return child


def _leave_trace(session: Session, actor: Actor, children: Iterable[ChildOfDay], via: str) -> None:
    # One row a family: she may ask who saw her children's data, and only hers.
    by_family: dict[uuid.UUID, list[ChildOfDay]] = {}
    for child in children:
        by_family.setdefault(child.booking.family_id, []).append(child)
    for family_id, of_family in by_family.items():
        # A family knows the facility, not its provider.
        about = {"via": via, "facility_id": str(of_family[0].booking.facility_id)}
        seen = [child.booking.child_id for child in of_family if child.has_record]
        if seen:
            record_read(session, actor, "child_record", *seen, family_id=family_id, **about)
        notes = [child.booking.id for child in of_family if child.note is not None]
        if notes:
            record_read(session, actor, "booking_note", *notes, family_id=family_id, **about)
