"""One paper for a family at an interview (R9): the nearest facilities that take these children.

Whoever advises her makes it, staff, or the family itself. Its address holds months of birth and a
town alone; what is typed as an address is matched and forgotten. Nothing is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment
from werkzeug.datastructures import MultiDict

from portal.db.session import current_session
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable, pdf_on_one_page
from portal.documents.qr import qr_path
from portal.documents.templating import environment
from portal.documents.wording.sentences import sentence
from portal.facilities.points import Point, find_point
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.selfservice.family_sheet_forms import FamilySheetForm
from portal.selfservice.family_sheet_view import LAYOUTS, FamilySheet
from portal.slots.family_sheet import Asked, SheetRefusal, of_family, read
from portal.slots.near import listed_facilities, spots_of
from portal.slots.published import areas
from portal.web.access import Permission, current_actor, requires

bp = Blueprint("family_sheet", __name__)

_ABOUT = {
    SheetRefusal.MONTH_OF_BIRTH: "born_1",
    SheetRefusal.NO_CHILDREN: "born_1",
    SheetRefusal.MONTH_DUE: "due_1",
    SheetRefusal.DAY: "on",
}


@cache
def _papers() -> Environment:
    return environment()


@bp.route("/family-sheet", methods=["GET", "POST"])
@requires(Permission.OPEN_TO_ALL)
def ask() -> ResponseReturnValue:
    """Ask for whom the paper is; an address typed here goes no further than its town."""
    form = FamilySheetForm()
    session, today = current_session(), clock.today(clock.now())
    form.offer(areas(session), today=today)
    if form.validate_on_submit():
        try:
            asked = _typed(form)
        except Refusal as refusal:
            _explain(form, refusal)
            form.is_refused = True
        else:
            return redirect(url_for(".sheet", **asked.query()), 303)
    return render_template("public/family_sheet_ask.html", form=form), form.status


def _typed(form: FamilySheetForm) -> Asked:
    """Return what was typed, with the town in place of the address.

    Raises:
        Refusal: with every reason.
    """
    born, due = form.months()
    chosen = MultiDict[str, str](
        [*(("child", month) for month in born), *(("due", month) for month in due)]
    )
    if form.on.data:
        chosen["on"] = form.on.data.isoformat()
    chosen["words"] = form.words.data or ""
    reasons: list[Reason] = []
    typed = (form.near.data or "").strip() or form.area.data or ""
    if typed:
        found = find_point(typed, spots_of(listed_facilities(current_session())))
        if isinstance(found, Point):
            chosen["near"] = found.label
        else:
            reasons.append(Reason(found))
    try:
        asked = read(chosen, today=clock.today(clock.now()))
    except Refusal as refusal:
        raise Refusal([*reasons, *refusal.reasons]) from None
    if reasons:
        raise Refusal(reasons)
    return asked


def _explain(form: FamilySheetForm, refusal: Refusal) -> None:
    for reason in refusal.reasons:
        if isinstance(reason.code, SheetRefusal) and reason.code not in _ABOUT:
            form.form_errors.append(sentence(reason))
            continue
        name = _ABOUT[reason.code] if isinstance(reason.code, SheetRefusal) else "near"
        form[name].errors = [*form[name].errors, sentence(reason)]


@bp.get("/family-sheet/paper")
@requires(Permission.OPEN_TO_ALL)
def sheet() -> ResponseReturnValue:
    """Show the paper, to read and to print from here."""
    return _answer(is_pdf=False)


@bp.get("/family-sheet/paper.pdf")
@requires(Permission.OPEN_TO_ALL)
def pdf() -> ResponseReturnValue:
    """Hand out the paper as PDF; where none can be made, the page that can be printed."""
    return _answer(is_pdf=True)


def _answer(*, is_pdf: bool) -> ResponseReturnValue:
    now = clock.now()
    try:
        asked = read(request.args, today=clock.today(now))
    except Refusal as refusal:
        form = FamilySheetForm()
        form.offer(areas(current_session()), today=clock.today(now))
        _explain(form, refusal)
        return render_template("public/family_sheet_ask.html", form=form), 422
    with _in_words(asked.words):
        contents = _contents(asked)
        if not is_pdf:
            return render_template("public/family_sheet.html", on_screen=True, **contents)
        html = _papers().get_template("public/family_sheet.html")
        papers = (
            html.render(on_screen=False, **contents | {"most": most, "most_others": others})
            for most, others in LAYOUTS
        )
        try:
            data = pdf_on_one_page(papers)
        except PdfUnavailable:
            page = render_template("public/family_sheet.html", on_screen=True, **contents)
            return page, 503
        name = quote(f"{_('一時預かりの案内')}.pdf", safe="")
    disposition = f"inline; filename=\"guide.pdf\"; filename*=UTF-8''{name}"
    return Response(
        data, content_type="application/pdf", headers={"Content-Disposition": disposition}
    )


@contextmanager
def _in_words(code: str) -> Iterator[None]:
    """Write the paper in the family's language, whoever makes it."""
    with i18n.use_language(code or i18n.code()):
        yield


def _contents(asked: Asked) -> dict[str, Any]:
    now, settings = clock.now(), current_app.config["PORTAL"]
    base_url = settings.base_url.rstrip("/")
    link = base_url + url_for(".sheet", **asked.query())
    return {
        "sheet": FamilySheet(current_session(), asked, now=now, base_url=base_url),
        "most": LAYOUTS[0][0],
        "most_others": LAYOUTS[0][1],
        "pdf_url": url_for(".pdf", **asked.query()),
        "link": link,
        "code": qr_path(link),
        "now": now,
        "is_demo": settings.is_demo,
    }


@bp.get("/my/family-sheet")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def own() -> ResponseReturnValue:
    """Lead a guardian to the paper for her own children."""
    actor, now = current_actor(), clock.now()
    if actor.family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    asked = of_family(current_session(), actor.family_id, actor=actor, now=now, with_town=True)
    if asked is None:
        return redirect(url_for(".ask"), 303)
    return redirect(url_for(".sheet", **asked.query()), 303)
