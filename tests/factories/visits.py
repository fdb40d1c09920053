"""Sessions and visits, for tests. Each commits in the database in use."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.messages import outbox
from portal.visits import afterwards, service, sessions
from portal.visits.models import Visit, VisitSession
from portal.visits.recurrence import Repeat, Unit
from portal.visits.rules import (
    ChildrenCome,
    Party,
    Place,
    SessionWish,
    Until,
    VisitKind,
    VisitRefusal,
    VisitState,
)
from tests.factories.places import Site

#: Far enough from today that nothing about today matters.
DAY = clock.today(clock.now()) + timedelta(days=10)
LINK = "https://meet.example.test/secret-room"


def wish(**changes: object) -> SessionWish:
    """Return a tour at ten for four families, with ``changes``."""
    given: dict[str, object] = {
        "kind": VisitKind.TOUR,
        "first": DAY,
        "start": 20,
        "length": 30,
        "seats": 4,
        "place": Place.FACILITY,
        "children_come": ChildrenCome.EITHER,
        "book_by": Until.START,
        **changes,
    }
    return SessionWish(**given)  # type: ignore[arg-type]


def open_sessions(site: Site, **changes: object) -> tuple[uuid.UUID, ...]:
    """Make the sessions of a wish on all of its days."""
    wanted, now = wish(**changes), clock.now()
    with acting_as(site.owner), transaction() as session:
        planned = sessions.plan(session, site.facility_id, wanted, actor=site.owner, now=now)
        days = [each.day for each in planned]
        return sessions.make_sessions(
            session, site.facility_id, wanted, days, actor=site.owner, now=now
        )


def open_session(site: Site, **changes: object) -> uuid.UUID:
    """Make one session."""
    return open_sessions(site, **changes)[0]


def weekly(times: int, first: date = DAY) -> Repeat:
    """Return a plan of so many weeks."""
    return Repeat(Unit.WEEK, 1, first + timedelta(weeks=times - 1))


def book(family: Actor, session_id: uuid.UUID, **party: object) -> uuid.UUID:
    """Book a session as the family itself."""
    with acting_as(family), transaction() as session:
        wanted = Party(**party)  # type: ignore[arg-type]
        return service.book(session, session_id, wanted, actor=family, now=clock.now()).visit_id


def begin(site: Site, session_id: uuid.UUID) -> None:
    """Let a session have been this morning: as time passes, but at once."""
    now = clock.now()
    with acting_as(site.owner), transaction() as session:
        session.execute(
            update(VisitSession)
            .where(VisitSession.id == session_id)
            .values(
                day=clock.today(now),
                starts_at=now - timedelta(minutes=40),
                ends_at=now - timedelta(minutes=10),
            )
        )


def attended(site: Site, family: Actor, session_id: uuid.UUID, **party: object) -> uuid.UUID:
    """Book a session, let it be over, and say that the family came."""
    visit_id = book(family, session_id, **party)
    begin(site, session_id)
    with acting_as(site.owner), transaction() as session:
        afterwards.record_attendance(
            session, visit_id, VisitState.ATTENDED, actor=site.owner, now=clock.now()
        )
    return visit_id


def visit_of(actor: Actor, visit_id: uuid.UUID) -> Visit:
    """Return a visit as it is now; its texts open later too."""
    with acting_as(actor), transaction() as session:
        found = session.get_one(Visit, visit_id)
        session.expunge(found)
    return found


def session_of(actor: Actor, session_id: uuid.UUID) -> VisitSession:
    """Return a session as it is now."""
    with acting_as(actor), transaction() as session:
        found = session.get_one(VisitSession, session_id)
        session.expunge(found)
    return found


@contextmanager
def refusal(*wanted: VisitRefusal) -> Iterator[None]:
    """Expect to be refused for these reasons, and for no others."""
    with pytest.raises(Refusal) as refused:
        yield
    assert refused.value.codes == wanted


Mails = list[tuple[str, dict[str, Any]]]


def catch_mails(monkeypatch: pytest.MonkeyPatch) -> Mails:
    """Return the mails about visits, in order. The app role cannot read the outbox."""
    caught: Mails = []

    def enqueue(session: Session, kind: str, **more: Any) -> uuid.UUID:
        caught.append((kind.removeprefix("visits/"), more))
        return outbox.enqueue(session, kind, **more)

    for module in (service, sessions):
        monkeypatch.setattr(module, "enqueue", enqueue)
    return caught


def mails_to(family: Actor, caught: Mails) -> list[str]:
    """Return the kinds of mails that were queued to a family."""
    return [kind for kind, more in caught if more["to_family"] == family.family_id]
