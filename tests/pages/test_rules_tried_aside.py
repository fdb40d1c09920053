"""Who acts when rules are tried: what staff and the head may set aside, and what stays refused."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.places import Site
from tests.factories.rules import rules_with
from tests.pages.test_rules_tried import rules_of, sample, written
from tests.pages.visit import Page, Visitor

RULES = {
    "residence": {"cities": ["みどり市"]},
    "age": {"min": {"unit": "months", "value": 6}},
    "exceptions": {
        "staff_may": ["notice_too_short"],
        "head_may": ["not_resident"],
        "never": ["too_young"],
        "head": "mayor",
    },
}


@pytest.fixture
def visitor(app: Flask, director: Actor, hinata: Site) -> Visitor:
    written(hinata, director, rules_with(**RULES))
    return Visitor(app, director)


@pytest.fixture
def late(visitor: Visitor, hinata: Site) -> str:
    """The address of a wish after the end of booking."""
    return sample(visitor.get(f"{rules_of(hinata)}/try"), "しめきりのあとに申し込む")


def by(address: str, who: str, *, aside: bool, **more: str) -> str:
    asked = re.sub(r"by=[^&]*", f"by={who}", address)
    return asked + ("&aside=y" if aside else "") + "".join(f"&{k}={v}" for k, v in more.items())


def answer(page: Page) -> str:
    return page.text.split("見本の家庭")[0].split("いまのきまりとのちがい")[0]


@pytest.mark.proves("G26", "R6")
def test_what_staff_set_aside_stands_apart_with_who_may(visitor: Visitor, late: str) -> None:
    refused = answer(visitor.get(by(late, "staff", aside=False)))
    assert "予約できません。理由は1つです" in refused
    assert "職員が、わけを書いて認められます" in refused
    assert "特別に認めること" not in refused
    allowed = answer(visitor.get(by(late, "staff", aside=True)))
    assert "特別に認めると、予約できます" in allowed
    assert "予約できません" not in allowed
    assert "予約といっしょに残ります" in allowed


@pytest.mark.proves("G26", "R6")
def test_what_the_head_alone_may_stays_refused_for_staff(visitor: Visitor, late: str) -> None:
    staff = answer(visitor.get(by(late, "staff", aside=True, home="elsewhere")))
    assert "予約できません。理由は1つです" in staff, "that booking is over is set aside"
    assert "市区町村長が、わけを書いて認められます。職員だけでは認められません" in staff
    assert "認める欄が出ません" in staff
    head = answer(visitor.get(by(late, "head", aside=True, home="elsewhere")))
    assert "特別に認めると、予約できます" in head


@pytest.mark.proves("G26", "R6")
def test_what_nobody_may_stays_refused_for_the_head(visitor: Visitor, late: str) -> None:
    day = re.search(r"day-year=(\d+)&day-month=(\d+)", late)
    assert day
    born = re.sub(r"born-year=\d+&born-month=\d+", f"born-year={day[1]}&born-month={day[2]}", late)
    page = answer(visitor.get(by(re.sub(r"born-day=\d+", "born-day=1", born), "head", aside=True)))
    assert "予約できません。理由は1つです" in page
    assert "これを特別に認められる人は、いません" in page


def test_a_family_sets_nothing_aside_and_in_order_nothing_is_to_be(
    visitor: Visitor, hinata: Site, late: str
) -> None:
    family = visitor.get(by(late, "family", aside=True))
    assert family.status == 422
    assert "特別に認められるのは、職員か園長だけです" in family.text
    usual = sample(visitor.get(f"{rules_of(hinata)}/try"), "いつも使っている子")
    fine = answer(visitor.get(by(usual, "staff", aside=True)))
    assert "きまりに合っているので、特別に認めることはありません" in fine


def test_families_are_proposed_whom_staff_and_the_head_let_in(
    visitor: Visitor, hinata: Site
) -> None:
    page = visitor.get(f"{rules_of(hinata)}/try")
    for title in ("しめきりのあとに、職員が特別に認める", "園長や市区町村長が特別に認める"):
        assert "特別に認めると、予約できます" in answer(visitor.get(sample(page, title)))


def test_of_several_children_each_note_says_whose_it_is(
    app: Flask, director: Actor, hinata: Site
) -> None:
    written(hinata, director, rules_with(gates=[{"code": "no_fever", "asked_at": "arrival"}]))
    visitor = Visitor(app, director)
    page = visitor.get(f"{rules_of(hinata)}/try")
    note = "当日の朝に「熱がない」を確かめます"
    both = answer(visitor.get(sample(page, "きょうだい2人")))
    assert f"お子さん：{note}" in both
    assert f"きょうだい：{note}" in both
    one = answer(visitor.get(sample(page, "いつも使っている子")))
    assert note in one
    assert f"：{note}" not in one
