"""What families are told by mail about their visits, with the entry for their calendar."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.documents.dates import day_and_time, jdate, jspan
from portal.documents.i18n import gettext as _
from portal.documents.ics import EntryStatus, invitation
from portal.families import queries as families
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import today
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.visits import queries
from portal.visits.calendar import family_entry
from portal.visits.models import Visit
from portal.visits.rules import Place, VisitKind, VisitState
from portal.visits.words import children_words, kind_words, place_words


def booked(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm a visit; no longer wanted once it is cancelled or over."""
    found = _ahead(session, wanted)
    if found is None:
        return None
    return _letter(session, wanted, _("【予約】%s"), found)


def moved(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm that a visit was changed to another session; clears the old calendar entry."""
    found = _ahead(session, wanted)
    if found is None:
        return None
    before = _visit(session, wanted, 1)
    return _letter(session, wanted, _("【予約の変更】%s"), found, before=before)


def cancelled(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm that the family cancelled."""
    found = _visit(session, wanted)
    if found is None or found.state is not VisitState.CANCELLED:
        return None
    return _letter(session, wanted, _("【取り消し】%s"), found)


def changed_by_facility(session: Session, wanted: Wanted) -> Letter | None:
    """Tell that the facility changed time or place, as they are now."""
    found = _ahead(session, wanted)
    if found is None or found.told_at is not None:
        return None
    return _letter(session, wanted, _("【日時・場所の変更】%s"), found)


def cancelled_by_facility(session: Session, wanted: Wanted) -> Letter | None:
    """Tell that the facility cancelled the session, with its words and the way to another."""
    found = _visit(session, wanted)
    if found is None or found.cancelled_by_family is not False:
        return None
    return _letter(session, wanted, _("【中止のお知らせ】%s"), found)


def reminder(session: Session, wanted: Wanted) -> Letter | None:
    """Remind of tomorrow's visit; not of a time that was changed meanwhile."""
    found = _ahead(session, wanted)
    if found is None:
        return None
    if datetime.fromisoformat(wanted.context["starts_at"]) != found.session.starts_at:
        return None
    return _letter(session, wanted, _("【あした】%s"), found)


def missed(session: Session, wanted: Wanted) -> Letter | None:
    """Tell softly that the family was missed, and that there are other dates."""
    found = _visit(session, wanted)
    if found is None or found.state is not VisitState.MISSED or _is_of_closed(session, found):
        return None
    return _letter(session, wanted, _("【ほかの日もえらべます】%s"), found, with_entry=False)


MAILS: dict[str, MailMaker] = {
    "visits/booked": booked,
    "visits/moved": moved,
    "visits/cancelled": cancelled,
    "visits/changed_by_facility": changed_by_facility,
    "visits/cancelled_by_facility": cancelled_by_facility,
    "visits/reminder": reminder,
    "visits/missed": missed,
}


def _visit(session: Session, wanted: Wanted, which: int = 0) -> Visit | None:
    """Return a visit as the family sees it; none where it is gone or not hers to see."""
    if len(wanted.subject_ids) <= which:
        return None
    visit_id: uuid.UUID = wanted.subject_ids[which]
    actor = Actor(role=Role.GUARDIAN, family_id=wanted.family_id)
    try:
        return queries.visit(session, visit_id, actor=actor)
    except NoResultFound:
        return None


def _is_of_closed(session: Session, of: Visit) -> bool:
    """Say whether a child that was to come, or was expected, was closed: nothing is said then."""
    if families.closed_among(session, of.child_ids):
        return True
    actor = Actor(role=Role.GUARDIAN, family_id=of.family_id)
    return of.session.kind is VisitKind.PRENATAL and not any(
        child.born_on is None for child in families.children(session, of.family_id, actor=actor)
    )


def _ahead(session: Session, wanted: Wanted) -> Visit | None:
    found = _visit(session, wanted)
    if found is None or found.state is not VisitState.BOOKED:
        return None
    return found if found.session.ends_at > wanted.now else None


def _part(wanted: Wanted, of: Visit, link: str | None) -> bytes:
    entry = family_entry(of, base_url=wanted.base_url, link=link)
    is_cancelled = entry.status is EntryStatus.CANCELLED
    return invitation(
        entry,
        method="CANCEL" if is_cancelled else "REQUEST",
        organizer_mail=wanted.sender_mail,
        attendee_mail=wanted.to_mail,
    )


def _letter(
    session: Session,
    wanted: Wanted,
    subject: str,
    of: Visit,
    *,
    before: Visit | None = None,
    with_entry: bool = True,
) -> Letter:
    at = of.session
    facility = at.facility
    link = queries.link_of(session, at.id)
    when = _when(of, wanted)
    values: dict[str, Any] = {
        "at": at,
        "visit": of,
        "facility": facility,
        "what": kind_words(at.kind),
        "when": when,
        "where": place_words(at),
        "address": facility.address if at.place is Place.FACILITY else None,
        "link": link,
        "children": children_words(at.children_come),
        "was_when": _when(before, wanted) if before else None,
        "url": wanted.url(f"/my/visits/{of.id}"),
        "others_url": wanted.url(f"/facilities/{facility.id}/visits"),
    }
    return write(
        wanted,
        subject % f"{kind_words(at.kind)} {when} {facility.name}",
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        invitation=_part(wanted, of, link) if with_entry else None,
        more_invitations=(_part(wanted, before, None),) if before else (),
        **values,
    )


def _when(of: Visit, wanted: Wanted) -> str:
    day = jdate(of.session.day, today(wanted.now))
    return day_and_time(day, jspan(of.session.starts_at, of.session.ends_at))
