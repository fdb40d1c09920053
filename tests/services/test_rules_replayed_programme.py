"""A replay is of one programme, on what stands of a home today."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from portal.bookings.queries.replay import booked, count_booked, decided_again
from portal.db.session import acting_as, transaction
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.service import end
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.slots.opening import facility_calendar
from tests.factories.homes import noted
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import rules_with
from tests.services.test_guards_rulebooks import TODAY, new_programme, published
from tests.services.test_take_places import mine, stay_for, take

FIRST, LAST = next_open_day(1) - timedelta(days=1), next_open_day(3)


def test_bookings_of_another_programme_are_not_decided_again(hinata: Site, tanaka: Actor) -> None:
    owner, other = hinata.owner, new_programme(hinata)
    rules = published(owner, other, TODAY)
    accept(hinata, tanaka, mine(tanaka)[1])
    take(tanaka, stay_for(hinata, *mine(tanaka), next_open_day(1)))
    beside = stay_for(hinata, *mine(tanaka), next_open_day(2))
    take(tanaka, replace(beside, programme_id=other, rulebook_id=rules))
    with acting_as(owner) as session:
        for each, day in ((hinata.programme_id, next_open_day(1)), (other, next_open_day(2))):
            groups = booked(session, each, FIRST, LAST, actor=owner, limit=9)
            assert [group.first.day for group in groups] == [day]
            assert count_booked(session, each, FIRST, LAST, actor=owner) == 1


def test_what_was_ended_of_a_home_is_decided_by_no_more(hinata: Site, tanaka: Actor) -> None:
    family, child = mine(tanaka)
    accept(hinata, tanaka, child)
    take(tanaka, stay_for(hinata, family, child, next_open_day(1)))
    city = noted(tanaka, family, HomeFact(HomeFactKind.CITY, "松戸市"))
    elsewhere = rules_with(residence={"cities": ["柏市"]})

    def refused() -> bool:
        with acting_as(hinata.owner) as session:
            of, owner = hinata.programme_id, hinata.owner
            groups = booked(session, of, FIRST, LAST, actor=owner, limit=9)
            calendar = facility_calendar(session, hinata.facility_id, FIRST)
            [again] = decided_again(session, groups, elsewhere, calendar, actor=owner)
        return bool(again.replayed.against)

    assert refused()
    with acting_as(tanaka), transaction() as session:
        end(session, family, city, actor=tanaka, now=clock.now())
    assert not refused(), "nobody has said where it lives"
