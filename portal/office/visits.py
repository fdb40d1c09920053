"""Sessions at the office: the list, a month, one session with who comes, the paper of the day."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.queries import facilities_of
from portal.db.session import current_session
from portal.documents.dates import jmonth
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.age import age_in_months
from portal.kernel.errors import Refusal
from portal.visits import queries, staff_words, words
from portal.visits.models import VisitSession
from portal.visits.rules import Outcome, VisitKind, VisitState
from portal.web.access import Permission, current_actor, requires
from portal.web.addresses import allow_days
from portal.web.forms import PortalForm
from portal.web.paging import paged
from portal.web.why import in_full

bp = Blueprint("office_visits", __name__, url_prefix="/office/visits")
allow_days(bp)

#: How far the list looks ahead, and back.
AHEAD, BACK = timedelta(days=120), timedelta(days=90)
#: Days with sessions on one page of the list.
_DAYS_ON_PAGE = 10
#: How far months can be turned.
_MONTHS = timedelta(days=420)


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List the sessions to come, or the past ones, and whom to phone about a change."""
    session, actor, now = current_session(), current_actor(), clock.now()
    on = clock.today(now)
    is_past = request.args.get("past") == "1"
    first, last = (on - BACK, on) if is_past else (on, on + AHEAD)
    found = queries.sessions_between(session, first, last, actor=actor)
    if is_past:
        found = [each for each in reversed(found) if each.ends_at <= now]
    calls = [] if is_past else queries.to_tell(session, actor=actor, now=now)
    past = 1 if is_past else None
    kinds = [kind for kind in VisitKind if any(each.kind is kind for each in found)]
    chosen = next((kind for kind in kinds if kind.value == request.args.get("kind")), None)
    days, pages = paged(
        _by_day([each for each in found if chosen in {None, each.kind}]),
        _DAYS_ON_PAGE,
        lambda number: url_for(".index", past=past, kind=chosen, page=number),
    )
    return render_template(
        "office/visits/index.html",
        days=days,
        pages=pages,
        expecting=_expecting([each for _day, there in days for each in there]),
        kind_links=[
            {
                "label": words.kind_words(kind) if kind else _("すべて"),
                "href": url_for(".index", past=past, kind=kind),
                "current": kind is chosen,
            }
            for kind in (None, *kinds)
        ],
        is_past=is_past,
        calls=calls,
        people=queries.visitors(session, calls),
        facilities=facilities_of(session, actor),
        tap=PortalForm(formdata=None),
        now=now,
        **page_words(),
    )


@bp.get("/month")
@requires(Permission.RUN_THE_DAY)
def month() -> ResponseReturnValue:
    """Show a month: which days have sessions, and whether seats are free."""
    session, actor, now = current_session(), current_actor(), clock.now()
    on = clock.today(now)
    first = _month(request.args.get("month"), on)
    if first is None:
        abort(404)
    after = _next(first)
    found = queries.sessions_between(session, first, after - timedelta(days=1), actor=actor)
    days = dict(_by_day([each for each in found if each.cancelled_at is None]))
    return render_template(
        "office/visits/month.html",
        title=jmonth(first, on),
        cells=_cells(first, after, days, on),
        days=_by_day(found),
        expecting=_expecting(found),
        previous=_turn(first - timedelta(days=1), on),
        next=_turn(after, on),
        facilities=facilities_of(session, actor),
        now=now,
        **page_words(),
    )


def _expecting(sessions: Sequence[VisitSession]) -> Mapping[uuid.UUID, int]:
    """Return how many families before a birth come to each session."""
    session, actor = current_session(), current_actor()
    visits = queries.visits_to(session, [each.id for each in sessions], actor=actor)
    coming = [
        each for rows in visits.values() for each in rows if each.state is not VisitState.CANCELLED
    ]
    people = queries.visitors(session, coming)
    return Counter(each.session_id for each in coming if people[each.id].comes_before_birth)


def _cells(
    first: date, after: date, days: Mapping[date, Sequence[VisitSession]], on: date
) -> list[dict[str, object] | str]:
    cells: list[dict[str, object] | str] = [""] * ((first.weekday() + 1) % 7)
    day = first
    while day < after:
        there = days.get(day, ())
        kinds = {words.kind_words(each.kind) for each in there}
        is_free = any(each.free for each in there)
        cells.append(
            {
                "day": day.day,
                "sign": "" if not there else "−" if day < on else "○" if is_free else "×",
                "word": next(iter(kinds))
                if len(kinds) == 1
                else f"{len(there)}回"
                if there
                else "",
                "short": f"{len(there)}回" if there else "",
                "href": f"#day-{day.isoformat()}" if there else None,
                "state": "past" if day < on else "free" if is_free else "few",
                "today": day == on,
            }
        )
        day += timedelta(days=1)
    return cells


def _month(written: str | None, on: date) -> date | None:
    if written is None:
        return on.replace(day=1)
    try:
        found = clock.written_day(f"{written}-01")
    except ValueError:
        return None
    return found if abs(found - on) <= _MONTHS else None


def _next(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _turn(to: date, on: date) -> dict[str, str] | None:
    if abs(to.replace(day=1) - on) > _MONTHS:
        return None
    return {"label": jmonth(to, on), "href": url_for(".month", month=f"{to:%Y-%m}")}


@bp.get("/<uuid:session_id>")
@requires(Permission.RUN_THE_DAY)
def show(session_id: uuid.UUID) -> ResponseReturnValue:
    """Show a session with who comes; notes are behind a page of their own."""
    return session_page(session_id)


def session_page(session_id: uuid.UUID) -> str:
    """Return the page of a session of the actor's provider.

    Raises:
        NoResultFound: it is another's.
    """
    session, actor, now = current_session(), current_actor(), clock.now()
    of = queries.own_session(session, session_id, actor=actor)
    visits = queries.visits_to(session, [of.id], actor=actor).get(of.id, [])
    return render_template(
        "office/visits/show.html",
        of=of,
        link=queries.link_of(session, of.id),
        rest=len(queries.rest_of_series(session, of, actor=actor)) - 1,
        coming=[each for each in visits if each.state is not VisitState.CANCELLED],
        cancelled=[each for each in visits if each.state is VisitState.CANCELLED],
        people=queries.visitors(session, visits),
        has_begun=of.day <= clock.today(now),
        is_over=of.ends_at <= now,
        tap=PortalForm(formdata=None),
        now=now,
        **page_words(),
    )


def refused_page(refusal: Refusal, session_id: uuid.UUID) -> ResponseReturnValue:
    """Return the page of a session with why what was tapped on it cannot be done."""
    current_session().rollback()
    flash(in_full(refusal.reasons[0]), "warn")
    return session_page(session_id), 409


@bp.get("/day/<date:day>")
@requires(Permission.RUN_THE_DAY)
def paper(day: date) -> ResponseReturnValue:
    """Show a day's sessions with who comes as one paper; without notes, since paper lies about."""
    session, actor, now = current_session(), current_actor(), clock.now()
    found = [
        each
        for each in queries.sessions_between(session, day, day, actor=actor)
        if each.cancelled_at is None
    ]
    visits = queries.visits_to(session, [each.id for each in found], actor=actor)
    coming = {
        key: [each for each in rows if each.state is not VisitState.CANCELLED]
        for key, rows in visits.items()
    }
    people = queries.visitors(session, [each for rows in coming.values() for each in rows])
    return render_template(
        "office/visits/paper.html",
        day=day,
        sessions=found,
        coming=coming,
        people=people,
        now=now,
        on_screen=True,
        **page_words(),
    )


def _by_day(found: Sequence[VisitSession]) -> list[tuple[date, list[VisitSession]]]:
    days: defaultdict[date, list[VisitSession]] = defaultdict(list)
    for each in found:
        days[each.day].append(each)
    return list(days.items())


def page_words() -> dict[str, object]:
    """Return what the pages about sessions call things."""
    on = clock.today(clock.now())
    return {
        "kind_words": words.kind_words,
        "place_of": words.place_words,
        "size_words": words.size_words,
        "free_words": words.free_words,
        "children_words": words.children_words,
        "until_words": staff_words.until_words,
        "outcome_words": staff_words.outcome_words,
        "months_old": lambda born: age_in_months(born, on),
        "VisitState": VisitState,
        "Outcome": Outcome,
    }
