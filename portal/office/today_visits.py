"""The sessions of today with who comes, and what of visits waits for staff."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.visits import queries
from portal.visits.models import VisitSession
from portal.visits.rules import Place, VisitState
from portal.visits.words import kind_words, place_words
from portal.web.todo import ToDo


@dataclass(frozen=True, slots=True)
class SessionToday:
    """A session of today with the names of the guardians who come."""

    session: VisitSession
    what: str
    where: str | None
    names: tuple[str, ...]
    href: str


def visits_today(
    session: Session, on: date, *, actor: Actor, many: bool
) -> tuple[SessionToday, ...]:
    """Return a day's sessions that take place, with who comes; ``many``: several facilities."""
    found = [
        each
        for each in queries.sessions_between(session, on, on, actor=actor)
        if each.cancelled_at is None
    ]
    if not found:
        return ()
    visits = queries.visits_to(session, [each.id for each in found], actor=actor)
    coming = [row for rows in visits.values() for row in rows if row.state is not _GONE]
    people = queries.visitors(session, coming)
    return tuple(
        SessionToday(
            each,
            kind_words(each.kind),
            _where(each, many=many),
            tuple(
                people[row.id].guardian or ""
                for row in visits.get(each.id, ())
                if row.state is not _GONE
            ),
            url_for("office_visits.show", session_id=each.id),
        )
        for each in found
    )


_GONE = VisitState.CANCELLED


def _where(of: VisitSession, *, many: bool) -> str | None:
    return place_words(of) if many or of.place is not Place.FACILITY or of.place_words else None


def visits_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits: families to phone about a change, and visits whose end nobody recorded."""
    calls = queries.to_tell(session, actor=actor, now=now)
    if calls:
        yield ToDo(
            _("見学・面談の変更を、電話で伝えるご家庭"),
            _("%(count)s家庭") % {"count": len(calls)},
            url_for("office_visits.index", _anchor="calls"),
            _("はじめは %(day)s") % {"day": jdate(calls[0].session.day, today(now))},
            is_urgent=True,
        )
    open_ones = queries.without_end(session, actor=actor, now=now)
    if open_ones:
        yield ToDo(
            _("「来た」「来なかった」がまだの見学・面談"),
            _("%(count)s件") % {"count": len(open_ones)},
            url_for("office_visits.show", session_id=open_ones[0].session_id),
            _("はじめは %(day)s") % {"day": jdate(open_ones[0].session.day, today(now))},
        )
