"""Whoever sends a form after her sign-in ended loses neither her way back nor her words."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.people import children_of
from tests.pages.visit import Page, Visitor

OURS = {"Referer": "http://localhost/my/children/new"}
TYPED = {"kind": "born", "name": "葵 さん", "note": "Eggs, milk", "password": "とても秘密です"}


@pytest.fixture
def guarded(app: Flask) -> Flask:
    app.config["WTF_CSRF_ENABLED"] = True
    return app


def send(app: Flask, headers: dict[str, str]) -> Page:
    return Visitor(app).post("/my/children/new", TYPED, headers=headers)


def test_the_page_says_so_leads_back_and_keeps_the_words(guarded: Flask) -> None:
    page = send(guarded, OURS)
    assert page.status == 403
    assert "ログインが切れています" in page.text
    assert "/sign-in?next=/my/children/new" in page.html
    assert "葵 さん" in page.text
    assert "Eggs, milk" in page.text
    assert "とても秘密です" not in page.html
    assert "born" not in page.text


def test_another_site_cannot_put_words_on_our_page(guarded: Flask) -> None:
    page = send(guarded, {"Referer": "https://elsewhere.example/my/children/new"})
    assert "/sign-in?next=/my/children/new" in page.html
    assert "葵 さん" not in page.text


def test_a_session_ended_elsewhere_is_said_the_same_way(app: Flask) -> None:
    browser = Visitor(app)
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = "ended"
    page = browser.post("/my/family/pickup-persons", TYPED, headers=OURS)
    assert page.status == 403
    assert "葵 さん" in page.text
    assert "/sign-in?next=/my/children/new" in page.html
    # Who only opens a page is not thrown out without a word either.
    assert browser.get("/my/").location.startswith("/sign-in")
    assert "ログインが切れています" in browser.get("/sign-in").text
    assert "ログインが切れています" not in Visitor(app).get("/sign-in").text


def test_an_open_page_says_to_open_it_again(guarded: Flask) -> None:
    page = Visitor(guarded).post("/sign-in", {"mail": "a@example.jp"})
    assert page.status == 400
    assert "ページを開きなおす" in page.text
    assert "ログインが切れています" not in page.text


def test_written_allergies_are_never_dropped_by_a_no(app: Flask, tanaka: Actor) -> None:
    url = f"/my/children/{children_of(tanaka)[0].id}/record"
    browser = Visitor(app, tanaka)
    page = browser.submit(url, {"has_allergies": "no", "allergies": "卵と牛乳"})
    assert page.status == 422
    assert "食べものが書かれています。「ある」ですか" in page.text
    assert "卵と牛乳" in page.html


def test_back_can_show_a_familys_form_again_and_sign_out_clears_it(
    app: Flask, tanaka: Actor, sato: Actor
) -> None:
    browser = Visitor(app, tanaka)
    kept = browser.post("/my/children/new", {"name": "葵"})
    assert (kept.status, kept.response.headers["Cache-Control"]) == (422, "private, no-cache")
    assert browser.get("/my/children/new").response.headers["Cache-Control"] == "no-store"
    for visitor, url in (
        (browser, "/account/password"),
        (Visitor(app, sato), "/office/families/new"),
    ):
        assert visitor.post(url).response.headers["Cache-Control"] == "no-store"
    left = browser.post("/sign-out")
    assert left.response.headers["Clear-Site-Data"] == '"cache"'
