"""Closing days or hours: whose bookings lie there is shown before and after; none is cancelled."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.places_bookings import Lying, bookings_lying_on
from portal.office.places_forms import ClosureForm
from portal.office.places_week import tabs
from portal.slots import closures
from portal.slots.closures import holidays_off
from portal.slots.queries import closure_of, closures_of, own_facility
from portal.slots.rules import ClosureWish, Hours
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_closures", __name__)
_CLOSURES = "/office/facilities/<uuid:facility_id>/closures"


@bp.route(_CLOSURES, methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def index(facility_id: uuid.UUID) -> ResponseReturnValue:
    """List the closures to come; show whose bookings a new one touches, then close."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    form = ClosureForm()
    if request.method == "GET":
        asked = request.args.get("day", type=clock.written_day)
        form.from_day.process_data(asked)
        return _page(session, facility_id, form)
    if not form.validate_on_submit():
        return _page(session, facility_id, form), 422
    wish = form.wish()
    try:
        closures.check_closure(wish, now=now)
        if "save" not in request.form:
            lying = _lying(session, facility_id, wish)
            return _page(session, facility_id, form, lying=lying)
        with transaction() as writing:
            closure_id = closures.close_days(writing, facility_id, wish, actor=actor, now=now)
            flash(_("お休みにしました。新しい予約は、もう入りません。"))
            answer = see_other(
                writing, url_for(".closure", facility_id=facility_id, closure_id=closure_id)
            )
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(session, facility_id, form), 409
    return answer


@bp.get(f"{_CLOSURES}/<uuid:closure_id>")
@requires(Permission.MANAGE_PLACES)
def closure(facility_id: uuid.UUID, closure_id: uuid.UUID) -> ResponseReturnValue:
    """Show a closure with the bookings that lie on it, for calling the families."""
    session, actor = current_session(), current_actor()
    facility = own_facility(session, facility_id, actor)
    found = closure_of(session, closure_id, actor)
    wish = ClosureWish(
        found.from_day, found.to_day, found.reason, Hours(found.from_cell, found.to_cell)
    )
    return render_template(
        "office/places/closure.html",
        facility=facility,
        closure=found,
        lying=_lying(session, facility_id, wish),
        lift_form=PortalForm(formdata=None),
    )


@bp.post(f"{_CLOSURES}/<uuid:closure_id>/lift")
@requires(Permission.MANAGE_PLACES)
def lift(facility_id: uuid.UUID, closure_id: uuid.UUID) -> ResponseReturnValue:
    """Take bookings again where the closure shut."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    try:
        with transaction() as writing:
            closures.lift_closure(writing, closure_id, actor=actor, now=now)
            flash(_("お休みを取りやめました。予約をまた受け付けます。"))
            answer = see_other(writing, url_for(".index", facility_id=facility_id))
    except Refusal as refusal:
        form = ClosureForm(formdata=None)
        form.explain(refusal, sentence)
        return _page(session, facility_id, form), 409
    return answer


def _lying(session: Session, facility_id: uuid.UUID, wish: ClosureWish) -> list[Lying]:
    return bookings_lying_on(
        session, facility_id, wish.from_day, wish.to_day, current_actor(), hours=wish.hours
    )


def _page(
    session: Session,
    facility_id: uuid.UUID,
    form: ClosureForm,
    *,
    lying: list[Lying] | None = None,
) -> str:
    actor, today = current_actor(), clock.today(clock.now())
    return render_template(
        "office/places/closures.html",
        facility=own_facility(session, facility_id, actor),
        tabs=tabs(facility_id, "office_closures.index", today),
        closures=closures_of(session, facility_id, today, actor),
        lift_form=PortalForm(formdata=None),
        holidays=holidays_off(session, facility_id, today),
        is_asked=form.is_submitted() and "from_day-year" in request.form,
        form=form,
        lying=lying,
    )
