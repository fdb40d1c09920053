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

from portal.accounts import passwords
from portal.db.session import acting_as, current_session, transaction
from portal.documents import i18n
from portal.kernel.actor import Actor, Role
from tests.factories.days import keep_record, name_pickup
from tests.factories.people import children_of, make_account, make_child
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import place, wish_of

DAY = next_open_day()
JAPANESE = re.compile(r"[\u3041-\u30fa\u3400-\u9fff]")
#: What people and bodies are called, and what they wrote: it stays as it is in every language.
WRITTEN = (
    *(
        "ひなた保育園",
        "みどりこども園",
        "田中 みほ",
        "田中 はな",
        "田中 りく",
        "田中 みお",
        "田中 さち",
    ),
    *("ひなた保育園の会", "みほん市中央1-1", "給食とおやつ"),
    # Names of languages and of a town, to be chosen or typed as they are written.
    *("やさしい日本語", "日本語", "中央1丁目", "中央"),
    *("福島県", "郡山市", "青葉区"),
    # What a provider asks to see, in its own words.
    *("本人確認の書類", "運転免許証など、住所が分かるもの", "子ども医療証", "表の面"),
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
    tag: object = element.tag
    if not isinstance(tag, str):  # a comment
        return
    said = [element.text or ""]
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


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        (None, "ja"),
        ("ja-JP,ja;q=0.9,en;q=0.8", "ja"),
        ("en-GB,en;q=0.9", "en"),
        ("vi-VN,vi;q=0.9", "ja"),
        ("nonsense;;q=x", "ja"),
    ],
)
def test_a_first_visit_is_answered_as_the_browser_asks(
    app: Flask, header: str | None, tag: str
) -> None:
    headers = {"Accept-Language": header} if header else {}
    page = Visitor(app).get("/facilities", headers=headers)
    assert f'<html lang="{tag}">' in page.html


def test_the_switch_leads_back_to_the_page_and_is_remembered(app: Flask) -> None:
    stranger = Visitor(app)
    chosen = stranger.get("/facilities?class=1&lang=en&day=x%26y")
    assert (chosen.status, chosen.location) == (303, "/facilities?class=1&day=x%26y")
    assert '<html lang="en">' in stranger.get("/usage").html
    assert stranger.get("/usage?lang=xx").status == 200
    assert stranger.get("/%5C%5Cevil.test?lang=ja").location == "/evil.test"
    stranger.get("/usage?lang=en")
    assert '<html lang="en">' in stranger.get("/usage", headers={"Accept-Language": "ja"}).html
    assert '<html lang="ja">' in Visitor(app).get("/usage").html


def test_her_choice_is_kept_in_her_account_and_only_by_a_post(
    app: Flask, family: Actor, sato: Actor
) -> None:
    mother = Visitor(app, family)
    mother.get("/my/?lang=en")
    assert '<html lang="ja">' in mother.get("/my/").html
    kept = mother.post("/account/language", {"code": "ja_easy", "next": "/my/children/"})
    assert (kept.status, kept.location) == (303, "/my/children/")
    assert "登録した子ども" in Visitor(app, family).get("/my/children/").text
    away = mother.post("/account/language", {"code": "en", "next": "//evil.test"})
    assert away.location == "/account"
    assert mother.post("/account/language", {"code": "../en"}).status == 422
    assert Visitor(app, sato).post("/account/language", {"code": "en"}).status == 403


def test_staff_read_japanese_whatever_their_browser_asks(app: Flask, sato: Actor) -> None:
    page = Visitor(app, sato).get("/account", headers={"Accept-Language": "en"})
    assert '<html lang="ja">' in page.html
    assert "English" not in page.text


def test_the_language_of_signing_in_becomes_that_of_the_account(app: Flask) -> None:
    password = "ねこと本と朝のコーヒー"
    account = make_account("田中 みほ", password_hash=passwords.hashed(password))
    guardian = Actor(role=Role.GUARDIAN, user_id=account)
    with acting_as(guardian):
        mail = current_session().scalar(
            text("SELECT mail FROM users WHERE id = :id"), {"id": account}
        )
    mother = Visitor(app)
    mother.get("/sign-in?lang=en")
    wrong = mother.post("/sign-in", {"mail": mail, "password": "not this one"})
    assert "The email address or the password is not right" in wrong.text
    assert mother.post("/sign-in", {"mail": mail, "password": password}).status == 303
    assert '<html lang="en">' in Visitor(app, guardian).get("/account").html


def test_one_file_more_is_one_language_more(
    app: Flask, family: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "vi.po").write_text(
        'msgid ""\nmsgstr "Language: vi\\nContent-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgctxt "language name"\nmsgid "日本語"\nmsgstr "Tiếng Việt"\n\n'
        'msgctxt "date"\nmsgid "%(month)s月%(day)s日（%(weekday)s）"\n'
        'msgstr "%(weekday)s %(day)s/%(month)s"\n\n'
        'msgid "予約の一覧"\nmsgstr "Lịch của tôi"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    stranger = Visitor(app)
    assert "Tiếng Việt" in stranger.get("/usage").text
    assert '<html lang="vi">' in stranger.get("/usage", headers={"Accept-Language": "vi"}).html
    reads(family, "vi")
    page = Visitor(app, family).get("/my/bookings/")
    assert "Lịch của tôi" in page.text
    assert f"水 {DAY.day}/{DAY.month}" in page.text.replace("木 ", "水 ").replace("火 ", "水 ")
    assert "これからの予約" in page.text, "what it does not have stays Japanese"


def test_a_kept_page_is_kept_for_each_language(app: Flask) -> None:
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    for header, tag in (("ja", "ja"), ("en", "en"), ("ja", "ja")):
        answer = app.test_client().get("/facilities", headers={"Accept-Language": header})
        assert f'<html lang="{tag}">' in answer.text
        assert "Accept-Language" in answer.headers["Vary"]


def test_a_calendar_program_reads_the_language_in_its_address(app: Flask, family: Actor) -> None:
    reads(family, "en")
    mother = Visitor(app, family)
    mother.post("/my/calendar/renew", {"once": str(uuid.uuid4())})
    found = re.search(r'value="[^"]*(/feeds/[^"]+)"', mother.get("/my/calendar").html)
    assert found
    path = found[1]
    assert path.endswith(".ics?lang=en")
    for wanted, summary in ((path, "Temporary care"), (path.split("?")[0], "一時預かり")):
        answer = app.test_client().get(wanted, headers={"Accept-Language": "en"})
        assert answer.status_code == 200
        assert f"SUMMARY:{summary}" in answer.text
