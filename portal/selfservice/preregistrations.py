"""A family's own pre-registrations: apply, see where they stand, answer, withdraw."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.preregistration import agreeing, queries, renewing, service
from portal.preregistration.forms import AgreeForm, AnswerForm, PlainForm, SayForm
from portal.preregistration.line import Stage
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import (
    LIVE,
    PreregistrationState,
)
from portal.selfservice.application_view import load
from portal.selfservice.drafts import unfinished
from portal.selfservice.preregistrations_view import (
    Standing,
    calendar_url,
    shown,
    standings_of,
)
from portal.web.access import NotHerRight, Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_preregistrations", __name__, url_prefix="/my/preregistrations")


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """List the applications, each with its next step in one line; brothers and sisters together."""
    session, actor, now = current_session(), current_actor(), clock.now()
    found = queries.of_family(session, actor=actor)
    standings = standings_of(session, found, actor=actor, now=now)
    rows = sorted(found, key=lambda row: _turn(row, standings[row.id]))
    return render_template(
        "selfservice/preregistrations/index.html",
        rows=rows,
        calendar_url=calendar_url,
        standings=standings,
        unfinished=[
            each
            for each in (unfinished(session, actor=actor) if actor.has(Right.BOOK) else ())
            if each.is_application
        ],
        plain=PlainForm(formdata=None),
        Stage=Stage,
    )


def _turn(row: Preregistration, standing: Standing) -> int:
    """Order what waits for the family first, then what runs, then what is over."""
    if row.state not in LIVE or standing.line.stage is Stage.ENDED:
        return 3
    if standing.line.is_hers:
        return 0
    return 2 if row.state is PreregistrationState.ACCEPTED else 1


@bp.get("/apply/<uuid:facility_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def apply(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Lead into the guided application, to the first part that is not done."""
    application = load(current_session(), facility_id, actor=current_actor(), now=clock.now())
    return redirect(application.url(application.goes_on), 303)


@bp.get("/<uuid:preregistration_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show where an application stands and what both sides wrote."""
    return _page(preregistration_id)


@bp.post("/<uuid:preregistration_id>/answer")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def answer(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Answer the facility's question."""
    _reads_words()
    form = AnswerForm()

    def act(session: Session) -> None:
        service.answer(
            session, preregistration_id, form.words.data, actor=current_actor(), now=clock.now()
        )

    return _do(preregistration_id, form, act, _("園に答えを送りました。"))


@bp.post("/<uuid:preregistration_id>/say")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def say(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Write to the facility, besides answering its questions."""
    _reads_words()
    form = SayForm()

    def act(session: Session) -> None:
        service.say(
            session, preregistration_id, form.words.data, actor=current_actor(), now=clock.now()
        )

    return _do(preregistration_id, form, act, _("園に送りました。"))


@bp.post("/<uuid:preregistration_id>/agree")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def agree(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Say that she has read what the facility wants her to know."""

    def act(session: Session) -> None:
        actor = current_actor()
        if queries.preregistration(session, preregistration_id, actor=actor).has_conditions:
            _reads_words()
        agreeing.agree(session, preregistration_id, actor=current_actor(), now=clock.now())

    return _do(preregistration_id, AgreeForm(), act, _("読んだことを園に伝えました。"))


@bp.post("/<uuid:preregistration_id>/renew")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def renew(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Ask that the registration goes on, with what is written as it is."""

    def act(session: Session) -> None:
        renewing.ask_renewal(session, preregistration_id, actor=current_actor(), now=clock.now())

    return _do(preregistration_id, PlainForm(), act, _("続けたいことを園に伝えました。"))


@bp.post("/<uuid:preregistration_id>/withdraw")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def withdraw(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """End the application; the page has said before what becomes of the bookings."""

    def act(session: Session) -> None:
        service.withdraw(session, preregistration_id, actor=current_actor(), now=clock.now())

    here = url_for(".index")
    return _do(preregistration_id, PlainForm(), act, _("申し込みを取り下げました。"), here)


def _reads_words() -> None:
    """Let nobody answer or agree to words that are not shown to her.

    Raises:
        NotHerRight: she may not know of the children's bodies.
    """
    if not current_actor().has(Right.CHILDREN):
        raise NotHerRight


def _do(
    preregistration_id: uuid.UUID,
    form: PortalForm,
    act: Callable[[Session], None],
    done: str,
    here: str | None = None,
) -> ResponseReturnValue:
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            act(session)
            flash(done)
            shown_at = url_for(".show", preregistration_id=preregistration_id)
            return see_other(session, here or shown_at)
    return _page(preregistration_id, form), form.status


def _page(preregistration_id: uuid.UUID, sent: PortalForm | None = None) -> str:
    actor, now = current_actor(), clock.now()
    with reading() as session:
        row = queries.preregistration(session, preregistration_id, actor=actor)
        # Both sides write of the child's body here, the conditions name it too.
        messages = (
            service.open_messages(session, preregistration_id, actor=actor)
            if actor.has(Right.CHILDREN)
            else ()
        )
        known = shown(session, row, messages, actor=actor, now=now)
    unsent = AnswerForm if row.state is PreregistrationState.ASKED_BACK else SayForm
    return render_template(
        "selfservice/preregistrations/show.html",
        **known,
        messages=messages,
        form=sent,
        words=sent if isinstance(sent, AnswerForm) else unsent(None),
        agreement=sent if isinstance(sent, AgreeForm) else AgreeForm(None),
        plain=PlainForm(formdata=None),
    )
