"""Word from families: the child comes late, or stays away."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.attendance import queries
from portal.attendance.hooks import listeners
from portal.attendance.models import WordFromFamily
from portal.attendance.rules import StayFacts, WordKind, late_cells, reasons_against_word
from portal.audit.service import record
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span
from portal.messages.outbox import enqueue
from portal.policies.cancel import WaivedReason
from portal.policies.cancelling import cancel_fee
from portal.policies.document import RulesDocument
from portal.policies.fee import Fee
from portal.rulebooks.models import Rulebook
from portal.slots.opening import facility_calendar
from portal.slots.places import release_places

#: Words that came by the link in the reminder mail; staff give theirs from ``Channel``.
BY_MAIL_LINK = "mail_link"


@dataclass(frozen=True, slots=True)
class FamilyDay:
    """A unit of bookings as its family sees it on the day, without a name.

    ``fee_yen``: what staying away costs now, all children together. ``is_free_for_illness``: it
    costs nothing when a child or somebody at home is ill. ``late_at``: when it said it comes.
    """

    facility: Facility
    facts: StayFacts
    children: int
    state: BookingState
    has_arrived: bool
    fee_yen: int
    is_free_for_illness: bool
    against_absence: tuple[Reason, ...]
    #: Half-hour cells (JST) at which it may still say it comes.
    late_cells: range

    @property
    def late_at(self) -> datetime | None:
        """When the family said that it comes."""
        return self.facts.expected_at


def family_day(
    session: Session, bookings: Sequence[Booking], *, actor: Actor, now: datetime
) -> FamilyDay:
    """Return what a family may still say of stays it booked as one."""
    facts = queries.facts_of(session, bookings, actor=actor)
    first = bookings[0]
    fees = [absence_fee_yen(session, booking, now=now) for booking in bookings]
    rule = rules_of(session, first).cancel
    return FamilyDay(
        facility=session.get_one(Facility, first.facility_id),
        facts=facts[first.id],
        children=len(bookings),
        state=first.state,
        has_arrived=any(one.arrived_at is not None for one in facts.values()),
        fee_yen=sum(fees),
        is_free_for_illness=rule is not None and WaivedReason.ILLNESS in rule.waived,
        against_absence=reasons_against_word(facts[first.id], WordKind.ABSENT, now),
        late_cells=late_cells(facts[first.id], now),
    )


def absence_fee_yen(
    session: Session, booking: Booking, *, now: datetime, waived: WaivedReason | None = None
) -> int:
    """Return what staying away costs now, by the rules under which the booking was made."""
    if booking.cancel_until is None or now < booking.cancel_until:
        return 0
    return cancel_fee(
        rules_of(session, booking),
        facility_calendar(session, booking.facility_id, booking.day),
        Span(booking.starts_at, booking.ends_at),
        fee=Fee.from_json(booking.fee_lines),
        now=now,
        waived=waived,
    ).amount_yen


def rules_of(session: Session, booking: Booking) -> RulesDocument:
    """Return the rules document under which a booking was made."""
    rulebook = session.get_one(Rulebook, booking.rulebook_id)
    return RulesDocument.model_validate(rulebook.document)


def take_word(
    session: Session,
    bookings: Sequence[Booking],
    kind: WordKind,
    *,
    channel: str,
    actor: Actor,
    now: datetime,
    expected_at: datetime | None = None,
    waived: WaivedReason | None = None,
) -> None:
    """Keep what a family said of stays it booked as one; an absence gives the places back.

    What the absence costs is kept with each booking. A second sending of the same changes nothing.

    Args:
        bookings: as ``queries.stay`` or ``queries.family_group`` returned them, locked.
        expected_at: when a late family says it comes.
        waived: the family's reason, where the rules ask no fee for it.

    Raises:
        Refusal: with every ``AttendanceRefusal``.
    """
    facts = queries.facts_of(session, bookings, actor=actor)
    before = queries.last_words(session, list(facts), actor=actor)
    fresh = [
        booking for booking in bookings if not _is_said(before.get(booking.id), kind, expected_at)
    ]
    found = {
        reason.code: reason
        for booking in fresh
        for reason in reasons_against_word(facts[booking.id], kind, now, expected_at=expected_at)
    }
    if found:
        raise Refusal(found.values())
    if kind is WordKind.ABSENT and fresh:
        fees = {
            booking.id: absence_fee_yen(session, booking, now=now, waived=waived)
            for booking in fresh
        }
        release_places(session, list(fees), state=BookingState.EXCUSED_ABSENCE.value)
        for booking in fresh:
            booking.cancel_fee_yen = fees[booking.id]
            booking.cancel_reason = waived.value if waived else None
    for booking in fresh:
        session.add(
            WordFromFamily(
                id=uuid.uuid4(),
                booking_id=booking.id,
                organisation_id=booking.organisation_id,
                family_id=booking.family_id,
                kind=kind,
                expected_at=expected_at,
                channel=channel,
                received_at=now,
                recorded_by=actor.user_id if actor.is_provider else None,
            )
        )
        record(
            session,
            actor,
            f"attendance.word_{kind.value}",
            booking.id,
            family_id=booking.family_id,
            channel=channel,
        )
    if fresh and not actor.is_provider:
        _confirm(session, fresh, kind, expected_at)
    session.flush()
    for booking in fresh:
        session.refresh(booking)
        if kind is WordKind.ABSENT:
            for listener in listeners():
                listener.excused(session, booking, actor=actor, now=now)


def _confirm(
    session: Session, fresh: Sequence[Booking], kind: WordKind, expected_at: datetime | None
) -> None:
    """Answer by mail what the family itself said: so that she knows it has arrived."""
    enqueue(
        session,
        "attendance/word_taken",
        about=[fresh[0].id],
        to_family=fresh[0].family_id,
        organisation_id=fresh[0].organisation_id,
        context={
            "kind": kind.value,
            "expected_at": expected_at.isoformat() if expected_at else None,
            "fee_yen": sum(booking.cancel_fee_yen or 0 for booking in fresh),
        },
    )


def _is_said(word: WordFromFamily | None, kind: WordKind, expected_at: datetime | None) -> bool:
    return word is not None and word.kind is kind and word.expected_at == expected_at
