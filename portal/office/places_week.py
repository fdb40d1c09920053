"""Places by the week: what is in force, changing it from a day on, what would be short."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.places_forms import PatternForm, with_pools
from portal.office.places_view import shortage_rows, week_rows
from portal.slots import service
from portal.slots.queries import own_facilities, own_facility, pools_of, week_of
from portal.slots.rules import Shortage
from portal.slots.staffing import standard_on
from portal.web.access import Permission, current_actor, may, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_places", __name__)


def tabs(facility_id: uuid.UUID, current: str, today: date) -> list[dict[str, object]]:
    """Return the pages of places, of which one is current."""
    pages: list[tuple[str, str, dict[str, Any]]] = [
        ("office_places.week", _("曜日ごとの基本"), {}),
        ("office_place_days.day", _("1日ごと"), {"day": today}),
        *(
            [("office_kept.kept", _("優先のために残す"), {})]
            if may(Permission.KNOW_SUPPORT)
            else []
        ),
        ("office_closures.index", _("お休みの日"), {}),
        ("office_pools.index", _("定員の種類"), {}),
    ]
    return [
        {
            "label": label,
            "href": url_for(endpoint, facility_id=facility_id, **values),
            "current": endpoint == current,
        }
        for endpoint, label, values in pages
    ]


@bp.get("/office/places")
@requires(Permission.MANAGE_PLACES)
def index() -> ResponseReturnValue:
    """Lead to the places of the only facility, or let staff choose one."""
    facilities = own_facilities(current_session(), current_actor())
    if len(facilities) == 1:
        return redirect(url_for(".week", facility_id=facilities[0].id), 303)
    return render_template("office/places/index.html", facilities=facilities)


@bp.route("/office/facilities/<uuid:facility_id>/places", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def week(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show the weekly pattern; show what a change would do, then make it."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    pools = pools_of(session, facility_id, actor)
    form = with_pools(PatternForm, pools)()
    if request.method == "GET":
        form.in_force_from.process_data(clock.today(now))
        return _page(session, facility_id, form)
    if not form.validate_on_submit():
        return _page(session, facility_id, form), 422
    try:
        if "save" not in request.form:
            found = service.preview_pattern(
                session, facility_id, form.change(), actor=actor, now=now
            )
            return _page(session, facility_id, form, preview=found)
        with transaction() as writing:
            shortages = service.save_pattern(
                writing, facility_id, form.change(), actor=actor, now=now
            )
            flash(_("曜日ごとの基本を保存しました。"))
            if shortages:
                days = len({shortage.day for shortage in shortages})
                flash(_("予約が定員より多い日が、%(days)s日あります。") % {"days": days}, "warn")
            on = form.change().in_force_from
            answer = see_other(
                writing, url_for(".week", facility_id=facility_id, on=on.isoformat())
            )
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(session, facility_id, form), 409
    return answer


def _page(
    session: Session,
    facility_id: uuid.UUID,
    form: PatternForm,
    *,
    preview: list[Shortage] | None = None,
) -> str:
    actor, today = current_actor(), clock.today(clock.now())
    on = _day(request.args.get("on"), today)
    facility = own_facility(session, facility_id, actor)
    pools = pools_of(session, facility_id, actor)
    shown = week_of(session, facility_id, on, actor)
    standard = standard_on(on)
    after = None
    if preview is not None:
        changed = service.week_after(session, facility_id, form.change(), actor=actor)
        after = week_rows(pools, changed, standard_on(form.change().in_force_from))
    return render_template(
        "office/places/week.html",
        facility=facility,
        tabs=tabs(facility_id, "office_places.week", today),
        pools=pools,
        rows=week_rows(pools, shown, standard),
        later_from=shown.later_from,
        on=on,
        standard=standard,
        form=form,
        is_asked=form.is_submitted(),
        preview=None if preview is None else shortage_rows(preview, pools),
        preview_on=form.change().in_force_from,
        preview_rows=after,
    )


def _day(written: str | None, today: date) -> date:
    try:
        return clock.written_day(written or "")
    except ValueError:
        return today
