"""An interview without consent: a draft leaves on a legal ground that holds at this moment."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.liaison.interviews import whole_page
from portal.referrals import ground_queries, queries, service
from portal.referrals.rules import ReferralRefusal
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "liaison_interviews_ground", __name__, url_prefix="/liaison/interviews/<uuid:interview_id>/send"
)


@bp.post("/<uuid:referral_id>")
@requires(Permission.REFER_FAMILIES)
def send(interview_id: uuid.UUID, referral_id: uuid.UUID) -> ResponseReturnValue:
    """Send one draft without consent, on a decision that holds now."""
    actor, now = current_actor(), clock.now()
    row = queries.interview(current_session(), interview_id, actor=actor)
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        draft = queries.referral(session, referral_id, actor=actor)
        if draft.interview_id != row.id:
            abort(404)
        ground, holds = ground_queries.towards(
            session, row.family_id, draft.receiver_id, actor=actor
        )
        if ground is None or not holds:
            raise Refusal([ReferralRefusal.NO_CONSENT])
        service.send(session, referral_id, ground=ground, actor=actor, now=now)
        flash(_("法律の根拠で、紹介を送りました。決めたときにえらんだことだけが伝わります。"))
        return see_other(session, url_for("liaison_referrals.show", referral_id=referral_id))
    return whole_page(interview_id, form), 409
