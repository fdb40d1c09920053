"""The inbox of a body that nurseries tell of no-shows and worries: take over, next step, close."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from operator import itemgetter

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from portal.db.session import transaction as reading
from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel import clock
from portal.kernel.errors import Reason
from portal.liaison.cases_forms import PassOnForm, StepForm
from portal.noshow import desk, queries, service, words
from portal.noshow.models import CaseEventRow
from portal.noshow.rules import CaseKind, CaseState, NextStep
from portal.organisations.models import Organisation
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_cases", __name__, url_prefix="/liaison/cases")


class Tab(StrEnum):
    """The lists of the desk."""

    INBOX = "inbox"
    WATCHED = "watched"
    DONE = "done"


@bp.get("/")
@requires(Permission.TAKE_OVER_CASES)
def index() -> ResponseReturnValue:
    """Show what waits for the actor's body, what it watches, or what is over."""
    wanted = request.args.get("show", Tab.INBOX.value)
    if wanted not in set(Tab):
        abort(404)
    actor, now = current_actor(), clock.now()
    with reading() as session:
        found = desk.desk(session, actor=actor, now=now)
        over = desk.closed(session, actor=actor, now=now) if wanted == Tab.DONE else ()
        bodies = queries.bodies(session, [of.organisation_id for of in over])
        return render_template(
            "liaison/cases/index.html",
            tab=Tab(wanted),
            tabs=_tabs(Tab(wanted), found),
            desk=found,
            closed=over,
            bodies=bodies,
            tap=PortalForm(formdata=None),
            words=words,
            CaseKind=CaseKind,
            now=now,
        )


def _tabs(here: Tab, found: desk.Desk) -> list[dict[str, object]]:
    waiting = len(found.new) + len(found.waiting_for_step) + len(found.withdrawn)
    labels = {
        Tab.INBOX: _("受信箱（%(count)s）") % {"count": waiting},
        Tab.WATCHED: _("見守り中（%(count)s）") % {"count": len(found.watched)},
        Tab.DONE: _("すんだもの"),
    }
    return [
        {"label": label, "href": url_for(".index", show=tab.value), "current": tab is here}
        for tab, label in labels.items()
    ]


@bp.get("/<uuid:case_id>")
@requires(Permission.TAKE_OVER_CASES)
def show(case_id: uuid.UUID) -> ResponseReturnValue:
    """Show what the body was told, what it answered, and what it can do next."""
    return _page(case_id)


@bp.post("/<uuid:case_id>/acknowledge")
@requires(Permission.TAKE_OVER_CASES)
def acknowledge(case_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that it was read; then the page asks for the next step."""
    return _tap(
        case_id,
        _("受け取りました。次の支援を決めてください。"),
        lambda session: service.acknowledge(
            session, case_id, actor=current_actor(), now=clock.now()
        ),
    )


@bp.post("/<uuid:case_id>/step")
@requires(Permission.TAKE_OVER_CASES)
def step(case_id: uuid.UUID) -> ResponseReturnValue:
    """Take it and name the next step in one; what was not acknowledged yet is so from now on."""
    form = StepForm()
    if not form.validate_on_submit():
        return _page(case_id, form)
    actor, now = current_actor(), clock.now()
    with form.explaining(in_full), transaction() as session:
        service.acknowledge(session, case_id, actor=actor, now=now)
        service.name_next_step(
            session,
            case_id,
            NextStep(form.step.data),
            by=form.by.data or "",
            on=form.on.data,
            words=form.words.data,
            actor=actor,
            now=now,
        )
        flash(_("次の支援を記録しました。園にも知らせました。"))
        return see_other(session, url_for(".show", case_id=case_id))
    return _page(case_id, form)


@bp.post("/<uuid:case_id>/close")
@requires(Permission.TAKE_OVER_CASES)
def close(case_id: uuid.UUID) -> ResponseReturnValue:
    """End a case that this body took over."""
    return _tap(
        case_id,
        _("この件を閉じました。"),
        lambda session: service.close(session, case_id, actor=current_actor(), now=clock.now()),
    )


@bp.route("/<uuid:case_id>/pass-on", methods=["GET", "POST"])
@requires(Permission.TAKE_OVER_CASES)
def pass_on(case_id: uuid.UUID) -> ResponseReturnValue:
    """Give it to another body of the same municipality, as far as that was agreed to."""
    actor, now, form = current_actor(), clock.now(), PassOnForm()
    with reading() as session:
        of = desk.card(session, case_id, actor=actor, now=now)
        found = desk.others(session, of.case, actor=actor)
    form.receiver.choices = [SelectChoice(str(each.id), each.name) for each in found.able]
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            service.hand_over(writing, case_id, uuid.UUID(form.receiver.data), actor=actor, now=now)
            flash(_("回しました。相手の受け取りは、園に届きます。"))
            return see_other(writing, url_for(".index", show=Tab.WATCHED.value))
    page = render_template("liaison/cases/pass_on.html", card=of, others=found, form=form)
    return page, form.status


def _tap(case_id: uuid.UUID, said: str, do: Callable[[Session], object]) -> ResponseReturnValue:
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        desk.card(session, case_id, actor=current_actor(), now=clock.now())
        do(session)
        flash(said)
        return see_other(session, url_for(".show", case_id=case_id))
    return _page(case_id, problem=form)


def _page(
    case_id: uuid.UUID, form: StepForm | None = None, *, problem: PortalForm | None = None
) -> tuple[str, int]:
    actor, now = current_actor(), clock.now()
    with reading() as session:
        of = desk.card(session, case_id, actor=actor, now=now)
        noted = desk.own_words(session, of, actor=actor)
        events = queries.read_events(session, of.case, actor=actor)
        bodies = queries.bodies(
            session, [of.case.organisation_id, *(row.organisation_id for row, _words in events)]
        )
    person = current_person()
    asked = form or StepForm(formdata=None, by=person.name if person else "")
    sent = problem or form
    page = render_template(
        "liaison/cases/show.html",
        card=of,
        noted=noted,
        timeline=_timeline(of, events, bodies, now),
        form=asked,
        problem=sent,
        tap=PortalForm(formdata=None),
        words=words,
        CaseKind=CaseKind,
        CaseState=CaseState,
    )
    return page, sent.status if sent else 200


def _timeline(
    of: desk.Card,
    events: Sequence[tuple[CaseEventRow, str | None]],
    bodies: Mapping[uuid.UUID, Organisation],
    now: datetime,
) -> list[dict[str, str]]:
    """Return what came to this body and what it did; of the nursery's own notes it sees none."""
    on = clock.today(now)
    said = [
        (
            each.sent_at,
            (
                _("%(body)sから知らせが届きました")
                if each.sent_by
                else _("%(body)sから、来園がないことが自動で知らされました")
            )
            % {"body": of.reporter.name},
        )
        for each in of.reports
    ]
    said.extend(
        (row.at, _("%(body)s：%(what)s") % {"body": body.name, "what": words.event_words(row.kind)})
        for row, _words in events
        if (body := bodies.get(row.organisation_id)) is not None
        and row.organisation_id != of.case.organisation_id
    )
    return [
        {"when": jdatetime(at, on), "what": what, "note": "", "state": ""}
        for at, what in sorted(said, key=itemgetter(0))
    ]


def in_full(reason: Reason) -> str:
    """Return why something cannot be done, and what would help."""
    on = clock.today(clock.now())
    remedy = help_for(reason, today=on)
    said = sentence(reason, today=on)
    return f"{said}。{remedy.text}" if remedy else said
