"""Setting a facility up: which one, all its steps, how it is found, when it is open."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities import claims, own, queries
from portal.kernel import clock
from portal.office.setup_forms import WORKDAYS, AboutForm, ChooseForm, EnterForm, HoursForm
from portal.office.setup_steps import SetUp, Step, set_up_of, step_names
from portal.organisations.queries import municipalities
from portal.slots import closures
from portal.slots.hours import save_hours
from portal.slots.queries import closures_of
from portal.slots.rules import ClosureWish, DayHours
from portal.slots.service import extend_horizon
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_setup", __name__, url_prefix="/office/set-up")

#: What a week mostly is where nothing is known: 8:30 to 17:00.
_USUAL = DayHours(17, 34)


@bp.get("/")
@requires(Permission.MANAGE_FACILITY)
def index() -> ResponseReturnValue:
    """Lead to the steps of the only facility, to choosing one, or list them."""
    facilities = queries.facilities_of(current_session(), current_actor().organisation_id)
    if not facilities:
        return redirect(url_for(".choose"), 303)
    if len(facilities) == 1:
        return redirect(url_for(".show", facility_id=facilities[0].id), 303)
    found = [load(facility.id) for facility in facilities]
    return render_template("office/setup/index.html", facilities=found)


@bp.route("/choose", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def choose() -> ResponseReturnValue:
    """Find one's own facility in the lists by name, reading, phone or address; choose it."""
    form = ChooseForm()
    if request.method == "GET":
        return _choosing(form)
    facility_id = form.facility_id()
    if form.validate_on_submit() and facility_id is not None:
        with form.explaining(in_full), transaction() as session:
            claims.claim_listed(
                session, facility_id, instead_of=form.earlier_id(), actor=current_actor()
            )
            flash(_("園をえらびました。市区町村に確認を頼みました。準備を進めてください。"))
            return see_other(session, url_for(".show", facility_id=facility_id))
    return _choosing(form), form.status


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def enter() -> ResponseReturnValue:
    """Enter a facility that stands on no list."""
    actor = current_actor()
    form = EnterForm()
    form.offer(municipalities(current_session(), actor))
    if not form.validate_on_submit():
        page = render_template("office/setup/new.html", form=form, names=step_names())
        return page, form.status
    with transaction() as session:
        facility_id = claims.enter_facility(session, form.facility(), actor=actor)
        flash(_("園を加えました。確認を頼みました。準備を進めてください。"))
        return see_other(session, url_for(".show", facility_id=facility_id))


@bp.get("/<uuid:facility_id>")
@requires(Permission.MANAGE_FACILITY)
def show(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show every step, what is done, and what comes next."""
    return render_template(
        "office/setup/show.html", setup=load(facility_id), form=PortalForm(), steps=Step
    )


@bp.post("/<uuid:facility_id>/ask-again")
@requires(Permission.MANAGE_FACILITY)
def ask_again(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the municipality once more."""
    form = PortalForm()
    setup = load(facility_id)
    with form.explaining(in_full), transaction() as session:
        claims.ask_again(session, facility_id, actor=current_actor())
        flash(_("市区町村に、もう一度確認を頼みました。"))
        return see_other(session, setup.home)
    page = render_template("office/setup/show.html", setup=setup, form=form, steps=Step)
    return page, form.status


@bp.route("/<uuid:facility_id>/about", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def about(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Say how the facility is found and reached."""
    setup = load(facility_id)
    form = AboutForm()
    listed = own.set_by_list(setup.facility)
    form.take_out(listed)
    if form.validate_on_submit():
        with transaction() as session:
            own.describe_facility(
                session,
                facility_id,
                form.words(setup.facility),
                actor=current_actor(),
                now=clock.now(),
            )
            return saved(session, setup, Step.ABOUT)
    if not form.is_submitted():
        form.show(setup.facility)
    return render_step("about", setup, Step.ABOUT, form=form, listed=listed), form.status


@bp.route("/<uuid:facility_id>/hours", methods=["GET", "POST"])
@requires(Permission.MANAGE_FACILITY)
def hours(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Set when the facility is open; places follow."""
    setup, actor, now = load(facility_id), current_actor(), clock.now()
    form = HoursForm()
    first, last = _turn_of_the_year(clock.today(now))
    known = closures_of(current_session(), facility_id, first, actor)
    turn = next((one for one in known if one.from_day <= last and first <= one.to_day), None)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            save_hours(session, facility_id, form.hours(), actor=actor, now=now)
            own.set_holidays(
                session,
                facility_id,
                closed=bool(form.closed_on_holidays.data),
                actor=actor,
                now=now,
            )
            if form.year_end.data and turn is None:
                wish = ClosureWish(max(first, clock.today(now)), last, _("年末年始"))
                closures.close_days(session, facility_id, wish, actor=actor, now=now)
            extend_horizon(session, facility_id, actor=actor, now=now)
            return saved(session, setup, Step.HOURS)
    elif not form.is_submitted():
        form.show(setup.hours or dict.fromkeys(WORKDAYS, _USUAL), setup.facility)
    return render_step("hours", setup, Step.HOURS, form=form, turn=turn), form.status


def load(facility_id: uuid.UUID) -> SetUp:
    """Return how far an own facility is, or 404."""
    return set_up_of(
        current_session(), facility_id, actor=current_actor(), today=clock.today(clock.now())
    )


def saved(session: Session, setup: SetUp, step: Step) -> ResponseReturnValue:
    """Say that a step is kept, and lead to the next one."""
    flash(_("「%(step)s」を保存しました。") % {"step": step_names()[step]})
    return see_other(session, setup.after(step))


def render_step(name: str, setup: SetUp, step: Step, **values: object) -> str:
    """Return the page of a step, with the way back and on."""
    return render_template(
        f"office/setup/{name}.html",
        setup=setup,
        names=list(step_names().values()),
        at=list(Step).index(step),
        done=[each in setup.done for each in Step],
        skip=setup.after(step),
        **values,
    )


def _choosing(form: ChooseForm) -> str:
    session, actor = current_session(), current_actor()
    words = request.args.get("q", "").strip()[:100]
    earlier = request.args.get("instead_of") or form.instead_of.data or ""
    found, total = claims.listed_facilities(session, words, actor=actor)
    if earlier:
        try:
            instead = queries.own_facility(session, uuid.UUID(earlier), actor.organisation_id)
        except ValueError:
            abort(404)
    else:
        instead = None
    return render_template(
        "office/setup/choose.html",
        form=form,
        words=words,
        found=found,
        total=total,
        instead=instead,
        names=list(step_names().values()),
    )


def _turn_of_the_year(today: date) -> tuple[date, date]:
    """Return 29 December to 3 January: those we are in, else the next."""
    year = today.year - 1 if (today.month, today.day) <= (1, 3) else today.year
    return date(year, 12, 29), date(year + 1, 1, 3)
