"""Staff see who waits, decide, ask back, and enter applications for callers."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as family_queries
from portal.families import service as families
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.preregistration import queries, service
from portal.preregistration.forms import DeclineForm, EnterForm, PlainForm, QuestionForm
from portal.preregistration.rules import possible
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_preregistrations", __name__, url_prefix="/office/preregistrations")
#: Applications on one page.
PAGE_SIZE = 50


@bp.get("/")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def index() -> ResponseReturnValue:
    """List applications, those that wait for the facility first, a page at a time."""
    session, actor = current_session(), current_actor()
    total, waiting = queries.how_many(session, actor=actor)
    last = max(1, -(-total // PAGE_SIZE))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    rows = queries.waiting_first(
        session, actor=actor, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    near = sorted({1, number - 1, number, number + 1, last} & set(range(1, last + 1)))
    pages = [
        {"label": str(each), "href": url_for(".index", page=each), "current": each == number}
        for each in near
    ]
    return render_template(
        "office/preregistrations/index.html", rows=rows, waiting=waiting, pages=pages
    )


@bp.route("/new/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.DECIDE_PREREGISTRATIONS)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Enter an application for a caller, with the time of receipt; accept it at once if wished."""
    actor, now, status = current_actor(), clock.now(), 200
    session = current_session()
    family = family_queries.family(session, family_id, actor=actor)
    children = family_queries.children(session, family_id, actor=actor)
    form = EnterForm()
    form.offer((child, _spoken_of(child)) for child in children)
    form.offer_facilities(queries.facilities_of(session, actor=actor))
    if form.validate_on_submit():
        try:
            return _enter(family_id, form)
        except Refusal as refusal:
            names: dict[uuid.UUID | None, str] = {child.id: _spoken_of(child) for child in children}
            form.explain(refusal, lambda reason: sentence(reason, child=names.get(reason.child_id)))
            status = 409
    elif form.is_submitted():
        status = 422
    else:
        form.propose(now)
    confirmed = family_queries.confirmed_days(
        session, [child.id for child in children], actor=actor
    )
    page = render_template(
        "office/preregistrations/new.html",
        form=form,
        family=family,
        children=children,
        unwritten=[child for child in children if child.born_on and child.id not in confirmed],
    )
    return page, status


def _enter(family_id: uuid.UUID, form: EnterForm) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        made = service.apply(
            session,
            form.facility_id.data,
            form.child_ids.data,
            actor=actor,
            now=now,
            note=form.note.data or "",
            channel=form.by_channel(),
            received_at=form.received_at(),
            family_id=family_id,
        )
        if form.accept_now.data:
            service.accept_all(session, made, actor=actor, now=now)
        flash(_("承諾しました。") if form.accept_now.data else _("申し込みを受け付けました。"))
        return see_other(session, url_for("office_families.show", family_id=family_id))


@bp.get("/<uuid:preregistration_id>")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show an application with the child's record; every showing leaves a trace."""
    return _page(preregistration_id)


@bp.post("/<uuid:preregistration_id>/accept")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def accept(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Accept the application."""

    def act(session: Session) -> None:
        service.accept(session, preregistration_id, actor=current_actor(), now=clock.now())

    return _decide(preregistration_id, PlainForm(), act, _("承諾しました。ご家庭に知らせます。"))


@bp.post("/<uuid:preregistration_id>/ask-back")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def ask_back(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the family something first."""
    form = QuestionForm()

    def act(session: Session) -> None:
        service.ask_back(
            session,
            preregistration_id,
            form.question.data,
            actor=current_actor(),
            now=clock.now(),
        )

    return _decide(preregistration_id, form, act, _("質問を送りました。"))


@bp.post("/<uuid:preregistration_id>/decline")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def decline(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Decline, with the reason that the family reads."""
    form = DeclineForm()

    def act(session: Session) -> None:
        service.decline(
            session, preregistration_id, form.reason.data, actor=current_actor(), now=clock.now()
        )

    return _decide(preregistration_id, form, act, _("お断りの返事を送りました。"))


@bp.post("/<uuid:preregistration_id>/withdraw")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def withdraw(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Withdraw at a caller's wish."""

    def act(session: Session) -> None:
        service.withdraw(session, preregistration_id, actor=current_actor(), now=clock.now())

    return _decide(preregistration_id, PlainForm(), act, _("取り下げました。"))


def _decide(
    preregistration_id: uuid.UUID,
    form: PortalForm,
    act: Callable[[Session], None],
    done: str,
) -> ResponseReturnValue:
    if not form.validate_on_submit():
        return _page(preregistration_id, form), 422
    try:
        with transaction() as session:
            act(session)
            flash(done)
            return see_other(session, url_for(".show", preregistration_id=preregistration_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(preregistration_id, form), 409


def _page(preregistration_id: uuid.UUID, sent: PortalForm | None = None) -> str:
    actor = current_actor()
    with reading() as session:
        row = queries.preregistration(session, preregistration_id, actor=actor)
        messages = service.open_messages(session, preregistration_id, actor=actor)
        record = families.open_record(session, row.child_id, actor=actor)
        guardians = family_queries.guardians(session, row.family_id, actor=actor)
        pickup_persons = family_queries.pickup_persons(session, row.family_id, actor=actor)
    return render_template(
        "office/preregistrations/show.html",
        row=row,
        messages=messages,
        record=record,
        guardians=guardians,
        pickup_persons=pickup_persons,
        may_do=possible(row.state),
        plain=PlainForm(formdata=None),
        question=sent if isinstance(sent, QuestionForm) else QuestionForm(None),
        refusal=sent if isinstance(sent, DeclineForm) else DeclineForm(None),
        form=sent,
    )


def _spoken_of(child: Child) -> str:
    return _("%(name)sさん") % {"name": child.name} if child.name else _("これから生まれるお子さん")
