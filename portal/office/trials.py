"""Staff say what comes after a part of trial care, and note what those need who care next."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.policies.trials import TrialOutcome
from portal.rulebooks.queries import document_of
from portal.rulebooks.steps_words import part_words
from portal.trials import service
from portal.trials.forms import OutcomeForm
from portal.trials.queries import application_at, stays_of, trial_to_decide
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_trials", __name__, url_prefix="/office/trials")


@bp.get("/<uuid:trial_id>")
@requires(Permission.RUN_THE_DAY)
def show(trial_id: uuid.UUID) -> ResponseReturnValue:
    """Show a stay of trial care with what was noted of those before; every showing is logged."""
    return _page(trial_id, OutcomeForm(formdata=None))


@bp.post("/<uuid:trial_id>")
@requires(Permission.RUN_THE_DAY)
def record(trial_id: uuid.UUID) -> ResponseReturnValue:
    """Record the outcome."""
    form, actor = OutcomeForm(), current_actor()
    if not form.validate_on_submit():
        return _page(trial_id, form), 422
    try:
        with transaction() as session:
            service.record_outcome(
                session,
                trial_id,
                TrialOutcome(form.outcome.data),
                note=form.note.data or "",
                seen=form.seen_outcome(),
                actor=actor,
                now=clock.now(),
            )
            flash(_("結果を入れました。ご家庭に知らせます。"), "ok")
            return see_other(session, url_for(".show", trial_id=trial_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(trial_id, form), 409


def _page(trial_id: uuid.UUID, form: OutcomeForm) -> str:
    actor = current_actor()
    with reading() as session:
        booking, result = trial_to_decide(session, trial_id, actor=actor)
        child = families.child(session, booking.child_id, actor=actor)
        row = application_at(session, booking.child_id, booking.facility_id, actor=actor)
        stays = stays_of(session, row, actor=actor) if row else ()
        notes = service.open_notes(
            session,
            [booking.id, *(stay.booking.id for stay in stays)],
            booking.family_id,
            actor=actor,
        )
        rules = document_of(session, booking.rulebook_id).steps
    outcome = result.outcome if result else None
    own = notes.get(booking.id)
    if form.is_submitted():
        form.show_seen(outcome)
    else:
        form.show(outcome, own.note if own else None)
    part = booking.trial_part or 1
    limits = rules.trial.part(part) if rules and rules.trial else None
    return render_template(
        "office/trials/show.html",
        booking=booking,
        child=child,
        row=row,
        part=part,
        limits=part_words(limits, part) if limits else "",
        parts=len(rules.trial.parts) if rules and rules.trial else part,
        may_repeat=bool(rules and rules.trial and rules.trial.may_be_prolonged),
        outcome=outcome,
        before=[
            (stay, notes[stay.booking.id].note if stay.booking.id in notes else None)
            for stay in stays
            if stay.booking.id != booking.id
        ],
        form=form,
    )
