"""Staff do for a caller what families do themselves; strangers get 404 on all of it."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Engine

from portal.app import create_app
from portal.db.session import acting_as, transaction
from portal.families import queries as family_queries
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.office import preregistrations as office_preregistrations
from portal.preregistration import queries, service
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories.people import children_of, make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.pages.receipt import receipt
from tests.pages.visit import Page, Visitor

CALLER = {
    "name": "森 あい",
    "name_kana": "もり あい",
    "phone": "090-1234-5678",
    "relation": "父",
    "kind": "born",
    "child_name": "森 りん",
    "born_on-year": "2024",
    "born_on-month": "5",
    "born_on-day": "1",
    "channel": "phone",
}


def sent_now(page: Page) -> dict[str, str]:
    """The time of receipt as the form proposes it."""
    parts = ("received_on-year", "received_on-month", "received_on-day", "received_time")
    return {part: page.field(part) for part in parts}


def enter(browser: Visitor, **changes: str) -> Page:
    opened = browser.get("/office/families/new")
    return browser.post(
        "/office/families/new",
        {"once": opened.field("once"), **CALLER, **sent_now(opened), **changes},
    )


def applied(site: Site, guardian: Actor) -> uuid.UUID:
    child_id = children_of(guardian)[0].id
    with acting_as(guardian), transaction() as session:
        now = clock.now()
        details = RecordDetails(allergies="卵と牛乳")
        families.save_record(session, child_id, details, actor=guardian, now=now)
        return service.apply(session, site.facility_id, [child_id], actor=guardian, now=now)[0]


@pytest.mark.proves("J7")
def test_a_father_phones_and_is_accepted_on_the_spot(app: Flask, hinata: Site, sato: Actor) -> None:
    browser = Visitor(app, sato)
    made = enter(browser)
    assert made.status == 303
    home = browser.get(made.location)
    assert "メールなし" in home.text
    assert "児童票が まだです" in home.text
    with acting_as(sato) as session:
        (found,) = family_queries.search_families(session, "モリ", actor=sato)
    child = found.children[0]
    record = f"{made.location}/children/{child.id}/record"
    section = f"{record}/sections/allergies"
    told = {"has_allergies": "yes", "allergies": "卵", "channel": "phone"}
    assert browser.submit(section, {**told, **sent_now(browser.get(section))}).status == 303
    assert "卵" in browser.get(record).text
    url = f"/office/preregistrations/new/{found.family.id}"
    opened = browser.get(url)
    sent = browser.post(
        url,
        {
            "once": opened.field("once"),
            "child_ids": str(child.id),
            "facility_id": str(hinata.facility_id),
            "channel": "phone",
            "accept_now": "y",
            **sent_now(opened),
        },
    )
    assert sent.status == 303
    assert "承諾ずみ" in browser.get(made.location).text
    assert "森 りんさん" in browser.search("/office/families/", "ﾓﾘ").text


def test_a_known_phone_number_is_asked_about_first(app: Flask, sato: Actor) -> None:
    browser = Visitor(app, sato)
    assert enter(browser).status == 303
    again = enter(browser, phone="０９０１２３４５６７８")
    assert again.status == 409
    assert "同じ電話番号のご家庭があります" in again.text
    assert enter(browser, is_another="y").status == 303


def test_a_time_that_is_none_is_named(app: Flask, sato: Actor) -> None:
    page = enter(Visitor(app, sato), received_time="2505")
    assert page.status == 422
    assert "時刻は 9:05 のように入れてください" in page.text
    plain = enter(Visitor(app, sato), received_time="1605")
    assert "時刻は 9:05 のように入れてください" not in plain.text


def test_more_people_are_put_down_for_a_caller(app: Flask, sato: Actor) -> None:
    browser = Visitor(app, sato)
    url = enter(browser).location
    child = {
        "kind": "born",
        "name": "森 そら",
        "born_on-year": "2025",
        "born_on-month": "1",
        "born_on-day": "2",
    }
    assert browser.submit(f"{url}/children/new", child | receipt()).status == 303
    mother = {"name": "森 ゆう", "relation": "母", "phone": "080-1111-2222"}
    assert browser.submit(f"{url}/guardians/new", mother | receipt(channel="fax")).status == 303
    aunt = {"name": "森 まき", "relation": "おば"}
    assert browser.submit(f"{url}/pickup-persons", aunt | receipt(), form_page=url).status == 303
    page = browser.get(url)
    for words in ("森 そらさん", "080-1111-2222", "森 まき"):
        assert words in page.text


@pytest.mark.proves("R5")
def test_the_record_stands_beside_the_decision(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    browser = Visitor(app, sato)
    assert "園の番 1件" in browser.get("/office/preregistrations/").text
    url = f"/office/preregistrations/{found}"
    page = browser.get(url)
    assert "食物アレルギーがあります" in page.text
    assert "卵と牛乳" in page.text
    empty = browser.submit(f"{url}/ask-back", {"question": ""}, form_page=url)
    assert empty.status == 422
    asked = browser.submit(f"{url}/ask-back", {"question": "平熱は？"}, form_page=url)
    assert asked.status == 303
    assert "ご家庭の答え待ち" in browser.get(url).text
    conditions = {"conditions": "はじめは午前だけ"}
    unsure = browser.submit(f"{url}/accept", conditions, form_page=url)
    assert unsure.status == 422
    assert "承諾してよいかたしかめて" in unsure.text
    assert conditions["conditions"] in unsure.text
    assert browser.submit(f"{url}/accept", {"is_decided": "y"}, form_page=url).status == 303
    refused = browser.post(f"{url}/decline", {"reason": "やはり", "is_sure": "y"})
    assert refused.status == 409
    assert "先に返事をしました（承諾）" in refused.text


def test_a_decline_carries_its_reason_to_the_family(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    url = f"/office/preregistrations/{found}"
    staff = Visitor(app, sato)
    reason = {"reason": "いま0歳の部屋がありません"}
    unsure = staff.submit(f"{url}/decline", reason, form_page=url)
    assert unsure.status == 422
    assert "お断りしてよいかたしかめて" in unsure.text
    assert reason["reason"] in unsure.text
    sent = staff.submit(f"{url}/decline", {**reason, "is_sure": "y"}, form_page=url)
    assert sent.status == 303
    page = Visitor(app, tanaka).get(f"/my/preregistrations/{found}")
    assert "いま0歳の部屋がありません" in page.text


def test_a_stranger_gets_404_on_everything(
    app: Flask, hinata: Site, midori: Site, sato: Actor, yamada: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    applied(midori, make_guardian("山本 ゆい", children=("山本 れん",)))
    guardian_id, child_id = uuid.uuid4(), children_of(tanaka)[0].id
    with acting_as(sato) as session:
        assert tanaka.family_id is not None
        guardian_id = family_queries.guardians(session, tanaka.family_id, actor=sato)[0].id
    family = f"/office/families/{tanaka.family_id}"
    stranger = Visitor(app, yamada)
    for url in (
        family,
        f"{family}/guardians/new",
        f"{family}/guardians/{guardian_id}",
        f"{family}/children/new",
        f"{family}/children/{child_id}",
        f"{family}/children/{child_id}/record",
        f"/office/preregistrations/{found}",
        f"/office/preregistrations/new/{tanaka.family_id}",
    ):
        assert stranger.get(url).status == 404, url
        if url not in {family, f"/office/preregistrations/{found}"}:
            assert stranger.post(url, {}).status == 404, url
    for step in ("accept", "ask-back", "decline", "withdraw"):
        words = {"question": "x", "reason": "x"}
        assert stranger.post(f"/office/preregistrations/{found}/{step}", words).status == 404
    assert stranger.post(f"{family}/pickup-persons", {"name": "x", "relation": "x"}).status == 404
    assert "田中 " not in stranger.get("/office/families/").text
    assert "田中 " not in stranger.search("/office/families/", "09000000000").text
    assert "田中 " not in stranger.get("/office/preregistrations/").text
    with acting_as(sato) as session:
        row = queries.preregistration(session, found, actor=sato)
        assert row.state == "applied"


def test_an_address_does_not_move_a_child_into_another_family(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    applied(hinata, tanaka)
    browser = Visitor(app, sato)
    url = enter(browser).location
    child_id = children_of(tanaka)[0].id
    assert browser.get(f"{url}/children/{child_id}").status == 404
    assert browser.get(f"{url}/children/{child_id}/record").status == 404


def test_every_page_with_a_record_leaves_a_row(emptied: Engine, server: TestServer) -> None:
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    tanaka = make_guardian("田中 みほ", children=("田中 はな",))
    found = applied(site, tanaka)
    child_id = children_of(tanaka)[0].id
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    Visitor(app, sato).get(f"/office/preregistrations/{found}")
    Visitor(app, sato).get(f"/office/families/{tanaka.family_id}/children/{child_id}/record")
    Visitor(app, tanaka).get(f"/my/children/{child_id}/record")
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        readers = connection.scalars(
            text("SELECT user_id FROM audit_log WHERE action = 'read.child_record' ORDER BY at")
        ).all()
    admin.dispose()
    assert readers == [sato.user_id, sato.user_id, tanaka.user_id]


def test_a_caller_to_come_and_a_child_to_come_are_asked_about(app: Flask, sato: Actor) -> None:
    browser, later = Visitor(app, sato), str(clock.today(clock.now()).year + 1)
    early = enter(browser, **{"received_on-year": later})
    assert early.status == 422
    assert "まだ来ていない時刻です" in early.text
    unborn = enter(browser, **{"born_on-year": later})
    assert unborn.status == 409
    assert "「これから生まれる」をえらんでください" in unborn.text
    due = clock.today(clock.now()) + timedelta(days=60)
    parts = {"born_on-year": due.year, "born_on-month": due.month, "born_on-day": due.day}
    dates = {name: str(part) for name, part in parts.items()}
    made = enter(browser, **dates, kind="expected", child_name="")
    assert made.status == 303
    assert enter(browser, child_name="").status == 422


def test_the_day_asked_for_outlasts_the_registration(app: Flask, sato: Actor) -> None:
    browser, url = Visitor(app, sato), "/office/families/new?day=2031-11-25&start=9:00&end=12:00"
    opened = browser.get(url)
    made = browser.post(url, {"once": opened.field("once"), **CALLER, **sent_now(opened)})
    assert made.status == 303
    shown = browser.get(made.location).html.replace("&amp;", "&")
    assert "&day=2031-11-25&start=9:00&end=12:00" in shown


def test_a_name_is_found_by_the_kanji_people_type(app: Flask, sato: Actor) -> None:
    browser = Visitor(app, sato)
    made = enter(browser, name="𠮷田 髙子", child_name="𠮷田 りん")
    assert made.status == 303
    for typed in ("吉田", "𠮷田", "高子", "髙子"):
        assert "𠮷田 髙子" in browser.search("/office/families/", typed).text


def test_a_long_list_of_applications_comes_in_pages(
    app: Flask, hinata: Site, sato: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office_preregistrations, "PAGE_SIZE", 1)
    for name in ("森 みほ", "林 みほ"):
        applied(hinata, make_guardian(name, children=(f"{name[0]} はな",)))
    browser = Visitor(app, sato)
    first, second = (browser.get(f"/office/preregistrations/?page={n}") for n in (1, 9))
    assert "園の番 2件" in first.text
    assert "園の番 2件" in second.text
    assert ("森 はな" in first.text, "林 はな" in first.text) == (True, False)
    assert ("森 はな" in second.text, "林 はな" in second.text) == (False, True)
