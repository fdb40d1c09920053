"""One paper about a facility to hand to a family: where, for whom, the fee, the steps, the phone.

Made from what is published; with an interview in mind (R9), so it fits one page and any printer.
"""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, pgettext
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.documents.qr import qr_path
from portal.documents.templating import environment
from portal.kernel import clock
from portal.preregistration.places import full_places
from portal.rulebooks.describe import facts, fee_facts
from portal.slots.opening import open_days
from portal.slots.published import published_place
from portal.web.access import Permission, requires

bp = Blueprint("public_sheet", __name__)

_WEEKDAYS = "月火水木金土日"


@cache
def _papers() -> Environment:
    return environment()


@bp.get("/facilities/<uuid:facility_id>/sheet")
@requires(Permission.OPEN_TO_ALL)
def sheet(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show the paper, to read and to print from here."""
    return render_template("public/sheet.html", on_screen=True, **_contents(facility_id))


@bp.get("/facilities/<uuid:facility_id>/sheet.pdf")
@requires(Permission.OPEN_TO_ALL)
def pdf(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the paper as PDF; where none can be made, the page that can be printed."""
    contents = _contents(facility_id)
    html = _papers().get_template("public/sheet.html").render(on_screen=False, **contents)
    try:
        data = pdf_bytes(html)
    except PdfUnavailable:
        return render_template("public/sheet.html", on_screen=True, **contents), 503
    title = _("一時預かりの案内_%(facility)s") % {"facility": contents["place"].facility.name}
    name = quote(f"{title}.pdf", safe="")
    disposition = f"inline; filename=\"guide.pdf\"; filename*=UTF-8''{name}"
    return Response(
        data, content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


def _told_later() -> tuple[str, ...]:
    """Return what need not be taken home: pages tell it in time, and one sheet stays one."""
    return (_("料金がかからない取り消し"), _("同意をたずねること"))


def _contents(facility_id: uuid.UUID) -> dict[str, Any]:
    now = clock.now()
    today, session = clock.today(now), current_session()
    place = published_place(session, facility_id, on=today)
    weekdays = open_days(session, facility_id, today).calendar.open_weekdays
    address = current_app.config["PORTAL"].base_url.rstrip("/") + url_for(
        "public.facility", facility_id=facility_id
    )
    return {
        "place": place,
        "facts": [each for each in facts(place.document) if each.term not in _told_later()],
        "fees": fee_facts(place.document.fee, place.document.purposes, place.document.age),
        "is_full": place.id in full_places(session, [place], today),
        "weekdays": listed([pgettext("weekday", _WEEKDAYS[day]) for day in sorted(weekdays)], "・"),
        "address": address,
        "code": qr_path(address),
        "now": now,
        "today": today,
        "is_demo": current_app.config["PORTAL"].is_demo,
    }
