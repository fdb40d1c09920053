"""Staff look at places and price for a caller: what they typed before stays as they typed it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.places import Site, accept
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_caps_held import cap, limited
from tests.services.test_place_booking import bookings_of
from tests.services.test_take_places import mine

REASONS: dict[str, Any] = {
    "reason_needed": True,
    "types": [{"code": "irregular_work"}, {"code": "emergency"}, {"code": "respite"}],
    "reasons": [
        {"code": "part_time", "label": "パート", "type": "irregular_work"},
        {"code": "study", "label": "学校", "type": "irregular_work"},
        {"code": "hospital", "label": "通院", "type": "emergency"},
        {"code": "rest", "label": "休みたい", "type": "respite"},
    ],
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana, who is accepted."""
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


@pytest.mark.proves("J7", "G5")
@pytest.mark.parametrize(
    ("chosen", "then"), [("respite", ["respite/rest"]), ("irregular_work", [])]
)
def test_a_reason_is_never_chosen_in_place_of_the_callers(
    app: Flask, hinata: Site, family: Actor, sato: Actor, chosen: str, then: list[str]
) -> None:
    site = limited(hinata, purposes=REASONS)
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    fields = {**wished(family, site, **RECEIPT), "purpose": chosen, "look": "1"}
    told = office.submit(url, fields)
    assert "パート" in told.text  # the reasons of the facility that was chosen
    assert re.findall(r'name="purpose"[^>]* value="([^"]+)"[^>]* checked', told.html) == then


@pytest.mark.proves("J7", "G26")
def test_what_is_set_aside_is_still_there_after_a_look_at_the_price(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    short = wished(family, hinata, end="9:30", **RECEIPT)
    said = {**short, "overruled": "too_short", "overruled_because": "急な通院のため"}
    told = office.submit(url, {**said, "look": "1"})
    assert "この日時は予約できます" in told.text
    assert 'value="too_short" checked' in told.html
    assert 'value="急な通院のため"' in told.html
    assert bookings_of(sato) == []
    assert office.post(url, {**said, "once": told.field("once")}).status == 303


@pytest.mark.proves("J7", "G26", "R6")
def test_what_was_set_aside_is_shown_in_the_sentence_that_was_ticked(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, cap("hours", 2, label="リフレッシュの上限"))
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    refused = office.submit(url, wished(family, site, **RECEIPT))
    [said] = re.findall(
        r"田中 はなさんの[^。]*リフレッシュの上限[^。]*2時間までです", refused.text
    )[:1]
    chosen: dict[str, Any] = {"overruled": "cap_reached", "overruled_because": "急な通院のため"}
    done = office.submit(url, wished(family, site, **RECEIPT, **chosen))
    assert done.status == 303
    assert said in office.get(done.location).text
