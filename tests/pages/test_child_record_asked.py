"""The record is asked for again, what changed reaches the board, who picks up has a face."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask

from portal.datarequests.queries import log_of
from portal.db.session import acting_as, transaction
from portal.families import queries, record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.record import RecordRule
from tests.factories.days import DAY as BOOKED
from tests.factories.days import book, name_pickup
from tests.factories.people import make_guardian
from tests.factories.photos import photo
from tests.factories.places import Site, accept
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_child_record import FULL, NUMBER, child_of, mine, save, theirs
from tests.pages.visit import Page, Visitor


def confirmed(guardian: Actor) -> int:
    """How many days ago the record was confirmed."""
    with acting_as(guardian) as session:
        days = queries.confirmed_days(session, [child_of(guardian)], actor=guardian)
    return (clock.today(clock.now()) - days[child_of(guardian)]).days


@pytest.mark.proves("R3")
def test_an_old_record_is_asked_about_before_the_booking_and_one_tick_renews_it(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=91)
    accept(hinata, tanaka, child_of(tanaka))
    browser, url = Visitor(app, tanaka), "/my/bookings/confirm"
    assert "体のことに、変わりはありませんか" in browser.get("/my/").text
    told = browser.post(url, wished(tanaka, hinata))
    assert "体のこと（アレルギーなど）に変わりはありません" in told.text
    sent = {
        "once": told.field("once"),
        "agreed_fee": told.field("agreed_fee"),
        "record_unchanged": "1",
    }
    done = browser.post("/my/bookings/", {**wished(tanaka, hinata), **sent})
    assert done.status == 303
    assert confirmed(tanaka) == 0
    assert "変わりはありませんか" not in browser.get("/my/").text
    later = wished(tanaka, hinata, start="13:00", end="15:00")
    assert "変わりはありません" not in browser.post(url, later).text


@pytest.mark.proves("R3")
def test_only_rules_that_say_so_refuse_a_booking_until_the_record_is_confirmed(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=31)
    accept(hinata, tanaka, child_of(tanaka))
    browser, url = Visitor(app, tanaka), "/my/bookings/confirm"
    assert browser.post(url, wished(tanaka, hinata)).status == 200
    demanded = RecordRule(confirm_within_days=30, is_required=True)
    put_in_force(hinata, rules_with(record=demanded))
    refused = browser.post(url, wished(tanaka, hinata))
    assert refused.status == 409
    assert "体のことに変わりがないかをたしかめてから" in refused.text
    own = mine(child_of(tanaka))
    tap = own.replace("/record", "/unchanged")
    assert browser.submit(tap, {}, form_page=own).status == 303
    assert browser.post(url, wished(tanaka, hinata)).status == 200


@pytest.mark.proves("R3")
def test_the_board_and_its_paper_say_that_a_record_changed(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL)
    book(hinata, tanaka)
    staff = Visitor(app, sato)
    day = f"/office/facilities/{hinata.facility_id}/board/{BOOKED}"
    assert "児童票が変わりました" not in staff.get(day).text
    with acting_as(sato), transaction() as session:
        now = clock.now()
        record.take_note(session, child_of(tanaka), actor=sato, until=now, now=now)
    save(tanaka, "insurance", {"insurance": NUMBER})
    assert "児童票が変わりました" not in staff.get(day).text
    save(tanaka, "allergies", {**FULL, "allergies": "卵と牛乳"})
    assert "児童票が変わりました" in staff.get(day).text
    assert "児童票が変わりました" in staff.get(f"{day}/print").text


@pytest.mark.proves("R3", "P10")
def test_the_family_sees_who_read_support_data_and_numbers(
    app: Flask, hinata: Site, sato: Actor, director: Actor, tanaka: Actor
) -> None:
    save(tanaka, "insurance", {"insurance": NUMBER})
    accept(hinata, tanaka, child_of(tanaka))
    closed = theirs(tanaka, "/closed")
    Visitor(app, sato).get(theirs(tanaka))
    Visitor(app, director).get(closed)
    Visitor(app, director).submit(closed, {})
    today = clock.today(clock.now())
    with acting_as(tanaka) as session:
        lines = log_of(session, today, today, actor=tanaka)
    times = {line.action: line.times for line in lines if line.who != "me"}
    assert times["read.child_record"] == 1
    assert times["read.insurance_numbers"] == 1
    assert times["read.support_data"] >= 1


def send_photo(browser: Visitor, url: str, data: bytes) -> Page:
    sent = {"once": str(uuid.uuid4()), "photo": (io.BytesIO(data), "a.jpg")}
    return browser.post(url, sent, content_type="multipart/form-data")


@pytest.mark.proves("R3")
def test_who_picks_up_has_a_face_that_is_asked_for_again_and_goes_with_her(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    person = name_pickup(tanaka, "佐々木 とめ", "祖母")
    accept(hinata, tanaka, child_of(tanaka))
    browser, url = Visitor(app, tanaka), f"/my/family/pickup-persons/{person}/photo"
    wrong = send_photo(browser, url, b"no photo")
    assert wrong.status == 409
    assert send_photo(browser, url, photo()).status == 303
    assert Visitor(app, make_guardian("森 あい")).get(url).status == 404
    staff = Visitor(app, sato)
    assert "佐々木 とめさんの写真" in staff.get(theirs(tanaka)).html
    with acting_as(tanaka), transaction() as session:
        shown = queries.pickup_person(session, person, actor=tanaka)
        assert shown.photo_on is not None
        first, shown.photo_on = shown.photo_id, shown.photo_on - timedelta(days=93)
    assert "写真を新しくしてください" in browser.get("/my/family/").text
    assert "写真が3か月より前のものです" in staff.get(theirs(tanaka)).text
    assert send_photo(browser, url, photo()).status == 303
    assert browser.client.get(f"/my/photos/{first}").status_code == 404
    with acting_as(tanaka) as session:
        second = queries.pickup_person(session, person, actor=tanaka).photo_id
    assert staff.client.get(f"/office/photos/{second}").status_code == 200
    gone = f"/my/family/pickup-persons/{person}/remove"
    assert browser.submit(gone, {}, form_page="/my/family/").status == 303
    assert staff.client.get(f"/office/photos/{second}").status_code == 404
