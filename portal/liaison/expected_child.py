"""A pregnancy that ended: the registration of the expected child is closed, and nobody is told."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import expected
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.channel import Channel, Told
from portal.referrals import queries
from portal.referrals.models import Interview
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "liaison_expected", __name__, url_prefix="/liaison/interviews/<uuid:interview_id>/children"
)


@bp.route("/<uuid:child_id>/close", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def close(interview_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Close the registration of an expected child; no reason is asked and no mail goes out."""
    row, actor, now = _interview(interview_id), current_actor(), clock.now()
    here = url_for("liaison_interviews.children", interview_id=interview_id)
    child = families.child(current_session(), child_id, actor=actor)
    if child.family_id != row.family_id:
        abort(404)
    if child.born_on is not None:
        return redirect(here, 303)
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            expected.close(session, child_id, actor=actor, now=now, told=Told(Channel.COUNTER, now))
            flash(_("登録を閉じました。"))
            return see_other(session, here)
    page = render_template(
        "liaison/referrals/close_child.html", form=form, interview=row, child=child
    )
    return page, form.status


@bp.route("/closed", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def closed(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Bring back what was closed by mistake, within 14 days; nothing of the child is shown."""
    row, actor, now = _interview(interview_id), current_actor(), clock.now()
    found = expected.closed_lately(current_session(), row.family_id, actor=actor, now=now)
    if not found:
        return redirect(url_for("liaison_interviews.children", interview_id=row.id), 303)
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            expected.reopen(
                session, found[0].id, actor=actor, now=now, told=Told(Channel.COUNTER, now)
            )
            flash(_("登録をもとにもどしました。"))
            here = url_for("liaison_interviews.children", interview_id=interview_id)
            return see_other(session, here)
    page = render_template("liaison/referrals/closed_child.html", form=form, interview=row)
    return page, form.status


def _interview(interview_id: uuid.UUID) -> Interview:
    return queries.interview(current_session(), interview_id, actor=current_actor())
