"""A guardian's home, her application to a facility, her pick-up persons."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.documents.dates import jdate
from portal.families import rights
from portal.families import service as families
from portal.families.rules import PickupDetails, RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor, Right
from portal.kernel.age import class_age
from portal.preregistration import queries, service
from portal.slots.published import published_place
from tests.factories import apart
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept
from tests.pages.applying import apply_for, part
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
    for words in ("予約はまだありません", "お子さんを登録してください"):
        assert words in page.text
    assert "お願いしたいこと" not in page.text


@pytest.mark.proves("J3", "R5")
def test_she_applies_answers_and_sees_each_next_step(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    browser = Visitor(app, tanaka)
    child_id = children_of(tanaka)[0].id
    assert apply_for(browser, hinata, child_id).status == 409
    assert "体のことを書く" in browser.get(part(hinata, "health")).text
    write_record(tanaka)
    sent = apply_for(browser, hinata, child_id, note="よろしく")
    assert sent.status == 303
    assert "園が内容を見ています" in browser.get(sent.location).text
    assert "もう申し込んでいます" in browser.get(part(hinata, "children")).text
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


def test_who_may_not_know_of_the_body_reads_no_words_about_it(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    browser = Visitor(app, tanaka)
    write_record(tanaka)
    page = apply_for(browser, hinata, children_of(tanaka)[0].id, note="卵でかぶれます").location
    said = browser.submit(f"{page}/say", {"words": "牛乳もです"}, form_page=page)
    assert said.status == 303, "before the nursery's answer too"
    assert "牛乳もです" in browser.get(page).text
    father = apart.join(tanaka)
    with acting_as(tanaka), transaction() as session:
        row = apart.own_row(father)
        rights.set_rights(session, row, [Right.CHILDREN], actor=tanaka)
    father = replace(father, withheld=frozenset({Right.CHILDREN}))
    his = Visitor(app, father)
    shown = his.get(page)
    assert shown.status == 200
    assert "卵でかぶれます" not in shown.text
    assert "牛乳もです" not in shown.text
    assert his.post(f"{page}/say", {"words": "はい"}).status == 403
    assert "お子さん 1人" not in his.get("/my/").text
    with acting_as(sato), transaction() as session:
        row_id = queries.waiting_first(session, actor=sato)[0].id
        service.accept(session, row_id, actor=sato, now=clock.now(), conditions="卵のおやつなし")
    assert "卵のおやつなし" in browser.get(page).text
    assert "卵のおやつなし" not in his.get(page).text
    assert his.post(f"{page}/agree", {"has_read": "y"}).status == 403


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


def test_home_leads_to_the_next_thing_that_can_be_done(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    newcomer = Visitor(app, make_guardian("森 あい")).get("/my/").html
    assert newcomer.count('btn--primary" href="/my/children/new"') == 1
    assert 'btn--primary" href="/facilities"' not in newcomer
    browser = Visitor(app, tanaka)
    child = children_of(tanaka)[0]
    assert f'btn--primary" href="/my/children/{child.id}/record"' in browser.get("/my/").html
    write_record(tanaka)
    assert "事前登録を申し込みます" in browser.get("/my/").text
    with acting_as(tanaka), transaction() as session:
        made = service.apply(session, hinata.facility_id, [child.id], actor=tanaka, now=clock.now())
    assert "園の返事を待っています。返事のあと" in browser.get("/my/").text
    with acting_as(sato), transaction() as session:
        service.accept(session, made[0], actor=sato, now=clock.now())
    page = browser.get("/my/")
    assert "次にすること" not in page.text
    assert 'btn--primary" href="/facilities"' in page.html
    assert child.born_on is not None
    age = class_age(child.born_on, clock.today(clock.now()))
    assert f"/facilities/{hinata.facility_id}?class={age}" in page.html
    assert "すみました" not in page.text
    for url in ("/my/children/", f"/facilities/{hinata.facility_id}"):
        assert "申し込みます" not in browser.get(url).text


def test_brothers_who_may_book_stand_in_one_line(app: Flask, hinata: Site, tanaka: Actor) -> None:
    make_child(tanaka, "田中 りく", born_on=clock.today(clock.now()) - timedelta(days=900))
    write_record(tanaka)
    with acting_as(tanaka), transaction() as session:
        ids = [child.id for child in children_of(tanaka)]
        made = service.apply(session, hinata.facility_id, ids, actor=tanaka, now=clock.now())
    browser = Visitor(app, tanaka)
    assert browser.get("/my/").text.count("ひなた保育園の事前登録") == len(made)
    nothing_left = browser.get(part(hinata, "children"))
    assert "いま申し込めるお子さんはいません" in nothing_left.text
    assert "保存して次へ" not in nothing_left.text
    with acting_as(hinata.owner), transaction() as session:
        for each in made:
            service.accept(session, each, actor=hinata.owner, now=clock.now())
    page = browser.get("/my/")
    assert page.html.count(f"/facilities/{hinata.facility_id}?class=") == 1
    assert page.text.count("まで予約できます") == 1


def test_before_the_birth_she_applies_and_books_nothing(app: Flask, hinata: Site) -> None:
    browser = Visitor(app, make_guardian("森 あい"))
    due = clock.today(clock.now()) + timedelta(days=60)
    expected = {
        "kind": "expected",
        "due_on-year": due.year,
        "due_on-month": due.month,
        "due_on-day": due.day,
    }
    assert browser.submit("/my/children/new", expected).status == 303
    url = f"/my/preregistrations/apply/{hinata.facility_id}"
    assert url in browser.get(f"/facilities/{hinata.facility_id}").html
    for page in ("/my/", "/my/children/"):
        assert "生まれる前から、園に申し込めます" in browser.get(page).text
    day = clock.today(clock.now()) + timedelta(days=3)
    wish = f"/my/bookings/new?facility={hinata.facility_id}&day={day}&start=9:00&end=10:00"
    assert "予約できるお子さんが、まだいません" in browser.get(wish).text


def test_too_young_is_said_before_and_after_the_application(app: Flask, hinata: Site) -> None:
    mother = make_guardian("森 あい")
    today = clock.today(clock.now())
    make_child(mother, "森 つむぎ", born_on=today - timedelta(days=20))
    with acting_as(hinata.owner) as session:
        rules = published_place(session, hinata.facility_id, on=today).document.age
    assert rules is not None
    first = rules.first_day(today - timedelta(days=20))
    assert first > today
    write_record(mother)
    said = f"{jdate(first, today)} の利用から予約できます"
    page = Visitor(app, mother).get(part(hinata, "children"))
    assert said in page.text
    with acting_as(mother), transaction() as session:
        ids = [child.id for child in children_of(mother)]
        (made,) = service.apply(session, hinata.facility_id, ids, actor=mother, now=clock.now())
    with acting_as(hinata.owner), transaction() as session:
        service.accept(session, made, actor=hinata.owner, now=clock.now())
    for url in ("/my/", "/my/preregistrations/", f"/my/preregistrations/{made}"):
        assert jdate(first, today) in Visitor(app, mother).get(url).text


def test_what_cannot_be_taken_back_asks_first(app: Flask, hinata: Site, tanaka: Actor) -> None:
    write_record(tanaka)
    with acting_as(tanaka), transaction() as session:
        ids = [child.id for child in children_of(tanaka)]
        (made,) = service.apply(session, hinata.facility_id, ids, actor=tanaka, now=clock.now())
        details = PickupDetails("田中 いと", "祖母")
        assert tanaka.family_id is not None
        families.add_pickup(session, tanaka.family_id, details, actor=tanaka)
    browser = Visitor(app, tanaka)
    for url, action in ((f"/my/preregistrations/{made}", "/withdraw"), ("/my/family/", "/remove")):
        asked = browser.get(url).html.split("<details")[1].split("</details>")[0]
        assert f'{action}"' in asked


def test_who_has_not_applied_is_led_there_instead_of_to_a_price(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    url = f"/my/bookings/new?facility={hinata.facility_id}"
    apply_url = f"/my/preregistrations/apply/{hinata.facility_id}"
    page = Visitor(app, tanaka).get(url)
    assert apply_url in page.html
    assert "料金を見る" not in page.text
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    page = Visitor(app, tanaka).get(url)
    assert apply_url not in page.html
    assert "料金を見る" in page.text
