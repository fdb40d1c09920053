"""Families' pages in every language: chosen by her, whole, and marked as what they are."""

from __future__ import annotations

import re
import uuid
from collections import deque
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as, current_session, transaction
from portal.documents import i18n
from portal.kernel.actor import Actor, Role
from tests.factories.days import keep_record, name_pickup
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import place, wish_of

DAY = next_open_day()
JAPANESE = re.compile(r"[\u3041-\u30fa\u3400-\u9fff]")
#: What people and bodies are called, and what they wrote: it stays as it is in every language.
WRITTEN = (
    *("ひなた保育園", "みどりこども園", "田中 みほ", "田中 はな", "田中 りく", "田中 みお", "田中 さち"),
    *("ひなた保育園の会", "みほん市中央1-1", "給食とおやつ"),
)
NOT_PAGES = re.compile(r"\.(csv|pdf|ics|zip|json|xlsx|geojson)|/static/|^webcal|^tel|^mailto|^#")
_KIND = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|=[^&]*|/\d+(?=/|$)")
MOST = 70


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with two children, one of them accepted, and a booking ahead."""
    make_child(tanaka, "田中 りく")
    first, second = children_of(tanaka)
    accept(hinata, tanaka, first.id)
    keep_record(tanaka, second.id)
    name_pickup(tanaka, "田中 さち", "祖母")
    place(tanaka, wish_of(tanaka, hinata, DAY, child_ids=(first.id,)))
    return tanaka


def reads(actor: Actor, code: str) -> None:
    """Make a language that of the actor's account."""
    with acting_as(actor), transaction() as session:
        session.execute(
            text("UPDATE users SET locale = :code WHERE id = :id"),
            {"code": code, "id": actor.user_id},
        )


def strays(page: Page) -> list[str]:
    """Return the Japanese words of a page that stand in no element marked as Japanese."""
    tree = html5lib.parse(page.html, namespaceHTMLElements=False)
    found: list[str] = []
    _look(tree, "", found)
    return found


def _look(element: Element, language: str, found: list[str]) -> None:
    language = str(element.get("lang") or language)
    said = [element.text or ""] if isinstance(element.tag, str) else []
    said += [
        str(element.get(name) or "")
        for name in ("alt", "aria-label", "content", "placeholder", "title", "data-label")
    ]
    if element.tag == "input" and element.get("type") == "submit":
        said.append(str(element.get("value")))
    for child in element:
        _look(child, language, found)
        said.append(child.tail or "")
    if language.startswith("ja"):
        return
    for words in said:
        rest = words
        for name in sorted(WRITTEN, key=len, reverse=True):
            rest = rest.replace(name, "")
        if JAPANESE.search(rest):
            found.append(words.strip())


def within_reach(visitor: Visitor, *starts: str) -> dict[str, Page]:
    """Visit one page of each kind that links lead to."""
    seen: dict[str, Page] = {}
    waiting = deque(starts)
    while waiting and len(seen) < MOST:
        url = waiting.popleft()
        kind = _KIND.sub("*", url)
        if kind in seen or NOT_PAGES.search(url) or not url.startswith("/") or "lang=" in url:
            continue
        page = visitor.get(url)
        for _ in range(3):
            if page.status in {301, 302, 303}:
                page = visitor.get(page.location)
        seen[kind] = page
        waiting.extend(re.findall(r'href="(/[^"#]*)', page.html.replace("&amp;", "&")))
    return seen


def every_page(app: Flask, site: Site, family: Actor, code: str) -> dict[str, Page]:
    """Return what a family meets: pages within reach, refusals, mistakes, errors."""
    reads(family, code)
    mother = Visitor(app, family)
    pages = within_reach(mother, "/my/", "/facilities", f"/facilities/{site.facility_id}/{DAY}")
    stranger = Visitor(app)
    stranger.get(f"/?lang={code}")
    pages |= {
        f"public {kind}": page
        for kind, page in within_reach(stranger, "/", "/sign-in", "/sign-up").items()
    }
    posts: dict[str, dict[str, object]] = {
        "/my/bookings/confirm": wished(family, site),
        "/my/bookings/": wished(family, site),
        "/my/bookings/new": wished(family, site, end="8:00", children=[], purpose=""),
        "/my/children/new": {},
        "/my/family/guardians/new": {},
        "/my/preregistrations/apply": {},
        "/account": {},
        "/account/mail": {"mail": "x"},
        "/account/password": {},
    }
    pages |= {f"post {url}": mother.post(url, fields) for url, fields in posts.items()}
    pages |= {f"post {url}": stranger.post(url) for url in ("/sign-in", "/sign-up")}
    pages["404"] = mother.get(f"/my/bookings/{uuid.uuid4()}")
    pages["405"] = mother.get("/my/bookings/confirm")
    pages["403"] = mother.get("/office/")
    return {
        kind: page
        for kind, page in pages.items()
        if page.response.mimetype == "text/html" and page.status not in {302, 303}
    }


def test_in_english_no_japanese_is_left_but_names(app: Flask, hinata: Site, family: Actor) -> None:
    pages = every_page(app, hinata, family, "en")
    assert len(pages) > 40
    assert {page.html.split('<html lang="', 1)[1][:2] for page in pages.values()} == {"en"}
    left = {kind: strays(page) for kind, page in pages.items()}
    assert {kind: words for kind, words in left.items() if words} == {}
