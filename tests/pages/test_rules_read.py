"""What families read of a nursery's rules: in the calendar, before a button, and where refused."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from portal.documents.dates import jdate
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.rule_facts import RULE_NAMES, kind_facts, rule_of
from tests.factories.keeping import keep, on_the_spot
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_on_the_spot import offers_of
from tests.pages.test_public_calendar import day_url, month_url
from tests.pages.visit import Visitor
from tests.services.test_take_places import mine, stay_for, take

TODAY = clock.today(clock.now())
DAY = next_open_day(2)


def test_the_limit_on_a_day_page_is_the_one_the_booking_keeps(
    app: Flask, visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    hours = {"weekly": [{"weekdays": ["wed", "fri"], "starts": "08:00", "ends": "18:00"}]}
    cancel = {"free_until": {"days": 1, "at": "17:00", "counting": "open"}}
    put_in_force(hinata, rules_with(hours=hours, cancel=cancel))
    friday = f"{jdate(DAY - timedelta(days=5), TODAY)}17:00 まで"
    page = visitor.get(day_url(hinata, DAY, start="9:00", end="12:00"))
    assert friday in page.text
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    confirm = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata, DAY))
    assert friday in confirm.text


def test_in_an_interview_only_hours_of_the_rules_are_offered(suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    hours = {"weekly": [{"weekdays": ["wed"], "starts": "13:00", "ends": "17:00"}]}
    put_in_force(site, rules_with(hours=hours))
    keep(site, 1)
    found = offers_of(suzuki, on_the_spot(suzuki, site).id)
    assert found
    for each in found:
        assert each.span.day.weekday() == 2
        assert 26 <= each.span.first_cell < each.span.end_cell <= 34


def test_the_calendar_says_before_sign_in_from_when_each_day_can_be_booked(
    visitor: Visitor, hinata: Site
) -> None:
    far = next_open_day(7)
    page = visitor.get(month_url(hinata, far))
    assert "いつから予約できるか" in page.text
    opens = re.search(
        rf"{far.month}月{far.day}日は、(\d+月\d+日（.）)9:00 から予約できます", page.text
    )
    assert opens, "each day opens a month before by itself"
    monthly = {"opens": {"kind": "monthly", "day": 15, "at": "09:00", "months_before": 1}}
    put_in_force(hinata, rules_with(booking_window=monthly))
    first = (TODAY.replace(day=1) + timedelta(days=70)).replace(day=1)
    page = visitor.get(month_url(hinata, first))
    found = re.findall(
        r"\d+月\d+日〜\d+月\d+日は、(\d+)月15日（.）9:00 から予約できます", page.text
    )
    assert found == [str((first - timedelta(days=1)).month)], "days that open together once"


def test_a_refusal_names_its_rule_and_says_it(app: Flask, hinata: Site, tanaka: Actor) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    window = {"closes": {"days": 30, "at": "17:00"}}
    put_in_force(hinata, rules_with(booking_window=window, units={"min_minutes": 240}))
    page = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata, DAY))
    assert page.status == 409
    assert "（きまり：予約できる期間）" in page.text
    assert "（きまり：預かりの時間）" in page.text
    said = page.text.split("この園のきまり")[1]
    assert "30日前 17:00まで" in said
    assert "4時間から" in said
    assert f"/facilities/{hinata.facility_id}?month={DAY:%Y-%m}#rules" in page.html
    assert 'id="rules"' in Visitor(app).get(f"/facilities/{hinata.facility_id}").html


def test_a_full_house_comes_from_no_rule(app: Flask, tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    accept(site, tanaka, children_of(tanaka)[0].id)
    other = make_guardian("別の母", children=("別の子",))
    take(other, stay_for(site, *mine(other), DAY))
    page = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, site, DAY))
    assert page.status == 409
    assert "（きまり：" not in page.text


def test_the_lines_of_a_kind_are_those_that_stand_by_it_alone() -> None:
    cap = {"metric": "days", "amount": 3, "period": "week", "label": "週の上限"}
    document = rules_with(caps=[cap])
    rule = rule_of(BookingRefusal.CAP_REACHED, document)
    assert rule is not None
    assert rule.name == RULE_NAMES["G6"]
    assert [fact.term for fact in rule.facts] == ["週の上限"]
    assert kind_facts(rules_with(), "G6") == ()
    assert rule_of(BookingRefusal.FULL, document) is None
    for number in RULE_NAMES:
        for fact in kind_facts(document, number):
            assert "週の上限" not in fact.term or number == "G6"


@pytest.mark.proves("G6", "R6")
@pytest.mark.parametrize("broken", [("日の上限",), ("日の上限", "月の上限")])
def test_a_refusal_tells_the_lines_of_the_limits_that_were_broken(
    app: Flask, hinata: Site, tanaka: Actor, broken: tuple[str, ...]
) -> None:
    month = 1 if "月の上限" in broken else 90
    caps = [
        {"metric": "hours", "amount": 2, "period": "day", "label": "日の上限"},
        {"metric": "days", "amount": 3, "period": "week", "label": "週の上限"},
        {"metric": "hours", "amount": month, "period": "month", "label": "月の上限"},
    ]
    put_in_force(hinata, rules_with(caps=caps))
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    page = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata, DAY))
    assert page.status == 409
    box = page.text[page.text.index("この園のきまり") :]
    assert tuple(cap["label"] for cap in caps if str(cap["label"]) in box) == broken
