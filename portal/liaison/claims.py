"""Confirming which facility is whose: what waits, one of them, the answer."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities import claims
from portal.facilities.rules import ClaimState
from portal.liaison.providers_forms import DecideForm
from portal.organisations.models import Organisation
from portal.web.access import Permission, current_actor, requires
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_claims", __name__, url_prefix="/liaison/claims")


@bp.route("/<uuid:claim_id>", methods=["GET", "POST"])
@requires(Permission.OPEN_PROVIDERS)
def show(claim_id: uuid.UUID) -> ResponseReturnValue:
    """Show who says that which facility is its own, and take the answer."""
    actor = current_actor()
    claim = claims.claim_to_decide(current_session(), claim_id, actor=actor)
    form = DecideForm()
    if form.validate_on_submit():
        is_own = form.is_own.data == "yes"
        with form.explaining(in_full), transaction() as session:
            claims.decide(
                session,
                claim_id,
                is_own=is_own,
                answer=form.answer.data or "",
                actor=actor,
            )
            flash(
                _("返事を送りました。")
                if not is_own
                else _("確認しました。園にメールで知らせます。")
            )
            return see_other(session, url_for("liaison_providers.index"))
    page = render_template(
        "liaison/providers/claim.html",
        form=form,
        claim=claim,
        provider=current_session().get_one(Organisation, claim.organisation_id),
        waits=claim.state is ClaimState.WAITING,
        is_confirmed=claim.state is ClaimState.CONFIRMED,
    )
    return page, form.status
