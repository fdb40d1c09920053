"""A family's own children: born and expected, with the record of each."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.entering import wanted_page
from portal.bookings.queries.records import record_rules_for
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import expected, queries
from portal.families import service as families
from portal.families.forms import ChildForm
from portal.families.record import due_again
from portal.kernel import clock
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_children", __name__, url_prefix="/my/children")


def _own_family() -> uuid.UUID:
    family_id = current_actor().family_id
    if family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return family_id


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """List the children, each with what is still to do."""
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    children = queries.children(session, _own_family(), actor=actor)
    ids = [child.id for child in children]
    confirmed = queries.confirmed_days(session, ids, actor=actor)
    return render_template(
        "selfservice/children/index.html",
        children=children,
        confirmed=confirmed,
        again=queries.to_confirm_again(session, ids, actor=actor),
        asked=due_again(
            session, record_rules_for(session, ids, on=today, actor=actor), on=today, actor=actor
        ),
        wanted=wanted_page(),
        is_quiet=not children and expected.keeps_quiet(session, actor=actor),
        has_applied=any(row.state in LIVE for row in of_family(session, actor=actor)),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def new() -> ResponseReturnValue:
    """Add a child."""
    form = ChildForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            child = families.add_child(
                session, _own_family(), form.details(), actor=current_actor(), now=clock.now()
            )
            if child.born_on is None:
                flash(_("お子さんを登録しました。生まれたら、お名前と生年月日を入れてください。"))
                return see_other(session, url_for(".index"))
            flash(_("お子さんを登録しました。"))
            return see_other(session, url_for(".record", child_id=child.id))
    return render_template("selfservice/children/new.html", form=form), form.status


@bp.route("/<uuid:child_id>/edit", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def edit(child_id: uuid.UUID) -> ResponseReturnValue:
    """Correct a child; an expected one is born here."""
    actor = current_actor()
    child = queries.child(current_session(), child_id, actor=actor)
    form = ChildForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            was_expected = queries.child(session, child_id, actor=actor).born_on is None
            changed = families.change_child(
                session, child_id, form.details(), actor=actor, now=clock.now()
            )
            if was_expected and changed.born_on is not None:
                flash(_("お子さんの登録を直しました。次に、体のことを確かめてください。"))
                return see_other(session, url_for(".record", child_id=child_id))
            flash(_("お子さんの登録を直しました。"))
            return see_other(session, url_for(".index"))
    elif not form.is_submitted():
        form.show(child)
    return render_template("selfservice/children/edit.html", form=form, child=child), form.status
