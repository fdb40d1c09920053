"""A family about its own data: who saw it, a copy of it, and what it asks to be done with it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from flask import Blueprint, Response, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.datarequests import own_copy, queries, service, words
from portal.datarequests.forms import CorrectionForm, ErasureForm
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.documents.wording.sentences import sentence
from portal.families.expected import closed_lately
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.rights import may_open
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_own_data", __name__, url_prefix="/my/data")

#: How much of the log one page shows.
DAYS_SHOWN = 30


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show who may see the family, what was asked, and the ways on."""
    return _page(PortalForm())


@bp.get("/log")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def log() -> ResponseReturnValue:
    """Show who saw and did what, and which mails left, a month at a time."""
    actor, session = current_actor(), current_session()
    today = clock.today(clock.now())
    last = min(_day(request.args.get("until")) or today, today)
    first = last - timedelta(days=DAYS_SHOWN - 1)
    lines = queries.log_of(session, first, last, actor=actor)
    return render_template(
        "selfservice/own_data/log.html",
        seen=queries.by_day(line for line in lines if line.is_read),
        done=queries.by_day(line for line in lines if not line.is_read),
        mails=queries.mails_to(session, first, last, actor=actor),
        is_whole=actor.sees_whole_family,
        first=first,
        last=last,
        older=first - timedelta(days=1),
        newer=last + timedelta(days=DAYS_SHOWN) if last < today else None,
        words=words,
    )


def _day(written: str | None) -> date | None:
    try:
        return clock.written_day(written) if written else None
    except ValueError:
        return None


@bp.post("/copy")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def copy() -> ResponseReturnValue:
    """Hand out everything as a ZIP: a paper to read, and a file for programs."""
    form, actor, now = PortalForm(), current_actor(), clock.now()
    if not form.validate_on_submit():
        return _page(form), 422
    if not actor.sees_whole_family:
        abort(403)
    with transaction() as session:
        gathered = own_copy.gather(session, _own_family(), actor=actor, now=now, with_photos=True)
    is_demo = current_app.config["PORTAL"].is_demo
    try:
        data = own_copy.archive(gathered, is_demo=is_demo)
    except PdfUnavailable as problem:
        form.form_errors.append(str(problem))
        return _page(form), 503
    name = f"data-{clock.today(now).isoformat()}.zip"
    return Response(
        data,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.route("/correction", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def correction() -> ResponseReturnValue:
    """Ask a provider to put something right that the family cannot change itself."""
    form, actor = CorrectionForm(), current_actor()
    if not actor.sees_whole_family:
        abort(403)
    holders = queries.holders(current_session(), actor=actor)
    form.offer(holders)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.ask_correction(
                session,
                _own_family(),
                form.organisation_id.data,
                form.chosen_topic(),
                form.words.data,
                actor=actor,
                now=clock.now(),
            )
            flash(_("園に送りました。返事はメールで知らせます。"), "ok")
            return see_other(session, url_for(".index"))
    page = render_template("selfservice/own_data/correction.html", form=form, holders=holders)
    return page, form.status


@bp.route("/erasure", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def erasure() -> ResponseReturnValue:
    """Ask that everything is erased; what that means stands before the button."""
    form, actor = ErasureForm(), current_actor()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            is_gone = service.ask_erasure(
                session,
                _own_family(),
                form.words.data or "",
                is_confirmed=form.is_confirmed.data,
                actor=actor,
                now=clock.now(),
            )
            if is_gone:
                flash(_("ご家庭のデータをすべて消しました。登録も終わりました。"), "ok")
            else:
                flash(_("園に送りました。すべての園が応じると、データを消します。"), "ok")
            return see_other(session, url_for("pages.home") if is_gone else url_for(".index"))
    session = current_session()
    page = render_template(
        "selfservice/own_data/erasure.html",
        form=form,
        holders=queries.holders(session, actor=actor),
        still_booked=queries.still_booked(session, _own_family(), actor=actor),
    )
    return page, form.status


@bp.post("/requests/<uuid:request_id>/withdraw")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def withdraw(request_id: uuid.UUID) -> ResponseReturnValue:
    """Take a request back."""
    form = PortalForm()
    with form.explaining(sentence), transaction() as session:
        service.withdraw(session, request_id, actor=current_actor(), now=clock.now())
        flash(_("取り下げました。"), "ok")
        return see_other(session, url_for(".index"))
    return _page(form), form.status


def _own_family() -> uuid.UUID:
    family_id = current_actor().family_id
    if family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return family_id


def _page(form: PortalForm) -> str:
    actor, session = current_actor(), current_session()
    requests = queries.requests(session, actor=actor)
    return render_template(
        "selfservice/own_data/index.html",
        form=form,
        is_whole=actor.sees_whole_family,
        may_consents=may_open("selfservice_consents.index", actor, is_sending=False),
        may_support=may_open("selfservice_support.index", actor, is_sending=False),
        holders=queries.holders(session, actor=actor),
        requests=requests,
        bodies=queries.bodies_of(session, {each.organisation_id for each in requests}),
        closed=_closed() if actor.sees_whole_family else [],
        words=words,
    )


def _closed() -> list[uuid.UUID]:
    """Return what was closed and may still be opened again; no page but this one leads there."""
    session, actor = current_session(), current_actor()
    found = closed_lately(session, _own_family(), actor=actor, now=clock.now())
    return [child.id for child in found]
