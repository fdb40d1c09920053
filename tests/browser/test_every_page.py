"""Every page that a person can reach by links: axe, the Nu checker, width, scripts, status."""

from __future__ import annotations

import re
from collections import deque
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.demo import Demo
from tests.pages.checkers import axe_violations, nu_messages

PERSONAS = ("", "director", "staff", "guardian", "new_guardian", "liaison")
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
#: Addresses that are files, end the session, or belong to the demo's own doors.
NOT_PAGES = re.compile(
    r"\.(csv|pdf|ics|eml|json|xlsx|geojson|zip)\b|/source$|/demo/sign-in/|^webcal|^tel|^mailto|/static/"
    r"|[?&]lang=|/cp932|/sheets/"
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|(?<==)\d+|/\d+(?=/|$)")
MOST = 60


def shape(url: str) -> str:
    """Return an address without what differs between two pages of the same kind."""
    return _ID.sub("*", re.sub(r"=[^&*]*", "=*", url.partition("#")[0]))


def links(page: Page, base: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.split("#")[0] for link in found if link.startswith(base)]


def crawl(page: Page, start: str, base: str) -> dict[str, str]:
    """Visit one page of each kind within reach; return address and HTML by kind."""
    seen: dict[str, str] = {}
    html: dict[str, str] = {}
    waiting = deque([start, f"{base}/facilities"])
    while waiting and len(seen) < MOST:
        url = waiting.popleft()
        kind = shape(url)
        if kind in seen or NOT_PAGES.search(url):
            continue
        answer = page.goto(url)
        assert answer is not None
        assert answer.status == 200, f"{url} answered {answer.status}"
        seen[kind] = page.url
        html[page.url] = answer.text()
        waiting.extend(links(page, base))
    return html


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_in_reach_is_fit_for_everyone(
    chromium: Browser, demo: Demo, persona: str, tmp_path: Path
) -> None:
    context = chromium.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    complaints: list[str] = []

    def note(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            complaints.append(f"{page.url}: {said.text}")

    page.on("console", note)
    start = f"{demo.base}/"
    if persona:
        page.goto(demo.sign_in(persona))
        start = page.url
    pages = crawl(page, start, demo.base)
    assert len(pages) > 3
    checked = chromium.new_context(
        locale="ja-JP", bypass_csp=True, storage_state=context.storage_state()
    ).new_page()
    problems: list[str] = []
    for url in pages:
        for size in SIZES:
            checked.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dictionary
            checked.goto(url)
            width = checked.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                problems.append(f"{url} is {width} px wide on {size['width']}")
        problems += [f"{url}: {found}" for found in axe_violations(checked)]
    files = []
    for number, text in enumerate(pages.values()):
        file = tmp_path / f"{number}.html"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    problems += [str(message) for message in nu_messages(files)]
    assert not problems + complaints
