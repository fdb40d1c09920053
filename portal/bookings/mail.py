"""What families are told by mail about their bookings, with the entry for their calendar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.away import away_costs
from portal.bookings.queries.leaving import late_fee_now
from portal.bookings.queries.lists import Group, group
from portal.bookings.rules import BookingState, calendar_uid
from portal.documents.dates import jdatetime, jspan
from portal.documents.i18n import gettext as _
from portal.documents.ics import CalendarEntry, EntryStatus, invitation
from portal.families.mail import names_on_paper
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.rulebooks.queries import document_of


def placed(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm a booking; no longer wanted once nothing of it stands, or it is over."""
    found = _group(session, wanted)
    if found is None or not _is_ahead(found, wanted.now):
        return None
    told: dict[str, Any] = {
        **_limit(session, found, wanted),
        "belongings": found.first.programme.belongings
        or document_of(session, found.first.rulebook_id).texts.belongings,
    }
    return _letter(wanted, _("【予約】%s") % _about(wanted, found), found, **told)


def changed(session: Session, wanted: Wanted) -> Letter | None:
    """Tell the new time of a booking; no longer wanted once nothing of it stands, or it is over."""
    found = _group(session, wanted)
    if found is None or not _is_ahead(found, wanted.now):
        return None
    before: dict[str, Any] = {
        **_limit(session, found, wanted),
        "was_from": datetime.fromisoformat(wanted.context["starts_at"]),
        "was_until": datetime.fromisoformat(wanted.context["ends_at"]),
        "was_yen": wanted.context.get("was_yen"),
    }
    return _letter(wanted, _("【予約の変更】%s") % _about(wanted, found), found, **before)


def cancelled(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm that a booking, or some children of it, was cancelled, and what that costs."""
    found = _group(session, wanted)
    if found is None:
        return None
    subject = _("【取り消し】%s") % _about(wanted, found)
    if any(b.state is not BookingState.CANCELLED for b in found.bookings):
        # No name: but that somebody still comes is to be seen at once.
        subject = _("【お子さん %(count)s人の取り消し】%(booking)s") % {
            "count": wanted.context["children"],
            "booking": _about(wanted, found),
        }
    told = {
        "cancel_fee_yen": wanted.context["fee_yen"],
        "children_cancelled": wanted.context["children"],
        "by_facility": wanted.context.get("by_facility", False),
        "rest_was_yen": wanted.context.get("rest_was_yen"),
        "rest_yen": wanted.context.get("rest_yen"),
    }
    return _letter(wanted, subject, found, **told)


MAILS: dict[str, MailMaker] = {
    "bookings/placed": placed,
    "bookings/changed": changed,
    "bookings/cancelled": cancelled,
}


def calendar_entry(of: Group, *, base_url: str) -> CalendarEntry:
    """Return the one entry of a group: facility and hours, no child's name.

    Its UID is for life, and its SEQUENCE rises with each change of time or state, so that the mails
    and the family's feed speak of the same entry.
    """
    first = of.first
    stands = any(b.state is not first.state.CANCELLED for b in of.bookings)
    lines = [
        _("一時預かり（お子さん %s人）") % len(of.shown)
        if first.trial_part is None
        else _("ならし預かり %(part)s回目（お子さん %(count)s人）")
        % {"part": first.trial_part, "count": len(of.shown)}
    ]
    if first.facility.phone:
        lines.append(_("電話 %s") % first.facility.phone)
    url = f"{base_url.rstrip('/')}/my/bookings/{of.id}"
    return CalendarEntry(
        uid=calendar_uid(of.id),
        sequence=of.sequence,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        summary=title_of(first) % first.facility.name,
        description="\n".join([*lines, url]),
        location=f"{first.facility.name} {first.facility.address}",
        status=EntryStatus.CONFIRMED if stands else EntryStatus.CANCELLED,
        updated_at=max(booking.changed_at for booking in of.bookings),
        url=url,
    )


def title_of(booking: Booking) -> str:
    """Return what an entry of a calendar is called, with a place for whom or where it is about."""
    return _("一時預かり %s") if booking.trial_part is None else _("ならし預かり %s")


def _group(session: Session, wanted: Wanted) -> Group | None:
    """Return the group as the family sees it, or None where it may no longer see it."""
    try:
        return group(session, wanted.subject_ids[0], actor=_family_of(wanted))
    except NoResultFound:
        return None


def _family_of(wanted: Wanted) -> Actor:
    return Actor(role=Role.GUARDIAN, family_id=wanted.family_id)


def _limit(session: Session, found: Group, wanted: Wanted) -> dict[str, Any]:
    """Return what ``limit.txt`` tells of cancelling."""
    actor, now = _family_of(wanted), wanted.now
    return {
        "late_yen": late_fee_now(session, found, actor=actor, now=now),
        "away": away_costs(session, found, actor=actor, now=now),
    }


def _is_ahead(found: Group, now: datetime) -> bool:
    return bool(found.live) and found.first.ends_at > now


def calendar_part(wanted: Wanted, of: Group) -> bytes:
    """Return a group's entry for a mail: as it stands now, or cancelled (METHOD:CANCEL)."""
    entry = calendar_entry(of, base_url=wanted.base_url)
    is_cancelled = entry.status is EntryStatus.CANCELLED
    return invitation(
        entry,
        method="CANCEL" if is_cancelled else "REQUEST",
        organizer_mail=wanted.sender_mail,
        attendee_mail=wanted.to_mail,
    )


def _about(wanted: Wanted, of: Group) -> str:
    return f"{jdatetime(of.first.starts_at, today(wanted.now))} {of.first.facility.name}"


def _letter(wanted: Wanted, subject: str, of: Group, **values: Any) -> Letter:
    first = of.first
    facility = first.facility
    return write(
        wanted,
        subject,
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        invitation=calendar_part(wanted, of),
        day=first.day,
        hours=jspan(first.starts_at, first.ends_at),
        facility=facility,
        children=len(of.shown),
        trial_part=first.trial_part,
        guardian_stays=first.guardian_stays,
        children_names=names_on_paper(wanted, (booking.child for booking in of.shown)),
        fee_yen=of.fee_yen,
        cancel_until=first.cancel_until,
        stands=any(b.state is not first.state.CANCELLED for b in of.bookings),
        number=of.number,
        url=wanted.url(f"/my/bookings/{of.id}"),
        **values,
    )
