"""Families find sessions, book, change and cancel: also expecting, also before any application."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.db.session import current_session
from portal.documents.dates import day_and_time, jdate, jspan
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.facilities.models import Facility
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.kernel.errors import Reason, Refusal
from portal.visits import queries, service, words
from portal.visits.forms import MoveForm, PartyForm
from portal.visits.models import Visit, VisitSession
from portal.visits.rules import (
    ChildrenCome,
    VisitKind,
    VisitRefusal,
    VisitState,
    reasons_against_cancelling,
    reasons_against_visit,
)
from portal.web.access import Permission, current_actor, may, requires
from portal.web.forms import PortalForm
from portal.web.paging import paged
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_visits", __name__)

#: Sessions on one page of a facility.
_ON_PAGE = 12
#: What whoever books can put right on the form; anything else leads to another session.
_ON_THE_FORM = frozenset(
    {
        VisitRefusal.CHILD_NEEDED,
        VisitRefusal.CHILDREN_STAY_HOME,
        VisitRefusal.ADULTS,
        VisitRefusal.NOTE_TOO_LONG,
    }
)


@bp.get("/facilities/<uuid:facility_id>/visits")
@requires(Permission.OPEN_TO_ALL)
def facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show everybody when a facility can be got to know."""
    session, now = current_session(), clock.now()
    found = session.scalars(
        select(Facility).where(Facility.id == facility_id, Facility.published_at.is_not(None))
    ).one()
    actor = current_actor()
    may_book = actor.role is None or (may(Permission.BE_GUARDIAN) and actor.has(Right.BOOK))
    booked: set[uuid.UUID] = set()
    if actor.family_id is not None:
        coming, _past = queries.family_visits(session, actor=actor, now=now)
        booked = {each.session_id for each in coming}
    offered = queries.bookable(session, facility_id, now=now)
    kinds = [kind for kind in VisitKind if any(of.kind is kind for of in offered)]
    chosen = next((kind for kind in kinds if kind.value == request.args.get("kind")), None)
    wanted = chosen.value if chosen else None
    sessions, pages = paged(
        [of for of in offered if chosen in {None, of.kind}],
        _ON_PAGE,
        lambda number: url_for(".facility", facility_id=facility_id, kind=wanted, page=number),
    )
    return render_template(
        "selfservice/visits/facility.html",
        facility=found,
        sessions=sessions,
        pages=pages,
        kind_links=[
            {
                "label": words.kind_words(kind) if kind else _("すべて"),
                "href": url_for(
                    ".facility", facility_id=facility_id, kind=kind.value if kind else None
                ),
                "current": kind is chosen,
            }
            for kind in (None, *kinds)
        ],
        booked=booked,
        may_book_here=may_book,
        now=now,
        **_words(),
    )


@bp.get("/my/visits")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show the family's visits, and where more can be booked."""
    session, now = current_session(), clock.now()
    coming, past = queries.family_visits(session, actor=current_actor(), now=now)
    return render_template(
        "selfservice/visits/index.html", coming=coming, past=past, now=now, **_words()
    )


@bp.route("/my/visits/book/<uuid:session_id>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def book(session_id: uuid.UUID) -> ResponseReturnValue:
    """Take a seat: what, when, who comes."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    of = queries.shown_session(reading, session_id)
    form = PartyForm()
    children = queries.children_to_bring(reading, of, actor.family_id, actor=actor)
    form.offer_children(children)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            done = service.book(session, session_id, form.party(), actor=actor, now=now)
            flash(_("予約しました。メールと、このページで見られます。"))
            if done.advised:
                flash(_advice(done.advised[0]), "warn")
            return see_other(session, url_for(".show", visit_id=done.visit_id))
    elif (
        not form.is_submitted() and of.children_come is ChildrenCome.TOGETHER and len(children) == 1
    ):
        form.children.data = [str(children[0].id)]
    comes_before = service.turn(reading, of, actor.family_id, actor=actor)
    against = [] if form.is_submitted() else _reasons_now(of, comes_before.needed)
    return render_template(
        "selfservice/visits/book.html",
        form=form,
        of=of,
        children=children,
        against=[
            (_said(reason), help_for(reason), reason.code is VisitRefusal.ALREADY_BOOKED)
            for reason in against
        ],
        step_first=comes_before.needed[0] if comes_before.needed else None,
        advised=None if against or not comes_before.advised else _advice(comes_before.advised[0]),
        **_words(),
    ), form.status


def _reasons_now(of: VisitSession, needed: Any) -> list[Reason]:
    """Return what stands against booking at all, so that nobody fills in a form for nothing."""
    session, actor, now = current_session(), current_actor(), clock.now()
    facts = queries.family_facts(session, of, actor.family_id, actor=actor, now=now)
    found = [
        reason
        for reason in reasons_against_visit(
            of.facts, facts, PartyForm(formdata=None).party(), now=now
        )
        if reason.code not in _ON_THE_FORM
    ]
    if needed:
        step = words.kind_words(needed[0])
        found.append(Reason(VisitRefusal.STEP_FIRST, {"step": step}))
    return found


@bp.get("/my/visits/<uuid:visit_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Show one visit, with the link of an online one."""
    return _visit_page(visit_id)


def _visit_page(visit_id: uuid.UUID) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    visit = queries.visit(session, visit_id, actor=actor)
    against = reasons_against_cancelling(visit.state, visit.session.facts, now=now)
    return render_template(
        "selfservice/visits/show.html",
        visit=visit,
        of=visit.session,
        children=_names(session, visit),
        link=queries.link_of(session, visit.session_id),
        is_ahead=visit.state is VisitState.BOOKED and visit.session.ends_at > now,
        may_cancel=not against and actor.has(Right.BOOK),
        tap=PortalForm(formdata=None),
        now=now,
        **_words(),
    )


@bp.route("/my/visits/<uuid:visit_id>/edit", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def edit(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Correct who comes, and the note."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    visit = queries.visit(reading, visit_id, actor=actor)
    form = PartyForm()
    children = queries.children_to_bring(reading, visit.session, actor.family_id, actor=actor)
    form.offer_children(children)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as session:
            service.change_party(session, visit_id, form.party(), actor=actor, now=now)
            flash(_("来る人を変えました。"))
            return see_other(session, url_for(".show", visit_id=visit_id))
    elif not form.is_submitted():
        form.show(visit)
    page = render_template(
        "selfservice/visits/edit.html",
        form=form,
        visit=visit,
        of=visit.session,
        children=children,
        **_words(),
    )
    return page, form.status


@bp.route("/my/visits/<uuid:visit_id>/move", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def move(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Change to another session of the same kind; the old one is kept until the new is sure."""
    reading, actor, now = current_session(), current_actor(), clock.now()
    visit = queries.visit(reading, visit_id, actor=actor)
    others = [
        each
        for each in queries.bookable(reading, visit.facility_id, now=now)
        if each.kind is visit.session.kind
        and each.id != visit.session_id
        and each.free
        and each.books_until > now
    ]
    form = MoveForm()
    form.offer(others, [_label(each) for each in others])
    if form.validate_on_submit():
        with form.explaining(in_full), _as_the_same(), transaction() as session:
            new_id = service.move(session, visit_id, form.session_id, actor=actor, now=now)
            flash(_("日を変えました。メールでも、お知らせします。"))
            return see_other(session, url_for(".show", visit_id=new_id))
        # What was read before went with the transaction.
        visit = queries.visit(current_session(), visit_id, actor=actor)
    page = render_template(
        "selfservice/visits/move.html",
        form=form,
        visit=visit,
        of=visit.session,
        others=others,
        free={str(each.id): words.free_words(each) for each in others},
        **_words(),
    )
    return page, form.status


@contextmanager
def _as_the_same() -> Iterator[None]:
    """Answer a session that is not there as one that changes nothing."""
    try:
        yield
    except NoResultFound as gone:
        raise Refusal([VisitRefusal.SAME_SESSION]) from gone


@bp.post("/my/visits/<uuid:visit_id>/cancel")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def cancel(visit_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel; the seat is another family's at once."""
    try:
        with transaction() as session:
            visit = service.cancel(session, visit_id, actor=current_actor(), now=clock.now())
            flash(_("取り消しました。ほかの日も、えらべます。"))
            return see_other(session, url_for(".facility", facility_id=visit.facility_id))
    except Refusal as refusal:
        flash(in_full(refusal.reasons[0]), "warn")
        current_session().rollback()
        return _visit_page(visit_id), 409


def _names(session: Any, visit: Visit) -> list[str]:
    if not visit.child_ids:
        return []
    return [
        child.name
        for child in families.children(session, visit.family_id, actor=current_actor())
        if child.id in visit.child_ids and child.name
    ]


def _label(of: VisitSession) -> str:
    return day_and_time(jdate(of.day, clock.today(clock.now())), jspan(of.starts_at, of.ends_at))


def _advice(step: Any) -> str:
    return _(
        "この園では、先に%(step)sをすすめています。先に予約しておくと、話がしやすくなります。"
    ) % {"step": words.kind_words(step)}


def _said(reason: Reason) -> str:
    return sentence(reason, today=clock.today(clock.now()))


def _words() -> dict[str, object]:
    return {
        "kind_words": words.kind_words,
        "kind_explained": words.kind_explained,
        "place_of": words.place_words,
        "size_words": words.size_words,
        "free_words": words.free_words,
        "children_words": words.children_words,
        "VisitState": VisitState,
    }
