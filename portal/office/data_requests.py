"""What families asked about their data: the provider's list, answers, and the paper by post."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.datarequests import own_copy, queries, service, words
from portal.datarequests.forms import EnterRequestForm, RequestAnswerForm
from portal.datarequests.rules import RequestKind
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_data_requests", __name__, url_prefix="/office/data-requests")


@bp.get("/")
@requires(Permission.ANSWER_DATA_REQUESTS)
def index() -> ResponseReturnValue:
    """List what was asked, what waits first."""
    session, actor = current_session(), current_actor()
    requests = queries.requests(session, actor=actor)
    return render_template(
        "office/data_requests/index.html",
        requests=requests,
        names=queries.who_asked(session, requests, actor=actor),
        today=clock.today(clock.now()),
        words=words,
    )


@bp.get("/<uuid:request_id>")
@requires(Permission.ANSWER_DATA_REQUESTS)
def show(request_id: uuid.UUID) -> ResponseReturnValue:
    """Show a request with its text; every showing leaves a trace."""
    return _page(request_id, RequestAnswerForm())


@bp.post("/<uuid:request_id>")
@requires(Permission.ANSWER_DATA_REQUESTS)
def answer(request_id: uuid.UUID) -> ResponseReturnValue:
    """Answer it: done, or declined with the reason."""
    form = RequestAnswerForm()
    form.kind = queries.request(current_session(), request_id, actor=current_actor()).kind
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            is_gone = service.answer(
                session,
                request_id,
                form.chosen_state(),
                form.words.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
            if is_gone:
                flash(_("ご家庭のデータをすべて消しました。"), "ok")
            else:
                flash(_("返事を保存しました。ご家庭に知らせます。"), "ok")
            return see_other(session, url_for(".index"))
    return _page(request_id, form), form.status


@bp.route("/new/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Enter what a caller, a letter or a visitor asked for."""
    actor, now, form = current_actor(), clock.now(), EnterRequestForm()
    family = families.family(current_session(), family_id, actor=actor)
    if form.validate_on_submit():
        with form.explaining(sentence):
            return _enter(family_id, form)
    elif not form.is_submitted():
        form.propose(now)
    return render_template("office/data_requests/new.html", form=form, family=family), form.status


def _enter(family_id: uuid.UUID, form: EnterRequestForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    organisation_id = actor.organisation_id
    if organisation_id is None:
        raise RuntimeError("the permission lets only a provider's staff in")
    with transaction() as session:
        if form.chosen_kind() is RequestKind.ERASURE:
            service.ask_erasure(
                session,
                family_id,
                form.words.data or "",
                is_confirmed=True,
                actor=actor,
                now=now,
                channel=form.by_channel(),
                received_at=form.received_at(),
            )
        else:
            service.ask_correction(
                session,
                family_id,
                organisation_id,
                form.chosen_topic(),
                form.words.data or "",
                actor=actor,
                now=now,
                channel=form.by_channel(),
                received_at=form.received_at(),
            )
        flash(_("求めを受け付けました。園長・主任が返事をします。"), "ok")
        return see_other(session, url_for("office_families.show", family_id=family_id))


@bp.post("/copy/<uuid:family_id>")
@requires(Permission.ANSWER_DATA_REQUESTS)
def copy(family_id: uuid.UUID) -> ResponseReturnValue:
    """Make the paper for a family without an account: what this provider holds, as PDF."""
    form, now = PortalForm(), clock.now()
    if not form.validate_on_submit():
        flash(_("もう一度、紙を作るボタンを押してください。"), "warn")
        with transaction() as session:
            return see_other(session, url_for("office_families.show", family_id=family_id))
    with transaction() as session:
        gathered = own_copy.gather(session, family_id, actor=current_actor(), now=now)
    try:
        data = own_copy.paper(gathered, is_demo=current_app.config["PORTAL"].is_demo)
    except PdfUnavailable as problem:
        return render_template("office/data_requests/no_pdf.html", problem=str(problem)), 503
    return Response(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="data.pdf"'},
    )


def _page(request_id: uuid.UUID, form: RequestAnswerForm) -> str:
    actor = current_actor()
    with reading() as session:
        found = service.open_request(session, request_id, actor=actor)
        family = families.family(session, found.family_id, actor=actor)
        return render_template(
            "office/data_requests/show.html",
            found=found,
            family=family,
            guardians=families.guardians(session, found.family_id, actor=actor),
            children=families.children(session, found.family_id, actor=actor),
            still_booked=queries.still_booked(session, found.family_id, actor=actor),
            form=form,
            plain=PortalForm(),
            words=words,
            today=clock.today(clock.now()),
        )
