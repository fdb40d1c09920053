"""The day board: who comes, who is here, who has not come; one tap each, and the day on paper."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import (
    Blueprint,
    abort,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.attendance import queries
from portal.attendance.forms import LateForm
from portal.attendance.rules import Step, WordKind
from portal.attendance.service import board as boards
from portal.attendance.service import taps, words
from portal.bookings.rules import BookingState
from portal.daysheets.paper import open_paper
from portal.daysheets.queries import newest
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.kernel.channel import Channel
from portal.kernel.clock import at, now, today
from portal.kernel.spans import cell_time
from portal.messages.queries import count_failed
from portal.noshow.queries import of_units
from portal.notices.calls import told_of_day
from portal.notices.words import kind_words
from portal.office.board_forms import TapForm, TimesForm
from portal.office.board_page import (
    collectors_of,
    day_or_404,
    day_url,
    done_before,
    is_missing,
    stay_again,
    stay_page,
    tap,
)
from portal.office.board_view import board_view
from portal.slots.closures import why_off
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import transaction

bp = Blueprint("office_board", __name__)

#: Seconds after which the board on the wall is drawn anew; nothing can be typed on it.
REFRESH_SECONDS = 60
_STAY = "/office/facilities/<uuid:facility_id>/stays/<uuid:booking_id>"


@bp.get("/office/board", endpoint="today")
@requires(Permission.RUN_THE_DAY)
def today_page() -> ResponseReturnValue:
    """Lead to the board of the only facility, or let staff choose."""
    with transaction() as db:
        facilities = queries.facilities_of(db, current_actor())
    if len(facilities) == 1:
        return redirect(day_url(facilities[0].id, today(now())), 303)
    return render_template("office/board/choose.html", facilities=facilities)


@bp.get("/office/facilities/<uuid:facility_id>/board/<day>", endpoint="day")
@requires(Permission.RUN_THE_DAY)
def day_page(facility_id: uuid.UUID, day: str) -> ResponseReturnValue:
    """Show a day of a facility. Today's is drawn anew every minute, unless that is switched off."""
    moment, on = now(), day_or_404(day)
    with transaction() as db:
        board = boards.open_board(db, facility_id, on, actor=current_actor(), now=moment)
        several = len(queries.facilities_of(db, current_actor())) > 1
        undelivered = count_failed(db, actor=current_actor())
        off = why_off(db, facility_id, on)
        sheet = newest(db, facility_id, actor=current_actor())
        told = told_of_day(db, facility_id, on, actor=current_actor())
        units = [child.booking.group_id for child in board.children if is_missing(child)]
        cases = of_units(db, units, on, actor=current_actor())
    if "auto" in request.args:
        session["board_stands_still"] = request.args["auto"] == "off"
    view = board_view(board, moment)
    stands_still = session.get("board_stands_still", False)
    page = make_response(
        render_template(
            "office/board/day.html",
            facility=board.facility,
            view=view,
            now=moment,
            done=done_before(board.children),
            tap=TapForm(formdata=None),
            stands_still=stands_still,
            several=several,
            undelivered=undelivered,
            off=off,
            sheet=sheet,
            told=told,
            kind_words=kind_words,
            cases=cases,
            yesterday=on - timedelta(days=1),
            tomorrow=on + timedelta(days=1),
        )
    )
    if view.is_today and not stands_still:
        page.headers["Refresh"] = f"{REFRESH_SECONDS}; url={day_url(facility_id, on)}"
    return page


@bp.get("/office/facilities/<uuid:facility_id>/board/<day>/print")
@requires(Permission.RUN_THE_DAY)
def print_day(facility_id: uuid.UUID, day: str) -> ResponseReturnValue:
    """Show the day as one sheet of paper, for the wall and for the day the network is down."""
    moment, on = now(), day_or_404(day)
    with transaction() as db:
        paper = open_paper(db, facility_id, on, actor=current_actor(), now=moment)
    return render_template(
        "daysheets/sheet.html",
        paper=paper,
        board=paper.board,
        on=on,
        now=moment,
        on_screen=True,
    )


@bp.get(_STAY)
@requires(Permission.RUN_THE_DAY)
def stay(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Show one stay, with all that can be recorded of it."""
    with transaction() as db:
        child = boards.open_stay(db, booking_id, actor=current_actor(), now=now())
    if child.booking.facility_id != facility_id:
        abort(404)
    return stay_page(child)


@bp.post(f"{_STAY}/arrive")
@requires(Permission.RUN_THE_DAY)
def arrive(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record that the child came just now."""
    return tap(
        facility_id,
        booking_id,
        Step.ARRIVAL,
        lambda db: taps.arrive(db, facility_id, booking_id, actor=current_actor(), now=now()),
    )


@bp.post(f"{_STAY}/depart")
@requires(Permission.RUN_THE_DAY)
def depart(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record that the child was handed over just now."""
    return tap(
        facility_id,
        booking_id,
        Step.DEPARTURE,
        lambda db: taps.depart(db, facility_id, booking_id, actor=current_actor(), now=now()),
    )


@bp.post(f"{_STAY}/no-show")
@requires(Permission.RUN_THE_DAY)
def no_show(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record that the child did not come and nobody told us."""
    return _absent(facility_id, booking_id, BookingState.NO_SHOW)


@bp.post(f"{_STAY}/excused")
@requires(Permission.RUN_THE_DAY)
def excused(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record that the child did not come, as its family has told."""
    return _absent(facility_id, booking_id, BookingState.EXCUSED_ABSENCE)


def _absent(
    facility_id: uuid.UUID, booking_id: uuid.UUID, state: BookingState
) -> ResponseReturnValue:
    return tap(
        facility_id,
        booking_id,
        Step.ABSENCE,
        lambda db: taps.mark_absent(
            db, facility_id, booking_id, state, actor=current_actor(), now=now()
        ),
    )


@bp.post(f"{_STAY}/undo")
@requires(Permission.RUN_THE_DAY)
def undo(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Take back what was recorded last."""
    step = TapForm().undone_step
    if step is None:
        abort(400)
    return tap(
        facility_id,
        booking_id,
        _("元にもどしました。"),
        lambda db: taps.undo(db, facility_id, booking_id, step, actor=current_actor(), now=now()),
    )


@bp.post(f"{_STAY}/word/absent")
@requires(Permission.RUN_THE_DAY)
def word_absent(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record for a caller that the child stays away; its place is free again."""
    return tap(
        facility_id,
        booking_id,
        _("お休みの連絡を記録しました。この場所は、ほかのご家庭が予約できます。"),
        lambda db: _take_word(db, booking_id, WordKind.ABSENT, None),
    )


@bp.post(f"{_STAY}/word/late")
@requires(Permission.RUN_THE_DAY)
def word_late(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Record for a caller that the child comes later."""
    form = LateForm()
    cell = form.expected.data if form.validate_on_submit() else None
    if cell is None:
        return stay_again(booking_id, 422, late=form)
    return tap(
        facility_id,
        booking_id,
        _("おくれて来る連絡を記録しました。"),
        lambda db: _take_word(db, booking_id, WordKind.LATE, cell),
        late=form,
    )


def _take_word(db: Session, booking_id: uuid.UUID, kind: WordKind, cell: int | None) -> None:
    actor = current_actor()
    booking = queries.stay(db, booking_id, actor=actor, is_to_change=True)
    words.take_word(
        db,
        [booking],
        kind,
        channel=Channel.PHONE.value,
        actor=actor,
        now=now(),
        expected_at=None if cell is None else at(booking.day, cell_time(cell)),
    )


@bp.post(f"{_STAY}/times")
@requires(Permission.RUN_THE_DAY)
def times(facility_id: uuid.UUID, booking_id: uuid.UUID) -> ResponseReturnValue:
    """Put other times in place of those recorded."""
    form = TimesForm()
    with reading() as db:
        booking = queries.stay(db, booking_id, actor=current_actor())
        child = boards.open_stay(db, booking_id, actor=current_actor(), now=now())
    form.offer_collectors(collectors_of(child))
    if not form.validate_on_submit():
        return stay_again(booking_id, 422, times=form)
    moments = [
        at(booking.day, field.moment) if field.moment else None
        for field in (form.arrived, form.departed)
    ]
    return tap(
        facility_id,
        booking_id,
        _("時刻を直しました。"),
        lambda db: taps.correct_times(
            db,
            facility_id,
            booking_id,
            arrived_at=moments[0],
            departed_at=moments[1],
            collected_by=form.collected_by.data,
            actor=current_actor(),
            now=now(),
        ),
        times=form,
    )
