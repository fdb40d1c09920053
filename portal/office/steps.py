"""Staff see how far a child is on the steps; they mark, undo, order and waive them."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.steps_forms import StepForm, WaiveForm
from portal.policies.steps import Demand, StepKind
from portal.preregistration import queries, steps
from portal.preregistration.rules import LIVE
from portal.trials.queries import steps_of
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_steps", __name__, url_prefix="/office/preregistrations")

_DONE = {
    "done": "すんだことにしました。",
    "undo": "元にもどしました。",
    "order": "このお子さんにお願いすることにしました。",
    "unorder": "お願いをやめました。",
}


@bp.get("/<uuid:preregistration_id>/steps")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show the steps of a child in their order, with what can be done with each."""
    return _page(preregistration_id)


@bp.post("/<uuid:preregistration_id>/steps/<what>")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def change(preregistration_id: uuid.UUID, what: str) -> ResponseReturnValue:
    """Mark a step as done, take that back, order it for this child, or take the order back."""
    acts: dict[str, Callable[..., None]] = {
        "done": steps.mark_done,
        "undo": steps.undo_done,
        "order": steps.order,
        "unorder": steps.take_back_order,
    }
    if what not in acts:
        abort(404)
    form = StepForm()

    def act(session: Session, kind: StepKind) -> None:
        acts[what](session, preregistration_id, kind, actor=current_actor(), now=clock.now())

    return _change(preregistration_id, form, act, _(_DONE[what]))


@bp.post("/<uuid:preregistration_id>/steps/waive")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def waive(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Let a child go on without a step, with the reason why."""
    form = WaiveForm()

    def act(session: Session, kind: StepKind) -> None:
        steps.waive(
            session,
            preregistration_id,
            kind,
            reason=form.reason.data or "",
            actor=current_actor(),
            now=clock.now(),
        )

    return _change(preregistration_id, form, act, _("なしで進めることにしました。"))


def _change(
    preregistration_id: uuid.UUID,
    form: StepForm,
    act: Callable[[Session, StepKind], None],
    done: str,
) -> ResponseReturnValue:
    kind = form.step()
    if not form.validate_on_submit() or kind is None:
        if kind is None:
            form.form_errors.append(_("段階をえらびなおしてください"))
        return _page(preregistration_id, form), 422
    try:
        with transaction() as session:
            act(session, kind)
            flash(done, "ok")
            return see_other(session, url_for(".show", preregistration_id=preregistration_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(preregistration_id, form), 409


def _page(preregistration_id: uuid.UUID, sent: StepForm | None = None) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    found = steps_of(session, row, actor=actor, now=now)
    shown = {line.step.kind for line in found.lines}
    return render_template(
        "office/steps/show.html",
        row=row,
        found=found,
        is_live=row.state in LIVE,
        # What may be asked of this child beside what the rules ask of all.
        optional=[
            step
            for step in (found.rule.steps if found.rule else ())
            if step.demand is not Demand.REQUIRED
            and step.kind.value not in row.steps_ordered
            and not steps.standing(row).is_over(step.kind)
        ],
        shown=shown,
        plain=StepForm(formdata=None),
        waiving=sent if isinstance(sent, WaiveForm) else WaiveForm(formdata=None),
        form=sent,
    )
