"""「おくれます・休みます」 by the link of the reminder mail, and by a guardian who is signed in."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts.addresses import AddressKind, make_address
from portal.attendance.models import WordFromFamily
from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.slots.models import PoolDay
from tests.factories.days import DAY, FEE_YEN, book, clock_time
from tests.factories.people import make_child, make_guardian
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

DEADLINE = clock_time("17:00", DAY - timedelta(days=1))


@pytest.fixture(autouse=True)
def morning(monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, clock_time("8:10"))


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr("portal.selfservice.words.now", lambda: moment)


def link(guardian: Actor, booking_id: uuid.UUID) -> str:
    with acting_as(guardian), transaction() as session:
        token = make_address(
            session,
            guardian,
            AddressKind.BOOKING_WORD,
            booking_id=booking_id,
            expires_at=clock.now() + timedelta(days=30),
        )
    return f"/w/{token}"


def booking_of(guardian: Actor, booking_id: uuid.UUID) -> Booking:
    with acting_as(guardian) as session:
        return session.scalars(select(Booking).where(Booking.id == booking_id)).one()


def words_of(guardian: Actor) -> list[tuple[str, datetime | None, str]]:
    with acting_as(guardian) as session:
        rows = session.scalars(select(WordFromFamily).order_by(WordFromFamily.received_at))
        return [(row.kind.value, row.expected_at, row.channel) for row in rows]


def free_at_ten(site: Site) -> int:
    with acting_as(site.owner) as session:
        row = session.scalars(
            select(PoolDay).where(PoolDay.pool_id == site.total_pool_id, PoolDay.day == DAY)
        ).one()
        return row.free[20]


def say(visitor: Visitor, url: str, what: str, **fields: str) -> Page:
    return visitor.submit(f"{url}/{what}", dict(fields), form_page=url)


def test_opening_the_link_changes_nothing_and_names_nobody(
    visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    (booking,) = book(hinata, tanaka, cancel_until=DEADLINE)
    url = link(tanaka, booking)
    page = visitor.get(url)
    assert page.status == 200
    assert "お子さん 1人" in page.text
    assert "ひなた保育園" in page.text
    assert "はな" not in page.text
    assert "田中" not in page.text
    assert "取り消しの料金が 450円 かかります" in page.text
    assert words_of(tanaka) == []
    assert visitor.get(f"{url}/absent").status == 405
    assert booking_of(tanaka, booking).state.value == "confirmed"


@pytest.mark.proves("J2")
def test_coming_late_is_one_button_and_can_be_said_again(
    visitor: Visitor, hinata: Site, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (booking,) = book(hinata, tanaka, cancel_until=DEADLINE)
    url = link(tanaka, booking)
    said = say(visitor, url, "late", expected="10:30")
    assert said.status == 303
    assert "10:30ごろに来ると、園に伝えてあります" in visitor.get(said.location).text
    set_clock(monkeypatch, clock_time("8:20"))
    say(visitor, url, "late", expected="11:00")
    say(visitor, url, "late", expected="11:00")
    assert sorted(words_of(tanaka), key=str) == [
        ("late", clock_time("10:30"), "mail_link"),
        ("late", clock_time("11:00"), "mail_link"),
    ]
    wrong = visitor.post(f"{url}/late", {"once": str(uuid.uuid4()), "expected": "13:00"})
    assert wrong.status == 409
    assert visitor.post(f"{url}/late", {"expected": "soon"}).status == 422


@pytest.mark.proves("J2")
def test_staying_away_after_the_deadline_frees_the_place_and_keeps_the_fee(
    visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    make_child(tanaka, "田中 りく")
    bookings = book(hinata, tanaka, cancel_until=DEADLINE)
    url = link(tanaka, bookings[0])
    assert "取り消しの料金が 900円 かかります" in visitor.get(url).text
    assert free_at_ten(hinata) == 4
    assert say(visitor, url, "absent", because="other").status == 303
    assert free_at_ten(hinata) == 6
    for booking_id in bookings:
        booking = booking_of(tanaka, booking_id)
        assert booking.state.value == "excused_absence"
        assert booking.cancel_fee_yen == FEE_YEN // 2
    assert visitor.post(f"{url}/absent", {"once": str(uuid.uuid4())}).status == 303
    assert len(words_of(tanaka)) == 2
    assert "お休みの連絡を受け取りました" in visitor.get(url).text


def test_illness_costs_nothing_where_the_rules_say_so(
    visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    (booking,) = book(hinata, tanaka, cancel_until=DEADLINE)
    url = link(tanaka, booking)
    assert "病気・けがで休みます（0円）" in visitor.get(url).text
    say(visitor, url, "absent", because="illness")
    kept = booking_of(tanaka, booking)
    assert (kept.cancel_fee_yen, kept.cancel_reason) == (0, "illness")


def test_before_the_deadline_the_family_is_led_to_cancelling_for_nothing(
    visitor: Visitor, hinata: Site, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    (booking,) = book(hinata, tanaka, cancel_until=DEADLINE)
    url = link(tanaka, booking)
    set_clock(monkeypatch, DEADLINE - timedelta(minutes=1))
    page = visitor.get(url)
    assert "無料で取り消せます" in page.text
    assert f"{url}/absent" not in page.html
    refused = visitor.post(f"{url}/absent", {"once": str(uuid.uuid4())})
    assert refused.status == 409
    assert booking_of(tanaka, booking).state.value == "confirmed"


def test_an_ended_foreign_or_invented_link_opens_nothing(
    visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    (booking,) = book(hinata, tanaka)
    url = link(tanaka, booking)
    with acting_as(tanaka), transaction() as session:
        session.execute(text("UPDATE secret_addresses SET ended_at = now()"))
    assert visitor.get(url).status == 404
    assert visitor.post(f"{url}/absent").status == 404
    assert visitor.get("/w/invented").status == 404
    with acting_as(tanaka), transaction() as session:
        feed = make_address(session, tanaka, AddressKind.FAMILY_FEED)
    assert visitor.get(f"/w/{feed}").status == 404
    assert booking_of(tanaka, booking).state.value == "confirmed"


def test_a_guardian_says_the_same_from_her_booking_and_another_family_cannot(
    app: Flask, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    (booking,) = book(hinata, tanaka)
    url = f"/my/bookings/{booking_of(tanaka, booking).group_id}/word"
    other = Visitor(app, make_guardian("森 かおり", children=("森 ゆうと",)))
    assert other.get(url).status == 404
    assert other.post(f"{url}/absent").status == 404
    assert Visitor(app, yamada).get(url).status == 403
    mother = Visitor(app, tanaka)
    say(mother, url, "absent", because="other")
    assert [word[0::2] for word in words_of(tanaka)] == [("absent", "web")]
    assert booking_of(tanaka, booking).cancel_fee_yen == 0
