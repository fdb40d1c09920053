"""Limits of a child, held behind the lock of its row: over facilities, with what was told."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta
from itertools import product
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from portal.policies.cap_sums import Stay as CountedStay
from portal.policies.cap_sums import weight
from portal.policies.caps import CapRule
from portal.rulebooks.models import Rulebook
from portal.slots.places import WITHIN_CAPS, Stay, Taken, release_places, take_places
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


def cap(metric: str, amount: float, **more: Any) -> dict[str, Any]:
    """A limit over some weeks around ``DAY``, so that no turn of a month lies in between."""
    days = {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    said = {"metric": metric, "amount": amount, "period": "dates", **days, **more}
    return CapRule.model_validate(said).model_dump(mode="json")


TWO_DAYS = cap("days", 2)


def limited(site: Site, *caps: dict[str, Any], **more: Any) -> Site:
    """Return the site under a newer version of its rules that has these limits."""
    newer = replace(site, rulebook_id=uuid.uuid4())
    with acting_as(site.owner), transaction() as session:
        older = session.get_one(Rulebook, site.rulebook_id)
        session.add(
            Rulebook(
                id=newer.rulebook_id,
                programme_id=site.programme_id,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                version=2,
                in_force_from=older.in_force_from,
                document={**older.document, "caps": list(caps), **more},
            )
        )
    return newer


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


def wish(site: Site, mother: Actor, day: date, **more: Any) -> Stay:
    return stay_for(site, *mine(mother), day, **more)


@pytest.mark.proves("J9", "P1")
def test_the_third_of_two_days_is_refused(hinata: Site, tanaka: Actor) -> None:
    site = limited(hinata, TWO_DAYS)
    first, second, third = later(3)
    assert tries(tanaka, wish(site, tanaka, first))
    assert tries(tanaka, wish(site, tanaka, second))
    assert not tries(tanaka, wish(site, tanaka, third))
    # A second stay on a day that counts already is no further day.
    assert tries(tanaka, wish(site, tanaka, second, start=time(13), end=time(15)))


def test_all_that_is_taken_at_once_counts_together(hinata: Site, tanaka: Actor) -> None:
    site = limited(hinata, TWO_DAYS)
    stays = [wish(site, tanaka, day) for day in later(3)]
    assert not tries(tanaka, *stays)
    assert tries(tanaka, *stays[:2])


@pytest.mark.parametrize(
    ("limit", "fits"),
    [
        (cap("visits", 1), 1),
        (cap("hours", 6), 2),
        (cap("hours", 5.5), 1),
        (cap("hours_rounded_up", 9), 3),
        (cap("hours_rounded_up", 8, round_up_minutes=240), 2),
        (cap("half_days", 1.5, half_day_minutes=180), 3),
        (cap("half_days", 1.5, half_day_minutes=179), 1),
        (cap("visits", 1, weights=[{"up_to_minutes": 180, "counts": 0.5}]), 2),
        (cap("half_days", 1, half_day_units=["午前"]), 2),
        (cap("days", 2, purposes=["emergency"]), 4),
        (cap("days", 2, except_purposes=["respite"]), 4),
        (cap("days", 2, on_breach="surcharge"), 4),
        (cap("days", 1, weekly_average=True, average_rounding="down"), 4),
        (cap("days", 1, first_day="2020-01-01", last_day="2020-01-31"), 4),
    ],
)
def test_each_measure(hinata: Site, tanaka: Actor, limit: dict[str, Any], fits: int) -> None:
    morning = {"blocks": [{"label": "午前", "starts": "09:00", "ends": "12:00"}]}
    site = limited(hinata, limit, units=morning)
    stays = [wish(site, tanaka, day) for day in later(4)]
    assert [tries(tanaka, stay) for stay in stays] == [n < fits for n in range(4)]


def test_what_was_cancelled_in_time_does_not_count(hinata: Site, tanaka: Actor) -> None:
    site = limited(hinata, TWO_DAYS)
    first, second, third = later(3)
    taken = take(tanaka, wish(site, tanaka, first))
    assert isinstance(taken, Taken)
    assert tries(tanaka, wish(site, tanaka, second))
    with acting_as(tanaka), transaction() as session:
        release_places(session, taken.bookings)
    assert tries(tanaka, wish(site, tanaka, third))


def test_who_moves_a_stay_does_not_count_it_twice(hinata: Site, tanaka: Actor) -> None:
    site = limited(hinata, TWO_DAYS)
    first, second, third = later(3)
    taken = take(tanaka, wish(site, tanaka, first))
    assert isinstance(taken, Taken)
    assert tries(tanaka, wish(site, tanaka, second))
    assert tries(tanaka, wish(site, tanaka, third, replaces=taken.bookings[0]))


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"scope": "everywhere"}, False),
        ({"scope": "everywhere", "all_programmes": True}, False),
        ({"all_programmes": True}, True),
        ({"scope": "provider", "all_programmes": True}, True),
    ],
)
def test_another_facility_counts_where_the_limit_says_so(
    hinata: Site, tanaka: Actor, more: dict[str, Any], *, fits: bool
) -> None:
    there, here = make_site("となりの園"), limited(hinata, cap("days", 1, **more))
    first, second = later(2)
    assert tries(tanaka, wish(there, tanaka, first))
    assert tries(tanaka, wish(here, tanaka, second)) is fits


@pytest.mark.parametrize(
    ("kind", "fits"),
    [(ProgrammeKind.UNIVERSAL_ACCESS_CARE, True), (ProgrammeKind.SPARE_CAPACITY, False)],
)
def test_another_sort_of_programme_elsewhere_counts_where_all_do(
    hinata: Site, tanaka: Actor, kind: ProgrammeKind, *, fits: bool
) -> None:
    there = make_site("となりの園", kind=kind)
    here = limited(hinata, cap("days", 1, scope="everywhere"))
    first, second = later(2)
    assert tries(tanaka, wish(there, tanaka, first))
    assert tries(tanaka, wish(here, tanaka, second)) is fits


def test_brothers_and_sisters_each_have_their_own(hinata: Site, tanaka: Actor) -> None:
    sibling = make_child(tanaka, "田中 りく")
    family, child = mine(tanaka)
    site = limited(hinata, cap("days", 1))
    day, other_day = later(2)
    assert tries(tanaka, *(stay_for(site, family, each, day) for each in (child, sibling)))
    assert not tries(tanaka, stay_for(site, family, sibling, other_day))


def test_what_was_told_counts_until_it_is_taken_back(hinata: Site, tanaka: Actor) -> None:
    family, child = mine(tanaka)
    first, second = later(2)
    site = limited(hinata, cap("days", 1, scope="municipality"))
    now = clock.now()
    with acting_as(tanaka), transaction() as session:
        [told] = tell(session, family, child, [first], 240, actor=tanaka, now=now)
    assert not tries(tanaka, wish(site, tanaka, second))
    with acting_as(tanaka), transaction() as session:
        take_back(session, family, told, actor=tanaka, now=now)
        assert not queries.told(session, family, actor=tanaka)
    assert tries(tanaka, wish(site, tanaka, second))


def test_staff_alone_set_a_limit_aside(hinata: Site, tanaka: Actor, sato: Actor) -> None:
    family, _child = mine(tanaka)
    site = limited(hinata, cap("days", 1))
    first, second, third = later(3)
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
    assert tries(tanaka, wish(site, tanaka, first))
    overruled = {"codes": ["cap_reached"], "because": "園長が認めたため"}
    assert not tries(tanaka, replace(wish(site, tanaka, second), overruled=overruled))
    assert not tries(sato, wish(site, tanaka, third))
    assert tries(sato, replace(wish(site, tanaka, second), overruled=overruled))
    assert family


def test_the_rules_that_a_stay_names_are_its_programme_s(hinata: Site, tanaka: Actor) -> None:
    there = make_site("となりの園")
    stay = replace(wish(limited(hinata, TWO_DAYS), tanaka, DAY), rulebook_id=there.rulebook_id)
    with pytest.raises(ProgrammingError, match="not the rules of its programme"):
        take(tanaka, stay)


def uses(actor: Actor, site: Site, child: uuid.UUID) -> list[tuple[date, str, bool, bool]]:
    values = {
        "first": FIRST,
        "last": LAST,
        "children": [child],
        "programme": site.programme_id,
    }
    with acting_as(actor) as session:
        rows = session.execute(
            text("SELECT * FROM uses_of_children(:children, :programme, :first, :last)"), values
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
    site = limited(hinata, cap("days", 1, scope="everywhere"))
    assert tries(tanaka, wish(site, tanaka, first))
    assert tries(stranger, wish(site, stranger, second))


PERIODS: tuple[dict[str, Any], ...] = (
    {"period": "day"},
    {"period": "week"},
    {"period": "week", "week_starts": "sun"},
    {"period": "month"},
    {"period": "term", "term_months": 3},
    {"period": "half_year"},
    {"period": "fiscal_year"},
    {"period": "calendar_year"},
    {"period": "dates", "first_day": "2026-03-01", "last_day": "2026-04-15"},
)


def test_the_database_and_the_rules_mean_the_same_days(tanaka: Actor) -> None:
    days = [date(2026, 1, 1) + timedelta(days=n * 5) for n in range(90)]
    for said in PERIODS:
        rule = CapRule.model_validate({"metric": "days", "amount": 1, **said})
        asked = {"cap": json.dumps(rule.model_dump(mode="json")), "days": days}
        with acting_as(tanaka) as session:
            rows = session.execute(
                text(
                    "SELECT cap_days(CAST(:cap AS jsonb), day) AS found, d.first_on, d.last_on"
                    "  FROM unnest(CAST(:days AS date[])) WITH ORDINALITY AS x (day, at)"
                    " CROSS JOIN cap_days(CAST(:cap AS jsonb), day) AS d ORDER BY at"
                ),
                asked,
            ).all()
        here = [rule.days_around(day) or (None, None) for day in days]
        assert [(row.first_on, row.last_on) for row in rows] == [tuple(each) for each in here], said


WEIGHTS: tuple[dict[str, Any], ...] = (
    {"metric": "days"},
    {"metric": "visits"},
    {"metric": "hours"},
    {"metric": "hours_rounded_up"},
    {"metric": "hours_rounded_up", "round_up_minutes": 45},
    {"metric": "half_days", "half_day_minutes": 240},
    {"metric": "half_days", "half_day_units": ["午前", "午後"]},
    {
        "metric": "visits",
        "weights": [
            {"up_to_minutes": 120, "counts": 0.5},
            {"up_to_minutes": 300, "counts": 1},
            {"unit": "午後", "counts": 1.5},
        ],
    },
)


def test_the_database_and_the_rules_weigh_the_same(tanaka: Actor) -> None:
    stays = list(product((30, 60, 61, 120, 121, 240, 241, 300, 600), (None, "午前", "午後", "夜")))
    for said in WEIGHTS:
        rule = CapRule.model_validate({"amount": 1, "period": "month", **said})
        asked = {"cap": json.dumps(rule.model_dump(mode="json"))}
        for minutes, unit in stays:
            with acting_as(tanaka) as session:
                there = session.scalar(
                    text("SELECT cap_weight(CAST(:cap AS jsonb), :minutes, :unit)"),
                    asked | {"minutes": minutes, "unit": unit},
                )
            units = (unit,) if unit else ()
            assert there == weight(rule, CountedStay(DAY, minutes, units)), (said, minutes, unit)


def race(site: Site) -> Counter[bool]:
    mother = make_guardian("母", children=("子",))
    start = Barrier(WISHES)

    def one(day: date) -> bool:
        start.wait()
        return tries(mother, wish(site, mother, day))

    with ThreadPoolExecutor(WISHES) as pool:
        return Counter(pool.map(one, later(WISHES)))


@pytest.mark.proves("J9", "P1")
def test_eight_wishes_at_once_get_exactly_two_days(emptied: Engine) -> None:
    del emptied
    assert race(limited(make_site("あさの園"), TWO_DAYS)) == {True: 2, False: WISHES - 2}


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
    assert race(limited(make_site("あさの園"), TWO_DAYS))[True] > 2


def test_a_stay_of_an_hour_and_a_half_counts_as_such(hinata: Site, tanaka: Actor) -> None:
    site = limited(hinata, cap("hours", 3))
    first, second, third = later(3)
    for day in (first, second):
        stay = replace(wish(site, tanaka, day), span=span_on(day, time(9), time(10, 30)))
        with acting_as(tanaka), transaction() as session:
            assert isinstance(take_places(session, [stay]), Taken)
    short = replace(wish(site, tanaka, third), span=span_on(third, time(9), time(9, 30)))
    assert not tries(tanaka, short)
