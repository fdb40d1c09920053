"""The guided application of a family: parts that are saved one by one, and sent at the end.

Its papers stand in ``application_papers``, its sending in ``application_sending``.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.entering import remember_page
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.drafts import service as drafts
from portal.kernel import clock
from portal.selfservice.application_forms import (
    LATER,
    ChildrenForm,
    HealthForm,
    PapersForm,
    PartForm,
    WordsForm,
    consents_form,
)
from portal.selfservice.application_view import Application, Step, load, spoken_of, step_names
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "selfservice_application",
    __name__,
    url_prefix="/my/preregistrations/apply/<uuid:facility_id>",
)

#: Looks at what was sent beyond its shape, and puts what it finds above the form.
Judge = Callable[[Application, PartForm], None]


def loaded(facility_id: uuid.UUID) -> Application:
    """Return how far the application of whoever is signed in has come."""
    return load(current_session(), facility_id, actor=current_actor(), now=clock.now())


@bp.route("/children", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def children(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Ask which children apply."""
    application = loaded(facility_id)
    form = ChildrenForm()
    form.offer((each.child.id, spoken_of(each.child)) for each in application.found)
    why_not = {str(each.child.id): application.why_not(each) for each in application.found}
    return part_page(
        application,
        Step.CHILDREN,
        form,
        judge=_may_apply,
        hints={
            str(each.child.id): application.told_of(each.child)
            for each in application.found
            if not why_not[str(each.child.id)]
        },
        why_not={key: why for key, why in why_not.items() if why},
        may_go_on=not all(why_not.values()),
        applied=any(each.has_live(application.today) for each in application.found),
    )


def _may_apply(application: Application, form: PartForm) -> None:
    chosen = set(form.fields().get("child_ids", []))
    for each in application.found:
        why = application.why_not(each) if str(each.child.id) in chosen else None
        if why:
            form.form_errors.append(why)


@bp.route("/health", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def health(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show whose record is confirmed, and lead to the others."""
    application = loaded(facility_id)
    if request.method == "GET":
        # The record's own pages lead back here.
        remember_page(application.url(Step.HEALTH))
    return part_page(application, Step.HEALTH, HealthForm())


@bp.route("/words", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def words(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Ask what the nursery should know."""
    return part_page(loaded(facility_id), Step.WORDS, WordsForm())


@bp.route("/documents", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def documents(facility_id: uuid.UUID) -> ResponseReturnValue:
    """List the documents asked for; each has its page."""
    application = loaded(facility_id)
    if Step.DOCUMENTS not in application.steps:
        return redirect(application.url(Step.CONSENTS), 303)
    return part_page(application, Step.DOCUMENTS, PapersForm())


@bp.route("/consents", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def consents(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Ask each consent on its own."""
    application = loaded(facility_id)
    wanted = application.consents
    form = consents_form(wanted)()
    return part_page(application, Step.CONSENTS, form, wanted=wanted, version=wanted[0].version)


def part_page(
    application: Application,
    step: Step,
    form: PartForm,
    *,
    judge: Judge | None = None,
    **more: object,
) -> ResponseReturnValue:
    """Show a part, or save it and lead on: to the next, or home with "go on later"."""
    stored = application.part(step)
    if form.is_submitted():
        is_later = LATER in request.form
        is_whole = form.validate()
        if is_whole and judge is not None:
            judge(application, form)
        if (is_whole or is_later) and not form.form_errors:
            with form.explaining(sentence):
                return _saved(application, step, form, is_later=is_later)
            form.show_seen(loaded(application.facility.id).part(step))
        form.is_refused |= is_whole
    elif stored.version:
        form.show(stored)
    return page(application, step, form, **more), form.status


def _saved(
    application: Application, step: Step, form: PartForm, *, is_later: bool
) -> ResponseReturnValue:
    actor = current_actor()
    with transaction() as session:
        fields = form.fields()
        if step is Step.DOCUMENTS:
            fields = dict(application.part(step).fields)
        drafts.save(
            session,
            application.form,
            step.value,
            fields,
            actor=actor,
            now=clock.now(),
            seen=form.seen_version,
        )
        if is_later:
            flash(_("保存しました。ホームから、いつでも続けられます。"))
            return see_other(session, url_for("selfservice.home"))
        return see_other(session, application.url(application.after(step)))


def page(application: Application, step: Step, form: object, **more: object) -> str:
    """Return the page of a part."""
    names: Mapping[Step, str] = step_names()
    steps = application.steps
    before = application.before(step)
    return render_template(
        f"selfservice/application/{step.value}.html",
        application=application,
        facility=application.facility,
        step=step,
        step_name=names[step],
        names=[names[each] for each in steps],
        at=steps.index(step),
        done=[application.is_done(each) for each in steps],
        back_url=application.url(before) if before else None,
        form=form,
        spoken_of=spoken_of,
        Step=Step,
        **more,
    )
