"""Choices and tickets on the booking forms of families and staff, up to the sheet of the day."""

from __future__ import annotations

import re
import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_caps_held import limited
from tests.services.test_home_facts import write
from tests.services.test_place_booking import bookings_of
from tests.services.test_take_places import mine

DAY = next_open_day()
FEE: dict[str, Any] = {
    "tariff": {"kind": "hourly", "bands": [{"yen": 300}]},
    "per_use": [{"label": "給食", "yen": 200, "without_option": "own_lunch"}],
    "items": [{"label": "おむつの処分", "yen": 10, "per": "count", "with_option": "nappies"}],
    "coupons": [{"code": "trial", "label": "おためし券", "pays_all": True, "of": "total"}],
}
CANCEL = {"free_until": {"days": 1, "at": "17:00"}}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


def form_of(visitor: Visitor, site: Site) -> Page:
    return visitor.get(
        f"/my/bookings/new?facility={site.facility_id}&day={DAY}&start=9:00&end=12:00"
    )


def give(staff: Actor, family: Actor) -> None:
    write(staff, mine(family)[0], HomeFact(HomeFactKind.COUPON, "trial", number=2, is_seen=True))


def test_a_form_asks_nothing_where_the_rules_name_nothing(
    app: Flask, hinata: Site, family: Actor
) -> None:
    shown = form_of(Visitor(app, family), hinata)
    assert 'name="options"' not in shown.html
    assert 'name="tickets"' not in shown.html


@pytest.mark.proves("G16", "G17")
def test_words_of_a_town_are_codes_that_everybody_reads(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    lunch, third = "お弁当をたのむ", "3人目からのお子さん"
    half = {"label": "減免A", "marks": [third], "percent": 50, "needs_proof": True}
    fee = {
        "tariff": FEE["tariff"],
        "per_use": [{"label": "お弁当", "yen": 400, "with_option": lunch}],
        "reductions": [half],
    }
    site = limited(hinata, fee=fee)
    home, staff = f"/office/families/{family.family_id}/home/new/mark", Visitor(app, sato)
    assert third in staff.get(home).text
    assert staff.submit(home, {"code": third, "is_seen": "y"}).status == 303
    mother = Visitor(app, family)
    assert lunch in form_of(mother, site).text
    told = mother.post("/my/bookings/confirm", wished(family, site, DAY, options=[lunch]))
    assert told.status == 200
    assert "850円" in told.text, "three hours by half, and the lunch"


def test_a_family_chooses_sees_the_fee_and_finds_it_again(
    app: Flask, hinata: Site, family: Actor
) -> None:
    site, mother = limited(hinata, fee=FEE, cancel=CANCEL), Visitor(app, family)
    shown = form_of(mother, site)
    assert "お弁当を持ってくる" in shown.text
    assert "おむつの処分の数" in shown.text
    assert 'name="tickets"' not in shown.html  # it holds none
    fields = wished(family, site, DAY, options=["own_lunch", "nappies:3"])
    told = mother.post("/my/bookings/confirm", fields)
    assert "おむつの処分の数：3、お弁当を持ってくる" in told.text
    assert "930円" in told.text
    again = mother.post("/my/bookings/new", fields)
    assert re.search(r'value="own_lunch"[^>]* checked', again.html)
    assert re.search(r'value="nappies:3"[^>]* selected', again.html)
    done = mother.post("/my/bookings/", {"once": told.field("once"), **fields})
    assert "お弁当を持ってくる" in mother.get(done.location).text
    [booking] = bookings_of(family)
    assert (booking.options, booking.fee_yen) == (["nappies:3", "own_lunch"], 930)


@pytest.mark.proves("G16", "G21")
def test_a_number_is_said_to_be_that_of_each_child_and_stays_on_its_line(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    make_child(family, "田中 りく", born_on=date(2025, 3, 1))
    accept(hinata, family, children_of(family)[1].id)
    site, mother = limited(hinata, fee=FEE, cancel=CANCEL), Visitor(app, family)
    assert "お子さん1人あたりの数をえらびます。" in form_of(mother, site).text
    fields = wished(family, site, DAY, options=["own_lunch", "nappies:2"])
    told = mother.post("/my/bookings/confirm", fields)
    said = '<span class="whole">おむつの処分の数：お子さん1人につき2、</span>'
    assert said in told.html
    assert "おむつの処分（10円 × 2）" in told.text
    done = mother.post("/my/bookings/", {"once": told.field("once"), **fields})
    assert said in mother.get(done.location).html
    office = done.location.replace("/my/bookings/", "/office/bookings/")
    assert said in Visitor(app, sato).get(office).html


def test_no_number_is_spoken_of_where_none_is_chosen(
    app: Flask, hinata: Site, family: Actor
) -> None:
    site = limited(hinata, fee={key: FEE[key] for key in ("tariff", "per_use")})
    shown = form_of(Visitor(app, family), site)
    assert "お弁当を持ってくる" in shown.text
    assert "お子さん1人あたり" not in shown.text


def test_a_ticket_is_offered_spent_and_given_back(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site, mother = limited(hinata, fee=FEE, cancel=CANCEL), Visitor(app, family)
    give(sato, family)
    assert "おためし券（のこり2枚）" in form_of(mother, site).text
    told = mother.post("/my/bookings/confirm", wished(family, site, DAY, tickets=["trial:1"]))
    assert "おためし券 1枚" in told.text
    fields = wished(family, site, DAY, tickets=["trial:1"], agreed_fee=told.field("agreed_fee"))
    done = mother.post("/my/bookings/", {"once": told.field("once"), **fields})
    assert [booking.fee_yen for booking in bookings_of(family)] == [0]
    assert "おためし券（のこり1枚）" in form_of(mother, site).text
    leaving = mother.get(f"{done.location}/cancel")
    assert "使った利用券は、もどります。" in leaving.text
    gone = mother.post(
        f"{done.location}/cancel",
        {"once": leaving.field("once"), "seen": leaving.field("seen"), "because": ""},
    )
    assert "利用券が1枚、もどりました。" in mother.get(gone.location).text
    assert "おためし券（のこり2枚）" in form_of(mother, site).text


@pytest.mark.parametrize("written", ["trial:9", "trial:-1", "trial:" + "9" * 5000, ":", "x:1"])
def test_what_no_form_sends_breaks_nothing(
    app: Flask, hinata: Site, family: Actor, sato: Actor, written: str
) -> None:
    site, mother = limited(hinata, fee=FEE, cancel=CANCEL), Visitor(app, family)
    give(sato, family)
    fields = wished(
        family, site, DAY, tickets=[written], options=[written, "nappies:" + "9" * 5000]
    )
    told = mother.post("/my/bookings/confirm", fields)
    assert told.status == 200


def test_staff_choose_for_a_caller_and_the_day_knows(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site, desk = limited(hinata, fee=FEE, cancel=CANCEL), Visitor(app, sato)
    give(sato, family)
    url = f"/office/bookings/new?family={family.family_id}&facility={site.facility_id}"
    shown = desk.get(f"{url}&date={DAY}")
    assert "お弁当を持ってくる" in shown.text
    assert "おためし券（のこり2枚）" in shown.text
    fields = wished(family, site, DAY, options=["own_lunch"], tickets=["trial:1"], **RECEIPT)
    done = desk.post(url, {"once": str(uuid.uuid4()), **fields})
    assert done.status == 303
    assert "お弁当を持ってくる" in desk.get(done.location).text
    [booking] = bookings_of(family)
    assert booking.fee_yen == 0
    board = desk.get(f"/office/facilities/{site.facility_id}/board/{DAY}")
    assert "お弁当を持ってくる" in board.text


def test_a_late_ticket_comes_back_for_a_reason_that_the_rules_accept(
    app: Flask, hinata: Site, family: Actor, sato: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, mother = limited(hinata, fee=FEE, cancel={**CANCEL, "waived": ["illness"]}), family
    give(sato, family)
    visitor = Visitor(app, mother)
    told = visitor.post("/my/bookings/confirm", wished(mother, site, DAY, tickets=["trial:1"]))
    fields = wished(mother, site, DAY, tickets=["trial:1"], agreed_fee=told.field("agreed_fee"))
    done = visitor.post("/my/bookings/", {"once": told.field("once"), **fields})
    [booking] = bookings_of(mother)
    late = booking.starts_at - timedelta(hours=1)
    monkeypatch.setattr("portal.kernel.clock.now", lambda: late)
    leaving = visitor.get(f"{done.location}/cancel")
    assert "いま取り消すと、料金はかかりません" in leaving.text
    assert "病気など、ここにある理由のときだけ" in leaving.text
    sent = {name: leaving.field(name) for name in ("once", "seen")}
    gone = visitor.post(f"{done.location}/cancel", {**sent, "because": "illness"})
    assert gone.status == 303
    assert bookings_of(mother)[0].tickets == []
