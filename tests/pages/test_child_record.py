"""The child's record on its pages: section by section, one tap, what staff see and may not see."""

from __future__ import annotations

import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.families import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.days import name_pickup
from tests.factories.people import children_of
from tests.factories.places import Site, accept
from tests.pages.test_family_office import sent_now
from tests.pages.visit import Visitor

NUMBER = "87654321"
FULL = {"has_allergies": "yes", "allergies": "卵", "what_to_do": "119番"}
PERSON = {"name": "佐々木 とめ", "relation": "祖母", "phone": "090-0000-1111", "when": ""}


def child_of(guardian: Actor) -> uuid.UUID:
    return children_of(guardian)[0].id


def save(actor: Actor, key: str, answers: dict[str, Any], days_ago: int = 0) -> uuid.UUID:
    child_id, now = child_of(actor), clock.now() - timedelta(days=days_ago)
    with acting_as(actor), transaction() as session:
        record.save_section(session, child_id, key, answers, actor=actor, now=now)
    return child_id


def mine(child_id: uuid.UUID, more: str = "") -> str:
    return f"/my/children/{child_id}/record{more}"


def theirs(guardian: Actor, more: str = "") -> str:
    return f"/office/families/{guardian.family_id}/children/{child_of(guardian)}/record{more}"


@pytest.mark.proves("R3", "J3")
def test_a_family_fills_in_one_section_after_another(app: Flask, tanaka: Actor) -> None:
    child_id, browser = child_of(tanaka), Visitor(app, tanaka)
    assert "ほかに書けること" not in browser.get(mine(child_id)).text
    foods = {"foods-0-food": "卵", "foods-0-state": "forbidden", "foods-0-reaction": "赤くなる"}
    first = browser.submit(mine(child_id), {"has_allergies": "yes", **foods})
    assert first.status == 303
    page = browser.get(mine(child_id))
    assert "食べてはいけない　赤くなる".replace("　", " ") in page.text
    assert "保護者が確認" in page.text
    health = mine(child_id, "/health")
    sent = browser.submit(health, {"doctor": "みほん医院", "next": "1"})
    assert sent.location == mine(child_id, "/contacts")
    assert "「体のこと」を保存しました" in browser.get(sent.location).text
    assert browser.get(health).field("doctor") == "みほん医院"


@pytest.mark.proves("R3")
def test_an_old_record_is_confirmed_with_one_tap(app: Flask, tanaka: Actor) -> None:
    child_id = save(tanaka, "allergies", FULL, days_ago=91)
    browser = Visitor(app, tanaka)
    page = browser.get(mine(child_id))
    assert "変わりはありませんか" in page.text
    assert (
        browser.submit(f"/my/children/{child_id}/unchanged", {}, form_page=mine(child_id)).status
        == 303
    )
    assert "変わりはありませんか" not in browser.get(mine(child_id)).text


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    ("section", "fields", "words"),
    [
        ("health", {"checked_on": "2999-01-01"}, "「さいごの健診の日」が、今日より後の日です"),
        ("health", {"temperature": "99℃"}, "「平熱（ふだんの体温）」が、体温の数になっていません"),
        ("health", {"fits": "yes"}, "けいれんが「ある」ときは、さいごの日、熱、何分つづいたか"),
        ("health", {"illnesses": "あ" * 4000}, "「これまでの大きな病気・けが・手術」は 1,000文字"),
        ("health", {"doctor": "み\x07"}, "「かかりつけの医院」に、画面に出ない特別な文字"),
        (
            "vaccinations",
            {"doses-0-vaccine": "B型肝炎 1回目", "doses-0-day": "2001-01-01"},
            "「B型肝炎 1回目の受けた日」が、生まれた日",
        ),
        (
            "contacts",
            {f"contacts-{n}-{c}": v for n in range(30) for c, v in PERSON.items()},
            "「電話をかける順」は 6件までです。いま 30件あります",
        ),
    ],
)
def test_bad_input_is_named_and_stays(
    app: Flask, tanaka: Actor, section: str, fields: dict[str, str], words: str
) -> None:
    child_id = child_of(tanaka)
    page = Visitor(app, tanaka).submit(mine(child_id, f"/{section}"), fields)
    assert page.status == 422
    assert words in page.text
    name, value = next(iter(fields.items()))
    assert value in page.html or name == "doctor"


@pytest.mark.proves("R3", "P10")
def test_staff_read_allergies_first_and_what_changed(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=2)
    save(tanaka, "contacts", {"contacts": [PERSON]}, days_ago=2)
    accept(hinata, tanaka, child_of(tanaka))
    staff, url = Visitor(app, sato), theirs(tanaka)
    page = staff.get(url)
    assert page.text.index("アレルギーあり") < page.text.index("体のこと")
    assert 'href="tel:090-0000-1111"' in page.html
    assert staff.submit(url, {"until": page.field("until")}).status == 303
    assert "変わったところはありません" in staff.get(url).text
    save(tanaka, "allergies", {**FULL, "allergies": "卵と牛乳"})
    changed = staff.get(url).text
    assert "アレルギー・食べもの・出た症状：卵と牛乳前：卵" in changed
    assert staff.submit(url, {"until": staff.get(url).field("until")}).status == 303
    assert "前：卵" not in staff.get(url).text


@pytest.mark.proves("R3", "P7")
def test_support_and_numbers_open_to_the_director_alone_and_on_purpose(
    app: Flask, hinata: Site, sato: Actor, director: Actor, tanaka: Actor
) -> None:
    save(tanaka, "insurance", {"insurance": NUMBER})
    child_id = save(tanaka, "development", {"support": "静かな場所"})
    accept(hinata, tanaka, child_id)
    staff, head = Visitor(app, sato), Visitor(app, director)
    assert "静かな場所" not in staff.get(theirs(tanaka)).text
    assert staff.get(theirs(tanaka, "/closed")).status == 403
    assert staff.get(theirs(tanaka, "/sections/development")).status == 403
    page = head.get(theirs(tanaka, "/closed"))
    assert "静かな場所" in page.text
    assert "••••4321" in page.text
    assert NUMBER not in page.html
    assert NUMBER in head.submit(theirs(tanaka, "/closed"), {}).text
    own = Visitor(app, tanaka).get(mine(child_id, "/insurance"))
    assert "••••4321" in own.text
    assert NUMBER not in own.html


@pytest.mark.proves("R3")
def test_staff_write_what_came_by_fax_and_that_nothing_changed(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    child_id = child_of(tanaka)
    accept(hinata, tanaka, child_id)
    staff, url = Visitor(app, sato), theirs(tanaka, "/sections/health")
    fields = {"doctor": "みほん医院", "channel": "fax", **sent_now(staff.get(url))}
    assert staff.submit(url, fields).status == 303
    assert "園が聞いて確認" in staff.get(theirs(tanaka)).text
    told = theirs(tanaka, "/told")
    heard = {"channel": "phone", **sent_now(staff.get(told))}
    early = staff.submit(told, heard)
    assert early.status == 409
    assert "アレルギーの「ある・ない」を、まだ聞いていません" in early.text
    save(tanaka, "allergies", FULL, days_ago=100)
    assert staff.submit(told, heard).status == 303
    assert "もう一度の確認が必要です" not in staff.get(theirs(tanaka)).text


@pytest.mark.proves("R3")
def test_the_card_is_one_page_however_much_was_written(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    long = "とても長い説明。" * 100
    child_id = save(tanaka, "allergies", {**FULL, "allergies": "卵。" * 60})
    for key, question in (("health", "illnesses"), ("sleep", "nap_how"), ("habits", "calm")):
        save(tanaka, key, {question: long})
    save(tanaka, "contacts", {"contacts": [PERSON] * 6})
    save(tanaka, "other", {"notes": long})
    save(tanaka, "development", {"support": "静かな場所"})
    name_pickup(tanaka, "佐々木 とめ", "祖母")
    accept(hinata, tanaka, child_id)
    answer = Visitor(app, sato).client.get(theirs(tanaka, "/card.pdf"))
    assert answer.mimetype == "application/pdf"
    paper = pypdf.PdfReader(io.BytesIO(answer.data))
    said = re.sub(r"\s", "", paper.pages[0].extract_text())
    assert len(paper.pages) == 1
    assert "ひなた保育園" in said
    assert "卵。" * 60 in said
    assert "つづきは画面" in said
    assert "静かな場所" not in said
