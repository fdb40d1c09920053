"""Whose rules ask for a record again: those of the places where the child is known, no others."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.bookings.queries.records import record_rules_for
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.record import RecordRule
from portal.preregistration import service
from portal.slots.places import release_places
from tests.factories import days, places
from tests.pages.test_child_record import FULL, child_of, save
from tests.pages.test_record_rules import BY_DAYS, NEVER, demand
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())
ASKED = "体のことに、変わりはありませんか"
OLD = "体のことの確認が古くなっています"


def rule(who: Actor, family: Actor, on: date = TODAY) -> RecordRule:
    child_id = child_of(family)
    with acting_as(who) as session:
        found = record_rules_for(session, [child_id], on=on, actor=who)
        session.rollback()
    return found[child_id]


def withdraw(family: Actor, row: uuid.UUID) -> None:
    with acting_as(family), transaction() as session:
        service.withdraw(session, row, actor=family, now=clock.now())


def applied_at_both(lax: places.Site, strict: places.Site, family: Actor) -> uuid.UUID:
    """Return the application at the nursery that asks for the record again."""
    demand(lax, NEVER)
    demand(strict, BY_DAYS)
    places.accept(lax, family, child_of(family))
    return places.accept(strict, family, child_of(family))


@pytest.mark.proves("R3")
def test_applications_count_while_they_run_and_to_staff_their_own_alone(
    hinata: places.Site, midori: places.Site, sato: Actor, tanaka: Actor
) -> None:
    row = applied_at_both(hinata, midori, tanaka)
    assert rule(tanaka, tanaka) == BY_DAYS, "the strictest"
    assert rule(sato, tanaka) == NEVER, "what others ask is not hers to know"
    withdraw(tanaka, row)
    assert rule(tanaka, tanaka) == NEVER


@pytest.mark.proves("R3")
def test_stays_to_come_count_by_themselves_until_they_are_over_or_cancelled(
    hinata: places.Site, midori: places.Site, sato: Actor, tanaka: Actor
) -> None:
    row = applied_at_both(hinata, midori, tanaka)
    (stay,) = days.book(midori, tanaka)
    withdraw(tanaka, row)
    assert rule(tanaka, tanaka) == BY_DAYS
    assert rule(sato, tanaka) == NEVER
    assert rule(tanaka, tanaka, days.DAY + timedelta(days=1)) == NEVER
    with acting_as(tanaka), transaction() as session:
        release_places(session, [stay])
    assert rule(tanaka, tanaka) == NEVER


@pytest.mark.proves("R3")
def test_home_asks_on_the_day_before_a_stay_by_the_day_of_the_stay(
    app: Flask, tanaka: Actor
) -> None:
    site = places.make_site("まいにち園", weekdays=range(7))
    save(tanaka, "allergies", FULL, days_ago=30)
    demand(site, BY_DAYS)
    places.accept(site, tanaka, child_of(tanaka))
    assert ASKED not in Visitor(app, tanaka).get("/my/").text
    days.book(site, tanaka, day=TODAY + timedelta(days=1))
    assert ASKED in Visitor(app, tanaka).get("/my/").text


@pytest.mark.proves("R3")
def test_the_page_of_an_application_asks_staff_by_the_rules_of_its_facility(
    app: Flask, hinata: places.Site, sato: Actor, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=31)
    row = places.accept(hinata, tanaka, child_of(tanaka))
    url = f"/office/preregistrations/{row}"
    demand(hinata, NEVER)
    assert OLD not in Visitor(app, sato).get(url).text
    demand(hinata, BY_DAYS)
    assert OLD in Visitor(app, sato).get(url).text
