"""A guardian's home, her application to a facility, her pick-up persons."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.preregistration import queries, service
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site
from tests.pages.visit import Visitor


def write_record(guardian: Actor) -> None:
    with acting_as(guardian), transaction() as session:
        for child in children_of(guardian):
            families.save_record(
                session, child.id, RecordDetails(allergies=""), actor=guardian, now=clock.now()
            )


def test_an_empty_home_says_what_comes_next(app: Flask) -> None:
    browser = Visitor(app, make_guardian("田中 みほ"))
    page = browser.get("/my/")
    assert "田中 みほさん、" in page.text
    for words in ("予約はまだありません", "お子さんを登録してください", "まだ申し込みがありません"):
        assert words in page.text


@pytest.mark.proves("J3", "R5")
def test_she_applies_answers_and_sees_each_next_step(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    browser = Visitor(app, tanaka)
    url = f"/my/preregistrations/apply/{hinata.facility_id}"
    child_id = str(children_of(tanaka)[0].id)
    assert "先に、体のことを書いてください" in browser.get(url).text
    assert browser.submit(url, {"child_ids": child_id}).status == 409
    write_record(tanaka)
    sent = browser.submit(url, {"child_ids": child_id, "note": "よろしく"})
    assert sent.status == 303
    assert "園が内容を見ています" in browser.get(sent.location).text
    assert "もう申し込んでいます" in browser.get(url).text
    with acting_as(sato), transaction() as session:
        row = queries.waiting_first(session, actor=sato)[0]
        service.ask_back(session, row.id, "平熱は何度ですか", actor=sato, now=clock.now())
    assert "ひなた保育園から質問があります" in browser.get("/my/").text
    page = browser.get(sent.location)
    assert "平熱は何度ですか" in page.text
    answered = browser.submit(f"{sent.location}/answer", {"words": ""}, form_page=sent.location)
    assert answered.status == 422
    answered = browser.post(
        f"{sent.location}/answer", {"once": answered.field("once"), "words": "36.8度"}
    )
    assert answered.status == 303
    with acting_as(sato), transaction() as session:
        service.accept(session, row.id, actor=sato, now=clock.now())
    assert "空きを見て予約する" in browser.get(sent.location).text
    withdrawn = browser.submit(f"{sent.location}/withdraw", {}, form_page=sent.location)
    assert withdrawn.location == "/my/preregistrations/"
    assert "取り下げました" in browser.get(sent.location).text
    assert browser.post(f"{sent.location}/withdraw").status == 409


def test_a_form_sent_wrong_first_can_be_sent_right(app: Flask, tanaka: Actor) -> None:
    url = f"/my/children/{children_of(tanaka)[0].id}/record"
    browser = Visitor(app, tanaka)
    wrong = browser.submit(url, {})
    assert wrong.status == 422
    right = browser.post(url, {"once": wrong.field("once"), "has_allergies": "no"})
    assert right.status == 303


def test_pickup_persons_are_added_and_taken_off(app: Flask, tanaka: Actor) -> None:
    browser = Visitor(app, tanaka)
    sent = browser.submit(
        "/my/family/pickup-persons",
        {"name": "田中 いと", "relation": "祖母", "phone": "12"},
        form_page="/my/family/",
    )
    assert sent.status == 422
    assert "電話番号は、市外局番から" in sent.text
    sent = browser.submit(
        "/my/family/pickup-persons",
        {"name": "田中 いと", "relation": "祖母"},
        form_page="/my/family/",
    )
    assert sent.status == 303
    page = browser.get("/my/family/")
    remove = page.html.split('action="/my/family/pickup-persons/')[1].split('"')[0]
    other = Visitor(app, make_guardian("森 あい"))
    assert other.post(f"/my/family/pickup-persons/{remove}").status == 404
    assert browser.post(f"/my/family/pickup-persons/{remove}").status == 303
    assert "田中 いと" not in browser.get("/my/family/").text


def test_a_second_guardian_is_added_and_corrected(app: Flask, tanaka: Actor) -> None:
    browser = Visitor(app, tanaka)
    father = {"name": "田中 けん", "relation": "父", "phone": "080-1111-2222"}
    assert browser.submit("/my/family/guardians/new", father).status == 303
    page = browser.get("/my/family/")
    url = "/my/family/guardians/" + page.html.split('href="/my/family/guardians/')[2].split('"')[0]
    assert browser.get(url).field("name") == "田中 けん"
    assert browser.submit(url, {**father, "phone": "080-3333-4444"}).status == 303
    assert "080-3333-4444" in browser.get("/my/family/").text
    assert Visitor(app, make_guardian("森 あい")).get(url).status == 404


def test_strangers_reach_no_application(
    app: Flask, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    write_record(tanaka)
    with acting_as(tanaka), transaction() as session:
        ids = [child.id for child in children_of(tanaka)]
        (found,) = service.apply(session, hinata.facility_id, ids, actor=tanaka, now=clock.now())
    url = f"/my/preregistrations/{found}"
    other = Visitor(app, make_guardian("森 あい"))
    assert other.get(url).status == 404
    assert other.post(f"{url}/withdraw").status == 404
    assert other.post(f"{url}/answer", {"words": "x"}).status == 404
    assert Visitor(app, yamada).get(url).status == 403
