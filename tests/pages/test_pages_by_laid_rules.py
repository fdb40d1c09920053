"""Pages of free places say what deciding says: by the day, the class and the children."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_public_calendar import cell, day_url, month_url
from tests.pages.visit import Visitor
from tests.services.test_place_booking import place, refused, wish_of

PHONE = "電話か窓口で園に申し込んでください。決まると、園が予約を入れます。"
BY_PEOPLE = "この予約は、園が確かめてから決まります"
DAY = next_open_day(2)
WEEKDAY = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"][DAY.weekday()]


def under(site: Site, *variants: dict[str, Any], **parts: Any) -> Site:
    named = [{"name": str(n), **each} for n, each in enumerate(variants)]
    put_in_force(site, rules_with(variants=named, **parts))
    return site


def tariff(yen: int) -> dict[str, Any]:
    return {"tariff": {"kind": "hourly", "bands": [{"yen": yen}]}, "per_use": []}


def test_a_day_of_other_rules_shows_its_own_stays_price_and_deadline(
    visitor: Visitor, hinata: Site
) -> None:
    other = {
        "when": {"weekdays": [WEEKDAY]},
        "units": {"max_minutes": 120},
        "fee": tariff(1000),
        "cancel": {"free_until": {"days": 3, "at": "12:00"}},
    }
    under(hinata, other)
    page = visitor.get(day_url(hinata, DAY, start="9:00", end="11:00"))
    assert "1人 2,000円" in page.text
    assert "12:00 まで" in page.text
    longer = visitor.get(day_url(hinata, DAY, start="9:00", end="13:00"))
    assert "1回の預かりは、2時間までです" in longer.text
    assert "この時間で進む" not in longer.text
    beside = DAY + timedelta(days=1 if DAY.weekday() < 4 else -1)
    usual = visitor.get(day_url(hinata, beside, start="9:00", end="13:00"))
    assert "この時間で進む" in usual.text


def test_a_class_with_a_window_of_its_own_sees_when_it_opens(
    visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    later = {"opens": {"kind": "rolling", "days": 0, "at": "00:00"}}
    under(hinata, {"when": {"class_ages": [1]}, "booking_window": later})
    assert cell(visitor.get(month_url(hinata, DAY, 1)), DAY)[:2] == ("−", "受付前")
    assert cell(visitor.get(month_url(hinata, DAY, 0)), DAY)[2], "the others can be booked"
    opened = visitor.get(day_url(hinata, DAY)).text
    assert "この日の予約は、まだ始まっていません" in opened
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    assert {code.value for code in refused(tanaka, wish_of(tanaka, hinata, DAY)).codes} == {
        "not_yet_open"
    }
    found = visitor.get(f"/facilities?day={DAY}&class=1").text
    assert "受付前" in found


def test_a_day_on_which_a_class_does_not_come_says_so(visitor: Visitor, hinata: Site) -> None:
    of_two = {"min": {"unit": "class_age", "value": 2}}
    under(hinata, {"when": {"weekdays": [WEEKDAY]}, "age": of_two})
    assert cell(visitor.get(month_url(hinata, DAY, 1)), DAY)[:2] == ("−", "対象外")
    assert cell(visitor.get(month_url(hinata, DAY, 2)), DAY)[2]
    assert "この年齢のお子さんの預かりがありません" in visitor.get(day_url(hinata, DAY)).text


def test_what_rules_close_is_named(visitor: Visitor, hinata: Site) -> None:
    closed = {"from": DAY.isoformat(), "closed": True, "name": "運動会"}
    under(hinata, hours={"days": [closed]})
    assert cell(visitor.get(month_url(hinata, DAY)), DAY) == ("休", "運動会", False)


def test_classes_with_rules_of_their_own_are_chosen_by_themselves(
    visitor: Visitor, hinata: Site
) -> None:
    under(hinata)
    assert "3歳以上" in visitor.get(month_url(hinata, DAY)).text
    under(hinata, {"when": {"class_ages": [5]}, "fee": tariff(100)})
    page = visitor.get(month_url(hinata, DAY)).text
    assert "5歳児" in page
    assert "3歳以上" not in page
    chosen = visitor.get(day_url(hinata, DAY, 5, start="9:00", end="10:00")).text
    assert "1人 100円" in chosen


def test_a_guardian_sees_the_price_of_each_of_her_children(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    make_child(tanaka, "田中 りく", born_on=date(2026, 4, 10))
    for each in children_of(tanaka):
        accept(hinata, tanaka, each.id)
    under(hinata, {"when": {"class_ages": [0]}, "fee": tariff(700)}, fee=tariff(300))
    page = Visitor(app, tanaka).get(
        f"/facilities/{hinata.facility_id}/days/{DAY}?who=all&start=9:00&end=10:00"
    )
    assert "2人で 1,000円" in page.text


@pytest.mark.parametrize(
    ("allocation", "said"),
    [
        ({"method": "staff_approval"}, BY_PEOPLE),
        ({"method": "lottery"}, "予約は、申し込みを集めて、抽選で決めます"),
        ({"method": "provisional"}, BY_PEOPLE),
        (
            {"method": "priority", "equalise": True},
            "予約は、申し込みを集めて、優先の順に決めます",
        ),
    ],
)
def test_who_decides_by_people_says_so_before_anybody_signs_in(
    app: Flask,
    visitor: Visitor,
    hinata: Site,
    sato: Actor,
    tanaka: Actor,
    allocation: dict[str, Any],
    said: str,
) -> None:
    under(hinata, allocation=allocation)
    month = visitor.get(month_url(hinata, DAY)).text
    assert said in month
    assert PHONE in month
    chosen = day_url(hinata, DAY, start="9:00", end="12:00")
    for browser in (visitor, Visitor(app, tanaka)):
        page = browser.get(chosen).text
        assert PHONE in page
        assert "この時間で進む" not in page
    assert "電話の予約を入れる" in Visitor(app, sato).get(chosen).text
    assert said in visitor.get(f"/facilities?day={DAY}&class=1").text
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    against = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata, DAY))
    assert (against.status, said in against.text) == (409, True)


DRAWN = "予約は、申し込みを集めて、抽選で決めます。"


@pytest.mark.proves("G8", "R7")
def test_days_that_are_drawn_are_told_apart_on_the_calendar(visitor: Visitor, hinata: Site) -> None:
    drawn: dict[str, Any] = {
        "when": {"weekdays": [WEEKDAY]},
        "allocation": {"method": "lottery"},
    }
    under(hinata, drawn)
    month = visitor.get(month_url(hinata, DAY)).text
    on = f"{DAY.month}月{DAY.day}日"
    assert f"{on}：{DRAWN}" in month
    assert f"〜{on}：" not in month, "that day alone, not the days from one such to the next"
    assert PHONE not in month, "other days can be booked by the web"
    # Before it begins, from when on wishes are taken: not from when on one can book.
    later = {"opens": {"kind": "rolling", "days": 0}}
    under(hinata, {**drawn, "booking_window": later})
    month = visitor.get(month_url(hinata, DAY)).text
    assert f"{on}は、" in month
    assert f"から申し込めます。{DRAWN}" in month
    assert f"：{DRAWN}" not in month


@pytest.mark.proves("G8", "R7")
@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("lottery_of_order", "受付の順番を抽選で決めます。"),
        ("lottery_of_registrations", "登録できる方を抽選で決めます。"),
    ],
)
def test_what_is_drawn_before_anybody_books_is_said_and_bookings_stay_as_ever(
    visitor: Visitor, hinata: Site, method: str, said: str
) -> None:
    under(hinata)
    assert said not in visitor.get(month_url(hinata, DAY)).html
    under(hinata, allocation={"method": method})
    page = visitor.get(month_url(hinata, DAY)).html
    assert f"<span>{said}</span>" in page
    chosen = visitor.get(day_url(hinata, DAY, start="9:00", end="12:00")).text
    assert "この時間で進む" in chosen


def test_elsewhere_the_button_stands(visitor: Visitor, hinata: Site) -> None:
    under(hinata)
    assert BY_PEOPLE not in visitor.get(month_url(hinata, DAY)).text
    chosen = visitor.get(day_url(hinata, DAY, start="9:00", end="12:00")).text
    assert "この時間で進む" in chosen
    assert PHONE not in chosen


def test_a_form_offers_the_hours_of_the_children_and_of_any_reason(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    types = [{"code": "respite"}, {"code": "work", "label": "仕事"}]
    late = {"when": {"purposes": ["work"]}, "units": {"starts": ["09:00", "15:00"]}}
    early = {"when": {"class_ages": [1]}, "units": {"starts": ["09:00", "10:00"]}}
    units = {"starts": ["09:00"]}
    under(hinata, early, late, units=units, purposes={"types": types})
    url = f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}"
    page = Visitor(app, tanaka).get(url).html
    offered = page.split('name="start"')[1].split("</select>")[0]
    assert [time for time in ("9:00", "10:00", "11:00", "15:00") if f">{time}<" in offered] == [
        "9:00",
        "10:00",
        "15:00",
    ]


def test_blocks_are_offered_joined_as_well(visitor: Visitor) -> None:
    site = make_site("半日の園", template="half-day")
    blocks = [
        {"label": "午前", "starts": "08:30", "ends": "12:30"},
        {"label": "午後", "starts": "12:30", "ends": "17:00"},
    ]
    put_in_force(site, rules_with(units={"blocks": blocks, "join_up_to": 2}, fee=tariff(100)))
    day = next(
        day
        for day in (clock.today(clock.now()) + timedelta(days=n) for n in range(3, 20))
        if "決まった時間から" in visitor.get(day_url(site, day, 2)).text
    )
    page = visitor.get(day_url(site, day, 2, start="8:30", end="17:00"))
    assert "午前＋午後 8:30〜17:00" in page.text
    assert "この時間で進む" in page.text


def test_a_booking_moves_to_the_hours_that_its_family_may_have(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    placed = place(tanaka, wish_of(tanaka, hinata, DAY))
    under(hinata, {"when": {"class_ages": [1]}, "units": {"max_minutes": 180}})
    page = Visitor(app, tanaka).get(
        f"/my/bookings/{placed.group_id}/change?day={DAY}&start=9:00&end=17:00"
    )
    assert "1回の預かりは、3時間までです" in page.text


def test_the_next_opening_is_that_of_the_class(visitor: Visitor, hinata: Site) -> None:
    today = clock.today(clock.now())
    opens = {"kind": "monthly", "day": 15, "at": "09:00"}
    under(hinata, {"when": {"class_ages": [1]}, "booking_window": {"opens": opens}})
    url = f"/facilities/{hinata.facility_id}?month={today:%Y-%m}&class="
    assert "月分は" in visitor.get(f"{url}1").text
    assert "月分は" not in visitor.get(f"{url}0").text


def test_a_family_is_asked_for_the_reasons_that_its_own_rules_accept(
    app: Flask, hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    late = {"free_until": {"days": 40}, "late_fee": {"kind": "flat", "yen": 300}}
    spared = {"when": {"class_ages": [1]}, "cancel": {**late, "waived": ["illness"]}}
    rulebook_id = put_in_force(hinata, rules_with(variants=[{"name": "1", **spared}], cancel=late))
    site = replace(hinata, rulebook_id=rulebook_id)
    placed = place(tanaka, wish_of(tanaka, site, DAY))
    for browser, url in ((tanaka, "/my/bookings"), (sato, "/office/bookings")):
        page = Visitor(app, browser).get(f"{url}/{placed.group_id}/cancel").html
        assert 'value="illness"' in page
