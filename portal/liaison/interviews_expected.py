"""A child goes from an interview: no longer expected, closed at once, quietly; or a mistake.

The way back stands on a page of its own, for the family that says it was a mistake.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import expected, queries
from portal.kernel import clock
from portal.kernel.channel import Channel, Told
from portal.referrals.mistaken_child import take_child_out
from portal.referrals.models import Interview
from portal.referrals.queries import interview
from portal.referrals.said import in_full
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "liaison_expected", __name__, url_prefix="/liaison/interviews/<uuid:interview_id>/children"
)

_TOLD = Told(Channel.COUNTER)


def _interview(interview_id: uuid.UUID) -> Interview:
    return interview(current_session(), interview_id, actor=current_actor())


@bp.route("/<uuid:child_id>/close", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def close(interview_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Close an expected child, without a reason: its referrals end, wherever they went."""
    actor, form, row = current_actor(), PortalForm(), _interview(interview_id)
    children_url = url_for("liaison_interviews.children", interview_id=interview_id)
    child = queries.child(current_session(), child_id, actor=actor)
    if child.family_id != row.family_id:
        abort(404)
    if child.born_on is not None:
        return redirect(children_url, 303)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            expected.close(session, child_id, actor=actor, now=clock.now(), told=_TOLD)
            flash(_("登録を閉じました。"))
            return see_other(session, children_url)
    page = render_template("liaison/referrals/close.html", form=form, interview=row, child=child)
    return page, form.status


@bp.route("/<uuid:child_id>/remove", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def remove(interview_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Take out a born child that was entered by mistake, before anybody was told of it."""
    actor, form, row = current_actor(), PortalForm(), _interview(interview_id)
    child = queries.child(current_session(), child_id, actor=actor)
    if child.family_id != row.family_id:
        abort(404)
    children_url = url_for("liaison_interviews.children", interview_id=interview_id)
    if child.born_on is None:
        return redirect(url_for(".close", interview_id=interview_id, child_id=child_id), 303)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            take_child_out(session, interview_id, child_id, actor=actor, now=clock.now())
            flash(_("お子さんを消しました。"))
            return see_other(session, children_url)
    page = render_template("liaison/referrals/remove.html", form=form, interview=row, child=child)
    return page, form.status


@bp.route("/closed", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def closed(interview_id: uuid.UUID) -> ResponseReturnValue:
    """Bring back what was closed by mistake; nothing of the child is shown."""
    actor, now, form, row = current_actor(), clock.now(), PortalForm(), _interview(interview_id)
    found = expected.closed_lately(current_session(), row.family_id, actor=actor, now=now)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            found = expected.closed_lately(session, row.family_id, actor=actor, now=now)
            if found:
                back = expected.reopen(session, found[0].id, actor=actor, now=now, told=_TOLD)
                flash(_("登録をもとにもどしました。"))
                if back.left_out:
                    flash(_("もどせなかった紹介や申し込みがあります。同意を聞きなおしてください。"))
            going = url_for("liaison_interviews.children", interview_id=interview_id)
            return see_other(session, going)
    page = render_template(
        "liaison/referrals/closed.html", form=form, interview=row, is_there=bool(found)
    )
    return page, form.status
