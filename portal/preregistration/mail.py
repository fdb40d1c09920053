"""What the mails of a pre-registration say: where it stands, what comes next; no child's name."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.documents.i18n import gettext as _
from portal.families.mail import names_on_paper
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import LIVE, PreregistrationState

_PAGES = "/my/preregistrations"


def _find(session: Session, ids: tuple[uuid.UUID, ...]) -> list[Preregistration]:
    return list(
        session.scalars(
            select(Preregistration)
            .options(joinedload(Preregistration.facility), joinedload(Preregistration.child))
            .where(Preregistration.id.in_(ids))
            .order_by(Preregistration.applied_at, Preregistration.id)
        )
    )


def _letter(
    session: Session, wanted: Wanted, state: PreregistrationState, subject: str
) -> Letter | None:
    """Return the letter while the application still stands where the mail says, else ``None``."""
    rows = [row for row in _find(session, wanted.subject_ids) if row.state is state]
    if not rows:
        return None
    facility = rows[0].facility
    page = f"{_PAGES}/{rows[0].id}" if len(rows) == 1 else f"{_PAGES}/"
    return write(
        wanted,
        subject % {"facility": facility.name},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        children_names=names_on_paper(wanted, (row.child for row in rows)),
        facility_words=_said_on_paper(session, wanted, rows[0]),
        told_of=len(rows),
        has_others=_has_others(session, rows),
        facility_name=facility.name,
        facility_phone=facility.phone,
        accepted_until=rows[0].accepted_until,
        applied_at=rows[0].applied_at,
        page_url=wanted.url(page),
        booking_url=wanted.url(f"/facilities/{facility.id}"),
    )


def _said_on_paper(session: Session, wanted: Wanted, row: Preregistration) -> str:
    """Return what the facility wrote last: a mail leads to it, a letter has to say it."""
    if not wanted.is_paper:
        return ""
    message = PreregistrationMessage
    last = session.scalars(
        select(message)
        .where(message.preregistration_id == row.id, message.is_from_family.is_(False))
        .order_by(message.written_at.desc(), message.id)
        .limit(1)
    ).first()
    return (last.text or "") if last is not None else ""


def _has_others(session: Session, rows: list[Preregistration]) -> bool:
    """Say whether the family hears of other children at the facility by mails of their own."""
    row = rows[0]
    just_now = (row.decided_at or row.applied_at) - timedelta(days=1)
    other = select(Preregistration.id).where(
        Preregistration.family_id == row.family_id,
        Preregistration.facility_id == row.facility_id,
        Preregistration.id.not_in([each.id for each in rows]),
        Preregistration.state.in_(LIVE),
        or_(
            Preregistration.state != PreregistrationState.ACCEPTED,
            Preregistration.decided_at > just_now,
        ),
    )
    return session.scalar(other.limit(1)) is not None


def received(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the application has arrived."""
    subject = _("%(facility)sへの事前登録を受け付けました")
    return _letter(session, wanted, PreregistrationState.APPLIED, subject)


def asked_back(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the facility has a question, not which: that stands behind the sign-in."""
    subject = _("%(facility)sから質問があります")
    return _letter(session, wanted, PreregistrationState.ASKED_BACK, subject)


def accepted(session: Session, wanted: Wanted) -> Letter | None:
    """Say that booking is possible, and until when."""
    subject = _("%(facility)sの事前登録がすみました")
    return _letter(session, wanted, PreregistrationState.ACCEPTED, subject)


def declined(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the facility cannot accept; why stands behind the sign-in."""
    subject = _("%(facility)sの事前登録について")
    return _letter(session, wanted, PreregistrationState.DECLINED, subject)


MAILS: dict[str, MailMaker] = {
    "preregistration/received": received,
    "preregistration/asked_back": asked_back,
    "preregistration/accepted": accepted,
    "preregistration/declined": declined,
}
