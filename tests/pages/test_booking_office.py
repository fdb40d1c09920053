"""Staff book for a caller on one page, set aside what they may, move and cancel."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
RECEIPT: dict[str, Any] = {
    "channel": "fax",
    "received_on-year": "2026",
    "received_on-month": "11",
    "received_on-day": "20",
    "received_time": "9:05",
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana and Riku, both accepted."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return tanaka


@pytest.mark.proves("J7", "J2")
def test_a_caller_is_found_and_booked_on_one_page(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    found = office.get("/office/bookings/new?q=田中")
    url = f"/office/bookings/new?family={family.family_id}"
    assert url in found.html
    done = office.submit(url, wished(family, hinata, **RECEIPT))
    assert done.status == 303
    shown = office.get(done.location)
    for words in ("2,400円", "FAX", "11月20日（金）9:05", "田中 みほ"):
        assert words in shown.text
    assert {b.channel for b in bookings_of(sato)} == {Channel.FAX}
    listed = office.get(f"/office/bookings/?day={DAY}")
    assert "田中 はなさんと田中 りくさん" in listed.text
    assert "2人" in listed.text
    assert "田中" not in office.get(f"/office/bookings/?day={DAY + timedelta(days=1)}").text


def test_staff_set_aside_what_they_may_and_say_why(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    short = wished(family, hinata, end="9:30", **RECEIPT)
    refused = office.submit(url, short)
    assert refused.status == 409
    assert "1回の預かりは、1時間からです" in refused.text
    assert "園の判断で受け付ける" in refused.text
    overruling = {**short, "overruled": "too_short"}
    silent = office.submit(url, overruling)
    assert silent.status == 422
    assert "受け付ける理由を書いてください" in silent.text
    said = {**overruling, "overruled_because": "急な通院のため"}
    done = office.submit(url, said)
    assert done.status == 303
    assert "急な通院のため" in office.get(done.location).text


def test_a_full_place_cannot_be_set_aside(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    for number in range(6):
        other = make_guardian(f"母{number}", children=(f"子{number}",))
        accept(hinata, other, children_of(other)[0].id)
        place(other, wish_of(other, hinata, DAY))
    url = f"/office/bookings/new?family={family.family_id}"
    forced = wished(family, hinata, overruled="full", overruled_because="頼まれた", **RECEIPT)
    refused = Visitor(app, sato).submit(url, forced)
    assert refused.status == 409
    assert "満員です" in refused.text
    assert "園の判断で受け付ける" not in refused.text
    assert bookings_of(family) == []


def test_staff_move_and_cancel_for_a_caller(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office = Visitor(app, sato)
    url = f"/office/bookings/{placed.group_id}"
    later = DAY + timedelta(days=1)
    times: dict[str, object] = {
        "day-year": later.year,
        "day-month": later.month,
        "day-day": later.day,
    }
    times |= {"start": "13:00", "end": "15:00", **RECEIPT}
    assert office.submit(f"{url}/change", times).status == 303
    assert {b.day for b in bookings_of(sato)} == {later}
    assert office.submit(f"{url}/change", times).status == 409
    going = [str(children_of(family)[0].id)]
    gone = {"children": going, "because": "closed_by_facility", **RECEIPT}
    assert office.submit(f"{url}/cancel", gone).status == 303
    assert sorted(b.state.value for b in bookings_of(sato)) == ["cancelled", "confirmed"]


def test_a_strange_provider_finds_nothing(
    app: Flask, hinata: Site, family: Actor, yamada: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    stranger = Visitor(app, yamada)
    for page in ("", "/change", "/cancel"):
        assert stranger.get(f"/office/bookings/{placed.group_id}{page}").status == 404
    new = f"/office/bookings/new?family={family.family_id}"
    assert stranger.get(new).status == 404
    assert stranger.post(new, {"once": str(uuid.uuid4())}).status == 404
    assert "田中" not in stranger.get(f"/office/bookings/?day={DAY}").text
    assert Visitor(app, family).get("/office/bookings/").status == 403
