"""Places of one day by half hour: taken, free, staff; setting the day apart from its week."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.places_bookings import bookings_lying_on, children_by_cell
from portal.office.places_forms import DayForm, with_pools
from portal.office.places_view import day_rows, shortage_rows
from portal.office.places_week import tabs
from portal.slots import service
from portal.slots.opening import open_days
from portal.slots.queries import own_facility, places_on, pools_of
from portal.slots.rules import Shortage
from portal.slots.staffing import standard_on
from portal.web.access import Permission, current_actor, requires
from portal.web.addresses import allow_days
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_place_days", __name__)
allow_days(bp)
_DAY = "/office/facilities/<uuid:facility_id>/places/days/<date:day>"


@bp.route(_DAY, methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def day(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Show the half hours of a day with the bookings on it; change its places and staff."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    form = with_pools(DayForm, pools_of(session, facility_id, actor))()
    if request.method == "GET":
        return _page(session, facility_id, day, form)
    if not form.validate_on_submit():
        return _page(session, facility_id, day, form), 422
    try:
        with transaction() as writing:
            shortages = service.save_day(
                writing, facility_id, form.change_on(day), actor=actor, now=now
            )
            flash(_("この日の枠を保存しました。"))
            _tell(shortages)
            answer = see_other(writing, url_for(".day", facility_id=facility_id, day=day))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(session, facility_id, day, form), 409
    return answer


@bp.post(f"{_DAY}/reset")
@requires(Permission.MANAGE_PLACES)
def reset(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Let the day follow its week again."""
    session, actor, now = current_session(), current_actor(), clock.now()
    own_facility(session, facility_id, actor)
    try:
        with transaction() as writing:
            shortages = service.clear_day(writing, facility_id, day, actor=actor, now=now)
            flash(_("この日は、曜日ごとの基本にもどりました。"))
            _tell(shortages)
            answer = see_other(writing, url_for(".day", facility_id=facility_id, day=day))
    except Refusal as refusal:
        form = with_pools(DayForm, pools_of(session, facility_id, actor))(formdata=None)
        form.explain(refusal, sentence)
        return _page(session, facility_id, day, form), 409
    return answer


def _tell(shortages: tuple[Shortage, ...]) -> None:
    if shortages:
        flash(_("予約が定員より多い時間があります。下の予約の方に連絡してください。"), "warn")


def _page(session: Session, facility_id: uuid.UUID, day: date, form: DayForm) -> str:
    actor, today = current_actor(), clock.today(clock.now())
    facility = own_facility(session, facility_id, actor)
    pools = pools_of(session, facility_id, actor)
    on_day = places_on(session, facility_id, day, actor)
    bookings = bookings_lying_on(session, facility_id, day, day, actor)
    short = [
        Shortage(pool_day.pool_id, day, over)
        for pool_day in on_day.pool_days.values()
        if (over := sum(c > w for c, w in zip(pool_day.capacity, pool_day.wanted, strict=True)))
    ]
    standard, days_off = standard_on(day), open_days(session, facility_id, day).days_off
    return render_template(
        "office/places/day.html",
        facility=facility,
        day=day,
        yesterday=day - timedelta(days=1),
        tomorrow=day + timedelta(days=1),
        tabs=tabs(facility_id, "office_place_days.day", today),
        pools=pools,
        rows=day_rows(pools, on_day, children_by_cell(bookings), standard),
        is_laid_out=bool(on_day.pool_days),
        is_single=bool(on_day.overrides) or on_day.is_duty_single,
        reasons=sorted({row.reason for row in on_day.overrides.values() if row.reason}),
        off=[off for off in days_off if off.first <= day <= off.last],
        bookings=bookings,
        short=shortage_rows(short, pools),
        form=form,
        reset_form=PortalForm(formdata=None),
        is_past=day < today,
        standard=standard,
    )
