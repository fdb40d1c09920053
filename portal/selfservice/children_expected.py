"""A family's expected child: it is born, alone or with others; or the registration is closed.

Closing asks nothing and says nothing more than that it is done. Afterwards no page speaks of the
child; the one from which it can be brought back is found under the family's own data.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import expected, queries
from portal.families.expected_forms import BECOME, birth_form
from portal.families.expected_rules import (
    MOST_AT_ONCE,
    UNDO_FOR,
    ExpectedRefusal,
    may_still_undo,
)
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_expected", __name__, url_prefix="/my/children")


@bp.route("/<uuid:child_id>/born", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def born(child_id: uuid.UUID) -> ResponseReturnValue:
    """Enter a birth: name and day, of twins each."""
    actor = current_actor()
    child = queries.child(current_session(), child_id, actor=actor)
    if child.born_on is not None and request.method == "GET":
        return redirect(url_for(".told", child_id=child_id), 303)
    become = request.form.get(BECOME, type=int)
    count = become or request.args.get("count", 1, type=int)
    form = birth_form(count)
    template = "selfservice/expected/born.html"
    if become and 1 <= count <= MOST_AT_ONCE:
        return render_template(template, form=form, child=child, most=MOST_AT_ONCE)
    if not 1 <= count <= MOST_AT_ONCE:
        form.explain(Refusal([Reason(ExpectedRefusal.TOO_MANY, {"most": MOST_AT_ONCE})]), sentence)
    elif form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            expected.tell_birth(session, child_id, form.newborns(), actor=actor, now=clock.now())
            flash(_("お子さんの登録を直しました。次に、体のことを確かめてください。"))
            return see_other(session, url_for(".told", child_id=child_id))
    elif not form.is_submitted():
        form["name_1"].data, form["kana_1"].data = child.name, child.name_kana
    return render_template(template, form=form, child=child, most=MOST_AT_ONCE), form.status


@bp.get("/<uuid:child_id>/told")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def told(child_id: uuid.UUID) -> ResponseReturnValue:
    """Show what became of the registration, and what comes next for each child."""
    return _told(child_id, PortalForm())


@bp.post("/<uuid:child_id>/undo-birth")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def undo_birth(child_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a birth that was entered by mistake."""
    form = PortalForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            expected.undo_birth(session, child_id, actor=current_actor(), now=clock.now())
            flash(_("生まれる前の登録にもどしました。"))
            return see_other(session, url_for("selfservice_children.index"))
    return _told(child_id, form), form.status


def _told(child_id: uuid.UUID, form: PortalForm) -> str | Response:
    session, actor = current_session(), current_actor()
    children = expected.born_together(session, child_id, actor=actor)
    first = children[0]
    if first.born_on is None:
        return redirect(url_for("selfservice_children.index"), 303)
    ids = [child.id for child in children]
    return render_template(
        "selfservice/expected/told.html",
        children=children,
        confirmed=queries.confirmed_days(session, ids, actor=actor),
        applications=[
            row
            for row in of_family(session, actor=actor)
            if row.child_id in ids and row.state in LIVE
        ],
        may_undo=first.born_told_at is not None
        and may_still_undo(first.born_told_at, now=clock.now()),
        form=form,
    )


@bp.route("/<uuid:child_id>/close", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def close(child_id: uuid.UUID) -> ResponseReturnValue:
    """Close the registration of an expected child on one calm page, without a reason."""
    actor, form = current_actor(), PortalForm()
    if form.validate_on_submit():
        try:
            with transaction() as session:
                expected.close(session, child_id, actor=actor, now=clock.now())
                answer = see_other(session, url_for(".closed", closed_id=child_id))
        except Refusal:
            return redirect(url_for("selfservice_children.edit", child_id=child_id), 303)
        return answer
    child = queries.child(current_session(), child_id, actor=actor)
    if child.born_on is not None:
        return redirect(url_for("selfservice_children.edit", child_id=child_id), 303)
    return render_template("selfservice/expected/close.html", form=form, child=child), form.status


@bp.route("/closed/<uuid:closed_id>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def closed(closed_id: uuid.UUID) -> ResponseReturnValue:
    """Say that it is closed; for some days, bring it back from here."""
    actor, now, form = current_actor(), clock.now(), PortalForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            back = expected.reopen(session, closed_id, actor=actor, now=now)
            flash(_("登録をもとにもどしました。"))
            if back.left_out:
                flash(_("もどせなかった申し込みや見学があります。もう一度、申し込んでください。"))
            return see_other(session, url_for("selfservice_children.index"))
    child = expected.closed_child(current_session(), closed_id, actor=actor)
    until = child.ended_at + UNDO_FOR if child.ended_at else now
    page = render_template(
        "selfservice/expected/closed.html", form=form, until=until, may_reopen=now <= until
    )
    return page, form.status
