"""Mails about requests: one has come, one is answered. What it says stays in the portal."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.datarequests.models import DataRequest
from portal.datarequests.rules import RequestState
from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.organisations.models import Organisation


def asked(session: Session, wanted: Wanted) -> Letter | None:
    """Tell the family that its request has come, and by when it is answered."""
    rows = session.scalars(select(DataRequest).where(DataRequest.id.in_(wanted.subject_ids))).all()
    if not any(row.state is RequestState.OPEN for row in rows):
        return None
    return write(
        wanted,
        _("データについての求めを受け付けました"),
        due_on=max(row.due_on for row in rows),
        page_url=wanted.url("/my/data/"),
    )


def answered(session: Session, wanted: Wanted) -> Letter | None:
    """Tell the family that a provider has answered; what, stands behind the sign-in."""
    row = session.get(DataRequest, wanted.subject_ids[0])
    if row is None or row.state not in {RequestState.DONE, RequestState.DECLINED}:
        return None
    body = session.get_one(Organisation, row.organisation_id)
    return write(
        wanted,
        _("%(body)sから、データについての返事があります") % {"body": body.name},
        body=body.name,
        answer=(row.answer or "") if wanted.is_paper else "",
        page_url=wanted.url("/my/data/"),
    )


def waiting(_session: Session, wanted: Wanted) -> Letter | None:
    """Tell a provider that something waits for it; neither who nor what."""
    return write(
        wanted,
        _("データについての求めが届いています"),
        page_url=wanted.url("/office/data-requests/"),
    )


def erased(_session: Session, wanted: Wanted) -> Letter | None:
    """Tell a guardian whose account is gone that everything has been erased."""
    return write(wanted, _("データを消しました"))


MAILS: dict[str, MailMaker] = {
    "datarequests/asked": asked,
    "datarequests/answered": answered,
    "datarequests/waiting": waiting,
    "datarequests/erased": erased,
}
