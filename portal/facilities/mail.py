"""What the mails of a claim say: somebody waits for a yes; the answer."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.documents.i18n import gettext as _
from portal.facilities.models import FacilityClaim
from portal.facilities.rules import ClaimState
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.organisations.models import Organisation


def _claim(session: Session, wanted: Wanted) -> FacilityClaim | None:
    return session.scalars(
        select(FacilityClaim)
        .options(joinedload(FacilityClaim.facility))
        .where(FacilityClaim.id == wanted.subject_ids[0])
    ).one_or_none()


def claim_asked(session: Session, wanted: Wanted) -> Letter | None:
    """Tell who decides that a provider waits; not when it was decided meanwhile."""
    claim = _claim(session, wanted)
    if claim is None or claim.state is not ClaimState.WAITING:
        return None
    provider = session.get_one(Organisation, claim.organisation_id)
    return write(
        wanted,
        _("園の確認をお願いします：%(facility)s") % {"facility": claim.facility.name},
        facility=claim.facility,
        provider=provider.name,
        page_url=wanted.url(f"/liaison/claims/{claim.id}"),
    )


def claim_decided(session: Session, wanted: Wanted) -> Letter | None:
    """Tell who asked what was answered."""
    claim = _claim(session, wanted)
    if claim is None or claim.state is ClaimState.WAITING:
        return None
    is_own = claim.state is ClaimState.CONFIRMED
    subject = (
        _("%(facility)sの確認がすみました") if is_own else _("%(facility)sを確認できませんでした")
    )
    return write(
        wanted,
        subject % {"facility": claim.facility.name},
        facility=claim.facility,
        is_own=is_own,
        answer=claim.answer,
        page_url=wanted.url(f"/office/set-up/{claim.facility_id}"),
    )


MAILS: dict[str, MailMaker] = {
    "facilities/claim_asked": claim_asked,
    "facilities/claim_decided": claim_decided,
}
