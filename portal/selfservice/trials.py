"""A family books the next part of trial care: its limits and fee, and the times that are free."""

from __future__ import annotations

import uuid

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.bookings.forms import BookingForm
from portal.bookings.queries.lists import bookable_programme
from portal.bookings.queries.vacancies import open_cells
from portal.bookings.rules import UsePurpose
from portal.bookings.words import explain, with_san
from portal.db.session import current_session
from portal.families import queries as families
from portal.kernel import clock
from portal.preregistration import queries as preregistrations
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import children_with_registration
from portal.rulebooks.queries import rules_in_force
from portal.rulebooks.steps_words import part_words, trial_fee_words
from portal.trials.queries import free_times, steps_of
from portal.web.access import Permission, current_actor, requires

bp = Blueprint("selfservice_trials", __name__, url_prefix="/my/trials")


@bp.get("/<uuid:preregistration_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def new(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Offer the free times of the part whose turn it is."""
    session, actor = current_session(), current_actor()
    row = preregistrations.preregistration(session, preregistration_id, actor=actor)
    return page(row, BookingForm(formdata=None))


def typed_page(form: BookingForm) -> str:
    """Return the page for what was typed before: another time, or a field to be mended.

    Raises:
        sqlalchemy.exc.NoResultFound: the child has no application there.
    """
    session, actor = current_session(), current_actor()
    programme = bookable_programme(session, programme_id=form.programme.data, actor=actor)
    chosen = form.children.data or []
    for each in children_with_registration(session, programme.facility_id, actor=actor):
        if each.preregistration is not None and each.child.id in chosen:
            wanted = each.preregistration.id
            row = preregistrations.preregistration(session, wanted, actor=actor)
            return page(row, form)
    raise NoResultFound("no application for this child")


def page(row: Preregistration, form: BookingForm) -> str:
    """Return free times of the next part, and a form for any other time."""
    session, actor, now = current_session(), current_actor(), clock.now()
    programme = bookable_programme(session, facility_id=row.facility_id, actor=actor)
    found = steps_of(session, row, actor=actor, now=now)
    part = found.trial.next_part
    times = free_times(session, row, programme.id, part, actor=actor, now=now)
    rule = found.rule.trial if found.rule else None
    pickups = families.pickup_persons(session, row.family_id, actor=actor)
    form.offer_people([row.child], pickups)
    form.programme.data, form.children.data = programme.id, [row.child_id]
    form.purpose.data, form.trial.data = UsePurpose.RESPITE.value, part
    day = form.day.data or (times.times[0][0] if times.times else clock.today(now))
    form.offer_times((), open_cells(session, row.facility_id, day, actor=actor))
    names = {row.child_id: with_san(row.child.name)}
    _book, document = rules_in_force(session, programme.id, clock.today(now))
    return render_template(
        "selfservice/trials/new.html",
        row=row,
        form=form,
        found=found,
        part=part,
        limits=part_words(found.part, part) if found.part else "",
        fee=trial_fee_words(rule) if rule else "",
        times=times.times,
        reasons=explain(times.reasons, names, today=clock.today(now), document=document),
        back=url_for("selfservice_preregistrations.show", preregistration_id=row.id),
    )
