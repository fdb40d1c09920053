"""A family's pages about its own data, and the provider's answers, as people see them."""

from __future__ import annotations

import io
import json
import uuid
import zipfile

import pytest
from flask import Flask

from portal.audit.service import record, record_read
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel
from portal.messages.outbox import enqueue
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from tests.factories import days, people
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

SOMETHING = uuid.uuid4()
RECEIVED = {
    "channel": "phone",
    "received_on-year": "2026",
    "received_on-month": "4",
    "received_on-day": "1",
    "received_time": "9:05",
}


@pytest.fixture
def mother(hinata: Site) -> Actor:
    mother = people.make_guardian("高橋 あおい", children=("高橋 そら",))
    child = people.children_of(mother)[0].id
    days.keep_record(mother, child, allergies="くるみ")
    accept(hinata, mother, child)
    return mother


def test_a_correction_goes_to_the_director_and_back(
    app: Flask, mother: Actor, director: Actor, hinata: Site
) -> None:
    hers, theirs = Visitor(app, mother), Visitor(app, director)
    assert "ひなた保育園の会" in hers.get("/my/data/").text
    short = hers.submit("/my/data/correction", {"topic": "fee", "words": ""})
    assert short.status == 422
    assert "どこが違うか" in short.text
    wish = {
        "organisation_id": str(hinata.organisation_id),
        "topic": "fee",
        "words": "11月10日は\n600円のはずです",
    }
    assert hers.submit("/my/data/correction", wish).location == "/my/data/"
    assert "園の返事を待っています" in hers.get("/my/data/").text
    assert "ご家庭のデータについての求め" in theirs.get("/office/").text
    listed = theirs.get("/office/data-requests/")
    assert "返事待ち 1件" in listed.text
    page = theirs.get(_first_link(listed.html))
    assert "600円のはずです" in page.text
    said = theirs.submit(_first_link(listed.html), {"state": "declined", "words": " "})
    assert said.status == 422
    assert "ご家庭への返事を書いてください" in said.text
    empty = theirs.submit(_first_link(listed.html), {})
    for words in ("ご家庭への返事を書いてください", "返事をえらんでください"):
        assert words in empty.text, "both at once"
    done = theirs.submit(_first_link(listed.html), {"state": "done", "words": "直しました"})
    assert done.location == "/office/data-requests/"
    assert "直しました" in hers.get("/my/data/").text


def test_the_copy_is_a_zip_with_a_paper_and_a_file(app: Flask, mother: Actor) -> None:
    browser = Visitor(app, mother)
    answer = browser.post("/my/data/copy", {"once": browser.get("/my/data/").field("once")})
    with zipfile.ZipFile(io.BytesIO(answer.response.data)) as files:
        assert files.namelist() == ["data.json", "data.pdf"]
        assert json.loads(files.read("data.json"))["guardians"][0]["name"] == "高橋 あおい"
    assert "高橋" not in answer.response.headers["Content-Disposition"]


def test_who_saw_what_is_told_in_words(app: Flask, mother: Actor, director: Actor) -> None:
    child = people.children_of(mother)[0].id
    Visitor(app, director).get(f"/office/families/{mother.family_id}/children/{child}/record")
    page = Visitor(app, mother).get("/my/data/log")
    assert "ひなた保育園の会" in page.text
    assert "児童票（体のこと）を見ました" in page.text
    assert Visitor(app, mother).get("/my/data/log?until=nonsense").status == 200


def test_erasing_says_what_goes_and_asks_once_more(app: Flask, mother: Actor) -> None:
    browser = Visitor(app, mother)
    page = browser.submit("/my/data/erasure", {"words": ""})
    assert page.status == 409
    assert "もとにもどせないことが分かりました" in page.text
    assert browser.submit("/my/data/erasure", {"is_confirmed": "y"}).location == "/my/data/"
    assert "園の返事を待っています" in browser.get("/my/data/").text


def test_a_family_without_providers_is_gone_at_once(app: Flask, database: object) -> None:
    del database
    browser = Visitor(app, people.make_guardian("高橋 あおい"))
    assert "送るとすぐに消えます" in browser.get("/my/data/erasure").text
    assert browser.submit("/my/data/erasure", {"is_confirmed": "y"}).location == "/"
    assert browser.get("/my/data/").location.startswith("/sign-in")


@pytest.mark.proves("J7")
def test_staff_write_down_what_a_caller_asks(
    app: Flask, mother: Actor, sato: Actor, director: Actor
) -> None:
    page = f"/office/data-requests/new/{mother.family_id}"
    sent = Visitor(app, sato).submit(
        page, {**RECEIVED, "kind": "correction", "topic": "fee", "words": "高い"}
    )
    assert sent.location == f"/office/families/{mother.family_id}"
    assert Visitor(app, sato).get("/office/data-requests/").status == 403
    assert "返事待ち 1件" in Visitor(app, director).get("/office/data-requests/").text


def _first_link(html: str) -> str:
    at = html.index('href="/office/data-requests/') + len('href="')
    here = html[at : html.index('"', at)]
    return here if len(here) > len("/office/data-requests/") else _first_link(html[at:])


def test_coming_and_going_is_folded_by_day_and_the_nursery_is_named(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    mother = people.make_guardian("高橋 あおい", children=("高橋 そら",))
    (stay,) = days.book(hinata, mother, day=days.DAY)
    with acting_as(sato), transaction() as session:
        for action in ("attendance.arrived", "attendance.undone", "attendance.departed"):
            record(session, sato, action, stay, family_id=mother.family_id)
        record(session, sato, "mail.failure_seen", stay, family_id=mother.family_id)
        enqueue(
            session,
            "bookings/placed",
            about=[stay],
            to_family=mother.family_id,
            organisation_id=hinata.organisation_id,
        )
    morning = Actor(role=Role.STAFF, organisation_id=hinata.organisation_id)
    with acting_as(morning), transaction() as session:
        record_read(session, morning, "child_record", stay, family_id=mother.family_id)
    page = Visitor(app, mother).get("/my/data/log")
    assert page.text.count("登園・降園の記録 3件") == 1
    assert "届かなかったメールを確かめました" in page.text
    assert "ひなた保育園（ひなた保育園の会）の、朝の名簿を作る自動の処理" in page.text
    rows = page.html.split("<tr>")
    (row,) = (each for each in rows if "登園・降園の記録" in each)
    assert "ひなた保育園（ひなた保育園の会）" in row
    assert "<details>" in row


def test_each_line_names_its_nursery_and_no_other_of_the_provider(
    app: Flask, hinata: Site, sato: Actor, mother: Actor
) -> None:
    sister = uuid.uuid4()
    with acting_as(people.OPERATOR), transaction() as session:
        session.add(
            Facility(
                id=sister,
                organisation_id=hinata.organisation_id,
                name="あさひ保育園",
                address="みほん市中央1-2",
                published_at=clock.now(),
            )
        )
    child = people.children_of(mother)[0].id
    with acting_as(sato), transaction() as session:
        record_read(session, sato, "child_record", child, family_id=mother.family_id)
    # She may know that both are of one body; where she never went, nobody is said to have looked.
    assert "あさひ保育園" not in Visitor(app, mother).get("/my/data/log").text
    assert "あさひ保育園、ひなた保育園（" in Visitor(app, mother).get("/my/data/").text
    (stay,) = days.book(hinata, mother)
    with acting_as(mother), transaction() as session:
        applied = Preregistration(
            id=uuid.uuid4(),
            family_id=mother.family_id,
            child_id=child,
            facility_id=sister,
            organisation_id=hinata.organisation_id,
            state=PreregistrationState.APPLIED,
            channel=Channel.WEB,
            received_at=clock.now(),
            applied_at=clock.now(),
            created_by=mother.user_id,
        )
        session.add(applied)
    with acting_as(sato), transaction() as session:
        record(session, sato, "attendance.arrived", stay, family_id=mother.family_id)
        record(session, sato, "preregistration.ask_back", applied.id, family_id=mother.family_id)
    rows = Visitor(app, mother).get("/my/data/log").html.split("<tr>")
    (came,) = (row for row in rows if "登園を記録しました" in row)
    (asked,) = (row for row in rows if "事前登録について質問しました" in row)
    assert "ひなた保育園（" in came
    assert "あさひ" not in came
    assert "あさひ保育園（" in asked
    assert "ひなた保育園（" not in asked


def test_reading_a_notice_or_choosing_a_language_is_no_change_of_registration(
    app: Flask, mother: Actor
) -> None:
    with acting_as(mother), transaction() as session:
        record(session, mother, "notice.read", SOMETHING)
        record(session, mother, "account.language_changed", SOMETHING)
    by_link = Actor(role=Role.GUARDIAN, family_id=mother.family_id)
    with acting_as(by_link), transaction() as session:
        record(session, by_link, "notice.read", SOMETHING, family_id=mother.family_id)
    page = Visitor(app, mother).get("/my/data/log")
    assert "お知らせを読んだことを伝えました" in page.text
    assert "ことばを変えました" in page.text
    assert "もう一人の保護者か、メールのリンクを開いた方" in page.text
    assert "登録を変えました" not in page.text


def test_no_form_stands_under_what_cannot_be_done_yet(
    app: Flask, hinata: Site, mother: Actor
) -> None:
    days.book(hinata, mother)
    page = Visitor(app, mother).get("/my/data/erasure")
    assert "終わっていない予約が 1件あります" in page.text
    assert "<textarea" not in page.html
    assert "消すことを求める" not in page.text


def test_what_was_asked_names_the_nursery(app: Flask, mother: Actor, hinata: Site) -> None:
    hers = Visitor(app, mother)
    assert "ひなた保育園（ひなた保育園の会）" in hers.get("/my/data/correction").text
    wish = {"organisation_id": str(hinata.organisation_id), "topic": "fee", "words": "違います"}
    hers.submit("/my/data/correction", wish)
    asked = hers.get("/my/data/").html.split("求めた相手")[1]
    assert "ひなた保育園（ひなた保育園の会）" in asked.split("</div>")[0]
