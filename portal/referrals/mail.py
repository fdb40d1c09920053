"""What workers are told by mail of a referral: its number and state, never who it is about."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.referrals.models import Referral
from portal.referrals.queries import body_names
from portal.referrals.rules import OPEN, ReferralState, Todo
from portal.referrals.words import state_words, todo_words


def sent(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a receiver that a referral waits; not once it was received or recalled meanwhile."""
    row = _row(session, wanted)
    if row is None or row.state is not ReferralState.SENT:
        return None
    return _letter(session, wanted, row, _("【紹介】新しい紹介がとどいています"), "office")


def moved(session: Session, wanted: Wanted) -> Letter | None:
    """Tell the other side how far it has come; not what a later step has overtaken."""
    row = _row(session, wanted)
    if row is None or row.state.value != wanted.context["state"]:
        return None
    face = "liaison" if row.sender_id == wanted.organisation_id else "office"
    return _letter(session, wanted, row, _("【紹介】進みぐあいが変わりました"), face)


def recalled(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a receiver to stop."""
    row = _row(session, wanted)
    if row is None or row.state in OPEN:
        return None
    return _letter(session, wanted, row, _("【紹介】取り下げのお知らせ"), "office")


def booked(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a receiver that a place was booked in the interview; not once the referral is over."""
    row = _row(session, wanted)
    if row is None or row.state not in OPEN:
        return None
    return _letter(session, wanted, row, _("【予約】面談の場で予約が入りました"), "office")


MAILS: dict[str, MailMaker] = {
    "referrals/sent": sent,
    "referrals/moved": moved,
    "referrals/recalled": recalled,
    "referrals/booked": booked,
}


def _row(session: Session, wanted: Wanted) -> Referral | None:
    referral_id: uuid.UUID = wanted.subject_ids[0]
    return session.scalars(select(Referral).where(Referral.id == referral_id)).one_or_none()


def _letter(session: Session, wanted: Wanted, row: Referral, subject: str, face: str) -> Letter:
    names = body_names(session, [row.sender_id, row.receiver_id, row.next_by])
    return write(
        wanted,
        subject,
        row=row,
        sender=names.get(row.sender_id, ""),
        receiver=names.get(row.receiver_id, ""),
        state=state_words(row.state),
        next_what=todo_words(Todo(row.next_what)) if row.next_what else None,
        next_by=names.get(row.next_by, "") if row.next_by else None,
        page_url=wanted.url(f"/{face}/referrals/{row.id}"),
    )
