"""The mail of the evening before, with the link for the family's word."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_for
from portal.attendance import queries
from portal.attendance.rules import WordKind
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.db.session import current_actor
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility, Programme
from portal.families.record import due_again
from portal.kernel.clock import local_date, today
from portal.messages.letters import Letter, MailMaker, Wanted, write


def reminder(session: Session, wanted: Wanted) -> Letter | None:
    """Remind of a stay; no longer wanted once nothing of it is booked, or it was moved or begun."""
    actor = current_actor()
    group_id = session.scalar(select(Booking.group_id).where(Booking.id == wanted.subject_ids[0]))
    try:
        found = queries.family_group(session, group_id or uuid.UUID(int=0), actor=actor)
    except NoResultFound:
        return None
    booked = [booking for booking in found if booking.state is BookingState.CONFIRMED]
    if not booked or booked[0].starts_at <= wanted.now:
        return None
    first = booked[0]
    # A stay that was moved to a later day is reminded of on the evening before that day.
    if local_date(first.starts_at).isoformat() != wanted.context["day"]:
        return None
    facility = session.get_one(Facility, first.facility_id)
    programme = session.get_one(Programme, first.programme_id)
    return write(
        wanted,
        _("【あずかりのお知らせ】%(day)s %(facility)s")
        % {"day": jdate(first.day, today(wanted.now)), "facility": facility.name},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        facility=facility,
        first=first,
        children=len(booked),
        belongings=programme.belongings,
        word_url=wanted.url(f"/w/{token_for(uuid.UUID(wanted.context['address']))}"),
        booking_url=wanted.url(f"/my/bookings/{first.group_id}"),
        record_url=wanted.url("/my/") if _is_record_asked(session, booked) else None,
    )


def _is_record_asked(session: Session, booked: Sequence[Booking]) -> bool:
    """Say whether something known of these children is asked for again by the day of the stay."""
    by_booking = queries.record_rules(session, booked)
    rules = {booking.child_id: by_booking[booking.id] for booking in booked}
    return bool(due_again(session, rules, on=booked[0].day, actor=current_actor()))


def word_taken(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm what the family told; no longer wanted where it may not see the booking any more."""
    try:
        booking = queries.stay(session, wanted.subject_ids[0], actor=current_actor())
    except NoResultFound:
        return None
    facility = session.get_one(Facility, booking.facility_id)
    said = wanted.context["expected_at"]
    is_late = wanted.context["kind"] == WordKind.LATE.value
    subject = (
        _("【おくれる連絡】%(day)s %(facility)s")
        if is_late
        else _("【お休みの連絡】%(day)s %(facility)s")
    )
    return write(
        wanted,
        subject % {"day": jdate(booking.day, today(wanted.now)), "facility": facility.name},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        booking=booking,
        expected_at=datetime.fromisoformat(said) if said else None,
        is_late=is_late,
        fee_yen=wanted.context["fee_yen"],
        booking_url=wanted.url(f"/my/bookings/{booking.group_id}"),
    )


MAILS: dict[str, MailMaker] = {
    "attendance/reminder": reminder,
    "attendance/word_taken": word_taken,
}
