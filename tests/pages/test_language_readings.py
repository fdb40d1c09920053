"""Pages in easy Japanese: every kanji of ours is read, and nothing that people typed."""

from __future__ import annotations

import re
import uuid
from html import escape
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from portal.documents import i18n, readings
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept, next_open_day
from tests.pages.checkers import nu_messages
from tests.pages.test_language_pages import WRITTEN, reads
from tests.pages.visit import Page, Visitor

DAY = next_open_day()
KANJI = re.compile(r"[々㐀-䶿一-鿿]")
NO_RUBY = {"ruby", "script", "style", "title", "option", "textarea"}
#: Names of languages in the switch, each in itself.
NAMES = ("日本語", "やさしい日本語")
TYPED = "《《予約《よやく》\ufff9空\ufffaあ\ufffb<ruby>空<rt>x</rt></ruby>"


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    make_child(tanaka, "田中 りく")
    first, _second = children_of(tanaka)
    accept(hinata, tanaka, first.id)
    reads(tanaka, "ja_easy")
    return tanaka


def bare(page: Page) -> set[str]:
    """Return texts of a page whose kanji have no reading, but for what people wrote."""
    found: set[str] = set()
    _look(html5lib.parse(page.html, namespaceHTMLElements=False), found)
    return found


def _look(element: Element, found: set[str]) -> None:
    said = [child.tail or "" for child in element]
    if element.tag not in NO_RUBY:
        said.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str):
                _look(child, found)
    for words in said:
        rest = words
        for name in sorted((*WRITTEN, *NAMES), key=len, reverse=True):
            rest = rest.replace(name, "")
        if KANJI.search(rest):
            found.add(words.strip())


def test_no_kanji_of_ours_is_left_without_its_reading(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    facility = f"/facilities/{hinata.facility_id}"
    child = children_of(family)[0].id
    left = {
        url: bare(mother.get(url))
        for url in (
            *("/", "/usage", "/my/", "/facilities", f"{facility}?class=1"),
            *(f"{facility}/days/{DAY}?class=1", "/my/bookings/", "/my/children/"),
            f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}&start=9:00&end=12:00",
            *("/my/children/new", f"/my/children/{child}/record", "/my/family/", "/my/data/"),
            *("/my/data/log", "/account", "/my/calendar", f"/my/bookings/{uuid.uuid4()}"),
        )
    }
    refused = mother.post("/my/children/new", {"once": str(uuid.uuid4())})
    assert refused.status == 422
    left["refused"] = bare(refused)
    # 日 and 分 after any number are read in too many ways.
    uncounted = {url: {w for w in words if w.strip("日分") != ""} for url, words in left.items()}
    assert {url: words for url, words in uncounted.items() if words} == {}


def test_what_a_person_typed_is_shown_as_she_typed_it(app: Flask, family: Actor) -> None:
    make_child(family, TYPED)
    child = next(one for one in children_of(family) if one.name == TYPED)
    mother = Visitor(app, family)
    shown = mother.get("/my/children/")
    assert escape(TYPED, quote=False) in shown.html
    assert f"{TYPED}" in "".join(html5lib.parse(shown.html, namespaceHTMLElements=False).itertext())
    tree = html5lib.parse(
        mother.get(f"/my/children/{child.id}/edit").html, namespaceHTMLElements=False
    )
    assert TYPED in [field.get("value") for field in tree.iter("input")]


def test_pages_with_readings_are_valid_html(
    app: Flask, hinata: Site, family: Actor, tmp_path: Path
) -> None:
    mother = Visitor(app, family)
    facility = f"/facilities/{hinata.facility_id}"
    files: list[Path] = []
    for url in ("/my/", f"{facility}?class=1", f"{facility}/days/{DAY}?class=1", "/my/family/"):
        files.append(tmp_path / f"{len(files)}.html")
        files[-1].write_text(mother.get(url).html, encoding="utf-8")
    assert nu_messages(files) == []


@pytest.mark.parametrize("code", ["ja", "en"])
def test_other_languages_have_no_readings_and_no_step_for_them(
    app: Flask, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(page: str) -> str:
        raise AssertionError(page)

    monkeypatch.setattr(readings, "where_shown", never)
    page = Visitor(app).get("/facilities", headers={"Accept-Language": code})
    assert page.status == 200
    assert "<ruby>" not in page.html


def test_a_kept_page_has_its_readings_and_is_answered_from_memory(app: Flask, hinata: Site) -> None:
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    visitor = app.test_client()
    visitor.get("/facilities?lang=ja_easy")
    url = f"/facilities/{hinata.facility_id}?class=1"
    first, second = visitor.get(url), visitor.get(url)
    assert first.data == second.data
    assert "<rt>あ</rt>" in second.text
    assert not re.search(r"<title>[^<]*<(ruby|span)", second.text)
    assert int(second.headers["Content-Length"]) == len(second.data)
    again = visitor.get(url, headers={"If-None-Match": second.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_any_language_may_give_readings(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "zz.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgctxt "language name"\nmsgid "日本語"\nmsgstr "漢《かん》"\n\n'
        'msgid "使い方"\nmsgstr "用法《ようほう》"\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    page = Visitor(app).get("/usage", headers={"Accept-Language": "zz"})
    assert "<ruby>用法<rp>（</rp><rt>ようほう</rt><rp>）</rp></ruby>" in page.html
    assert "漢" in page.text
    assert "かん" not in page.text
