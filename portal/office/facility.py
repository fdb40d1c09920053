"""The director's settings at a glance, and the names of her programmes."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities import own, queries
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.office import facility_view as view
from portal.office.facility_forms import KIND_WORDS, NewProgrammeForm, ProgrammeForm
from portal.office.setup import load
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_facility", __name__, url_prefix="/office/facilities")


@bp.get("/")
@requires(Permission.MANAGE_FACILITY)
def index() -> ResponseReturnValue:
    """Show the facilities with everything that is set; without any, lead to choosing one."""
    facilities = view.own_facilities(
        current_session(), actor=current_actor(), today=clock.today(clock.now())
    )
    if not facilities:
        return redirect(url_for("office_setup.choose"), 303)
    setups = {one.facility.id: load(one.facility.id) for one in facilities}
    return render_template(
        "office/facility/index.html", facilities=facilities, setups=setups, kinds=KIND_WORDS
    )


@bp.route("/<uuid:facility_id>/programmes/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def new_programme(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Add a programme; choosing its rules comes next."""
    actor = current_actor()
    facility = queries.own_facility(current_session(), facility_id, actor.organisation_id)
    form = NewProgrammeForm()
    if form.validate_on_submit():
        with transaction() as session:
            programme_id = own.add_programme(
                session,
                facility_id,
                ProgrammeKind(form.kind.data),
                form.words(),
                actor=actor,
                now=clock.now(),
            )
            flash(_("加えました。次に、きまりをえらんでください。"))
            return see_other(session, url_for("office_rules.index", programme_id=programme_id))
    status = 422 if form.is_submitted() else 200
    page = render_template("office/facility/programme.html", form=form, facility=facility)
    return page, status


@bp.route("/programmes/<uuid:programme_id>", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def programme(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Change a programme's name and texts."""
    actor = current_actor()
    stored = queries.own_programme(current_session(), programme_id, actor.organisation_id)
    form = ProgrammeForm()
    status = 200
    if form.validate_on_submit():
        with transaction() as session:
            own.change_programme(session, programme_id, form.words(), actor=actor)
            flash(_("%(name)sを保存しました。") % {"name": form.words().name})
            return see_other(session, url_for(".index"))
    if form.is_submitted():
        status = 422
    else:
        form.show(stored)
    facility = queries.own_facility(current_session(), stored.facility_id, actor.organisation_id)
    page = render_template(
        "office/facility/programme.html", form=form, facility=facility, programme=stored
    )
    return page, status
