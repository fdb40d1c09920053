"""Until when a booking can be left, for another time or altogether, and what that costs."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.cases import CaseFile, facility_calendar
from portal.bookings.queries.lists import Group
from portal.bookings.rules import SAID_BY_FAMILY, BookingChangeRefusal, late_fee_yen
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.policies.cancel import WaivedReason
from portal.policies.decide import cancel_fee, reasons_against_cancelling
from portal.policies.fee import Fee
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.queries import document_of


def movable_until(session: Session, moving: Group) -> datetime:
    """Return the moment from which a family can no longer move a booking by itself.

    It moves it as long as cancelling is free, so that moving is no way round the late fee, and not
    later than it could have booked the old time.
    """
    first = moving.first
    window = document_of(session, first.rulebook_id).booking_window
    latest_at = first.starts_at - timedelta(minutes=window.notice_minutes if window else 0)
    return min(latest_at, first.cancel_until or latest_at)


def late_fee_now(session: Session, group: Group, *, now: datetime) -> int | None:
    """Return what cancelling all that stands costs now, or None as long as that is free.

    A reason that the rules accept is not asked for here.
    """
    first = group.first
    if first.cancel_until is None or now < first.cancel_until:
        return None
    lines = [line for booking in group.live for line in booking.fee_lines]
    return late_fee_yen(document_of(session, first.rulebook_id), Fee.from_json(lines))


def reasons_against_moving(
    session: Session, moving: Group, file: CaseFile, *, actor: Actor
) -> tuple[Reason, ...]:
    """Return why a live group cannot leave its time at the moment the wish came in."""
    first, asked_at = moving.live[0], file.received_at
    if moving.span == file.wish.span:
        return (Reason(BookingChangeRefusal.NOTHING_TO_CHANGE),)
    if asked_at >= first.starts_at:
        return (Reason(BookingRefusal.STAY_HAS_STARTED, {"starts_at": first.starts_at}),)
    if actor.is_provider:
        return ()
    until_at = movable_until(session, moving)
    if asked_at >= until_at:
        return (Reason(BookingChangeRefusal.TOO_LATE_TO_CHANGE, {"until_at": until_at}),)
    return ()


def cancel_fees(
    session: Session,
    group: Group,
    going: Sequence[Booking],
    *,
    actor: Actor,
    now: datetime,
    because: WaivedReason | None = None,
) -> dict[uuid.UUID, int]:
    """Return what cancelling costs at ``now`` for each booking that would be cancelled.

    Raises:
        Refusal: it cannot be cancelled by the one who asks. All reasons.
    """
    first = going[0]
    document = document_of(session, first.rulebook_id)
    calendar = facility_calendar(session, first.facility_id, first.day, actor=actor)
    staff = actor.is_provider
    against = reasons_against_cancelling(document, calendar, group.span, now=now, by_staff=staff)
    if against:
        raise Refusal(against)
    if staff and because is WaivedReason.CLOSED_BY_FACILITY:
        return {booking.id: 0 for booking in going}  # nobody pays for a door that we shut
    waived = because if staff or because in SAID_BY_FAMILY else None
    return {
        booking.id: cancel_fee(
            document,
            calendar,
            group.span,
            fee=Fee.from_json(booking.fee_lines),
            now=now,
            waived=waived,
        ).amount_yen
        for booking in going
    }
