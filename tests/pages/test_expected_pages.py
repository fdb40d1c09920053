"""The pages of an expected child: the birth, the calm end, and what nobody is shown afterwards."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.preregistration import service
from portal.visits.rules import VisitKind
from tests.factories import people, places, visits
from tests.pages.receipt import receipt
from tests.pages.visit import Visitor

NOW = clock.now()
TODAY = clock.today(NOW)
DUE = TODAY + timedelta(days=20)


@pytest.fixture
def mori(app: Flask) -> Actor:
    del app
    return people.make_guardian("森 ゆい", children=("森 はる",))


def expecting(mori: Actor, site: places.Site) -> uuid.UUID:
    """An expected child for whom she has applied."""
    assert mori.family_id is not None
    with acting_as(mori), transaction() as session:
        details = ChildDetails(None, due_on=DUE)
        child = families.add_child(session, mori.family_id, details, actor=mori, now=NOW)
        service.apply(session, site.facility_id, [child.id], actor=mori, now=NOW)
        return child.id


def parts(name: str, day: date) -> dict[str, object]:
    return {f"{name}-year": day.year, f"{name}-month": day.month, f"{name}-day": day.day}


@pytest.mark.proves("R7")
def test_twins_are_entered_on_one_page_and_the_next_step_is_told(
    app: Flask, hinata: places.Site, mori: Actor
) -> None:
    child_id, browser = expecting(mori, hinata), Visitor(app, mori)
    assert (
        "生まれたら、お名前と生年月日を入れてください" in browser.get("/my/preregistrations/").text
    )
    url = f"/my/children/{child_id}/born?count=2"
    typed: dict[str, object] = {"name_1": "森 そら", "name_2": "森 うみ"}
    sent = browser.submit(url, typed | parts("born_1", TODAY - timedelta(days=3)))
    assert sent.status == 303
    told = browser.get(sent.location).text
    assert "これまでの登録と、園とのやりとりを引きつぎました" in told
    assert "森 そらさんのページにあります" in told
    assert told.count("ひなた保育園") == 2
    again = browser.post(url, typed | parts("born_1", TODAY))
    assert again.status == 409
    assert "もう登録されています" in again.text
    assert len(people.children_of(mori)) == 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name_1": "森 そら", **parts("born_1", TODAY + timedelta(days=1))}, "今日より後"),
        ({"name_1": "森 そら", **parts("born_1", date(1990, 1, 1))}, "かけはなれています"),
        ({"name_1": "森 そら"}, "生年月日を入れてください"),
        (parts("born_1", TODAY), "お名前を入れてください"),
    ],
)
def test_a_birth_that_cannot_be_keeps_what_was_typed(
    app: Flask, hinata: places.Site, mori: Actor, typed: dict[str, object], said: str
) -> None:
    url = f"/my/children/{expecting(mori, hinata)}/born"
    page = Visitor(app, mori).submit(url, typed)
    assert page.status in {409, 422}
    assert said in page.text
    assert page.field("name_1") == typed.get("name_1", "")


def test_what_was_typed_stays_when_it_is_twins_after_all(
    app: Flask, hinata: places.Site, mori: Actor
) -> None:
    url, browser = f"/my/children/{expecting(mori, hinata)}/born", Visitor(app, mori)
    page = browser.submit(url, {"name_1": "森 そら", "become": "2", **parts("born_1", TODAY)})
    assert page.status == 200
    assert page.field("name_1") == "森 そら"
    assert page.field("born_1-year") == str(TODAY.year)
    assert 'name="name_2"' in page.html
    assert [child.name for child in people.children_of(mori)] == ["森 はる", None]
    typed = {"once": page.field("once"), "name_1": "森 そら", "name_2": "森 うみ"}
    assert browser.post(f"{url}?count=2", typed | parts("born_1", TODAY)).status == 303


def test_staff_turn_one_into_twins_and_lose_nothing_typed(
    app: Flask, hinata: places.Site, sato: Actor, mori: Actor
) -> None:
    child_id, browser = expecting(mori, hinata), Visitor(app, sato)
    url = f"/office/families/{mori.family_id}/children/{child_id}/born"
    typed: dict[str, object] = {"name_1": "森 そら", **parts("born_1", TODAY)}
    page = browser.submit(url, typed | receipt() | {"become": "2", "received_time": "7:31"})
    assert page.status == 200
    assert page.field("name_1") == "森 そら"
    assert page.field("received_time") == "7:31"
    sent = {"once": page.field("once"), "name_2": "森 うみ", **typed, **receipt()}
    assert browser.post(f"{url}?count=2", sent).status == 303
    assert {"森 そら", "森 うみ"} <= {child.name for child in people.children_of(mori)}


def test_staff_see_to_which_session_a_family_comes_before_the_birth(
    app: Flask, hinata: places.Site, sato: Actor, mori: Actor
) -> None:
    child_id, tour = expecting(mori, hinata), visits.open_session(hinata)
    staff = Visitor(app, sato)
    assert "出産前の方" not in staff.get("/office/visits/").text
    visits.book(mori, tour, child_ids=(child_id,))
    assert "出産前の方 1組" in staff.get("/office/visits/").text
    assert "出産前の方 1組" in staff.get(f"/office/visits/month?month={visits.DAY:%Y-%m}").text


def test_twelve_at_once_are_answered(app: Flask, hinata: places.Site, mori: Actor) -> None:
    page = Visitor(app, mori).get(f"/my/children/{expecting(mori, hinata)}/born?count=12")
    assert page.status == 422
    assert "4人までです" in page.text


@pytest.mark.proves("J8")
def test_after_closing_no_page_speaks_of_the_child(
    app: Flask, hinata: places.Site, sato: Actor, mori: Actor
) -> None:
    child_id, browser = expecting(mori, hinata), Visitor(app, mori)
    due = f"{DUE.month}月{DUE.day}日"
    assert due in browser.get("/my/children/").text
    sent = browser.submit(f"/my/children/{child_id}/close", {})
    closed = browser.get(sent.location).text
    assert "することは、何もありません" in closed
    for word in ("おめでとう", "理由", due):
        assert word not in closed
    for page in ("/my/", "/my/children/", "/my/preregistrations/", "/my/data/"):
        shown = browser.get(page).text
        assert due not in shown
        assert "生まれ" not in shown.replace("2024年6月15日生まれ", "")
    assert browser.get(f"/my/children/{child_id}/edit").status == 404
    staff = Visitor(app, sato)
    for page in ("/office/preregistrations/", f"/office/families/{mori.family_id}"):
        assert due not in staff.get(page).text
    assert "閉じた登録をもどす" in staff.get(f"/office/families/{mori.family_id}").text


@pytest.mark.proves("J8")
def test_after_closing_her_only_child_nothing_is_asked(app: Flask, hinata: places.Site) -> None:
    mother = people.make_guardian("森 ゆい", children=())
    child_id, browser = expecting(mother, hinata), Visitor(app, mother)
    prenatal = visits.open_sessions(hinata, kind=VisitKind.PRENATAL, start=24)[0]
    visits.book(mother, prenatal)
    assert "出産前" in browser.get("/my/visits").text
    browser.submit(f"/my/children/{child_id}/close", {})
    for page in ("/my/", "/my/children/", "/my/visits"):
        shown = browser.get(page).text
        for word in ("次にすること", "登録してください", "0人", "取り消しました"):
            assert word not in shown, page


@pytest.mark.proves("R7")
def test_she_finds_the_way_back_under_her_data(
    app: Flask, hinata: places.Site, mori: Actor
) -> None:
    child_id, browser = expecting(mori, hinata), Visitor(app, mori)
    where = browser.submit(f"/my/children/{child_id}/close", {}).location
    assert where in browser.get("/my/data/").html
    assert browser.submit(where, {}).status == 303
    assert f"{DUE.month}月{DUE.day}日" in browser.get("/my/children/").text
    assert "ひなた保育園" in browser.get("/my/preregistrations/").text


@pytest.mark.proves("J7", "R7")
def test_staff_enter_birth_closing_and_the_way_back_for_a_caller(
    app: Flask, hinata: places.Site, sato: Actor, yamada: Actor, mori: Actor
) -> None:
    child_id, staff = expecting(mori, hinata), Visitor(app, sato)
    family = f"/office/families/{mori.family_id}"
    assert staff.submit(f"{family}/children/{child_id}/close", receipt()).status == 303
    assert staff.submit(f"{family}/closed", receipt()).status == 303
    told = staff.get(family).text
    assert "電話や紙で受けたこと" in told
    assert "佐藤 まり" in told
    typed: dict[str, object] = {"name_1": "森 そら", **parts("born_1", TODAY)}
    assert staff.submit(f"{family}/children/{child_id}/born", typed | receipt()).status == 303
    shown = staff.get(family).text
    assert "森 そら" in shown
    assert "申し込みは続いています" in shown  # it came back with the child
    assert staff.submit(f"{family}/children/{child_id}/undo-birth", receipt()).status == 303
    stranger = Visitor(app, yamada)
    for page in ("born", "close", "undo-birth"):
        assert stranger.get(f"{family}/children/{child_id}/{page}").status == 404
    assert stranger.get(f"{family}/closed").status == 404


def test_the_same_child_is_asked_about_once(app: Flask, mori: Actor) -> None:
    child = people.children_of(mori)[0]
    assert child.born_on is not None
    browser = Visitor(app, mori)
    typed: dict[str, object] = {
        "kind": "born",
        "name": "森　はる",
        **parts("born_on", child.born_on),
    }
    page = browser.submit("/my/children/new", typed)
    assert page.status == 409
    assert "もう登録されています" in page.text
    assert len(people.children_of(mori)) == 1
    assert browser.submit("/my/children/new", typed | {"is_another": "y"}).status == 303
    assert len(people.children_of(mori)) == 2


def test_a_second_pregnancy_is_asked_about_once(
    app: Flask, hinata: places.Site, mori: Actor
) -> None:
    expecting(mori, hinata)
    browser, typed = Visitor(app, mori), {"kind": "expected", **parts("due_on", DUE)}
    page = browser.submit("/my/children/new", typed)
    assert page.status == 409
    assert "ふたごのときは" in page.text
    assert browser.submit("/my/children/new", typed | {"is_another": "y"}).status == 303
