"""What was typed when a sign-in ended: kept for that person, for nobody else."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as
from portal.kernel.actor import Actor
from tests.factories.people import make_guardian
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

URL = "/my/children/new"
TYPED = {
    "kind": "expected",
    "name": "葵 さん",
    "due_on-year": "2027",
    "due_on-month": "3",
    "due_on-day": "1",
    "password": "とても秘密です",
}


@pytest.fixture
def guarded(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def left_open(app: Flask, who: Actor, url: str = URL) -> dict[str, str]:
    """Open a form and return what a browser holds of it, whoever signs in later."""
    page = Visitor(app, who).get(url)
    return {name: page.field(name) for name in ("csrf_token", "once", "page_of")}


def send(browser: Visitor, hidden: dict[str, str], typed: dict[str, str], url: str = URL) -> Page:
    return browser.post(url, {**hidden, **typed}, headers={"Referer": f"http://localhost{url}"})


@pytest.mark.proves("R5")
def test_texts_and_ticks_come_back_after_sign_in(guarded: Flask, tanaka: Actor) -> None:
    hidden = left_open(guarded, tanaka)
    ended = send(Visitor(guarded), hidden, TYPED)
    assert ended.status == 403
    assert "取ってあります" in ended.text
    assert "葵 さん" not in ended.html
    assert ended.response.headers["Cache-Control"] == "no-store"
    assert f"next={URL}?kept%3D1" in ended.html or f"next={URL}?kept=1" in ended.html
    back = Visitor(guarded, tanaka)
    assert "ログインが切れたときに入れていた内容" in back.get("/my/").text
    page = back.get(f"{URL}?kept=1")
    assert "前に入れた内容を、入れてあります" in page.text
    assert "とても秘密です" not in page.html
    assert page.field("name") == "葵 さん"
    assert page.field("due_on-year") == "2027"
    assert re.search(r'value="expected"[^>]* checked', page.html)
    # Opened without being asked for it, the form is empty as ever.
    assert back.get(URL).field("name") == ""
    now = {name: page.field(name) for name in ("csrf_token", "once")}
    sent = back.post(
        f"{URL}?kept=1", {**TYPED, **now}, headers={"Referer": f"http://localhost{URL}?kept=1"}
    )
    assert sent.status == 303
    assert back.get(f"{URL}?kept=1").field("name") == ""


@pytest.mark.proves("R5", "P7")
def test_who_signs_in_next_on_the_device_finds_nothing(guarded: Flask, tanaka: Actor) -> None:
    hidden = left_open(guarded, tanaka)
    other = make_guardian("遠い だれか", children=("遠い こども",))
    device = Visitor(guarded, other)
    # The page was left open in another tab, and is sent while the other is signed in.
    stale = send(device, hidden, TYPED)
    assert stale.status == 400
    assert "kept=1" not in stale.html
    for url in (f"{URL}?kept=1", "/my/"):
        page = device.get(url)
        assert "葵" not in page.html
        assert "入れていた内容" not in page.text
    assert Visitor(guarded, tanaka).get(f"{URL}?kept=1").field("name") == "葵 さん"


def test_nothing_is_kept_for_a_forged_or_foreign_page(guarded: Flask, tanaka: Actor) -> None:
    hidden = left_open(guarded, tanaka)
    other = left_open(guarded, make_guardian("遠い だれか", children=("遠い こども",)))
    payload, signature = (
        each["page_of"].rpartition(".")[part] for each, part in ((hidden, 0), (other, 2))
    )
    for page_of in (f"{payload}.{signature}", payload, "", "x" * 500):
        sent = send(Visitor(guarded), {**hidden, "page_of": page_of}, TYPED)
        assert "葵 さん" in sent.html
    elsewhere = Visitor(guarded).post(
        URL, {**hidden, **TYPED}, headers={"Referer": "https://elsewhere.example/"}
    )
    assert "取ってあります" not in elsewhere.text
    with acting_as(tanaka) as session:
        assert session.execute(text("SELECT count(*) FROM drafts")).scalar_one() == 0


def test_it_can_be_thrown_away_by_its_person_alone(guarded: Flask, tanaka: Actor) -> None:
    guarded.config["WTF_CSRF_ENABLED"] = True
    send(Visitor(guarded), left_open(guarded, tanaka), TYPED)
    with acting_as(tanaka) as session:
        draft_id = session.execute(text("SELECT id FROM drafts")).scalar_one()
        session.rollback()
    guarded.config["WTF_CSRF_ENABLED"] = False
    url = f"/my/drafts/{draft_id}/discard"
    stranger = Visitor(guarded, make_guardian("遠い だれか", children=("遠い こども",)))
    assert stranger.post(url).status == 404
    assert Visitor(guarded, tanaka).post(url).status == 303
    assert "入れていた内容" not in Visitor(guarded, tanaka).get("/my/").text


def test_a_long_text_of_the_application_is_kept_too(
    guarded: Flask, tanaka: Actor, hinata: Site
) -> None:
    url = f"/my/preregistrations/apply/{hinata.facility_id}/words"
    typed = {"note": "夜に\n泣きます", "seen": "0"}
    send(Visitor(guarded), left_open(guarded, tanaka, url), typed, url)
    assert "夜に\n泣きます" in Visitor(guarded, tanaka).get(f"{url}?kept=1").html
