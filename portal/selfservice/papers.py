"""Blank forms for everybody, to print, fill in by hand and bring, post or send by FAX."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.documents.pdf import PdfUnavailable
from portal.kernel import clock
from portal.letters.sheet_paper import Desk, blank_pdf, plain_title
from portal.letters.sheets import BY_KIND, SHEETS
from portal.slots.published import Place, published_place
from portal.web.access import Permission, requires
from portal.web.downloads import pdf_answer

bp = Blueprint("papers", __name__)

#: A form changes with its version; a browser need not ask again within the hour.
_KEPT = "public, max-age=3600"
_FOR = "/facilities/<uuid:facility_id>/papers"


@bp.get("/papers/")
@requires(Permission.OPEN_TO_ALL)
def index() -> ResponseReturnValue:
    """List the forms, without a facility's name in them."""
    return render_template("public/papers.html", facility=None, sheets=SHEETS, title=plain_title)


@bp.get(f"{_FOR}/")
@requires(Permission.OPEN_TO_ALL)
def of_facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """List the forms with a facility's name, address and FAX in them."""
    facility = _place(facility_id).facility
    return render_template(
        "public/papers.html", facility=facility, sheets=SHEETS, title=plain_title
    )


@bp.get("/papers/<kind>.pdf", defaults={"with_readings": False})
@bp.get("/papers/furigana/<kind>.pdf", defaults={"with_readings": True})
@requires(Permission.OPEN_TO_ALL)
def pdf(kind: str, *, with_readings: bool) -> ResponseReturnValue:
    """Hand out a form."""
    return _pdf(kind, None, with_readings=with_readings)


@bp.get(f"{_FOR}/<kind>.pdf", defaults={"with_readings": False})
@bp.get(f"{_FOR}/furigana/<kind>.pdf", defaults={"with_readings": True})
@requires(Permission.OPEN_TO_ALL)
def pdf_of_facility(
    facility_id: uuid.UUID, kind: str, *, with_readings: bool
) -> ResponseReturnValue:
    """Hand out a form of a facility."""
    return _pdf(kind, _place(facility_id), with_readings=with_readings)


def _place(facility_id: uuid.UUID) -> Place:
    return published_place(current_session(), facility_id, on=clock.today(clock.now()))


def _pdf(kind: str, place: Place | None, *, with_readings: bool) -> ResponseReturnValue:
    if kind not in BY_KIND:
        abort(404)
    rules = [place.document] if place and place.takes_bookings else []
    desk = Desk.of(place.facility, rules) if place else None
    is_demo = current_app.config["PORTAL"].is_demo
    try:
        data = blank_pdf(kind, desk, with_readings=with_readings, is_demo=is_demo)
    except PdfUnavailable:
        page = render_template(
            "public/papers.html",
            facility=place.facility if place else None,
            sheets=SHEETS,
            title=plain_title,
            has_no_pdf=True,
        )
        return page, 503
    return pdf_answer(data, plain_title(BY_KIND[kind]), kind, kept=_KEPT)
