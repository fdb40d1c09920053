"""The last seats of a session on real connections, with a control that overbooks."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.visits import service, sessions
from portal.visits.rules import Party
from tests.database import TestServer
from tests.factories import visits
from tests.factories.people import make_guardian
from tests.factories.places import Site, make_site
from tests.services.test_booking_race import as_admin

SEATS, TRIES = 3, 16


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("あさの園")


def rush(families: list[Actor], session_id: uuid.UUID) -> Counter[str]:
    """Let every family book at once, and count the answers."""
    start = Barrier(len(families))

    def book(family: Actor) -> str:
        start.wait()
        try:
            with acting_as(family), transaction() as session:
                service.book(session, session_id, Party(), actor=family, now=clock.now())
        except Refusal as refusal:
            return str(refusal.codes[0].value)
        return "booked"

    with ThreadPoolExecutor(len(families)) as pool:
        return Counter(pool.map(book, families))


def live(server: TestServer, engine: Engine) -> tuple[object, ...]:
    (row,) = as_admin(
        server,
        engine,
        "SELECT (SELECT count(*) FROM visits WHERE state <> 'cancelled'),"
        " (SELECT max(taken) FROM visit_sessions),"
        " (SELECT count(*) FROM audit_log WHERE action = 'visit.booked'),"
        " (SELECT count(*) FROM outbox_messages WHERE kind = 'visits/booked')",
    )
    return row


@pytest.mark.proves("P1", "R4")
def test_three_seats_take_exactly_three_of_sixteen_families(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    tour = visits.open_session(site, seats=SEATS)
    answers = rush([make_guardian(f"母{number}") for number in range(TRIES)], tour)
    assert answers == {"booked": SEATS, "full": TRIES - SEATS}
    assert live(server, emptied) == (SEATS, SEATS, SEATS, SEATS)


def test_control_without_the_word_of_the_database_more_families_come_than_seats(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    as_admin(server, emptied, "ALTER TABLE visit_sessions DROP CONSTRAINT ck_visit_sessions_taken")
    tour = visits.open_session(site, seats=SEATS)
    answers = rush([make_guardian(f"母{number}") for number in range(TRIES)], tour)
    assert answers["booked"] > SEATS, "looking before writing is not enough"


def test_one_family_on_many_phones_gets_one_seat(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    tour, family = visits.open_session(site, seats=8), make_guardian("母")
    assert rush([family] * 8, tour) == {"booked": 1, "already_booked": 7}
    assert live(server, emptied)[:2] == (1, 1)


def test_nobody_gets_a_seat_of_a_session_that_is_cancelled_meanwhile(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    tour = visits.open_session(site, seats=30)
    start = Barrier(2)

    def cancel() -> None:
        start.wait()
        with acting_as(site.owner), transaction() as session:
            sessions.cancel_sessions(
                session, tour, "", with_rest=False, actor=site.owner, now=clock.now()
            )

    families = [make_guardian(f"母{number}") for number in range(12)]
    with ThreadPoolExecutor(2) as pool:
        cancelling = pool.submit(cancel)
        start.wait()
        answers = rush(families, tour)
        cancelling.result()
    assert set(answers) <= {"booked", "stands_not"}
    assert live(server, emptied)[:2] == (0, 0)


@pytest.mark.proves("P1")
def test_two_families_who_swap_their_sessions_do_not_wait_for_each_other(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    one, other = visits.open_session(site), visits.open_session(site, start=24)
    booked = []
    for number in range(6):
        family = make_guardian(f"母{number}")
        of, to = (one, other) if number % 2 else (other, one)
        booked.append((family, visits.book(family, of), to))
    start = Barrier(len(booked))

    def move(family: Actor, visit_id: uuid.UUID, to: uuid.UUID) -> None:
        start.wait()
        with acting_as(family), transaction() as session:
            service.move(session, visit_id, to, actor=family, now=clock.now())

    with ThreadPoolExecutor(len(booked)) as pool:
        moving = [pool.submit(move, *each) for each in booked]
        raised = {type(each.exception()) for each in moving}
    # Three come and three go on each side, so that one may look full for a moment.
    assert raised <= {type(None), Refusal}, "no deadlock"
    assert type(None) in raised
    assert live(server, emptied)[0] == len(booked)
