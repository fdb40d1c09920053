"""Until when a booking can be left, for another time or altogether, and what that costs."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import combinations

from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.cases import CaseFile, facility_calendar
from portal.bookings.queries.lists import Group
from portal.bookings.queries.stay_cases import case_of, laid_for
from portal.bookings.rules import SAID_BY_FAMILY, BookingChangeRefusal
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.policies.cancel import WaivedReason
from portal.policies.charging import usual_fee
from portal.policies.decide import (
    cancel_fee,
    fee_of_those_who_stay,
    reasons_against_cancelling,
)
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLabel
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.queries import document_of
from portal.slots import opening

#: For so many children every way to leave some out can be listed on one page.
_MOST_LISTED = 3


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a booking when some of its children are cancelled, and what it then costs."""

    going: tuple[Booking, ...]
    staying: tuple[Booking, ...]
    was_yen: int
    fee: Fee

    @property
    def is_changed(self) -> bool:
        """Whether those who stay cost something else than was told."""
        return self.was_yen != self.fee.total_yen


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
    document = document_of(session, first.rulebook_id)
    calendar = opening.facility_calendar(session, first.facility_id, first.day)
    return sum(
        cancel_fee(
            document, calendar, group.span, fee=Fee.from_json(booking.fee_lines), now=now
        ).amount_yen
        for booking in group.live
    )


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
    staff, span = actor.is_provider, group.span
    case = case_of(session, group.live or going, span, document, calendar, actor=actor)
    laid = {booking.id: laid_for(case, booking) for booking in going}
    against: list[Reason] = []
    for rules in laid.values():
        found = reasons_against_cancelling(
            document, calendar, span, now=now, by_staff=staff, laid=rules
        )
        against += [reason for reason in found if reason not in against]
    if against:
        raise Refusal(against)
    if staff and because is WaivedReason.CLOSED_BY_FACILITY:
        return {booking.id: 0 for booking in going}  # nobody pays for a door that we shut
    waived = because if staff or because in SAID_BY_FAMILY else None
    return {
        booking.id: cancel_fee(
            document,
            calendar,
            span,
            fee=Fee.from_json(booking.fee_lines),
            now=now,
            waived=waived,
            laid=laid[booking.id],
        ).amount_yen
        for booking in going
    }


def rest_of(
    session: Session,
    group: Group,
    going: Sequence[Booking],
    *,
    actor: Actor,
    now: datetime,
    because: WaivedReason | None = None,
) -> Rest:
    """Return what is left of a group without some of its live bookings, perhaps nothing."""
    staying = tuple(booking for booking in group.live if booking not in going)
    told = Fee.from_json(line for booking in staying for line in booking.fee_lines)
    fee = told
    if staying and going:
        first, span = staying[0], group.span
        document = document_of(session, first.rulebook_id)
        calendar = facility_calendar(session, first.facility_id, first.day, actor=actor)
        facts = [ChildFacts(b.child_id, b.child.born_on) for b in staying if b.child.born_on]
        case = case_of(session, staying, span, document, calendar, actor=actor)
        fee = fee_of_those_who_stay(
            document,
            calendar,
            span,
            told=told,
            staying=case.children if case else facts,
            now=now,
            by_facility=actor.is_provider and because is WaivedReason.CLOSED_BY_FACILITY,
            case=case,
        )
    return Rest(tuple(going), staying, told.total_yen, fee)


def fee_before_leaving(session: Session, group: Group) -> int | None:
    """Return what those who come cost before others of the group were cancelled, if it changed."""
    gone = [
        b for b in group.bookings if b not in group.shown and b.starts_at == group.span.starts_at
    ]
    if not gone or not group.charged:
        return None
    document = document_of(session, group.first.rulebook_id)
    if document.fee is None:
        return None
    everybody = (*group.charged, *gone)
    facts = [ChildFacts(b.child_id, b.child.born_on) for b in everybody if b.child.born_on]
    whole = usual_fee(document, facts, group.span)
    was_yen = sum(whole.for_child(b.child_id).total_yen for b in group.charged)
    return None if was_yen == group.fee_yen else was_yen


def rests_of(
    session: Session,
    group: Group,
    *,
    actor: Actor,
    now: datetime,
    chosen: Sequence[uuid.UUID] = (),
) -> list[Rest]:
    """Return each way to cancel some children and not others, where that touches their fee.

    Args:
        chosen: The children that somebody wants to cancel; the only way that is looked at where a
            page could not list all.
    """
    live = group.live
    lines = Fee.from_json(line for booking in live for line in booking.fee_lines).lines
    if all(line.label_code is not FeeLabel.SIBLING_REDUCTION for line in lines):
        return []
    return [
        rest_of(session, group, going, actor=actor, now=now)
        for going in _ways_to_leave_some(live, chosen)
    ]


def _ways_to_leave_some(
    live: Sequence[Booking], chosen: Sequence[uuid.UUID]
) -> Iterator[tuple[Booking, ...]]:
    if len(live) <= _MOST_LISTED:
        for count in range(1, len(live)):
            yield from combinations(live, count)
        return
    going = tuple(booking for booking in live if booking.child_id in chosen)
    if 0 < len(going) < len(live):
        yield going
