"""A calendar program fetches a feed; families and directors keep its address in hand."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy.orm import Session

from portal.accounts.addresses import AddressKind, make_address
from portal.audit.service import record
from portal.calendars import service
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_guardian, make_worker
from tests.factories.places import Site, accept, next_open_day
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import place, wish_of

MINE = "/my/calendar"


@pytest.fixture
def booked(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka, with Hana booked at ひなた保育園."""
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    place(tanaka, wish_of(tanaka, hinata, next_open_day()))
    return tanaka


def page_of(site: Site) -> str:
    return f"/office/facilities/{site.facility_id}/calendar"


def press(app: Flask, actor: Actor, page: str, button: str) -> Page:
    sent = Visitor(app, actor).submit(f"{page}/{button}", {}, form_page=page)
    assert (sent.status, sent.location) == (303, page)
    return Visitor(app, actor).get(page)


def renewed(app: Flask, actor: Actor, page: str) -> str:
    """Press the button that gives a new address; return its path."""
    html = press(app, actor, page, "renew").html
    found = re.search(r'id="address" value="http://127\.0\.0\.1:8000(/feeds/[\w-]{43}\.ics)"', html)
    assert found, "the page shows the address"
    assert f'href="webcal://127.0.0.1:8000{found[1]}"' in html
    return found[1]


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is written to the audit log, which the app itself cannot read."""
    written: list[str] = []

    def spy(session: Session, actor: Actor, action: str, *about: uuid.UUID, **more: Any) -> None:
        record(session, actor, action, *about, **more)
        written.append(action)

    monkeypatch.setattr(service, "record", spy)
    return written


@pytest.mark.proves("J3", "R30")
def test_a_family_subscribes_without_signing_in(
    app: Flask, visitor: Visitor, booked: Actor
) -> None:
    answer = visitor.get(renewed(app, booked, MINE)).response
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert str(event["summary"]) == "一時預かり ひなた保育園"
    unfolded = answer.data.replace(b"\r\n ", b"").decode()
    assert "はな" not in unfolded
    assert "田中" not in unfolded


def test_a_program_that_has_the_newest_gets_304(
    app: Flask, visitor: Visitor, hinata: Site, booked: Actor
) -> None:
    path = renewed(app, booked, MINE)
    first = visitor.get(path).response
    assert first.last_modified is not None
    known = {"If-None-Match": first.headers["ETag"]}
    again = visitor.get(path, headers=known).response
    assert (again.status_code, again.data) == (304, b"")
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert visitor.get(path, headers=since).status == 304
    place(booked, wish_of(booked, hinata, next_open_day(2)))
    assert visitor.get(path, headers=known).status == 200


@pytest.mark.proves("J3")
def test_a_new_address_ends_the_old_one_at_once_and_all_is_on_record(
    app: Flask, visitor: Visitor, booked: Actor, recorded: list[str]
) -> None:
    old = renewed(app, booked, MINE)
    new = renewed(app, booked, MINE)
    assert old != new
    assert visitor.get(old).status == 404
    assert visitor.get(new).status == 200
    assert "アドレスを作る" in press(app, booked, MINE, "end").text
    assert visitor.get(new).status == 404
    press(app, booked, MINE, "end")
    assert recorded == ["feed.made", "feed.renewed", "feed.ended"]


def test_unknown_ended_and_other_kinds_of_address_look_alike(
    visitor: Visitor, booked: Actor
) -> None:
    with acting_as(booked), transaction() as session:
        word = make_address(session, booked, AddressKind.BOOKING_WORD)
    answers = [visitor.get(f"/feeds/{token}.ics") for token in ("x" * 43, "短い", word)]
    assert [answer.status for answer in answers] == [404] * 3
    assert len({re.sub(r'nonce="[^"]*"', "", answer.html) for answer in answers}) == 1


@pytest.mark.proves("P7")
def test_each_feed_shows_its_own_and_nothing_of_others(
    app: Flask, visitor: Visitor, hinata: Site, midori: Site, director: Actor, booked: Actor
) -> None:
    suzuki = make_guardian("鈴木 れい", children=("鈴木 つき",))
    stranger = make_worker("山田 園長", midori.organisation_id, "director")
    theirs = (
        renewed(app, suzuki, MINE),
        renewed(app, stranger, page_of(midori)),
    )
    for path in theirs:
        assert b"BEGIN:VEVENT" not in visitor.get(path).response.data
    seen = visitor.get(renewed(app, director, page_of(hinata))).response.data
    (event,) = Calendar.from_ical(seen).walk("VEVENT")
    assert str(event["summary"]) == "一時預かり 1人（1歳児）"
    assert visitor.get(renewed(app, booked, MINE)).status == 200


@pytest.mark.proves("P7")
def test_only_directors_of_the_facility_get_to_its_address(
    app: Flask, hinata: Site, midori: Site, sato: Actor, tanaka: Actor
) -> None:
    stranger = make_worker("山田 園長", midori.organisation_id, "director")
    page = page_of(hinata)
    for actor, status in ((stranger, 404), (sato, 403), (tanaka, 403)):
        browser = Visitor(app, actor)
        assert browser.get(page).status == status
        for button in ("renew", "end"):
            assert browser.post(f"{page}/{button}").status == status
