"""Staff open sessions, with a look at the days first; change, cancel and open them again."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.queries import facilities_of
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.office.visits import page_words, refused_page
from portal.visits import queries, sessions
from portal.visits.rules import VisitState
from portal.visits.session_forms import CancelSessionForm, SessionForm
from portal.visits.sessions import PlannedDay, Reach
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_visits_plan", __name__, url_prefix="/office/visits")


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def new() -> ResponseReturnValue:
    """Fill in a session or a plan, look at its days, then make them."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    form = SessionForm()
    form.offer_facilities(facilities_of(reading, actor))
    if not form.is_submitted():
        form.first.process_data(request.args.get("day", type=clock.written_day))
        return _new_page(form)
    if not form.validate_on_submit():
        return _new_page(form), 422
    wish, planned = form.wish(), tuple[PlannedDay, ...]()
    with form.explaining(in_full):
        planned = sessions.plan(reading, form.facility_id, wish, actor=actor, now=now)
        if "make" in request.form:
            chosen = form.chosen_days()
            if form.was_looked_at and set(chosen) <= {each.day for each in planned}:
                with transaction() as session:
                    made = sessions.make_sessions(
                        session, form.facility_id, wish, chosen, actor=actor, now=now
                    )
                    flash(_("%(count)s回を開きました。") % {"count": len(made)})
                    one = url_for("office_visits.show", session_id=made[0])
                    return see_other(
                        session, one if len(made) == 1 else url_for("office_visits.index")
                    )
            flash(_("日や時刻が変わりました。もう一度たしかめてください。"), "warn")
    if planned:
        form.offer_days(planned, clock.today(now))
    # A plan to look at is no problem.
    return _new_page(form, planned), form.status if form.is_refused else 200


def _new_page(form: SessionForm, planned: tuple[PlannedDay, ...] = ()) -> str:
    return render_template(
        "office/visits/new.html",
        form=form,
        planned=planned,
        is_some_off=any(each.why_off for each in planned),
        of_days={each.day.isoformat(): said for each in planned if (said := _of_day(each))},
        **page_words(),
    )


def _of_day(planned: PlannedDay) -> str | None:
    """Return what is to be thought of on a day."""
    if planned.why_off:
        return planned.why_off
    if planned.is_holiday:
        return _("祝日です")
    return _("一時預かりのない日です") if planned.is_without_care else None


@bp.route("/<uuid:session_id>/edit", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def edit(session_id: uuid.UUID) -> ResponseReturnValue:
    """Change a session, or it and the later ones of its plan; families are told what moved."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    of = queries.own_session(reading, session_id, actor=actor)
    form = SessionForm()
    form.facility.choices = []
    form.first.label.text = _("日")
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            reach = sessions.change(
                session,
                session_id,
                form.wish(),
                with_rest=form.is_with_rest,
                actor=actor,
                now=now,
            )
            flash(_said(_("%(count)s回を変えました。") % {"count": reach.sessions}, reach))
            return see_other(session, url_for("office_visits.show", session_id=session_id))
    elif not form.is_submitted():
        form.show(sessions.wish_of(reading, of))
    return _page_of("edit", form, session_id)


@bp.route("/<uuid:session_id>/cancel", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def cancel(session_id: uuid.UUID) -> ResponseReturnValue:
    """Ask which sessions, say what families read, then cancel and tell them."""
    actor, now = current_actor(), clock.now()
    queries.own_session(current_session(), session_id, actor=actor)
    form = CancelSessionForm()
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            reach = sessions.cancel_sessions(
                session,
                session_id,
                form.words.data or "",
                with_rest=form.is_with_rest,
                actor=actor,
                now=now,
            )
            flash(_said(_("%(count)s回を中止しました。") % {"count": reach.sessions}, reach))
            return see_other(session, url_for("office_visits.show", session_id=session_id))
    return _page_of("cancel", form, session_id)


def _page_of(name: str, form: PortalForm, session_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is about to be done to a session, and how many families it reaches."""
    session, actor = current_session(), current_actor()
    of = queries.own_session(session, session_id, actor=actor)
    visits = queries.visits_to(session, [session_id], actor=actor).get(session_id, [])
    page = render_template(
        f"office/visits/{name}.html",
        form=form,
        of=of,
        rest=len(queries.rest_of_series(session, of, actor=actor)) - 1,
        families=sum(each.state is VisitState.BOOKED for each in visits),
        **page_words(),
    )
    return page, form.status


@bp.post("/<uuid:session_id>/reopen")
@requires(Permission.MANAGE_PLACES)
def reopen(session_id: uuid.UUID) -> ResponseReturnValue:
    """Let a cancelled session take place after all."""
    try:
        with transaction() as session:
            sessions.reopen(session, session_id, actor=current_actor(), now=clock.now())
            flash(_("もう一度開きました。前に予約していたご家庭の予約は、もどりません。"))
            return see_other(session, url_for("office_visits.show", session_id=session_id))
    except Refusal as refusal:
        return refused_page(refusal, session_id)


def _said(done: str, reach: Reach) -> str:
    if not reach.families:
        return done
    told = _("%(count)s家庭にメールで知らせます。メールがないご家庭は、電話の一覧に出ます。")
    return done + told % {"count": reach.families}
