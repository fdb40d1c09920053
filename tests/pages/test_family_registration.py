"""A guardian registers herself and her children, in the browser."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import ChildDetails, RecordDetails, reasons_against_kana
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from tests.factories.people import children_of, make_account, make_guardian
from tests.factories.places import Site
from tests.pages.applying import apply_for, part
from tests.pages.visit import Visitor

MOTHER = {"name": "髙﨑 𠮷乃", "relation": "母", "phone": "090-1234-5678"}
CHILD = {"kind": "born", "name": "葛󠄀城 葵"}
BORN = {"born_on-year": "2024", "born_on-month": "6", "born_on-day": "15"}


@pytest.mark.proves("J3")
def test_a_mother_registers_herself_and_her_child(app: Flask) -> None:
    user_id = make_account("髙﨑 𠮷乃")
    browser = Visitor(app, Actor(role=Role.GUARDIAN, user_id=user_id))
    assert browser.get("/my/children/").location == "/my/register"
    opened = browser.get("/my/register")
    assert opened.field("name") == "髙﨑 𠮷乃"
    sent = browser.submit("/my/register", MOTHER)
    assert (sent.status, sent.location) == (303, "/my/children/new")
    sent = browser.submit("/my/children/new", {**CHILD, **BORN})
    assert sent.status == 303
    page = browser.get(sent.location)
    assert "葛󠄀城 葵さんの体のこと" in page.text
    sent = browser.submit(sent.location, {"has_allergies": "yes", "allergies": "卵"})
    assert sent.location == "/my/children/"
    listed = browser.get(sent.location)
    assert "アレルギーのこと 確認ずみ" in listed.text
    assert "卵" not in listed.text


def test_sent_twice_it_is_done_once(app: Flask) -> None:
    tanaka = make_guardian("田中 みほ")
    browser = Visitor(app, tanaka)
    key = browser.get("/my/children/new").field("once")
    first, second = (
        browser.post("/my/children/new", {"once": key, **CHILD, **BORN}) for _ in range(2)
    )
    assert first.location == second.location
    assert len(children_of(tanaka)) == 1


def test_problems_are_named_where_they_are(app: Flask, tanaka: Actor) -> None:
    page = Visitor(app, tanaka).submit("/my/children/new", {"kind": "born", "name": "は\x07な"})
    assert page.status == 422
    assert "エラー（2件）：お子さんの登録" in page.text
    assert "画面に出ない特別な文字が入っています" in page.text
    assert "生年月日を入れてください" in page.text


def test_a_rule_says_no_and_what_was_typed_stays(app: Flask, tanaka: Actor) -> None:
    year = str(clock.today(clock.now()).year + 1)
    page = Visitor(app, tanaka).submit("/my/children/new", {**CHILD, **BORN, "born_on-year": year})
    assert page.status == 409
    assert "生年月日が、今日より後です" in page.text
    assert page.field("name") == CHILD["name"]


@pytest.mark.proves("R7")
def test_an_expected_child_is_born_in_the_browser(app: Flask, tanaka: Actor) -> None:
    browser = Visitor(app, tanaka)
    today = clock.today(clock.now())
    due = {"due_on-year": today.year + 1, "due_on-month": 1, "due_on-day": 10}
    if today.month < 5:  # so that the date always lies ahead, but within a pregnancy
        due = {"due_on-year": today.year, "due_on-month": 8, "due_on-day": 10}
    assert browser.submit("/my/children/new", {"kind": "expected", **due}).status == 303
    child = next(child for child in children_of(tanaka) if child.born_on is None)
    url = f"/my/children/{child.id}/edit"
    born = {
        "born_on-year": today.year,
        "born_on-month": today.month,
        "born_on-day": today.day,
    }
    record = f"/my/children/{child.id}/record"
    assert browser.submit(record, {"has_allergies": "no"}).status == 303
    assert record not in browser.get("/my/children/").html
    assert browser.submit(url, {"kind": "born", "name": "そら", **born}).location == record
    again = browser.get(record)
    assert "体のことを、もう一度たしかめてください" in again.text
    assert "checked" not in again.html.split('name="has_allergies"', 1)[1].split("<textarea", 1)[0]
    page = browser.get("/my/children/").text
    assert "そらさん" in page
    assert "体のことをたしかめる" in page
    assert browser.submit(record, {"has_allergies": "no"}).status == 303
    assert "もう一度たしかめて" not in browser.get("/my/children/").text


@pytest.mark.proves("R5", "R7")
def test_what_was_said_before_the_birth_opens_no_application(
    app: Flask, tanaka: Actor, hinata: Site
) -> None:
    browser, now = Visitor(app, tanaka), clock.now()
    expected = ChildDetails(None, due_on=clock.today(now))
    born = ChildDetails("そら", born_on=clock.today(now))
    assert tanaka.family_id is not None
    with acting_as(tanaka), transaction() as session:
        child = families.add_child(session, tanaka.family_id, expected, actor=tanaka, now=now)
        details = RecordDetails(allergies="")
        families.save_record(session, child.id, details, actor=tanaka, now=now)
        families.change_child(session, child.id, born, actor=tanaka, now=now)
    refused = apply_for(browser, hinata, child.id)
    assert refused.status == 409
    assert "「体のこと」に、まだのところがあります" in refused.text
    assert "体のことをたしかめる（そらさん）" in browser.get(part(hinata, "health")).text


def test_allergies_are_asked_yes_or_no(app: Flask, tanaka: Actor) -> None:
    child_id = children_of(tanaka)[0].id
    page = Visitor(app, tanaka).submit(f"/my/children/{child_id}/record", {"allergies": "卵"})
    assert page.status == 422
    assert "食物アレルギーが「ある」か「ない」かをえらんでください" in page.text


def test_nobody_reaches_another_familys_child(app: Flask, tanaka: Actor, yamada: Actor) -> None:
    child_id = children_of(tanaka)[0].id
    other = make_guardian("森 あい")
    for page in ("edit", "record"):
        url = f"/my/children/{child_id}/{page}"
        assert Visitor(app, other).get(url).status == 404
        assert Visitor(app, other).post(url, {**CHILD, **BORN, "has_allergies": "no"}).status == 404
        assert Visitor(app, yamada).get(url).status == 403
        assert Visitor(app).get(url).status == 303


def test_a_reading_is_kana_and_a_wrong_date_is_marked(app: Flask, tanaka: Actor) -> None:
    browser = Visitor(app, tanaka)
    page = browser.submit("/my/children/new", {**CHILD, **BORN, "name_kana": "abc123"})
    assert page.status == 422
    assert "ひらがなかカタカナで" in page.text
    for kana in ("かつらぎ あおい", "カツラギ・アオイ", "ｶﾂﾗｷﾞ ｱｵｲ", "ゔぁーじにあ"):
        assert not reasons_against_kana(kana)
    old = browser.submit("/my/children/new", {**CHILD, **BORN, "born_on-year": "1950"})
    assert old.status == 409
    assert 'id="born_on-problem"' in old.html
    assert "18歳まで" in old.text


def test_an_expected_child_is_not_asked_about_its_body(app: Flask) -> None:
    browser = Visitor(app, make_guardian("森 あい"))
    due = clock.today(clock.now()) + timedelta(days=60)
    parts = {"due_on-year": due.year, "due_on-month": due.month, "due_on-day": due.day}
    sent = browser.submit("/my/children/new", {"kind": "expected", **parts})
    assert sent.location == "/my/children/"
    page = browser.get("/my/children/")
    assert "/record" not in page.html
    assert "予定日を直す" in page.text
