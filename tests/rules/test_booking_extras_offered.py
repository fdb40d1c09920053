"""Choices and tickets that a form offers, and what it sends: by the rules alone."""

from __future__ import annotations

import uuid
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from portal.bookings.extras import (
    Extra,
    number_of,
    options_known,
    options_offered,
    options_words,
    takes_tickets,
    tickets_offered,
)
from portal.bookings.tickets import held_by, read_choices, read_tickets, wanted_again
from portal.policies.coupons import Spent, spent_by
from portal.policies.document import RulesDocument
from portal.policies.facts import Coupon
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.rulebooks.places import load_place

FEE: dict[str, Any] = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}}
ANNA, BEN = uuid.UUID(int=1), uuid.UUID(int=2)
DAY = date(2026, 12, 2)


def rules(**kinds: Any) -> RulesDocument:
    return RulesDocument.model_validate(kinds)


def priced(**more: Any) -> RulesDocument:
    return rules(fee={**FEE, **more})


@pytest.mark.parametrize(
    ("document", "offered"),
    [
        (None, []),
        (rules(), []),
        (
            priced(per_use=[{"label": "給食", "yen": 200, "with_option": "lunch"}]),
            [Extra("lunch", "給食をたのむ")],
        ),
        (
            priced(per_use=[{"label": "ミルク", "yen": 50, "without_option": "own_milk"}]),
            [Extra("own_milk", "ミルクはいらない")],
        ),
        (
            priced(items=[{"label": "おむつ", "yen": 10, "per": "count"}]),
            [Extra("おむつ", "おむつの数", 30)],
        ),
        (
            rules(variants=[{"name": "弁当", "when": {"options": ["own_lunch"]}, "fee": FEE}]),
            [Extra("own_lunch", "お弁当を持ってくる")],
        ),
    ],
)
def test_what_the_rules_name_can_be_chosen(
    document: RulesDocument | None, offered: list[Extra]
) -> None:
    assert options_offered(document) == offered


def test_who_comes_unasked_stands_at_the_desk() -> None:
    when = {"options": ["walk_in", "snack"]}
    document = rules(variants=[{"name": "当日", "when": when, "fee": FEE}])
    assert [each.code for each in options_offered(document)] == ["snack"]
    assert {each.code for each in options_offered(document, by_staff=True)} == {"walk_in", "snack"}
    both = {"walk_in", "snack"}
    assert options_known(document, both, by_staff=False) == {"snack"}
    assert options_known(document, both, by_staff=True) == both


def test_numbers_are_told_behind_their_words() -> None:
    document = priced(items=[{"label": "おむつ", "yen": 10, "per": "count"}])
    assert options_words(document, ["おむつ:3"]) == ["おむつの数：3"]
    chosen = ["おむつ:3", "own_lunch"]
    told = options_words(document, chosen, children=2)
    assert told == ["お弁当を持ってくる", "おむつの数：お子さん1人につき3"]
    # Rules of another day may name it no more; it was chosen all the same.
    assert options_words(rules(), ["own_lunch", "made_up"]) == ["made_up", "お弁当を持ってくる"]


@pytest.mark.parametrize(("place", "code", "most"), [("M05", "lunch", 1), ("M08", "nappies", 30)])
def test_real_places_offer_what_they_name(place: str, code: str, most: int) -> None:
    assert (code, most) in {(each.code, each.most) for each in options_offered(load_place(place))}


@pytest.mark.parametrize(
    ("written", "number"), [("a", 1), ("a:3", 3), ("a:", 1), (":3", 1), ("a:" + "9" * 9, 1)]
)
def test_a_number_is_read_only_where_one_stands(written: str, number: int) -> None:
    assert number_of(written) == number


def test_a_form_says_what_was_chosen() -> None:
    assert read_choices(["own_lunch", " ", "nappies:0", "nappies:2"]) == {"own_lunch", "nappies:2"}
    assert read_tickets(["trial:2", "other:0", "x", ":3", "y:-1"]) == ("trial", "trial")
    assert len(read_tickets(["trial:999"])) == 30


def test_tickets_are_offered_as_far_as_rules_and_home_have_them() -> None:
    coupons = [
        {"code": "all", "label": "おためし券", "pays_all": True},
        {"code": "hour", "label": "1時間券", "minutes": 60, "most_per_use": 2},
        {"code": "none", "label": "なし券", "yen": 100},
    ]
    document = priced(coupons=coupons)
    held = [Coupon("all", 3), Coupon("hour", 1), Coupon("hour", 4, child_id=ANNA), Coupon("old", 9)]
    assert tickets_offered(document, held) == [
        Extra("all", "おためし券（のこり3枚）"),
        Extra("hour", "1時間券（のこり5枚）", 2),
    ]
    assert takes_tickets(document)
    assert not takes_tickets(priced())
    saturday = {"name": "土", "when": {"weekdays": ["sat"]}, "fee": {"coupons": coupons}}
    assert takes_tickets(rules(fee=FEE, variants=[saturday]))


def line(child: uuid.UUID, count: int, label: FeeLabel = FeeLabel.COUPON) -> FeeLine:
    return FeeLine(label, {"label": "券", "code": "t", "count": count}, child, -100)


def test_lines_name_the_tickets_that_they_spend_once() -> None:
    fee = Fee((line(ANNA, 2), line(ANNA, 2, FeeLabel.ITEM_COUPON), line(BEN, 1)))
    held = [
        Coupon("t", 2, key="home"),
        Coupon("t", 1, child_id=ANNA, key="anna"),
        Coupon("t", 5, valid_until=date(2026, 12, 1), key="over"),
    ]
    spent = spent_by(fee, held, [ANNA, BEN], DAY)
    assert spent[ANNA] == (Spent("t", "anna", 1), Spent("t", "home", 1))
    assert spent[BEN] == (Spent("t", "home", 1),)


def test_bookings_hold_what_they_spent_for_their_own_children() -> None:
    anna = SimpleNamespace(child_id=ANNA, tickets=[{"code": "t", "fact": "a", "count": 2}])
    ben = SimpleNamespace(child_id=BEN, tickets=[{"code": "t", "fact": "b", "count": 1}])
    assert wanted_again([anna, ben]) == ("t", "t")
    assert held_by([anna, ben]) == (
        Coupon("t", 2, child_id=ANNA, key="a"),
        Coupon("t", 1, child_id=BEN, key="b"),
    )
