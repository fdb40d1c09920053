"""J3 and J8 from pregnancy on: registered with a due date, born as twins; or closed in silence."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.preregistration import service
from tests.browser.journeys.live import DESK, PHONE, Live, picture
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, make_site

SIZES = [pytest.param(PHONE, id="phone"), pytest.param(DESK, id="pc")]
TODAY = clock.today(clock.now())


def type_day(page: Page, name: str, day: date) -> None:
    for part in ("year", "month", "day"):
        page.locator(f"[name='{name}-{part}']").fill(str(getattr(day, part)))


def registered(live: Live, size: dict[str, Any], mother: Actor, site: Site) -> tuple[Page, str]:
    """A mother to be registers her child by its due date, and has applied for it."""
    page = live.window(size, of=mother)
    page.goto("/my/children/new")
    page.get_by_text("これから生まれる", exact=True).click()
    type_day(page, "due_on", TODAY + timedelta(days=12))
    page.get_by_role("button", name="登録して次へ").click()
    expect(page.get_by_role("heading", name="ごろに生まれるお子さん")).to_be_visible()
    child_id = children_of(mother)[0].id
    apply(mother, site, child_id)
    return page, str(child_id)


def apply(mother: Actor, site: Site, child_id: uuid.UUID) -> None:
    with acting_as(mother), transaction() as session:
        service.apply(session, site.facility_id, [child_id], actor=mother, now=clock.now())


@pytest.mark.proves("R7", "R24")
@pytest.mark.parametrize("size", SIZES)
def test_twins_are_born_into_the_same_place_in_the_queue(live: Live, size: dict[str, Any]) -> None:
    mother, site = make_guardian("森 ゆい"), make_site("ひなた保育園")
    page, _child = registered(live, size, mother, site)
    page.goto("/my/children/")
    page.get_by_role("link", name="生まれたとき").click()
    page.get_by_role("link", name="ふたご").click()
    for number, name in ((1, "森 そら"), (2, "森 うみ")):
        page.locator(f"[name=name_{number}]").fill(name)
    type_day(page, "born_1", TODAY)
    picture(page, f"expected-born-{size['width']}")
    page.get_by_role("button", name="登録する").click()
    expect(page.get_by_role("heading", name="森 うみさん")).to_be_visible()
    expect(page.get_by_text("受け付けた日も変わりません")).to_be_visible()
    assert page.get_by_role("link", name="ひなた保育園").count() == 2
    picture(page, f"expected-told-{size['width']}")


@pytest.mark.proves("J8")
@pytest.mark.parametrize("size", SIZES)
def test_closing_is_one_calm_page_and_the_way_back_is_found(
    live: Live, size: dict[str, Any]
) -> None:
    mother, site = make_guardian("林 ゆい"), make_site("ひなた保育園")
    page, child_id = registered(live, size, mother, site)
    page.goto(f"/my/children/{child_id}/edit")
    page.get_by_role("link", name="登録を閉じる").click()
    page.get_by_role("button", name="登録を閉じる").click()
    expect(page.get_by_text("することは、何もありません")).to_be_visible()
    picture(page, f"expected-closed-{size['width']}")
    page.get_by_role("link", name="ホームへ").click()
    assert "生まれ" not in page.locator("main").inner_text()
    page.goto("/my/data/")
    page.get_by_role("link", name="閉じた登録").click()
    page.get_by_role("button", name="もとにもどす").click()
    expect(page.get_by_role("heading", name="ごろに生まれるお子さん")).to_be_visible()
