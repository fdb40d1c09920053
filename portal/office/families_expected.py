"""Staff put down what a caller tells of an expected child: born, or the registration is closed.

What is closed is asked nothing about; the way back stands on a page of its own, for the family
that calls again.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import expected, queries
from portal.families.expected_forms import BECOME, ToldBirthForm, birth_form
from portal.families.expected_rules import MOST_AT_ONCE, ExpectedRefusal
from portal.families.forms import ReceiptFields
from portal.families.models import Child, Family
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_families_expected", __name__, url_prefix="/office/families/<uuid:family_id>")


def _family(family_id: uuid.UUID) -> Family:
    return queries.family(current_session(), family_id, actor=current_actor())


def _child(family_id: uuid.UUID, child_id: uuid.UUID) -> Child:
    child = queries.child(current_session(), child_id, actor=current_actor())
    if child.family_id != family_id:
        abort(404)
    return child


@bp.route("/children/<uuid:child_id>/born", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def born(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Enter a birth for a caller: name and day, of twins each."""
    family, child = _family(family_id), _child(family_id, child_id)
    if child.born_on is not None and request.method == "GET":
        return redirect(url_for("office_families.show", family_id=family_id), 303)
    become = request.form.get(BECOME, type=int)
    count = become or request.args.get("count", 1, type=int)
    form, now = birth_form(count, ToldBirthForm), clock.now()
    values = {"child": child, "family": family, "most": MOST_AT_ONCE}
    if become and 1 <= count <= MOST_AT_ONCE:
        return render_template("office/families/born.html", form=form, **values)
    if not 1 <= count <= MOST_AT_ONCE:
        form.explain(Refusal([Reason(ExpectedRefusal.TOO_MANY, {"most": MOST_AT_ONCE})]), sentence)
    elif form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                expected.tell_birth(
                    session,
                    child_id,
                    form.newborns(),
                    actor=current_actor(),
                    now=now,
                    told=form.told(),
                )
                goes_on = any(each.child_id == child_id for each in _running(session, family_id))
                flash(
                    _("児童の登録を保存しました。申し込みは続いています。次は児童票です。")
                    if goes_on
                    else _("児童の登録を保存しました。次は児童票です。")
                )
                return see_other(session, url_for("office_families.show", family_id=family_id))
    elif not form.is_submitted():
        form.propose(now)
        form["name_1"].data, form["kana_1"].data = child.name, child.name_kana
    return render_template("office/families/born.html", form=form, **values), form.status


def _running(session: Session, family_id: uuid.UUID) -> list[Preregistration]:
    """Return the applications of a family that nobody has ended."""
    found = of_family(session, actor=current_actor(), family_id=family_id)
    return [row for row in found if row.state in LIVE]


@bp.route("/children/<uuid:child_id>/undo-birth", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def undo_birth(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Take back a birth that was entered by mistake."""
    family, child = _family(family_id), _child(family_id, child_id)
    if child.born_on is None and request.method == "GET":
        return redirect(url_for("office_families.show", family_id=family_id), 303)
    form, now = ReceiptFields(), clock.now()
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                expected.undo_birth(
                    session, child_id, actor=current_actor(), now=now, told=form.told()
                )
                flash(_("生まれる前の登録にもどしました。"))
                return see_other(session, url_for("office_families.show", family_id=family_id))
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/families/undo_birth.html",
        form=form,
        family=family,
        children=expected.born_together(current_session(), child_id, actor=current_actor()),
    )
    return page, form.status


@bp.route("/children/<uuid:child_id>/close", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def close(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Close the registration of an expected child for a caller, without a reason."""
    family, form, now = _family(family_id), ReceiptFields(), clock.now()
    show_url = url_for("office_families.show", family_id=family_id)
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as session:
                _child(family_id, child_id)
                expected.close(session, child_id, actor=current_actor(), now=now, told=form.told())
                flash(_("登録を閉じました。"))
                return see_other(session, show_url)
    elif not form.is_submitted():
        form.propose(now)
    child = _child(family_id, child_id)
    if child.born_on is not None:
        return redirect(show_url, 303)
    page = render_template("office/families/close.html", form=form, family=family, child=child)
    return page, form.status


@bp.route("/closed", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def closed(family_id: uuid.UUID) -> ResponseReturnValue:
    """Bring back what was closed when the family calls; nothing of the child is shown."""
    actor, now = current_actor(), clock.now()
    family = _family(family_id)
    found = expected.closed_lately(current_session(), family_id, actor=actor, now=now)
    form = ReceiptFields()
    if form.validate_on_submit() and form.came_by(now):
        with form.explaining(sentence), transaction() as session:
            found = expected.closed_lately(session, family_id, actor=actor, now=now)
            if not found:
                return redirect(url_for("office_families.show", family_id=family_id), 303)
            back = expected.reopen(session, found[0].id, actor=actor, now=now, told=form.told())
            flash(_("登録をもとにもどしました。"))
            if back.left_out:
                flash(_("もどせなかった申し込みや見学があります。家庭と確かめてください。"))
            return see_other(session, url_for("office_families.show", family_id=family_id))
    if not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/families/closed.html", form=form, family=family, is_there=bool(found)
    )
    return page, form.status
