"""A person's unfinished forms: where each goes on, and how one is thrown away."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.drafts import queries, service
from portal.drafts.models import Draft
from portal.drafts.rules import is_typed
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_drafts", __name__, url_prefix="/my/drafts")

_APPLICATION = re.compile(r"application:([0-9a-f-]{36})")


class Unfinished(NamedTuple):
    """One unfinished form, for her first page."""

    id: uuid.UUID
    title: str
    href: str
    saved_at: datetime
    expires_on: date
    is_application: bool = False


def unfinished(session: Session, *, actor: Actor) -> list[Unfinished]:
    """Return the actor's unfinished forms, the newest first."""
    rows = queries.drafts(session, actor=actor)
    ids = {uuid.UUID(found[1]) for row in rows if (found := _APPLICATION.fullmatch(row.form))}
    names = {
        row.id: row.name
        for row in session.execute(select(Facility.id, Facility.name).where(Facility.id.in_(ids)))
    }
    return [shown for row in rows if (shown := _shown(row, names)) is not None]


def _shown(row: Draft, names: dict[uuid.UUID, str]) -> Unfinished | None:
    if is_typed(row.form):
        path = row.form.partition(":")[2]
        title, href = _("ログインが切れたときに入れていた内容"), f"{path}?kept=1"
    else:
        found = _APPLICATION.fullmatch(row.form)
        facility_id = uuid.UUID(found[1]) if found else None
        if facility_id not in names or facility_id is None:  # no longer published
            return None
        title = _("%(facility)sへの申し込み") % {"facility": names[facility_id]}
        href = url_for("selfservice_preregistrations.apply", facility_id=facility_id)
    is_application = not is_typed(row.form)
    return Unfinished(row.id, title, href, row.saved_at, row.expires_on, is_application)


@bp.post("/<uuid:draft_id>/discard")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def discard(draft_id: uuid.UUID) -> ResponseReturnValue:
    """Throw one away."""
    actor, form = current_actor(), PortalForm()
    if not form.validate_on_submit():
        return redirect(url_for("selfservice.home"), 303)
    with transaction() as session:
        row = session.scalars(
            select(Draft).where(Draft.id == draft_id, queries.own(actor))
        ).one_or_none()
        if row is None:
            abort(404)
        service.discard(session, row.form, actor=actor)
        flash(_("書きかけを消しました。"))
        return see_other(session, url_for("selfservice.home"))
