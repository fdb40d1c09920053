"""Whom to phone about a notice, and about which child and time; what a day's board says of it."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record_read
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.kernel.actor import Actor
from portal.notices.models import Notice
from portal.notices.queries import FamilyLine, Progress, notice, progress
from portal.notices.rules import KNOWS
from portal.policies.cancel import WaivedReason


@dataclass(frozen=True, slots=True)
class StayThere:
    """A child's booking that a notice speaks of; ``child`` is ``None`` where it is not shown."""

    child: str | None
    starts_at: datetime
    ends_at: datetime
    is_cancelled: bool


@dataclass(frozen=True, slots=True)
class Calls:
    """A notice with the families that do not know it yet, and what to tell each on the phone."""

    notice: Notice
    progress: Progress
    stays: Mapping[uuid.UUID, Sequence[StayThere]]

    def about(self, line: FamilyLine) -> Sequence[StayThere]:
        """Return the bookings of a family, the soonest first."""
        return self.stays.get(line.receipt.family_id, ())


def open_calls(session: Session, notice_id: uuid.UUID, *, actor: Actor) -> Calls:
    """Return whom to phone about a notice; leaves a trace with each family whose child it names.

    The caller commits before the page leaves.

    Raises:
        NoResultFound: it is not the actor's.
    """
    found = notice(session, notice_id, actor=actor)
    come_so_far = progress(session, found, actor=actor)
    unaware = [line for line in come_so_far.lines if line.reached not in KNOWS]
    stays = _stays(session, found, unaware, actor)
    for family_id in stays:
        record_read(session, actor, "notice_calls", found.id, family_id=family_id)
    return Calls(found, come_so_far, stays)


def _stays(
    session: Session, of: Notice, lines: Sequence[FamilyLine], actor: Actor
) -> dict[uuid.UUID, list[StayThere]]:
    cancelled = {group for line in lines for group in line.receipt.group_ids}
    then: ColumnElement[bool] = Booking.group_id.in_(cancelled)
    if of.from_day is not None:
        then |= and_(
            Booking.state == BookingState.CONFIRMED,
            Booking.day.between(of.from_day, of.to_day),
            Booking.from_cell < of.to_cell,
            Booking.to_cell > of.from_cell,
        )
    stays: defaultdict[uuid.UUID, list[StayThere]] = defaultdict(list)
    for booking in session.scalars(
        select(Booking)
        .where(
            Booking.organisation_id == actor.organisation_id,
            Booking.facility_id == of.facility_id,
            Booking.family_id.in_({line.receipt.family_id for line in lines}),
            then,
        )
        .options(joinedload(Booking.child))
        .order_by(Booking.starts_at, Booking.group_id, Booking.id)
    ):
        is_cancelled = booking.state is BookingState.CANCELLED
        if is_cancelled and booking.cancel_reason != WaivedReason.CLOSED_BY_FACILITY:
            continue  # by the family itself, before
        child = booking.child.name if booking.child else None
        stays[booking.family_id].append(
            StayThere(child, booking.starts_at, booking.ends_at, is_cancelled)
        )
    return dict(stays)


def told_of_day(
    session: Session, facility_id: uuid.UUID, on: date, *, actor: Actor
) -> list[tuple[Notice, Progress]]:
    """Return what families were told of a day, the newest first, with how far each has come.

    A notice that was taken back is left out: the one that takes it back speaks of the same day.
    """
    found = session.scalars(
        select(Notice)
        .where(
            Notice.facility_id == facility_id,
            Notice.organisation_id == actor.organisation_id,
            Notice.withdrawn_at.is_(None),
            Notice.from_day <= on,
            Notice.to_day >= on,
        )
        .order_by(Notice.sent_at.desc(), Notice.id)
    ).all()
    return [(each, progress(session, each, actor=actor)) for each in found]
