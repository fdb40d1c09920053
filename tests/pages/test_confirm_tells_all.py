"""What a family reads before it books: what to bring, and what cancelling costs from when on."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.documents.dates import jdatetime
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_caps_held import limited
from tests.services.test_take_places import mine

DAY = next_open_day() + timedelta(days=7)
FEE: dict[str, Any] = {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]}}
PURPOSES: dict[str, Any] = {
    "reason_needed": True,
    "types": [{"code": "emergency"}],
    "reasons": [
        {
            "code": "birth",
            "label": "出産",
            "type": "emergency",
            "proof": {"kinds": ["mother_child_handbook"], "due": "day_of_use"},
        }
    ],
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana, who is accepted."""
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


@pytest.mark.proves("G5", "R6")
def test_what_to_bring_stands_before_the_button(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, purposes=PURPOSES, gates=[{"code": "no_fever", "asked_at": "arrival"}])
    fields = wished(family, site, DAY, purpose="emergency/birth")
    told = Visitor(app, family).post("/my/bookings/confirm", fields)
    assert told.status == 200
    said = ("当日に「母子健康手帳」を持ってきてください", "当日の朝に「熱がない」を確かめます")
    for words in said:
        assert told.text.count(words) == 1
    # Staff say it on the telephone.
    url = f"/office/bookings/new?family={family.family_id}"
    heard = Visitor(app, sato).submit(url, {**fields, **RECEIPT, "look": "1"})
    for words in said:
        assert words in heard.text
    # And it stands on the booking, for her and for them.
    placed = Visitor(app, family).post("/my/bookings/", {"once": told.field("once"), **fields})
    assert placed.status == 303
    office = placed.location.replace("/my/bookings/", "/office/bookings/")
    for who, where in ((family, placed.location), (sato, office)):
        page = Visitor(app, who).get(where).text
        for words in said:
            assert page.count(words) == 1
        assert "緊急" in page
        assert "出産" in page


@pytest.mark.proves("G11")
def test_each_step_of_the_late_fee_is_told_with_its_time(
    app: Flask, hinata: Site, family: Actor
) -> None:
    cancel: dict[str, Any] = {
        "free_until": {"days": 2, "at": "17:00"},
        "tiers": [
            {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "flat", "yen": 100}},
            {"until": {"days": 0, "at": "08:00"}, "fee": {"kind": "flat", "yen": 200}},
        ],
        "late_fee": {"kind": "percent", "percent": 100},
    }
    site = limited(hinata, fee=FEE, cancel=cancel)
    told = Visitor(app, family).post("/my/bookings/confirm", wished(family, site, DAY))
    today = clock.today(clock.now())
    evening = clock.at(DAY - timedelta(days=1), time(17))
    morning = clock.at(DAY, time(8))
    assert "そのあとは 100円 かかります" in told.text
    assert f"{jdatetime(evening, today)} からは 200円 です" in told.text
    assert f"{jdatetime(morning, today)} からは 900円 です" in told.text
