"""Staff see whose turn it is, read an application, and enter those of callers."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.bookings.queries.lists import coming_groups_of
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as family_queries
from portal.families import record as records
from portal.families.models import Child
from portal.families.record_rules import ask_again
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.errors import Refusal
from portal.office.apart_flags import kept_from
from portal.office.preregistrations_forms import AcceptForm, ToldForm, WordForm
from portal.policies.registration import NO_END
from portal.preregistration import queries, service
from portal.preregistration.deciding import first_step_of
from portal.preregistration.forms import (
    DeclineForm,
    EnterForm,
    PlainForm,
    QuestionForm,
)
from portal.preregistration.line import facility_agrees_first, family_agrees_first
from portal.preregistration.listing import Show, listing, unchanged_renewals
from portal.preregistration.models import Preregistration
from portal.preregistration.places import registered, waiting_units
from portal.preregistration.renewing import changes_of, season_is_open
from portal.preregistration.rules import WITH_WORDS, mark_of, possible
from portal.preregistration.terms import terms_of
from portal.rulebooks.queries import record_rules_of
from portal.trials.queries import steps_of
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_preregistrations", __name__, url_prefix="/office/preregistrations")
#: Applications on one page.
PAGE_SIZE = 25


@bp.get("/")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def index() -> ResponseReturnValue:
    """List applications by whose turn it is, those that wait for the facility first."""
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    views = listing(session, today, actor=actor)
    counts = views.counts(session, actor=actor)
    chosen = _chosen()
    last = max(1, -(-counts[chosen] // PAGE_SIZE))
    number = min(max(1, request.args.get("page", 1, type=int)), last)
    rows = queries.waiting_first(
        session,
        actor=actor,
        only=views.condition(chosen),
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        by_end=chosen is Show.RENEW,
    )
    near = sorted({1, number - 1, number, number + 1, last} & set(range(1, last + 1)))
    which: dict[str, Any] = {} if chosen is Show.ALL else {"show": chosen.value}
    pages = [
        {
            "label": str(each),
            "href": url_for(".index", page=each, **which),
            "current": each == number,
        }
        for each in near
    ]
    return render_template(
        "office/preregistrations/index.html",
        rows=rows,
        counts=counts,
        chosen=chosen,
        pages=pages,
        terms=views.terms,
        full=_full(session, views.terms, today, actor) if counts[Show.WAITING] else (),
        changes=changes_of(session, rows, actor=actor) if chosen is Show.RENEW else {},
        unchanged=unchanged_renewals(session, views, actor=actor) if chosen is Show.RENEW else (),
        family_agrees_first=family_agrees_first,
        facility_agrees_first=facility_agrees_first,
        season_is_open=season_is_open,
        no_end=NO_END,
        plain=PlainForm(formdata=None),
    )


def _chosen() -> Show:
    wanted = request.args.get("show", "")
    return Show(wanted) if wanted in set(Show) else Show.ALL


def _full(
    session: Session, terms: dict[uuid.UUID, Any], today: date, actor: Actor
) -> list[dict[str, Any]]:
    """Return for each facility with a limit how many are registered, and how many wait."""
    found = []
    for facility in queries.facilities_of(session, actor=actor):
        units = waiting_units(session, facility.id)
        limit = terms[facility.id].rule.limit
        if units:
            there = registered(session, facility.id, today)
            free = None if limit is None else max(0, limit - there)
            found.append(
                {
                    "facility": facility,
                    "limit": limit,
                    "registered": there,
                    "waiting": sum(len(unit.rows) for unit in units),
                    "units": len(units),
                    "may_move_up": free is None or free >= len(units[0].rows),
                }
            )
    return found


@bp.route("/new/<uuid:family_id>", methods=["GET", "POST"])
@requires(Permission.DECIDE_PREREGISTRATIONS)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Enter an application for a caller, with the time of receipt; accept it at once if wished."""
    actor, now, session = current_actor(), clock.now(), current_session()
    family = family_queries.family(session, family_id, actor=actor)
    children = family_queries.children(session, family_id, actor=actor)
    form = EnterForm()
    form.offer((child, _spoken_of(child)) for child in children)
    form.offer_facilities(queries.facilities_of(session, actor=actor))
    if form.validate_on_submit():
        names: dict[uuid.UUID | None, str] = {child.id: _spoken_of(child) for child in children}
        with form.explaining(lambda reason: sentence(reason, child=names.get(reason.child_id))):
            return _enter(family_id, form)
    elif not form.is_submitted():
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
    return page, form.status


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
            try:
                service.accept_all(session, made, actor=actor, now=now)
            except Refusal:
                form.accept_now.errors = [
                    _("まだ承諾できません。しるしを外すと、申し込みだけを入れられます。")
                ]
                raise
        flash(_("承諾しました。") if form.accept_now.data else _("申し込みを受け付けました。"))
        return see_other(session, url_for("office_families.show", family_id=family_id))


@bp.get("/<uuid:preregistration_id>")
@requires(Permission.DECIDE_PREREGISTRATIONS)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show an application with the child's record; every showing leaves a trace."""
    return page_of(preregistration_id)


def page_of(preregistration_id: uuid.UUID, sent: PortalForm | None = None) -> str:
    """Return the page of an application, with the form that was sent and what is wrong with it."""
    actor, now = current_actor(), clock.now()
    today = clock.today(now)
    with reading() as session:
        row = queries.preregistration(session, preregistration_id, actor=actor)
        messages = service.open_messages(session, preregistration_id, actor=actor)
        opened = records.open_parts(session, row.child_id, actor=actor)
        guardians = family_queries.guardians(session, row.family_id, actor=actor)
        pickup_persons = family_queries.pickup_persons(session, row.family_id, actor=actor)
        rule = terms_of(session, row.facility_id, today).rule
        coming = coming_groups_of(session, row.family_id, actor=actor, now=now)
        known = {
            "row": row,
            "messages": messages,
            "record": opened.head,
            "written": {key for key, part in opened.parts.items() if part.written_at},
            "guardians": guardians,
            "has_mail": has_mail(session, row.family_id, actor=actor),
            "again": opened.head
            and ask_again(
                opened.head.confirmed_on,
                record_rules_of(session, [row.facility_id], today)[row.facility_id],
                on=today,
            ),
            "first_step": first_step_of(session, row, actor=actor, now=now),
            "pickup_persons": pickup_persons,
            "rule": rule,
            "found": steps_of(session, row, actor=actor, now=now),
            "siblings": queries.together(session, row, actor=actor),
            "line": _line_of(session, row, rule.limit, today),
            "changes": changes_of(session, [row], actor=actor)[row.id],
            "names": _names(session, row),
            "stays": sum(
                booking.child_id == row.child_id and booking.facility_id == row.facility_id
                for group in coming
                for booking in group.bookings
            ),
        }
    told = sent if isinstance(sent, ToldForm) else ToldForm(None)
    if told is not sent:
        told.propose(now)
    word = "words" if row.state in WITH_WORDS else ""
    return render_template(
        "office/preregistrations/show.html",
        **known,
        class_of=lambda child: class_age(child.born_on, max(child.born_on, today)),
        may_do=possible(row.state),
        may_say=bool(word),
        may_tell=row.state in WITH_WORDS,
        season=season_is_open(row, rule, today),
        mark=mark_of(row.state, row.decided_at),
        no_end=NO_END,
        until=rule.until(today, row.child.born_on),
        plain=PlainForm(formdata=None),
        acceptance=sent if isinstance(sent, AcceptForm) else AcceptForm(None),
        question=sent if isinstance(sent, QuestionForm) else QuestionForm(None),
        refusal=sent if isinstance(sent, DeclineForm) else DeclineForm(None),
        word=sent if isinstance(sent, WordForm) else WordForm(None),
        told=told,
        form=sent,
    )


def has_mail(session: Session, family_id: uuid.UUID, *, actor: Actor) -> bool:
    """Say whether a mail reaches a guardian who may read it; else a letter waits to be printed."""
    kept = kept_from(family_id)
    return any(
        guardian.id not in kept and (guardian.user_id or guardian.mail)
        for guardian in family_queries.guardians(session, family_id, actor=actor)
    )


def _line_of(
    session: Session, row: Preregistration, limit: int | None, today: date
) -> dict[str, int] | None:
    """Return how the line stands that an application is, or would be, in."""
    units = waiting_units(session, row.facility_id)
    if limit is None and not units:
        return None
    ahead = [unit for unit in units if unit.received_at < row.received_at]
    mine = [unit for unit in ahead if row.id not in {each.id for each in unit.rows}]
    return {
        "limit": limit or 0,
        "registered": registered(session, row.facility_id, today),
        "waiting": sum(len(unit.rows) for unit in units),
        "units": len(units),
        "ahead": len(mine),
    }


def _names(session: Session, row: Preregistration) -> dict[uuid.UUID, str]:
    """Return the names of staff who decided or read; those of families stay with their page."""
    ids = {row.decided_by, row.facility_agreed_by, row.family_agreed_by} - {None}
    found = session.execute(select(User.id, User.name).where(User.id.in_(ids)))
    return {user_id: name for user_id, name in found}  # noqa: C416 - rows are no pairs to mypy


def _spoken_of(child: Child) -> str:
    return _("%(name)sさん") % {"name": child.name} if child.name else _("これから生まれるお子さん")
