"""Arrival, departure, absence, and taking them back.

Every tap may come twice, from one tablet or from two: the second finds it done and changes nothing.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.attendance import queries
from portal.attendance.hooks import listeners
from portal.attendance.models import Attendance
from portal.attendance.rules import (
    AttendanceRefusal,
    StayFacts,
    Step,
    reasons_against_absence,
    reasons_against_arrival,
    reasons_against_departure,
    reasons_against_times,
    reasons_against_undo,
)
from portal.audit.service import record
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.slots.places import ONE_PLACE_AT_A_TIME

_MARK = text("SELECT mark_booking(:booking, :state)")
_ABSENT = frozenset({BookingState.NO_SHOW, BookingState.EXCUSED_ABSENCE})


def arrive(
    session: Session, facility_id: uuid.UUID, booking_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Record that the child came at ``now``; who was marked absent by staff may still come.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
        NoResultFound: no booking of the actor's provider.
    """
    booking, facts = _take(session, facility_id, booking_id, actor)
    _refuse_on(reasons_against_arrival(facts, now))
    if facts.arrived_at is not None:
        return
    _mark(session, booking, BookingState.ATTENDED)
    attendance = _attendance(session, booking)
    attendance.arrived_at, attendance.arrived_by = now, actor.user_id
    attendance.updated_at = now
    _record(session, actor, "arrived", booking)
    for listener in listeners():
        listener.arrived(session, booking, actor=actor, now=now)


def depart(
    session: Session, facility_id: uuid.UUID, booking_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Record that the child was handed over at ``now``.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
        NoResultFound: no booking of the actor's provider.
    """
    booking, facts = _take(session, facility_id, booking_id, actor)
    _refuse_on(reasons_against_departure(facts, now))
    if facts.departed_at is not None:
        return
    attendance = _attendance(session, booking)
    attendance.departed_at, attendance.departed_by = now, actor.user_id
    attendance.updated_at = now
    _record(session, actor, "departed", booking)


def undo(
    session: Session,
    facility_id: uuid.UUID,
    booking_id: uuid.UUID,
    step: Step,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Take back one step of today; what is not recorded (any more) stays as it is.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
        NoResultFound: no booking of the actor's provider.
    """
    booking, facts = _take(session, facility_id, booking_id, actor)
    _refuse_on(reasons_against_undo(facts, step, now))
    if step is Step.DEPARTURE and facts.departed_at is not None:
        attendance = _attendance(session, booking)
        attendance.departed_at = attendance.departed_by = attendance.collected_by = None
        attendance.updated_at = now
    elif step is Step.ARRIVAL and facts.arrived_at is not None:
        attendance = _attendance(session, booking)
        attendance.arrived_at = attendance.arrived_by = None
        attendance.updated_at = now
        _mark(session, booking, BookingState.CONFIRMED)
    elif step is Step.ABSENCE and facts.state in _ABSENT:
        _mark(session, booking, BookingState.CONFIRMED)
    else:
        return
    _record(session, actor, "undone", booking, step=step.value)
    if step is Step.ARRIVAL:
        _tell_undone(session, booking, actor=actor, now=now)


def _tell_undone(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    for listener in listeners():
        listener.arrival_undone(session, booking, actor=actor, now=now)


def mark_absent(
    session: Session,
    facility_id: uuid.UUID,
    booking_id: uuid.UUID,
    state: BookingState,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Record that the child did not come: ``no_show`` or ``excused_absence``.

    Its place stays taken.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
        NoResultFound: no booking of the actor's provider.
    """
    booking, facts = _take(session, facility_id, booking_id, actor)
    _refuse_on(reasons_against_absence(facts, state, now))
    if facts.state is state:
        return
    _mark(session, booking, state)
    _record(session, actor, state.value, booking)
    if state is BookingState.EXCUSED_ABSENCE:
        for listener in listeners():
            listener.excused(session, booking, actor=actor, now=now)


def correct_times(
    session: Session,
    facility_id: uuid.UUID,
    booking_id: uuid.UUID,
    *,
    arrived_at: datetime | None,
    departed_at: datetime | None,
    collected_by: str | None,
    actor: Actor,
    now: datetime,
) -> None:
    """Put other times in place of those recorded, of today or of a day before.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
        NoResultFound: no booking of the actor's provider.
    """
    booking, facts = _take(session, facility_id, booking_id, actor)
    _refuse_on(reasons_against_times(facts, arrived_at, departed_at, now))
    attendance = _attendance(session, booking)
    attendance.departed_at = None  # the two are checked together, so never in between
    session.flush()
    if arrived_at is not None:
        _mark(session, booking, BookingState.ATTENDED)
    elif facts.arrived_at is not None:
        _mark(session, booking, BookingState.CONFIRMED)
    attendance.arrived_at, attendance.departed_at = arrived_at, departed_at
    attendance.arrived_by = actor.user_id if arrived_at else None
    attendance.departed_by = actor.user_id if departed_at else None
    attendance.collected_by = collected_by or None
    attendance.updated_at = now
    _record(
        session,
        actor,
        "times_corrected",
        booking,
        before=[_iso(facts.arrived_at), _iso(facts.departed_at)],
        after=[_iso(arrived_at), _iso(departed_at)],
    )
    if arrived_at is None and facts.arrived_at is not None:
        _tell_undone(session, booking, actor=actor, now=now)
    elif arrived_at is not None and facts.arrived_at is None:
        for listener in listeners():
            listener.arrived(session, booking, actor=actor, now=now)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _take(
    session: Session, facility_id: uuid.UUID, booking_id: uuid.UUID, actor: Actor
) -> tuple[Booking, StayFacts]:
    booking = queries.stay(session, booking_id, actor=actor, is_to_change=True)
    facts = queries.facts_of(session, [booking], actor=actor)[booking.id]
    if booking.facility_id != facility_id:
        raise Refusal([AttendanceRefusal.OTHER_FACILITY])
    return booking, facts


def _refuse_on(reasons: tuple[Reason, ...]) -> None:
    if reasons:
        raise Refusal(reasons)


def _attendance(session: Session, booking: Booking) -> Attendance:
    attendance = session.get(Attendance, booking.id)
    if attendance is None:
        attendance = Attendance(
            booking_id=booking.id,
            facility_id=booking.facility_id,
            organisation_id=booking.organisation_id,
            family_id=booking.family_id,
            child_id=booking.child_id,
            day=booking.day,
        )
        session.add(attendance)
    return attendance


def _mark(session: Session, booking: Booking, state: BookingState) -> None:
    if booking.state is state:
        return
    try:
        with session.begin_nested():
            marked = session.execute(_MARK, {"booking": booking.id, "state": state}).scalar_one()
    except IntegrityError as error:
        if ONE_PLACE_AT_A_TIME in str(error.orig):
            raise Refusal([AttendanceRefusal.CHILD_ELSEWHERE]) from error
        raise
    if not marked:
        raise Refusal([AttendanceRefusal.PLACE_GIVEN_BACK])
    session.refresh(booking)


def _record(session: Session, actor: Actor, what: str, booking: Booking, **detail: object) -> None:
    record(session, actor, f"attendance.{what}", booking.id, family_id=booking.family_id, **detail)
