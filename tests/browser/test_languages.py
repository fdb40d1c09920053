"""Every family page in every language on a phone: nothing wider, nothing cut, axe content."""

from __future__ import annotations

import os
import re
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import Engine
from werkzeug.serving import make_server

from portal.app import create_app
from portal.documents import i18n
from portal.kernel.actor import Actor
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories.days import keep_record, name_pickup
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.pages.checkers import axe_violations
from tests.pages.visit import Visitor
from tests.services.test_place_booking import place, wish_of

#: Where to keep pictures for looking at; nowhere in a usual run.
PICTURES = os.environ.get("LANGUAGE_PICTURES")
DAY = next_open_day()
#: The markup is the same in all languages, and axe sees every page in Japanese elsewhere: here it
#: sees the first pages of each walk, for what is a language's own.
BY_AXE = ("en", "ja_easy")
SEEN_BY_AXE = 3
PHONE = {"width": 390, "height": 844}
NOT_PAGES = re.compile(r"\.(csv|pdf|ics|zip|json|xlsx|geojson)|/static/|^webcal|lang=|/sheet")
_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|=[^&]*|/\d+(?=/|$)")
#: Boxes whose words run out of them, which a reader sees cut or laid over their neighbours.
CUT = """() => [...document.querySelectorAll('body *')].filter(one => {
  const style = getComputedStyle(one);
  return style.display !== 'inline' && !one.closest(
      '.hidden, .table-scroll, .table--cards thead, svg, select, details:not([open])')
    && one.clientWidth > 1 && one.scrollWidth > one.clientWidth + 1
    && [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
}).map(one => `${one.tagName}.${one.className}: ${one.textContent.trim().slice(0, 60)}`)"""


@pytest.fixture
def site(emptied: Engine) -> Site:
    del emptied
    return make_site("ひなた保育園")


@pytest.fixture
def mother(site: Site) -> Actor:
    """A guardian with two children, one accepted and booked."""
    actor = make_guardian("田中 みほ", children=("田中 はな",))
    make_child(actor, "田中 りく")
    first, second = children_of(actor)
    accept(site, actor, first.id)
    keep_record(actor, second.id)
    name_pickup(actor, "田中 さち", "祖母")
    place(actor, wish_of(actor, site, DAY, child_ids=(first.id,)))
    return actor


@pytest.fixture
def served(mother: Actor, server: TestServer) -> Iterator[tuple[str, str]]:
    """Serve the portal on this machine; give its address and the guardian's cookie."""
    app = create_app(settings_for_tests(server))
    web = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=web.serve_forever, daemon=True)
    thread.start()
    cookie = Visitor(app, mother).client.get_cookie("portal")
    assert cookie is not None
    yield f"http://127.0.0.1:{web.port}", cookie.value
    web.shutdown()
    thread.join(10)


def phone(chromium: Browser, served: tuple[str, str], *, known: bool) -> BrowserContext:
    context = chromium.new_context(viewport=PHONE, locale="ja-JP", bypass_csp=True)  # type: ignore[arg-type]  # a plain dictionary
    if known:
        context.add_cookies([{"name": "portal", "value": served[1], "url": served[0]}])
    return context


def faults_within_reach(page: Page, base: str, *starts: str, name: str) -> list[str]:
    """Look at one page of each kind within reach and return what is wrong, a line each."""
    seen: set[str] = set()
    waiting = deque(f"{base}{start}" for start in starts)
    found: list[str] = []
    while waiting and len(seen) < 60:
        url = waiting.popleft().split("#")[0]
        kind = _KIND.sub("*", url)
        if kind in seen or NOT_PAGES.search(url) or not url.startswith(base):
            continue
        seen.add(kind)
        page.goto(url)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            found.append(f"{url} is {width} px wide")
        found += [f"{url} cuts {words}" for words in page.evaluate(CUT)]
        if name in BY_AXE and len(seen) <= SEEN_BY_AXE:
            found += [f"{url}: {fault}" for fault in axe_violations(page)]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{name}-{len(seen):02}.png", full_page=True)
        waiting.extend(page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)"))
    assert len(seen) > 8
    return found


@pytest.mark.parametrize("code", [one.code for one in i18n.languages()])
def test_every_page_fits_a_phone(chromium: Browser, served: tuple[str, str], code: str) -> None:
    with phone(chromium, served, known=True) as context:
        page = context.new_page()
        page.goto(f"{served[0]}/my/")
        if code != i18n.SOURCE_LANGUAGE:
            page.locator(f".languages button[value={code}]").click()
        problems = faults_within_reach(
            page, served[0], "/my/", "/facilities", "/account", name=code
        )
    with phone(chromium, served, known=False) as context:
        page = context.new_page()
        page.goto(f"{served[0]}/?lang={code}")
        problems += faults_within_reach(page, served[0], "/", name=f"{code}-public")
    assert problems == []


def test_the_switch_works_before_and_after_sign_in(
    chromium: Browser, served: tuple[str, str]
) -> None:
    with phone(chromium, served, known=False) as context:
        page = context.new_page()
        page.goto(f"{served[0]}/facilities")
        page.get_by_role("link", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Find a nursery")
        page.goto(f"{served[0]}/usage")
        expect(page.locator("html")).to_have_attribute("lang", "en")
    with phone(chromium, served, known=True) as context:
        page = context.new_page()
        page.goto(f"{served[0]}/my/bookings/")
        page.get_by_role("button", name="English").click()
        expect(page).to_have_url(f"{served[0]}/my/bookings/")
        expect(page.get_by_role("heading", level=1)).to_have_text("My bookings")
    with phone(chromium, served, known=True) as elsewhere:
        page = elsewhere.new_page()
        page.goto(f"{served[0]}/my/bookings/")
        expect(page.get_by_role("heading", level=1)).to_have_text("My bookings")
