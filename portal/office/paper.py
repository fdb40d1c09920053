"""Forms on paper for staff: blank, or filled with what is known; and where to enter what came."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from flask import Blueprint, abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.queries import facilities_of
from portal.audit.service import record_read
from portal.bookings.queries.lists import programmes_to_book
from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.facilities.models import Facility
from portal.families import queries
from portal.families.models import Child
from portal.kernel import clock
from portal.letters.sheet_facts import facts_for
from portal.letters.sheet_paper import Desk, blank_pdf, plain_title, sheet_pdf
from portal.letters.sheet_parts import Sheet
from portal.letters.sheets import BY_KIND, SHEETS
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import of_family
from portal.rulebooks.queries import rules_of
from portal.slots.queries import own_facility
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer

bp = Blueprint("office_paper", __name__, url_prefix="/office")


@dataclass(frozen=True, slots=True)
class Entry:
    """Where staff enter what came back on a form: words and address."""

    words: str
    href: str


@bp.get("/paper/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List the blank forms of each facility."""
    facilities = facilities_of(current_session(), current_actor())
    return render_template(
        "office/paper/index.html", facilities=facilities, sheets=SHEETS, title=plain_title
    )


@bp.get("/paper/<uuid:facility_id>/<kind>.pdf", defaults={"with_readings": False})
@bp.get("/paper/<uuid:facility_id>/furigana/<kind>.pdf", defaults={"with_readings": True})
@requires(Permission.RUN_THE_DAY)
def blank(facility_id: uuid.UUID, kind: str, *, with_readings: bool) -> ResponseReturnValue:
    """Hand out a blank form of a facility."""
    sheet = _sheet(kind)
    facility = own_facility(current_session(), facility_id, current_actor())
    try:
        data = blank_pdf(kind, _desk(facility), with_readings=with_readings, is_demo=_is_demo())
    except PdfUnavailable as unavailable:
        return _no_pdf(unavailable)
    return pdf_answer(data, plain_title(sheet), kind)


@bp.get("/families/<uuid:family_id>/paper/")
@requires(Permission.RUN_THE_DAY)
def for_family(family_id: uuid.UUID) -> ResponseReturnValue:
    """List the forms filled for a family, and where to enter what came back."""
    session, actor = current_session(), current_actor()
    family = queries.family(session, family_id, actor=actor)
    applications = of_family(session, actor=actor, family_id=family_id)
    newest = max(applications, key=lambda row: row.applied_at, default=None)
    return render_template(
        "office/paper/family.html",
        family=family,
        guardians=queries.guardians(session, family_id, actor=actor),
        children=queries.children(session, family_id, actor=actor),
        facilities=facilities_of(session, actor),
        sheets=SHEETS,
        title=plain_title,
        entry=lambda kind, child: _entry(kind, family_id, child, newest),
    )


@bp.get("/families/<uuid:family_id>/paper/<kind>.pdf", defaults={"with_readings": False})
@bp.get("/families/<uuid:family_id>/paper/furigana/<kind>.pdf", defaults={"with_readings": True})
@requires(Permission.RUN_THE_DAY)
def filled(family_id: uuid.UUID, kind: str, *, with_readings: bool) -> ResponseReturnValue:
    """Hand out a form with what is known of a family; printing it leaves a trace."""
    sheet, actor = _sheet(kind), current_actor()
    with leaving_a_trace() as session:
        child_id = request.args.get("child", type=uuid.UUID)
        facts = facts_for(session, sheet, family_id, child_id, actor=actor)
        record_read(session, actor, "paper", family_id=family_id, kind=kind)
        facility = _facility()
    desk = _desk(facility) if facility else None
    try:
        data = sheet_pdf(sheet, desk, facts, with_readings=with_readings, is_demo=_is_demo())
    except PdfUnavailable as unavailable:
        return _no_pdf(unavailable)
    return pdf_answer(data, plain_title(sheet), kind)


def _sheet(kind: str) -> Sheet:
    if kind not in BY_KIND:
        abort(404)
    return BY_KIND[kind]


def _facility() -> Facility | None:
    """Return the facility asked for, else the only one, else none: then its name is written."""
    session, actor = current_session(), current_actor()
    wanted = request.args.get("facility", type=uuid.UUID)
    if wanted is not None:
        return own_facility(session, wanted, actor)
    facilities = facilities_of(session, actor)
    return facilities[0] if len(facilities) == 1 else None


def _desk(facility: Facility) -> Desk:
    """Return a facility with what today's rules of its programmes let families choose."""
    session = current_session()
    programmes = programmes_to_book(session, actor=current_actor())
    here = [each.id for each in programmes if each.facility_id == facility.id]
    documents = rules_of(session, here, clock.today(clock.now()))
    return Desk.of(facility, [documents[each] for each in here if each in documents])


def _is_demo() -> bool:
    return bool(current_app.config["PORTAL"].is_demo)


def _no_pdf(unavailable: PdfUnavailable) -> ResponseReturnValue:
    return render_template("office/paper/no_pdf.html", why=str(unavailable)), 503


def _entry(
    kind: str, family_id: uuid.UUID, child: Child | None, newest: Preregistration | None
) -> Entry:
    """Return where what came back is entered, with channel and time of receipt."""
    family = url_for("office_families.show", family_id=family_id)
    if kind == "record" and child is not None:
        return Entry(
            _("児童票に書く"),
            url_for("office_families_people.record", family_id=family_id, child_id=child.id),
        )
    if kind in _AT_APPLICATION and newest is not None:
        endpoint, words = _AT_APPLICATION[kind]
        return Entry(words, url_for(endpoint, preregistration_id=newest.id))
    found = {
        "application": Entry(
            _("申し込みを入れる"), url_for("office_preregistrations.new", family_id=family_id)
        ),
        "booking": Entry(_("予約を入れる"), url_for("office_bookings.new", family=str(family_id))),
        "visit": Entry(_("見学・面談の日をえらんで入れる"), url_for("office_visits.index")),
        "change": Entry(_("予約をえらんで変える・取り消す"), f"{family}#bookings-h"),
        "pickup": Entry(_("お迎えの人を入れる"), f"{family}#pickup-h"),
    }
    return found.get(kind, Entry(_("ご家庭のページで入れる"), family))


#: Forms that speak of an application: its newest page takes what they say.
_AT_APPLICATION = {
    "consent": ("office_application_papers.show", _("同意を入れる")),
    "withdrawal": ("office_paper_told.said", _("取り下げを入れる")),
    "renewal": ("office_preregistrations.show", _("更新を入れる")),
    "agreement": ("office_preregistrations.show", _("確認を入れる")),
}
