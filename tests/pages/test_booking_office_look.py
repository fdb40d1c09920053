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
    # What is set aside stands beside the answer, before anything else.
    answer = told.text.index("園の判断で認めれば、予約できます")
    assert told.text.index("1回の預かりは、1時間からです") > answer
    assert "この日時は予約できます" not in told.text
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


@pytest.mark.proves("J7", "G26")
def test_a_why_without_a_tick_is_asked_for_the_tick(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    short = wished(family, hinata, end="9:30", **RECEIPT)
    told = office.submit(url, {**short, "overruled_because": "急な通院のため"})
    assert told.status == 422
    assert "認めることに、印をつけてください" in told.text
    assert 'href="#overruled-0"' in told.html
    assert 'value="急な通院のため"' in told.html
    assert "印をつけてください" not in office.submit(url, short).text
    assert bookings_of(sato) == []


@pytest.mark.proves("J7", "G6", "R6")
def test_a_refused_look_still_tells_price_and_limits(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, cap("hours", 2))
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    told = office.submit(url, {**wished(family, site, **RECEIPT), "look": "1"})
    for words in ("まだ予約できていません", "予約できるときの料金", "合計（1人分）1,500円"):
        assert words in told.text
    assert "2時間まで使えます。この予約で、3時間になります。上限をこえます。" in told.text
    assert "まで無料" in told.text
    assert "予約できるときの料金" not in office.submit(url, wished(family, site, **RECEIPT)).text


@pytest.mark.proves("J7", "G5", "G6")
def test_no_reason_is_chosen_before_where_limits_go_by_it(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    chosen = re.compile(r'name="purpose"[^>]* value="([^"]+)"[^>]* checked')
    assert chosen.findall(office.get(url).html) == ["respite"]
    site = limited(hinata, cap("days", 2, purposes=["respite"]))
    opened = office.get(url).html
    assert chosen.findall(opened) == []
    assert opened.index('name="purpose"') < opened.index('name="look"')
    fields = {**wished(family, site, **RECEIPT), "look": "1"}
    del fields["purpose"]
    assert "利用の理由をえらんでください" in office.submit(url, fields).text
