"""The opening minute on real connections: never one place too many, and a control that fails."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time
from threading import Barrier

import psycopg
import pytest
from sqlalchemy import Engine

from portal.bookings.service import NotPlaced, cancel_booking, change_booking
from portal.db import roles
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.policies.reasons import BookingRefusal
from tests.database import ROOT, TestServer
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.services.test_place_booking import place, wish_of

PLACES = 6
TRIES = 40
AT_ONCE = 16
SOURCE = ROOT / "migrations/versions/0005_places/take_places.sql"
WRITE = "    FOR n IN 1 .. cardinality(pools) LOOP\n        UPDATE"
DAY = next_open_day()


def as_admin(server: TestServer, engine: Engine, sql: str) -> list[tuple[object, ...]]:
    name = engine.url.database
    assert name is not None
    url = re.sub(r"^postgresql\+psycopg", "postgresql", server.url(roles.ADMIN, name))
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def slow_take_places(*, is_locked: bool) -> str:
    """Return the function with a pause between looking and writing, with or without its lock."""
    sql = SOURCE.read_text(encoding="utf-8").replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    assert sql.count("FOR UPDATE OF r") == 1
    assert sql.count(WRITE) == 1
    sql = sql.replace(WRITE, f"    PERFORM pg_sleep(0.02);\n{WRITE}")
    return sql if is_locked else sql.replace("FOR UPDATE OF r", "")


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("あさの園", places=PLACES)


def families(site: Site, count: int, *, children: int = 1) -> list[Actor]:
    made = []
    for number in range(count):
        guardian = make_guardian(f"母{number}")
        for _ in range(children):
            accept(site, guardian, make_child(guardian, f"子{number}"))
        made.append(guardian)
    return made


def rush(work: Callable[[Actor], object], people: list[Actor]) -> Counter[str]:
    """Let everybody try at once and count the answers."""
    start = Barrier(AT_ONCE)

    def answer(number: int) -> str:
        if number < AT_ONCE:
            start.wait()
        try:
            work(people[number % len(people)])
        except NotPlaced as refusal:
            return ",".join(sorted({code.value for code in refusal.codes}))
        return "placed"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(answer, range(TRIES)))


def children_booked(server: TestServer, engine: Engine) -> int:
    ((count,),) = as_admin(
        server, engine, "SELECT count(*) FROM bookings WHERE state = 'confirmed'"
    )
    assert isinstance(count, int)
    return count


def least_free(server: TestServer, engine: Engine, site: Site, day: date) -> int:
    ((free,),) = as_admin(
        server,
        engine,
        f"SELECT free[19] FROM pool_days WHERE pool_id = '{site.total_pool_id}' AND day = '{day}'",
    )
    assert isinstance(free, int)
    return free


@pytest.mark.proves("J9", "B53", "P1")
@pytest.mark.parametrize("is_slow", [False, True])
def test_six_places_take_exactly_six_of_forty(
    server: TestServer, emptied: Engine, site: Site, *, is_slow: bool
) -> None:
    if is_slow:
        as_admin(server, emptied, slow_take_places(is_locked=True))
    people = families(site, TRIES)
    answers = rush(lambda mother: place(mother, wish_of(mother, site, DAY)), people)
    assert answers == {"placed": PLACES, "full": TRIES - PLACES}
    assert children_booked(server, emptied) == PLACES
    assert least_free(server, emptied, site, DAY) == 0
    ((mails, traces),) = as_admin(
        server,
        emptied,
        "SELECT (SELECT count(*) FROM outbox_messages WHERE kind = 'bookings/placed'),"
        " (SELECT count(*) FROM audit_log WHERE action = 'booking.placed')",
    )
    assert (mails, traces) == (PLACES, PLACES)


@pytest.mark.proves("J9", "P1")
def test_brothers_and_sisters_get_in_whole_or_not_at_all(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    people = families(site, TRIES, children=4)
    answers = rush(lambda mother: place(mother, wish_of(mother, site, DAY)), people)
    assert answers == {"placed": 1, "full": TRIES - 1}
    assert children_booked(server, emptied) == 4
    assert least_free(server, emptied, site, DAY) == PLACES - 4


@pytest.mark.proves("P1")
def test_one_child_asked_for_by_many_is_booked_once(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    (mother,) = families(site, 1)
    assert len(children_of(mother)) == 1
    answers = rush(lambda who: place(who, wish_of(who, site, DAY)), [mother])
    assert answers == {"placed": 1, BookingRefusal.CHILD_BOOKED_ELSEWHERE.value: TRIES - 1}
    assert children_booked(server, emptied) == 1


@pytest.mark.proves("P1")
def test_cancelling_and_moving_at_once_neither_loses_nor_makes_places(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    (mother,) = families(site, 1)
    placed = place(mother, wish_of(mother, site, DAY))

    def cancel_or_move(number: int) -> str:
        with contextlib.suppress(Refusal), acting_as(mother), transaction() as session:
            if number % 2:
                cancel_booking(session, placed.group_id, actor=mother, now=clock.now())
                return "cancelled"
            span = span_on(DAY, time(9 + number // 2), time(11 + number // 2))
            change_booking(session, placed.group_id, span, actor=mother, now=clock.now())
            return "moved"
        return "refused"

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(cancel_or_move, range(1, 13)))
    assert answers["cancelled"] == 1
    assert children_booked(server, emptied) == 0
    ((untouched,),) = as_admin(
        server, emptied, "SELECT bool_and(free = capacity AND capacity = wanted) FROM pool_days"
    )
    assert untouched is True


def test_the_same_rush_overbooks_once_the_lock_is_gone(
    server: TestServer, emptied: Engine, site: Site
) -> None:
    """The control: were this to hold six too, the tests above would prove nothing."""
    as_admin(server, emptied, slow_take_places(is_locked=False))
    as_admin(server, emptied, "ALTER TABLE pool_days DROP CONSTRAINT ck_pool_days_free")
    people = families(site, TRIES)
    rush(lambda mother: place(mother, wish_of(mother, site, DAY)), people)
    assert children_booked(server, emptied) > PLACES
