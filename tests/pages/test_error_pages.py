"""Pages that say why something is not shown keep what leads on: menu, name, the way back."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.pages.visit import Visitor


@pytest.mark.parametrize(("url", "status"), [("/reports/", 403), ("/nothing", 404)])
def test_who_is_signed_in_keeps_menu_name_and_a_way_back(
    app: Flask, sato: Actor, url: str, status: int
) -> None:
    page = Visitor(app, sato).get(url)
    assert page.status == status
    assert "今日することにもどる" in page.text
    assert "今日のボード" in page.text
    assert "佐藤" in page.text


def test_a_visitor_and_a_family_get_their_own_way_back(app: Flask, tanaka: Actor) -> None:
    assert "はじめのページにもどる" in Visitor(app).get("/nothing").text
    assert "ホームにもどる" in Visitor(app, tanaka).get("/nothing").text


def test_too_much_is_said_of_texts_and_files_alike(app: Flask, sato: Actor) -> None:
    page = Visitor(app, sato).post("/office/bookings/new", {"q": "あ" * 800_000})
    assert page.status == 413
    assert "文章が長すぎるか、ファイルが大きすぎて" in page.text
    assert "今日することにもどる" in page.text


def test_where_the_portal_is_down_nothing_is_asked_of_the_session(
    app: Flask, sato: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RuntimeError

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "pages.usage", broken)
    page = Visitor(app, sato).get("/usage")
    assert page.status == 500
    assert "佐藤" not in page.text
    assert "はじめのページにもどる" in page.text
