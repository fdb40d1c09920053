"""Letting another program send referrals: tokens issued, shown once, revoked."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, make_response, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.api_tokens import Scope, issue_token, revoke_token, tokens_of
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.liaison.api_tokens_forms import SCOPE_LABELS, TokenForm
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_api_tokens", __name__, url_prefix="/liaison/api-tokens")


@bp.get("/")
@requires(Permission.LET_PROGRAMS_IN)
def index() -> ResponseReturnValue:
    """List the body's tokens, and offer a new one."""
    return _page(TokenForm(formdata=None))


@bp.post("/")
@requires(Permission.LET_PROGRAMS_IN)
def issue() -> ResponseReturnValue:
    """Issue a token and show it, this once: nobody, nor this page, can show it again."""
    form, now = TokenForm(), clock.now()
    if not form.validate_on_submit():
        return _page(form), form.status
    with transaction() as session:
        token = issue_token(
            session,
            form.name.data,
            form.chosen(),
            int(form.days.data),
            actor=current_actor(),
            now=now,
        )
        # Whoever sends the form again is led to the list, which does not show it.
        see_other(session, url_for(".index"))
    answer = make_response(
        render_template("liaison/api-tokens/shown.html", token=token, name=form.name.data)
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<uuid:token_id>/revoke")
@requires(Permission.LET_PROGRAMS_IN)
def revoke(token_id: uuid.UUID) -> ResponseReturnValue:
    """End a token: from the commit on it opens nothing."""
    with transaction() as session:
        revoke_token(session, token_id, actor=current_actor(), now=clock.now())
        flash(_("トークンを止めました。このトークンでは、もう送れません。"))
        return see_other(session, url_for(".index"))


def _page(form: TokenForm) -> str:
    return render_template(
        "liaison/api-tokens/index.html",
        form=form,
        revoking=PortalForm(formdata=None),
        tokens=tokens_of(current_session(), actor=current_actor()),
        scope_words=lambda scopes: "・".join(SCOPE_LABELS[Scope(each)] for each in scopes),
        now=clock.now(),
    )
