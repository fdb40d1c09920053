"""Every page that a person can reach by links: axe, the Nu checker, width, scripts, status."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.demo import FOLDER, Demo
from tests.pages.checkers import axe_violations, nu_messages

PERSONAS = ("", "director", "guardian", "liaison", "operator")
#: Who meets pages of the same kinds in other states: followed in the drills.
OTHERS = (
    *("staff", "new_director", "new_guardian", "expecting", "apart", "kept_away"),
    *("other_staff", "office_worker", "apart_father", "center_worker"),
    *("half_way", "siblings", "trial", "twins", "renews", "limiting"),
    *("referred", "other_liaison"),
)
SIZES = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})
#: Addresses that are files, end the session, or belong to the demo's own doors; and the page of
#: every field of rules, whose 15,000 elements take axe minutes: its parts are all alike.
NOT_PAGES = re.compile(
    r"\.(csv|toml|md|pdf|ics|eml|json|xlsx|geojson|zip)\b|/source$|/demo/sign-in/|^webcal|^tel|^mailto|/static/"
    r"|/rules/reference$|[?&]lang=|/cp932|/sheets/|/photos/[^/]+$"
)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|(?<==)\d+|/\d+(?=/|$)")
#: Pages that are alike for everybody signed in: whoever comes first looks for all.
ALIKE = re.compile(
    r"/(accessibility|privacy|usage|phone-fax|open-data/|account/[a-z-]+|sign-in/choose)$"
)
#: More kinds than anybody meets: a crawl that gets here runs in circles, and fails.
MOST = 220
#: What a page is made of, without its words: each element in its parent, each step of headings.
_PARTS = """() => {
  const name = element => [element.localName, element.type || "", ...element.classList,
    ...element.getAttributeNames(), element.getAttribute("role") || ""].join(" ")
  const parts = new Set()
  let before = ""
  for (const element of document.querySelectorAll("body *")) {
    parts.add(name(element.parentElement) + " > " + name(element))
    if (/^h[1-6]$/.test(element.localName)) {
      parts.add(before + " then " + element.localName)
      before = element.localName
    }
  }
  return [...parts]
}"""


def shape(url: str) -> str:
    """Return an address without what differs between two pages of the same kind."""
    return _ID.sub("*", re.sub(r"=[^&*]*", "=*", url.partition("#")[0]))


def links(page: Page, base: str) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.split("#")[0] for link in found if link.startswith(base)]


def shows_something_new(parts: set[str], among: str) -> bool:
    """Say whether a page has a part that none of those had that any persona met in this run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = FOLDER / run / "seen"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / hashlib.sha256(among.encode()).hexdigest()).open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        new = parts - set(file.read().splitlines())
        file.writelines(f"{part}\n" for part in new)
    return bool(new)


@dataclass
class Walk:
    """One page of each kind within a persona's reach, looked at as it is met."""

    base: str
    persona: str
    #: Whether axe looks at each kind of page at least once, or only where an element is new.
    each_kind: bool = False
    html: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"}:
            self.problems.append(f"{said.location['url']}: {said.text}")

    def follow(self, page: Page, start: str) -> None:
        kinds: set[str] = set()
        waiting = deque([start, f"{self.base}/facilities"])
        while waiting:
            url = waiting.popleft()
            kind = shape(url)
            if kind in kinds or NOT_PAGES.search(url):
                continue
            assert len(kinds) < MOST, f"more than {MOST} kinds of pages: {sorted(kinds)}"
            kinds.add(kind)
            if self.persona and ALIKE.search(kind) and not shows_something_new({"met"}, kind):
                continue
            answer = page.goto(url)
            assert answer is not None
            assert answer.status == 200, f"{url} answered {answer.status}"
            if "text/html" not in answer.headers.get("content-type", ""):
                continue  # a picture has no parts to look at, and keeps axe waiting for ever
            if page.url not in self.html:
                self.html[page.url] = answer.text()
                self.look(page, kind)
            waiting.extend(links(page, self.base))

    def look(self, page: Page, kind: str) -> None:
        """Measure the page at each size; let axe look where something is new.

        New among all pages at that size. The drills look, on a phone, for what is new among pages
        of one kind, and so at each kind.
        """
        parts = set(page.evaluate(_PARTS))
        phone = kind if self.each_kind else "every page on a phone"
        for size, among in zip(SIZES, (phone, "every page on a PC"), strict=True):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a plain dictionary
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > size["width"]:
                self.problems.append(f"{page.url} is {width} px wide on {size['width']}")
            if shows_something_new(parts, among):
                self.problems += [f"{page.url}: {found}" for found in axe_violations(page)]


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_page_in_reach_is_fit_for_everyone(
    chromium: Browser, demo: Demo, persona: str, tmp_path: Path
) -> None:
    problems = followed(chromium, demo, persona, tmp_path)
    assert not problems, "\n".join(problems)


def followed(
    chromium: Browser, demo: Demo, persona: str, folder: Path, *, each_kind: bool = False
) -> list[str]:
    """Return what is wrong with the pages that a persona can reach."""
    page = chromium.new_context(locale="ja-JP", timezone_id="Asia/Tokyo").new_page()
    walk = Walk(demo.base, persona, each_kind)
    page.on("console", walk.note)
    start = f"{demo.base}/"
    if persona:
        page.goto(demo.sign_in(persona))
        start = page.url
    walk.follow(page, start)
    page.context.close()
    assert len(walk.html) > 3
    files = []
    for number, text in enumerate(walk.html.values()):
        file = folder / f"{number}.html"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    addresses = list(walk.html)
    for message in nu_messages(files):
        file_number, _, said = message.partition(".html:")
        walk.problems.append(f"{addresses[int(file_number)]}: {said}" if said else message)
    return walk.problems


def test_every_persona_of_the_demo_is_followed(demo: Demo) -> None:
    assert {*PERSONAS, *OTHERS} == {"", *demo.facts["personas"]}
