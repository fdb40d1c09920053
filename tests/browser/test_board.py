"""J2 on the tablet at the wall: a child is missing, comes, goes; a tap is taken back."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from sqlalchemy import Engine
from werkzeug.serving import make_server

from portal.accounts.addresses import AddressKind, make_address
from portal.app import create_app
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories.days import DAY, book, clock_time, keep_record, name_pickup
from tests.factories.people import children_of, make_child, make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.pages.checkers import axe_violations
from tests.pages.visit import Visitor

Address = tuple[str, str, str]
EVENING = DAY - timedelta(days=1)
TABLET = {"width": 1180, "height": 820}
#: Where to keep pictures for looking at; nowhere in a usual run.
PICTURES = os.environ.get("BOARD_PICTURES")


@pytest.fixture
def at_9_42(monkeypatch: pytest.MonkeyPatch) -> None:
    moment: datetime = clock_time("9:42")
    for module in ("office.board", "office.board_page", "selfservice.words"):
        monkeypatch.setattr(f"portal.{module}.now", lambda: moment)


def family(name: str, *children: tuple[str, int, int]) -> Actor:
    mother = make_guardian(name)
    for child, years, months in children:
        month = DAY.month - months
        born = DAY.replace(year=DAY.year - years - (month < 1), month=(month - 1) % 12 + 1, day=1)
        make_child(mother, child, born_on=born)
    return mother


def a_morning(site: Site) -> str:
    """Eight children, as on a usual day; one has not come: the path of its family's link."""
    with_allergy = family("中村 さち", ("中村 つむぎ", 1, 4))
    keep_record(with_allergy, children_of(with_allergy)[0].id, allergies="卵・乳")
    book(site, with_allergy, start="9:30", end="15:00")
    missing = family("高橋 りさ", ("高橋 そら", 2, 3))
    keep_record(missing, children_of(missing)[0].id, allergies="", conditions="ぜんそく")
    (booking,) = book(
        site, missing, start="9:00", end="12:00", cancel_until=clock_time("17:00", EVENING)
    )
    with acting_as(missing), transaction() as session:
        token = make_address(session, missing, AddressKind.BOOKING_WORD, booking_id=booking)
    baby = family("石田 なお", ("石田 ほのか", 0, 7))
    grandmother = name_pickup(baby, "石田 ふみ", "祖母")
    keep_record(baby, children_of(baby)[0].id, allergies="")
    book(site, baby, start="10:00", end="13:00", pickup=grandmother)
    two = family("佐藤 あや", ("佐藤 ゆい", 1, 8), ("佐藤 はると", 4, 2))
    for child in children_of(two):
        keep_record(two, child.id, allergies="")
    book(site, two, start="10:00", end="16:00")
    peanut = family("森 かおり", ("森 ゆうと", 5, 1))
    keep_record(peanut, children_of(peanut)[0].id, allergies="落花生", conditions="エピペン 事務室")
    book(site, peanut, start="9:30", end="16:30")
    book(site, family("小川 えり", ("小川 ひなた", 2, 6)), start="9:30", end="11:30")
    book(site, family("グエン ラン", ("グエン ミン", 3, 5)), start="10:30", end="14:00")
    return f"/w/{token}"


@pytest.fixture
def address(emptied: Engine, server: TestServer, at_9_42: None) -> Iterator[Address]:
    """Serve the portal on this machine; give its address, the tablet's cookie, a family's link."""
    del emptied, at_9_42
    site = make_site("ひなた保育園", places=12, baby_places=3)
    word_path = a_morning(site)
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    app = create_app(settings_for_tests(server))
    web = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    cookie = Visitor(app, sato).client.get_cookie("portal")
    assert cookie is not None
    yield f"http://127.0.0.1:{web.port}", cookie.value, word_path
    web.shutdown()
    thread.join(10)


def tablet(chromium: Browser, address: Address, width: int = 1180) -> BrowserContext:
    context = chromium.new_context(
        viewport={"width": width, "height": TABLET["height"]}, locale="ja-JP", bypass_csp=True
    )
    context.add_cookies([{"name": "portal", "value": address[1], "url": address[0]}])
    return context


@pytest.mark.proves("J2")
def test_the_morning_on_the_tablet(chromium: Browser, address: Address) -> None:
    context = tablet(chromium, address)
    page = context.new_page()
    page.goto(f"{address[0]}/office/board")
    expect(page.get_by_role("heading", name="まだ来ていません：高橋 そらさん")).to_be_visible()
    expect(page.get_by_role("link", name="母 090-0000-0000")).to_have_attribute(
        "href", "tel:09000000000"
    )
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/board-1180.png")
    page.get_by_role("button", name="いま登園した").click()
    expect(page.get_by_role("status")).to_contain_text("高橋 そらさんの登園を 9:42 で記録しました")
    expect(page.get_by_text("まだ来ていません")).to_have_count(0)
    page.get_by_role("button", name="元にもどす").click()
    expect(page.get_by_role("heading", name="まだ来ていません：高橋 そらさん")).to_be_visible()
    page.get_by_role("link", name="電話の結果を書く").click()
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/stay-1180.png", full_page=True)
    page.get_by_role("button", name="連絡ありのお休み").click()
    expect(page.get_by_text("お休み（連絡あり）")).to_be_visible()
    page.get_by_role("button", name=re.compile("^登園.*中村 つむぎさん")).click()
    page.get_by_role("button", name=re.compile("^降園.*中村 つむぎさん")).click()
    expect(page.get_by_text("9:42 に降園")).to_be_visible()
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/board-after-1180.png")
        for name, path, width in (
            ("board-390", "/office/board", 390),
            ("board-1280", "/office/board", 1280),
        ):
            with tablet(chromium, address, width) as small:
                other = small.new_page()
                other.goto(address[0] + path)
                other.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
        page.get_by_role("link", name="用紙を印刷").click()
        page.screenshot(path=f"{PICTURES}/sheet.png", full_page=True)
        page.pdf(path=f"{PICTURES}/sheet.pdf", format="A4", prefer_css_page_size=True)
    context.close()


@pytest.mark.parametrize("width", [390, 1180])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, address: Address, width: int
) -> None:
    context = tablet(chromium, address, width)
    page = context.new_page()
    page.goto(f"{address[0]}/office/board")
    paths = [
        page.url,
        str(page.get_by_role("link", name="電話の結果を書く").get_attribute("href")),
        str(page.get_by_role("link", name="用紙を印刷").get_attribute("href")),
        address[2],
    ]
    for path in paths:
        page.goto(path if path.startswith("http") else address[0] + path)
        page.set_viewport_size({"width": width, "height": TABLET["height"]})
        if PICTURES and path == address[2]:
            page.screenshot(path=f"{PICTURES}/word-{width}.png", full_page=True)
        assert axe_violations(page) == [], path
        if "print" not in path:
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
