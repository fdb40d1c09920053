"""The page of day sheets: when the last was made, today's as PDF, any day's, and at what time."""

from __future__ import annotations

import os
import uuid
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import config
from portal.attendance.queries import facilities_of
from portal.daysheets import queries, service
from portal.daysheets.forms import TimesForm
from portal.daysheets.paper import open_paper, paper_html
from portal.db.session import current_session
from portal.documents import pdf as press
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.slots.opening import OpenDays, open_days_of
from portal.slots.queries import own_facility
from portal.web.access import Permission, current_actor, requires
from portal.web.addresses import allow_days
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_daysheets", __name__)
allow_days(bp)

_SHEETS = "/office/facilities/<uuid:facility_id>/sheets"
#: How many days ahead are offered on the page; any other is reached from its board.
_DAYS_AHEAD = 5


@bp.get("/office/board/sheet")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """Show each facility's sheets. Nothing of families stands on this page."""
    return _page()


def _page(refused: tuple[uuid.UUID, TimesForm] | None = None) -> str:
    session, actor = current_session(), current_actor()
    today = clock.today(clock.now())
    rows: list[dict[str, Any]] = []
    facilities = facilities_of(session, actor)
    opening = open_days_of(session, [each.id for each in facilities], today)
    for facility in facilities:
        newest = queries.newest(session, facility.id, actor=actor)
        settings = queries.settings_of(session, facility.id, actor=actor)
        form = TimesForm.of(settings)
        if refused is not None and refused[0] == facility.id:
            form = refused[1]
        rows.append(
            {
                "facility": facility,
                "newest": newest,
                "is_todays": newest is not None and newest.day == today,
                "why_none": _why_none(facility, opening[facility.id], today, wanted=settings.is_on),
                "form": form,
            }
        )
    return render_template(
        "daysheets/index.html",
        rows=rows,
        days=[today + timedelta(days=n) for n in range(_DAYS_AHEAD)],
        tap=PortalForm(formdata=None),
        has_pdf=press.is_available(),
    )


def _why_none(facility: Facility, opening: OpenDays, today: date, *, wanted: bool) -> str:
    """Return why there is no sheet of today; the worker makes one only where none of it holds."""
    if facility.published_at is None:
        return _("公開すると、毎朝できます")
    if not opening.calendar.is_open(today):
        return _("今日はお休みです")
    return _("今日の分は、まだです") if wanted else _("毎朝は作りません")


@bp.get(f"{_SHEETS}/<date:day>.pdf")
@requires(Permission.RUN_THE_DAY)
def pdf(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Hand out the day as it is now; without Pango the page that can be printed."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        paper = open_paper(session, facility_id, day, actor=actor, now=now)
    html = paper_html(paper, is_demo=current_app.config["PORTAL"].is_demo)
    try:
        return _as_pdf(press.pdf_bytes(html), day)
    except press.PdfUnavailable:
        return _on_screen(facility_id, day)


@bp.get(f"{_SHEETS}/<date:day>/kept")
@requires(Permission.RUN_THE_DAY)
def kept(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    """Hand out the sheet as it was made that morning."""
    with transaction() as session:
        data = service.open_kept(session, facility_id, day, actor=current_actor(), now=clock.now())
    return _on_screen(facility_id, day) if data is None else _as_pdf(data, day)


def _on_screen(facility_id: uuid.UUID, day: date) -> ResponseReturnValue:
    return redirect(
        url_for("office_board.print_day", facility_id=facility_id, day=day.isoformat()), 303
    )


def _as_pdf(data: bytes, day: date) -> Response:
    name = quote(f"名簿_{day.isoformat()}.pdf", safe="")
    return Response(
        data,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"{day}.pdf\"; filename*=UTF-8''{name}",
            "Cache-Control": "no-store",
        },
    )


@bp.post(f"{_SHEETS}/make")
@requires(Permission.RUN_THE_DAY)
def make(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Make today's sheet now, in place of the morning's."""
    now = clock.now()
    with transaction() as session:
        service.make_sheet(
            session,
            facility_id,
            clock.today(now),
            actor=current_actor(),
            now=now,
            root=config.print_folder(os.environ),
        )
        flash(_("今日の名簿を作りました。"))
        return see_other(session, url_for(".index"))


@bp.post(f"{_SHEETS}/times")
@requires(Permission.RUN_THE_DAY)
def times(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Keep when the facility wants its sheet."""
    actor = current_actor()
    own_facility(current_session(), facility_id, actor)
    form = TimesForm(prefix=f"f{facility_id.hex[:8]}-")
    if not form.validate_on_submit():
        return _page((facility_id, form)), 422
    with transaction() as session:
        service.set_times(
            session, facility_id, is_on=form.wants_one, minute=form.minute.data, actor=actor
        )
        flash(_("名簿を作る時刻を変えました。"))
        return see_other(session, url_for(".index"))
