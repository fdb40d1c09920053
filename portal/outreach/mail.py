"""What a family that was referred is written: an invitation each, and how to stop them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.contacts import queries as contacts
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.organisations.models import Organisation
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import About


def tour(session: Session, wanted: Wanted) -> Letter | None:
    """Invite to come and look."""
    return _letter(session, wanted, _("【見学のご案内】%s"))


def procedure(session: Session, wanted: Wanted) -> Letter | None:
    """Say how registering goes."""
    return _letter(session, wanted, _("【手続きのご案内】%s"))


def reminder(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the offer stands."""
    return _letter(session, wanted, _("【お知らせ】%s"))


def first_stay(session: Session, wanted: Wanted) -> Letter | None:
    """Say how a first stay is booked."""
    return _letter(session, wanted, _("【はじめてのあずかり】%s"))


MAILS: dict[str, MailMaker] = {
    f"outreach/{About.TOUR.value}": tour,
    f"outreach/{About.PROCEDURE.value}": procedure,
    f"outreach/{About.REMINDER.value}": reminder,
    f"outreach/{About.FIRST_STAY.value}": first_stay,
}


def _letter(session: Session, wanted: Wanted, subject: str) -> Letter | None:
    """Write it; no longer wanted once the plan has ended or the consent was taken back."""
    plan_id, referral_id, *facility_ids = wanted.subject_ids
    plan = session.get(OutreachPlan, plan_id)
    if plan is None or plan.ended_at is not None or not contacts.is_open(session, referral_id):
        return None
    facility = session.get(Facility, facility_ids[0]) if facility_ids else None
    body = session.get_one(Organisation, plan.organisation_id)
    name = facility.name if facility else body.name
    phone = facility.phone if facility else body.phone
    return write(
        wanted,
        subject % name,
        contact_line=" ".join(filter(None, (name, phone))),
        facility_id=facility.id if facility else None,
        name=name,
        phone=phone,
        facility_url=wanted.url(f"/facilities/{facility.id}") if facility else wanted.url("/"),
        visits_url=wanted.url(f"/facilities/{facility.id}/visits") if facility else None,
        wishes_url=wanted.url("/my/support/contact/"),
    )
