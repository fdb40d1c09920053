"""Setting a facility up: what it offers, how many children, how many staff."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, url_for
from flask.typing import ResponseReturnValue

from portal.documents.i18n import gettext as _
from portal.facilities import own
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.office.facility_forms import NewProgrammeForm, ProgrammeForm
from portal.office.places_view import week_rows
from portal.office.setup import load, render_step, saved
from portal.office.setup_forms import DutyForm, PlacesForm
from portal.office.setup_steps import SetUp, Step
from portal.slots.hours import save_places
from portal.slots.rules import PoolKind
from portal.slots.service import save_pattern
from portal.slots.staffing import standard_on
from portal.web.access import Permission, current_actor, requires
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_setup_care", __name__, url_prefix="/office/set-up")


@bp.route("/<uuid:facility_id>/care", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def care(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Name and describe what is offered; the first programme is made here."""
    setup, actor = load(facility_id), current_actor()
    programme = setup.programme
    form = NewProgrammeForm() if programme is None else ProgrammeForm()
    if form.validate_on_submit():
        with transaction() as session:
            if isinstance(form, NewProgrammeForm):
                kind = ProgrammeKind(form.kind.data)
                own.add_programme(
                    session, facility_id, kind, form.words(), actor=actor, now=clock.now()
                )
            elif programme is not None:
                own.change_programme(session, programme.id, form.words(), actor=actor)
            return saved(session, setup, Step.CARE)
    if not form.is_submitted():
        if programme is None:
            form.name.data = _("一時預かり")
        else:
            form.show(programme)
    return render_step("care", setup, Step.CARE, form=form), form.status


@bp.route("/<uuid:facility_id>/places", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def places(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Say how many children there may be at once."""
    setup, actor, now = load(facility_id), current_actor(), clock.now()
    form = PlacesForm()
    total, bands = _usual(setup)
    others = {band: number for band, number in bands.items() if band not in form.BANDS.values()}
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            save_places(session, facility_id, form.wish(others), actor=actor, now=now)
            return saved(session, setup, Step.PLACES)
    elif not form.is_submitted():
        form.show(total, bands)
    return render_step("places", setup, Step.PLACES, form=form, others=others), form.status


@bp.route("/<uuid:facility_id>/staff", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def staff(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Say how many staff are there, half hour by half hour; advice whether they are enough."""
    setup, actor, now = load(facility_id), current_actor(), clock.now()
    today = clock.today(now)
    form = DutyForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            save_pattern(session, facility_id, form.change(today), actor=actor, now=now)
            flash(_("職員の人数を保存しました。ほかの時間や曜日も、続けて入れられます。"))
            return see_other(session, url_for(".staff", facility_id=facility_id))
    elif not form.is_submitted():
        open_days = sorted(setup.hours)
        form.weekdays.data = open_days
        if open_days:
            form.from_time.data = min(setup.hours[day].from_cell for day in open_days)
            form.to_time.data = max(setup.hours[day].to_cell for day in open_days)
    standard = standard_on(today)
    rows = week_rows(setup.pools, setup.week, standard)
    page = render_step(
        "staff", setup, Step.STAFF, form=form, rows=rows, pools=setup.pools, standard=standard
    )
    return page, form.status


def _usual(setup: SetUp) -> tuple[int, dict[tuple[int, int], int]]:
    """Return the most that each limit is in the week: the total, and each band."""
    total, bands = 0, {}
    for pool in setup.pools:
        most = max(max(setup.week.cells(pool.id, weekday)) for weekday in range(7))
        if pool.kind is PoolKind.TOTAL:
            total = most
        else:
            bands[pool.youngest_class, pool.oldest_class] = most
    return total, bands
