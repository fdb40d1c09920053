"""The director's settings: her facilities, their programmes and rules, and what is public."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.facilities import own, queries
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.office import facility_view as view
from portal.office.facility_forms import (
    KIND_WORDS,
    FacilityForm,
    NewProgrammeForm,
    ProgrammeForm,
    RulesForm,
)
from portal.policies.document import load_template
from portal.rulebooks import service as rulebooks
from portal.slots.service import extend_horizon
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_facility", __name__, url_prefix="/office/facilities")


@bp.get("/")
@requires(Permission.MANAGE_FACILITY)
def index() -> ResponseReturnValue:
    """Show the facilities with everything that is set."""
    return _overview(PortalForm())


@bp.post("/<uuid:facility_id>/publish")
@requires(Permission.MANAGE_FACILITY)
def publish(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show a facility to everybody."""
    form = PortalForm()
    try:
        with transaction() as session:
            own.publish_facility(session, facility_id, actor=current_actor(), now=clock.now())
            flash(_("公開しました。だれでも空きを見られます。"))
            answer = see_other(session, url_for(".index"))
    except Refusal as refusal:
        form.explain(refusal, _with_help)
        return _overview(form), 409
    return answer


@bp.post("/<uuid:facility_id>/unpublish")
@requires(Permission.MANAGE_FACILITY)
def unpublish(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Take a facility off the public pages."""
    with transaction() as session:
        own.unpublish_facility(session, facility_id, actor=current_actor(), now=clock.now())
        flash(_("公開をやめました。いま入っている予約は、そのままです。"))
        return see_other(session, url_for(".index"))


@bp.route("/<uuid:facility_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def edit(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Change what the provider itself says about a facility."""
    actor = current_actor()
    facility = queries.own_facility(current_session(), facility_id, actor.organisation_id)
    form = FacilityForm()
    status = 200
    if form.validate_on_submit():
        with transaction() as session:
            now = clock.now()
            own.change_facility(
                session,
                facility_id,
                access_note=(form.access_note.data or "").strip(),
                closed_on_holidays=bool(form.closed_on_holidays.data),
                actor=actor,
                now=now,
            )
            extend_horizon(session, facility_id, actor=actor, now=now)
            flash(_("園の設定を保存しました。"))
            return see_other(session, url_for(".index"))
    if form.is_submitted():
        status = 422
    else:
        form.show(facility)
    return render_template("office/facility/edit.html", form=form, facility=facility), status


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
            flash(_("加えました。次に、決まりをえらんでください。"))
            return see_other(session, url_for(".rules", programme_id=programme_id))
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


@bp.route("/programmes/<uuid:programme_id>/rules", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def rules(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Put rules in force from a day; what is booked stays under the rules of its booking."""
    actor, now = current_actor(), clock.now()
    stored = queries.own_programme(current_session(), programme_id, actor.organisation_id)
    offered = view.templates()
    form = RulesForm()
    form.offer({name: words.title for name, words in offered.items()})
    status = 200
    if form.validate_on_submit() and form.in_force_from.data is not None:
        try:
            answer = _publish_rules(programme_id, form.template.data, form.in_force_from.data)
        except Refusal as refusal:
            form.explain(refusal, _with_help)
            status = 409
        else:
            return answer
    elif form.is_submitted():
        status = 422
    else:
        form.in_force_from.process_data(clock.today(now))
    programme_view = view.programme_view(current_session(), stored, today=clock.today(now))
    page = render_template(
        "office/facility/rules.html", form=form, shown=programme_view, offered=offered
    )
    return page, status


def _publish_rules(
    programme_id: uuid.UUID, template: str, in_force_from: date
) -> ResponseReturnValue:
    with transaction() as session:
        rulebooks.publish(
            session,
            programme_id,
            load_template(template),
            in_force_from,
            actor=current_actor(),
            now=clock.now(),
        )
        flash(_("決まりを保存しました。いま入っている予約は、前の決まりのままです。"))
        return see_other(session, url_for(".index"))


def _with_help(reason: Reason) -> str:
    way_out = help_for(reason)
    return f"{sentence(reason)}{way_out.text}" if way_out else sentence(reason)


def _overview(form: PortalForm) -> str:
    facilities = view.own_facilities(
        current_session(), actor=current_actor(), today=clock.today(clock.now())
    )
    return render_template(
        "office/facility/index.html",
        facilities=facilities,
        form=form,
        kinds=KIND_WORDS,
        steps=view.Step,
    )
