"""Limits of a child, held behind the lock of its row: over facilities, with what was told."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.slots.places import WITHIN_CAPS, CapHeld, Stay, Taken, release_places
from portal.uses import queries
from portal.uses.service import take_back, tell
from tests.database import TestServer
from tests.factories.people import make_child, make_guardian
from tests.factories.places import Site, make_site, next_open_day
from tests.services.test_booking_race import as_admin
from tests.services.test_take_places import mine, stay_for, take

DAY = next_open_day()
FIRST, LAST = DAY - timedelta(days=40), DAY + timedelta(days=40)
WISHES = 8


def cap(metric: str, at_most: int, **more: Any) -> CapHeld:
    return CapHeld(metric, at_most, FIRST, LAST, **more)


TWO_DAYS = cap("days", 2)


def later(count: int) -> list[date]:
    """Wednesdays and Thursdays from ``DAY`` on, the earliest first."""
    return [DAY + timedelta(days=n // 2 * 7 + n % 2) for n in range(count)]


def tries(actor: Actor, *stays: Stay) -> bool:
    try:
        return isinstance(take(actor, *stays), Taken)
    except IntegrityError as error:
        if breached_constraint(error) != WITHIN_CAPS:
            raise
        return False


def capped(site: Site, mother: Actor, day: date, *caps: CapHeld, **more: Any) -> Stay:
    return replace(stay_for(site, *mine(mother), day, **more), caps=caps)


@pytest.mark.proves("J9")
def test_the_third_of_two_days_is_refused(hinata: Site, tanaka: Actor) -> None:
    first, second, third = later(3)
    assert tries(tanaka, capped(hinata, tanaka, first, TWO_DAYS))
    assert tries(tanaka, capped(hinata, tanaka, second, TWO_DAYS))
    assert not tries(tanaka, capped(hinata, tanaka, third, TWO_DAYS))
    # A second stay on a day that counts already is no further day.
    afternoon = capped(hinata, tanaka, second, TWO_DAYS, start=time(13), end=time(15))
    assert tries(tanaka, afternoon)


def test_all_that_is_taken_at_once_counts_together(hinata: Site, tanaka: Actor) -> None:
    stays = [capped(hinata, tanaka, day, TWO_DAYS) for day in later(3)]
    assert not tries(tanaka, *stays)
    assert tries(tanaka, *stays[:2])


@pytest.mark.parametrize(
    ("limit", "fits"),
    [
        (cap("visits", 1), 1),
        (cap("minutes", 6 * 60), 2),
        (cap("minutes", 6 * 60 - 1), 1),
        (cap("hours", 9), 3),
        (cap("half_days", 3, half_minutes=180), 3),
        (cap("half_days", 3, half_minutes=179), 1),
    ],
)
def test_each_measure(hinata: Site, tanaka: Actor, limit: CapHeld, fits: int) -> None:
    stays = [capped(hinata, tanaka, day, limit) for day in later(4)]
    assert [tries(tanaka, stay) for stay in stays] == [n < fits for n in range(4)]


def test_what_was_cancelled_in_time_does_not_count(hinata: Site, tanaka: Actor) -> None:
    first, second, third = later(3)
    taken = take(tanaka, capped(hinata, tanaka, first, TWO_DAYS))
    assert isinstance(taken, Taken)
    assert tries(tanaka, capped(hinata, tanaka, second, TWO_DAYS))
    with acting_as(tanaka), transaction() as session:
        release_places(session, taken.bookings)
    assert tries(tanaka, capped(hinata, tanaka, third, TWO_DAYS))


def test_who_moves_a_stay_does_not_count_it_twice(hinata: Site, tanaka: Actor) -> None:
    first, second, third = later(3)
    taken = take(tanaka, capped(hinata, tanaka, first, TWO_DAYS))
    assert isinstance(taken, Taken)
    assert tries(tanaka, capped(hinata, tanaka, second, TWO_DAYS))
    moved = replace(capped(hinata, tanaka, third, TWO_DAYS), replaces=taken.bookings[0])
    assert tries(tanaka, moved)


@pytest.mark.parametrize(("scope", "fits"), [("facility", True), ("all", False)])
def test_another_facility_counts_where_the_limit_says_so(
    hinata: Site, tanaka: Actor, scope: str, *, fits: bool
) -> None:
    there = make_site("となりの園")
    first, second = later(2)
    limit = cap("days", 1, scope=scope)
    assert tries(tanaka, capped(there, tanaka, first, limit))
    assert tries(tanaka, capped(hinata, tanaka, second, limit)) is fits


def test_brothers_and_sisters_each_have_their_own(hinata: Site, tanaka: Actor) -> None:
    sibling = make_child(tanaka, "田中 りく")
    family, child = mine(tanaka)
    one = cap("days", 1)
    day, other_day = later(2)
    both = [replace(stay_for(hinata, family, each, day), caps=(one,)) for each in (child, sibling)]
    assert tries(tanaka, *both)
    assert not tries(tanaka, replace(stay_for(hinata, family, sibling, other_day), caps=(one,)))


def test_what_was_told_counts_until_it_is_taken_back(hinata: Site, tanaka: Actor) -> None:
    family, child = mine(tanaka)
    first, second = later(2)
    limit = cap("days", 1, has_declared=True, scope="all")
    now = clock.now()
    with acting_as(tanaka), transaction() as session:
        [told] = tell(session, family, child, [first], 240, actor=tanaka, now=now)
    assert not tries(tanaka, capped(hinata, tanaka, second, limit))
    assert tries(tanaka, capped(hinata, tanaka, second, replace(limit, at_most=2)))
    with acting_as(tanaka), transaction() as session:
        take_back(session, family, told, actor=tanaka, now=now)
        assert not queries.told(session, family, actor=tanaka)


def uses(actor: Actor, site: Site, child: uuid.UUID) -> list[tuple[date, str, bool, bool]]:
    around = {"first": FIRST, "last": LAST}
    with acting_as(actor) as session:
        rows = session.execute(
            text("SELECT * FROM uses_of_children(:children, :programme, :first, :last)"),
            around | {"children": [child], "programme": site.programme_id},
        ).all()
    return [(row.day, row.state, row.is_here, row.is_declared) for row in rows]


@pytest.mark.proves("P7")
def test_use_elsewhere_is_counted_and_never_named(
    hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    there = make_site("となりの園")
    family, child = mine(tanaka)
    first, second = later(2)
    take(tanaka, stay_for(there, family, child, first))
    take(tanaka, stay_for(hinata, family, child, second))
    expected = [(first, "booked", False, False), (second, "booked", True, False)]
    assert uses(tanaka, hinata, child) == expected
    with pytest.raises(ProgrammingError, match="not children of the actor"):
        uses(yamada, hinata, child)


def test_a_child_is_the_same_in_joined_records_alone(hinata: Site, tanaka: Actor) -> None:
    stranger = make_guardian("田中 べつ", children=("田中 はな",))
    first, second = later(2)
    limit = cap("days", 1, scope="all")
    assert tries(tanaka, capped(hinata, tanaka, first, limit))
    assert tries(stranger, capped(hinata, stranger, second, limit))


def race(site: Site) -> Counter[bool]:
    mother = make_guardian("母", children=("子",))
    start = Barrier(WISHES)

    def wish(day: date) -> bool:
        start.wait()
        return tries(mother, capped(site, mother, day, TWO_DAYS))

    with ThreadPoolExecutor(WISHES) as pool:
        return Counter(pool.map(wish, later(WISHES)))


@pytest.mark.proves("J9", "P1")
def test_eight_wishes_at_once_get_exactly_two_days(emptied: Engine) -> None:
    del emptied
    assert race(make_site("あさの園")) == {True: 2, False: WISHES - 2}


def test_without_the_lock_more_would_pass(server: TestServer, emptied: Engine) -> None:
    as_admin(
        server,
        emptied,
        """DO $do$ DECLARE said text := pg_get_functiondef('public.hold_caps(jsonb)'::regprocedure);
        BEGIN
            said := replace(said, 'ORDER BY c.id FOR NO KEY UPDATE', 'ORDER BY c.id');
            said := replace(said, 'IF used > asked', 'PERFORM pg_sleep(0.1); IF used > asked');
            EXECUTE said;
        END $do$""",
    )
    assert race(make_site("あさの園"))[True] > 2
