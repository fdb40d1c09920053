"""Hours that open otherwise than their day: said on the calendar, and held to on the day."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.people import children_of
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_public_calendar import cell, day_url, month_url
from tests.pages.visit import Visitor

DAY = next_open_day(2)
ON_THE_DAY: dict[str, Any] = {"opens": {"kind": "rolling", "days": 0, "at": "08:00"}}
LONG_AGO: dict[str, Any] = {"opens": {"kind": "rolling", "days": 60, "at": "08:00"}}
EVENING = "「夕方」（15:00 以降に始まる利用）"


def evening(window: dict[str, Any], usual: dict[str, Any], **when: Any) -> dict[str, Any]:
    held = {"starts": {"from": "15:00"}, **when}
    return {
        "booking_window": usual,
        "variants": [{"name": "夕方", "when": held, "booking_window": window}],
    }


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


@pytest.mark.proves("G7", "R7")
def test_hours_that_open_later_say_when_before_anybody_signs_in(
    app: Flask, visitor: Visitor, hinata: Site, family: Actor
) -> None:
    put_in_force(hinata, rules_with(**evening(ON_THE_DAY, LONG_AGO)))
    month = visitor.get(month_url(hinata, DAY))
    opens = f"{DAY.month}月{DAY.day}日"
    assert cell(month, DAY)[2], "the others of the day can be booked"
    assert EVENING in month.text
    assert f"{opens}は、" in month.text
    day = visitor.get(day_url(hinata, DAY)).text
    assert EVENING in day
    assert "8:00 から予約できます。" in day
    late = visitor.get(day_url(hinata, DAY, start="15:00", end="17:00")).text
    assert "この時間は、いま予約できません" in late
    assert "この時間で進む" not in late
    early = visitor.get(day_url(hinata, DAY, start="9:00", end="11:00")).text
    assert "この時間で進む" in early
    assert "この時間は、いま予約できません" not in early
    # As deciding says.
    fields = wished(family, hinata, DAY, start="15:00", end="17:00")
    against = Visitor(app, family).post("/my/bookings/confirm", fields)
    assert (against.status, "予約できる期間" in against.text) == (409, True)


@pytest.mark.proves("G7", "R7")
def test_hours_that_open_earlier_can_be_reached(
    app: Flask, visitor: Visitor, hinata: Site, family: Actor
) -> None:
    put_in_force(hinata, rules_with(**evening(LONG_AGO, ON_THE_DAY)))
    assert cell(visitor.get(month_url(hinata, DAY)), DAY)[1] == "受付前"
    page = visitor.get(day_url(hinata, DAY))
    assert f"{EVENING}：いま、予約できます。" in page.text
    form = f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}"
    assert form in page.html.replace("&amp;", "&")
    fields = wished(family, hinata, DAY, start="15:00", end="17:00")
    assert Visitor(app, family).post("/my/bookings/confirm", fields).status == 200


@pytest.mark.proves("G7")
def test_of_homes_and_reasons_the_calendar_says_that_it_cannot_tell(
    visitor: Visitor, hinata: Site
) -> None:
    said = "住まいや利用の理由などによって、予約できる期間がちがいます。"
    put_in_force(hinata, rules_with(**evening(ON_THE_DAY, LONG_AGO)))
    assert said not in visitor.get(month_url(hinata, DAY)).text
    residents = {"name": "市外", "when": {"cities": ["となり市"]}, "booking_window": ON_THE_DAY}
    put_in_force(hinata, rules_with(booking_window=LONG_AGO, variants=[residents]))
    page = visitor.get(month_url(hinata, DAY)).text
    assert said in page
    assert "いつから予約できるか" in page


@pytest.mark.proves("G7")
def test_of_other_variants_nothing_is_said(visitor: Visitor, hinata: Site) -> None:
    dearer = {"name": "夕方", "when": {"starts": {"from": "15:00"}}, "cancel": {}}
    put_in_force(hinata, rules_with(variants=[dearer], booking_window=LONG_AGO))
    assert "時間によって" not in visitor.get(day_url(hinata, DAY)).text
    # Nor of one for other days.
    weekend = evening(ON_THE_DAY, LONG_AGO, weekdays=["sun"])
    put_in_force(hinata, rules_with(**weekend))
    assert "時間によって" not in visitor.get(day_url(hinata, DAY)).text
    assert EVENING not in visitor.get(month_url(hinata, DAY)).text
