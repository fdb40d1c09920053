"""Places kept for families that go first: how many on each weekday, and until when."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.office.places_forms import KeptForm
from portal.office.places_week import tabs
from portal.slots.keeping import save_kept
from portal.slots.queries import own_facility, pools_of, week_of
from portal.slots.rules import PoolKind
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_kept", __name__)


@bp.route("/office/facilities/<uuid:facility_id>/places/kept", methods=["GET", "POST"])
@requires(Permission.KNOW_SUPPORT)
def kept(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show and set how many places are kept for families that go first on each weekday."""
    session, actor, now = current_session(), current_actor(), clock.now()
    facility = own_facility(session, facility_id, actor)
    today = clock.today(now)
    totals = [p for p in pools_of(session, facility_id, actor) if p.kind is PoolKind.TOTAL]
    form = KeptForm()
    if form.validate_on_submit():
        with transaction() as writing:
            save_kept(
                writing,
                facility_id,
                form.by_weekday(),
                form.until_days.data or 0,
                form.until_cell.data or 0,
                actor=actor,
                now=now,
            )
            flash(_("残す数を保存しました。"))
            return see_other(writing, url_for(".kept", facility_id=facility_id))
    if not form.is_submitted():
        form.until_days.process_data(facility.kept_until_days)
        form.until_cell.process_data(facility.kept_until_cell)
        numbers = week_of(session, facility_id, today, actor).kept
        for weekday, field in enumerate(form.weekdays):
            field.process_data(max((numbers.get((p.id, weekday), 0) for p in totals), default=0))
    page = render_template(
        "office/places/kept.html",
        facility=facility,
        tabs=tabs(facility_id, "office_kept.kept", today),
        form=form,
        has_total=bool(totals),
        first_day=today + timedelta(days=facility.kept_until_days + 1),
    )
    return page, 422 if form.is_submitted() else 200
