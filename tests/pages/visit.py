"""The one way in which page tests open pages: every page is checked on every visit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.kernel.actor import Actor
from tests.factories.people import session_token

_FURIGANA_UNSEEN = re.compile(
    r'="[^"<>]*<(ruby|span)>|<(title|option|textarea)\b[^<>]*>[^<]*<(ruby|span)>'
)


@dataclass(frozen=True)
class Page:
    """A page as it came: status, text, headers."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def location(self) -> str:
        return str(self.response.headers.get("Location", ""))

    @property
    def text(self) -> str:
        """What a person reads, whitespace folded, without the readings above the words."""
        return _words(without_readings(self.html))

    def field(self, name: str) -> str:
        """Return the value of the first input called ``name``."""
        tree = _tree(without_readings(self.html))
        found = [tag for tag in tree.iter("input") if tag.get("name") == name]
        assert found, f"no input {name!r}"
        return str(found[0].get("value", ""))


@lru_cache(maxsize=8)
def _tree(html: str) -> Any:
    # Checked, read and asked for its fields: a page is parsed once for all of it.
    return html5lib.parse(html, namespaceHTMLElements=False)


@lru_cache(maxsize=8)
def _words(html: str) -> str:
    return re.sub(r"\s+", " ", "".join(_said(_tree(html)))).strip()


def _said(tag: Element) -> Iterator[str]:
    if tag.tag in {"script", "style"} or not isinstance(tag.tag, str):
        return
    yield tag.text or ""
    for child in tag:
        yield from _said(child)
        yield child.tail or ""


class Visitor:
    """A browser of one person."""

    def __init__(
        self, app: Flask, actor: Actor | None = None, *, second_factor: bool = True
    ) -> None:
        self.client: FlaskClient = app.test_client()
        if actor is not None:
            token = session_token(actor, second_factor=second_factor)
            with self.client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True

    def get(self, url: str, **options: object) -> Page:
        return self._checked(self.client.get(url, **options))

    def post(self, url: str, data: Mapping[str, object] | None = None, **options: object) -> Page:
        return self._checked(self.client.post(url, data=data or {}, **options))

    def submit(self, url: str, data: Mapping[str, object], *, form_page: str | None = None) -> Page:
        """Open the form as a person does, then send it with the key it carries."""
        opened = self.get(form_page or url)
        return self.post(url, {"once": opened.field("once"), **data})

    def search(self, url: str, words: str) -> Page:
        """Search by words and follow to the list, as a browser does."""
        sent = self.client.post(url, data={"q": words})
        assert sent.status_code == 303, sent.status_code
        return self.get(sent.headers["Location"])

    @staticmethod
    def _checked(response: TestResponse) -> Page:
        page = Page(response)
        if response.mimetype == "text/html" and page.status not in {301, 302, 303, 304, 308}:
            check(page.html)
        return page


def without_readings(html: str) -> str:
    """Return a page without furigana."""
    return re.sub(r"<rp>.*?</rp>|<rt>.*?</rt>|</?ruby>", "", html)


def check(html: str) -> None:
    """Assert what every page of the portal keeps."""
    assert not _FURIGANA_UNSEEN.search(html), "readings where a browser shows none"
    tree = _tree(without_readings(html))
    assert tree.get("lang"), "the page says its language"
    headings = list(tree.iter("h1"))
    assert len(headings) == 1, f"one h1, not {len(headings)}"
    title = "".join(tree.find(".//title").itertext())
    heading = re.sub(r"\s+", "", "".join(headings[0].itertext()))
    bare = re.sub(r"^(エラー（\d+件）：|Error \(\d+\): )", "", title)
    assert re.sub(r"\s+", "", bare).startswith(heading), f"{title!r} begins with {heading!r}"
    ids = [tag.get("id") for tag in tree.iter() if isinstance(tag.tag, str) and tag.get("id")]
    assert len(ids) == len(set(ids)), f"ids twice: {sorted({i for i in ids if ids.count(i) > 1})}"
    _check_inputs_are_labelled(tree)
    for script in tree.iter("script"):
        assert script.get("nonce"), "no script without nonce"
        assert script.get("src") or script.get("type") == "application/json", "no inline script"
    for tag in tree.iter():
        handlers = [name for name in tag.attrib if name.startswith("on")] if tag.attrib else []
        assert not handlers, f"inline handler {handlers}"
        assert "style" not in tag.attrib, f"inline style on {tag.tag}"


def _check_inputs_are_labelled(tree: Element) -> None:
    labelled = {label.get("for") for label in tree.iter("label")}
    wrapped = {control for label in tree.iter("label") for control in label.iter()}
    for kind in ("input", "select", "textarea"):
        for control in tree.iter(kind):
            if control.get("type") in {"hidden", "submit", "button"}:
                continue
            assert (
                control in wrapped or control.get("id") in labelled or control.get("aria-label")
            ), f"{kind} {control.get('name')!r} has no label"
