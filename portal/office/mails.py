"""Mails that did not arrive: whom to phone instead."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families.queries import guardians
from portal.kernel import clock
from portal.messages import queries, service
from portal.messages.queries import Failure
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_mails", __name__, url_prefix="/office/mails")


def _sentence(failure: Failure) -> str:
    return {
        Failure.ADDRESS: _(
            "あて先のメールアドレスに届きませんでした。アドレスがちがうか、もう使われていません。"
        ),
        Failure.SERVER: _("あて先のメールサーバーが受け取りませんでした。"),
        Failure.UNWRITABLE: _("メールを作れませんでした。運用担当に知らせてください。"),
    }[failure]


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List them, the newest first, each with the people to call."""
    session, actor = current_session(), current_actor()
    mails = [
        {
            "id": mail.id,
            "subject": queries.subject_of(mail),
            "queued_at": mail.created_at,
            "why": _sentence(queries.why(mail)),
            "to_mail": mail.to_mail,
            "family_id": mail.family_id,
            "guardians": guardians(session, mail.family_id, actor=actor) if mail.family_id else [],
        }
        for mail in queries.failed(session, actor=actor)
    ]
    return render_template("office/mails/index.html", mails=mails, form=PortalForm())


@bp.post("/<uuid:message_id>/seen")
@requires(Permission.RUN_THE_DAY)
def seen(message_id: uuid.UUID) -> ResponseReturnValue:
    """Take one off the list."""
    with transaction() as session:
        service.mark_seen(session, message_id, actor=current_actor(), now=clock.now())
        flash(_("連絡ずみにしました。"))
        return see_other(session, url_for(".index"))
