"""From the family's page, staff close the second registration of a child, and bring it back."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories import days, people, places
from tests.pages.visit import Visitor
from tests.services.test_entered_twice import Two, registered_twice


@pytest.fixture
def two(app: Flask, hinata: places.Site) -> Two:
    del app
    return registered_twice(hinata)


def page_of(two: Two) -> str:
    return f"/office/families/{two.family.family_id}"


@pytest.mark.proves("R2", "J7")
def test_a_second_registration_is_closed_and_brought_back(
    app: Flask, sato: Actor, two: Two
) -> None:
    desk, close = Visitor(app, sato), f"{page_of(two)}/children/{two.second}/entered-twice"
    assert "同じお子さんが二重に登録されているとき" in desk.get(page_of(two)).text
    page = desk.get(close)
    assert "閉じる登録：森 はるさん" in page.text
    assert page.field("same_as") == str(two.first), "the only other one is chosen already"
    assert desk.submit(close, {"same_as": "", "because": "typed_twice"}).status == 422
    assert desk.submit(
        close, {"same_as": str(two.first), "because": "typed_twice"}
    ).location == page_of(two)
    shown = desk.get(page_of(two))
    assert shown.text.count("児童票を見る・書く") == 1
    assert "同じお子さんが二重に登録されているとき" not in shown.text
    assert "二重の登録として閉じた 森 はるさん をもどす" in shown.text
    hers = Visitor(app, two.family).get("/my/children/").text
    assert hers.count("体のことを書く（森 はるさん）") == 1
    assert "森 はるさん" in desk.get(f"{close}/undo").text
    assert desk.submit(f"{close}/undo", {}).location == page_of(two)
    assert desk.get(page_of(two)).text.count("児童票を見る・書く") == 2
    assert desk.get(f"{close}/undo").status == 303, "it is there already"


@pytest.mark.proves("R2", "R24")
def test_what_runs_is_told_before_and_refused_after(
    app: Flask, hinata: places.Site, sato: Actor, two: Two
) -> None:
    days.book(hinata, two.family, children=[two.second])
    desk, close = Visitor(app, sato), f"{page_of(two)}/children/{two.second}/entered-twice"
    page = desk.get(close)
    assert "まだ閉じられません" in page.text
    assert "残すほうの登録で入れ直してください" in page.text
    sent = desk.submit(close, {"same_as": str(two.first), "because": "other"})
    assert sent.status == 409
    assert "これからの予約があります" in sent.text


def test_an_only_child_and_a_strangers_are_not_closed(
    app: Flask, hinata: places.Site, sato: Actor, yamada: Actor, two: Two
) -> None:
    alone = people.make_guardian("谷 ゆい", children=("谷 そう",))
    (child,) = people.children_of(alone)
    places.accept(hinata, alone, child.id)
    page = Visitor(app, sato).get(
        f"/office/families/{alone.family_id}/children/{child.id}/entered-twice"
    )
    assert "ほかの児童の登録がありません" in page.text
    other = f"/office/families/{alone.family_id}/children/{two.second}/entered-twice"
    assert Visitor(app, sato).get(other).status == 404
    hers = f"{page_of(two)}/children/{two.second}/entered-twice"
    assert Visitor(app, yamada).get(hers).status == 404
    assert Visitor(app, yamada).get(f"{hers}/undo").status == 404
