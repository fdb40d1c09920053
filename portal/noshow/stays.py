"""What the board's taps do to a case: the child came after all, or staff were told why not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.hooks import Listener
from portal.attendance.models import Attendance
from portal.bookings.models import Booking
from portal.kernel.actor import Actor
from portal.noshow.models import CareCase
from portal.noshow.rules import CaseEvent, CheckResult, follows
from portal.noshow.writing import move, note


def _case_of(session: Session, booking: Booking) -> CareCase | None:
    return session.scalars(
        select(CareCase)
        .where(CareCase.booking_group_id == booking.group_id, CareCase.day == booking.day)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def arrived(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Follow an arrival: once every child that was missing is there, the case is excused."""
    session.flush()
    of = _case_of(session, booking) if actor.is_provider else None
    if of is None or booking.child_id not in of.child_ids:
        return
    came = session.scalars(
        select(Attendance.child_id)
        .join(Booking, Booking.id == Attendance.booking_id)
        .where(
            Booking.group_id == booking.group_id,
            Booking.day == booking.day,
            Attendance.arrived_at.is_not(None),
        )
    ).all()
    if not set(of.child_ids) <= set(came):
        return
    # Where others were told already, they are the ones who end it: here it is only written down.
    if follows(of.state, CaseEvent.CHILD_ARRIVED):
        of.result = CheckResult.CAME_LATE
        move(session, of, CaseEvent.CHILD_ARRIVED, now=now)
    note(session, of, CaseEvent.CHILD_ARRIVED.value, actor=actor, now=now)


def arrival_undone(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Follow an arrival taken back: the child is missing again."""
    of = _case_of(session, booking) if actor.is_provider else None
    if of is None or booking.child_id not in of.child_ids:
        return
    if of.result is CheckResult.CAME_LATE and follows(of.state, CaseEvent.ARRIVAL_UNDONE):
        of.result = None
        move(session, of, CaseEvent.ARRIVAL_UNDONE, now=now)
        note(session, of, CaseEvent.ARRIVAL_UNDONE.value, actor=actor, now=now)


def excused(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    """Follow staff who write that the family told it stays away; its own word the clock follows."""
    of = _case_of(session, booking) if actor.is_provider else None
    if of is None or not follows(of.state, CaseEvent.FAMILY_EXPLAINED):
        return
    move(session, of, CaseEvent.FAMILY_EXPLAINED, now=now)
    note(session, of, CaseEvent.FAMILY_EXPLAINED.value, actor=actor, now=now)


LISTENER = Listener("noshow", arrived=arrived, arrival_undone=arrival_undone, excused=excused)
