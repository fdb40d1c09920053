"""What a feed holds: an entry for each unit, for life, without a name."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from icalendar import Calendar, Component
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound

from portal.bookings.service import Placed, cancel_booking, change_booking
from portal.calendars import queries
from portal.calendars.rules import CANCELLED_DAYS, PAST_DAYS, classes_label
from portal.db.session import acting_as, transaction
from portal.documents.ics import feed
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import JST, at
from portal.kernel.spans import span_on
from tests.factories.people import OPERATOR, children_of, make_child, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.services.test_place_booking import place, wish_of

BASE = "https://portal.example"
DAY = next_open_day()


def of_family(actor: Actor, now: datetime | None = None) -> bytes:
    with acting_as(actor) as session:
        content = queries.family_feed(session, actor=actor, now=now or clock.now(), base_url=BASE)
        return feed(content.entries, name=content.name)


def of_facility(site: Site, actor: Actor | None = None, now: datetime | None = None) -> bytes:
    actor = actor or site.owner
    with acting_as(actor) as session:
        content = queries.facility_feed(
            session, site.facility_id, actor=actor, now=now or clock.now(), base_url=BASE
        )
        return feed(content.entries, name=content.name)


def events(data: bytes) -> list[Component]:
    return list(Calendar.from_ical(data).walk("VEVENT"))


def number(event: Component) -> int:
    return int(str(event.decoded("sequence")))


@pytest.fixture
def booked(hinata: Site, tanaka: Actor) -> Placed:
    """Hana, of class one, and Sora, of class four, as one unit from 9 to 12."""
    make_child(tanaka, "田中 そら", born_on=DAY.replace(year=DAY.year - 5, month=5, day=1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return place(tanaka, wish_of(tanaka, hinata, DAY))


def cancel(actor: Actor, placed: Placed, *child_ids: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        cancel_booking(
            session, placed.group_id, actor=actor, now=clock.now(), child_ids=child_ids or None
        )


@pytest.mark.proves("B61")
def test_an_entry_keeps_its_uid_for_life_in_local_time(tanaka: Actor, booked: Placed) -> None:
    (before,) = events(of_family(tanaka))
    with acting_as(tanaka), transaction() as session:
        later = span_on(DAY + timedelta(days=1), time(13), time(15))
        change_booking(session, booked.group_id, later, actor=tanaka, now=clock.now())
    data = of_family(tanaka)
    (after,) = events(data)
    assert before["uid"] == after["uid"]
    assert number(after) > number(before)
    assert after.decoded("dtstart") == at(DAY + timedelta(days=1), time(13))
    start = next(line for line in data.splitlines() if line.startswith(b"DTSTART;TZID"))
    assert start == f"DTSTART;TZID={JST.key}:{DAY + timedelta(days=1):%Y%m%d}T130000".encode()
    assert data.index(b"BEGIN:VTIMEZONE") < data.index(b"BEGIN:VEVENT")
    assert b"METHOD" not in data


def test_family_and_facility_see_the_same_stay_in_their_words_and_no_name(
    hinata: Site, tanaka: Actor, booked: Placed
) -> None:
    del booked
    mine, theirs = of_family(tanaka), of_facility(hinata)
    (family_entry,), (facility_entry,) = events(mine), events(theirs)
    assert family_entry["uid"] == facility_entry["uid"]
    assert str(family_entry["summary"]) == "一時預かり ひなた保育園"
    assert str(facility_entry["summary"]) == "一時預かり 2人（1歳児・4歳児）"
    assert "みほん市中央1-1" in str(family_entry["location"])
    unfolded = (mine + theirs).replace(b"\r\n ", b"").decode()
    for name in ("田中", "はな", "そら", "みほ,"):
        assert name not in unfolded
    assert str(tanaka.family_id) not in unfolded


def test_a_cancelled_child_leaves_the_count_and_a_cancelled_unit_leaves_after_a_week(
    hinata: Site, tanaka: Actor, booked: Placed
) -> None:
    younger = next(child for child in children_of(tanaka) if child.name == "田中 はな")
    cancel(tanaka, booked, younger.id)
    (entry,) = events(of_facility(hinata))
    assert str(entry["summary"]) == "一時預かり 1人（4歳児）"
    cancel(tanaka, booked)
    for data in (of_family(tanaka), of_facility(hinata)):
        (gone,) = events(data)
        assert str(gone["summary"]).startswith("【取消】")
        assert (str(gone["status"]), str(gone["transp"])) == ("CANCELLED", "TRANSPARENT")
        assert number(gone) > number(entry)
    last_day = clock.now() + timedelta(days=CANCELLED_DAYS)
    assert events(of_family(tanaka, last_day))
    assert not events(of_family(tanaka, last_day + timedelta(days=1)))


def test_who_told_that_they_stay_home_is_no_longer_counted_as_coming(
    hinata: Site, booked: Placed
) -> None:
    with acting_as(hinata.owner), transaction() as session:
        for booking in booked.bookings:
            session.execute(text("SELECT mark_booking(:id, 'excused_absence')"), {"id": booking})
    (entry,) = events(of_facility(hinata))
    assert str(entry["summary"]) == "お休み 2人（1歳児・4歳児）"


def test_what_is_long_past_leaves_and_what_is_over_stays_a_month(
    tanaka: Actor, booked: Placed
) -> None:
    del booked
    day_after = at(DAY + timedelta(days=1), time())
    assert events(of_family(tanaka, day_after))
    assert not events(of_family(tanaka, day_after + timedelta(days=PAST_DAYS)))


@pytest.mark.proves("P7")
def test_other_families_and_other_providers_have_nothing_of_it(
    hinata: Site, midori: Site, booked: Placed, suzuki: Actor
) -> None:
    del booked
    assert not events(of_facility(midori))
    for stranger in (midori.owner, suzuki):
        with pytest.raises(NoResultFound):
            of_facility(hinata, stranger)
    assert not events(of_family(make_guardian("佐藤 みさき")))


def test_a_second_facility_of_the_same_provider_has_its_own_feed(
    hinata: Site, booked: Placed
) -> None:
    del booked
    second = replace(hinata, facility_id=uuid.uuid4())
    with acting_as(OPERATOR), transaction() as session:
        session.add(
            Facility(
                id=second.facility_id,
                organisation_id=hinata.organisation_id,
                name="ひなた第二保育園",
                address="みほん市中央1-2",
            )
        )
    assert not events(of_facility(second))
    assert events(of_facility(hinata))


def test_classes_are_named_once_and_in_order() -> None:
    assert classes_label([3, 1, 3]) == "3人（1歳児・3歳児）"
