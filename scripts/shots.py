"""Photograph every page that each persona of a fresh demo can reach, as phone and as PC.

``make shots`` writes ``build/shots/<persona>/<page>-<width>.png`` and an ``index.html`` with all of
them on one sheet. Pages are found by following links, one of each kind; beside them stand states
that no link leads to (``scripts/shots_states.py``: refused, waiting, full, empty, broken) or that
stand behind others on the way to the first stay (``scripts/shots_first_stay.py``), public
pages in each language, and what a printer gets of pages that are printed. Looking at the pictures
is up to you.
"""

from __future__ import annotations

import argparse
import json
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from scripts import shots_first_stay
from scripts import shots_states as states
from scripts.shots_album import Album, links, name_of, shape
from tests.browser.chromium import font_environment, launch_args

PORTAL = Path(sys.executable).with_name("portal")
#: Files, ends of a session, and the demo's own doors.
NOT_PAGES = re.compile(
    r"\.(csv|pdf|ics|eml|xlsx|json|geojson)\b|/source$|/kept$|/demo/|/static/|^webcal|^tel|^mailto"
    r"|[?&]lang="
)
#: Pages that are made for paper, or that an office prints most.
PRINTED = re.compile(
    r"/print$|/calls$|/sheet$|/board/[0-9-]+$|/reports/[0-9-]+(\?.*)?$|/facilities$|/my/bookings/[^/]+$"
)
MOST = 120


@contextmanager
def demo() -> Iterator[dict[str, Any]]:
    """Run a demo on data of its own; yield what its first line says."""
    with tempfile.TemporaryDirectory(prefix="portal-shots-") as data:
        command = [str(PORTAL), "demo", "--port", "0", "--data-dir", data, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            try:
                yield json.loads(process.stdout.readline() if process.stdout else "")
            finally:
                process.send_signal(signal.SIGINT)


def walk(page: Page, start: str, base: str, persona: str, album: Album) -> None:
    """Follow links from ``start`` and photograph one page of each kind."""
    seen: set[str] = set()
    waiting = deque([start, f"{base}/facilities"])
    while waiting and len(seen) < MOST:
        url = waiting.popleft()
        kind = shape(url)
        if kind in seen or NOT_PAGES.search(url):
            continue
        seen.add(kind)
        try:
            answer = page.goto(url)
        except BrowserError as error:  # a download, say
            album.trouble.append(f"{persona}: {url}: {str(error).splitlines()[0]}")
            continue
        if answer is None or answer.status != 200:  # noqa: PLR2004 - HTTP
            album.trouble.append(f"{persona}: {url}: {answer.status if answer else 'nothing'}")
        album.photograph(page, persona, name_of(url, base))
        if PRINTED.search(url):
            album.photograph_paper(page, persona, name_of(url, base))
        print(f"{persona or 'public'} {len(seen)} {name_of(url, base)}", flush=True)
        waiting.extend(links(page, base))
    left_out = {shape(url) for url in waiting if not NOT_PAGES.search(url)} - seen
    if left_out:
        album.trouble.append(f"{persona}: {len(left_out)} kinds of pages left out")


def states_of(page: Page, facts: dict[str, Any], persona: str, album: Album) -> None:
    """Photograph the states of a persona that no link leads to; a failure is told, not raised."""
    base = facts["base_url"]
    try:
        states.refused(page, base, persona, album)
        if persona in {"public", "guardian"}:
            states.full(page, facts, persona, album)
        states.waiting(page, base, persona, album)
        shots_first_stay.photograph(page, base, persona, album)
        if persona == "public":
            states.errors(page, base, album)
    except (BrowserError, LookupError) as error:
        album.trouble.append(f"{persona}: {page.url}: {str(error).splitlines()[0]}")


def languages(browser: Browser, base: str, album: Album) -> None:
    """Photograph the public pages in each language that the switch offers."""
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(f"{base}/facilities")
    offered: dict[str, str] = page.eval_on_selector_all(
        "a[hreflang]", "all => Object.fromEntries(all.map(a => [a.hreflang, a.href]))"
    )
    context.close()
    if not offered:
        album.trouble.append("no switch of languages on the public pages")
    for language, href in offered.items():
        context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
        page = context.new_page()
        page.goto(href)
        walk(page, f"{base}/", base, f"public-{language}", album)
        context.close()


def album_of(facts: dict[str, Any], goal: Path, only: list[str]) -> Album:
    """Photograph everything, or only some personas, of a running demo."""
    album, base = Album(goal), facts["base_url"]
    doors = {"": ""} | {name: entry["sign_in"] for name, entry in facts["personas"].items()}
    with sync_playwright() as playwright:
        fonts = font_environment(goal / "fonts")
        browser = playwright.chromium.launch(**launch_args(), env={**fonts})
        for persona, door in doors.items():
            label = persona or "public"
            if only and label not in only:
                continue
            context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
            page = context.new_page()
            page.set_default_timeout(15_000)
            if door:
                page.goto(door)
            walk(page, page.url if door else f"{base}/", base, label, album)
            states_of(page, facts, label, album)
            context.close()
            album.write_index()
        for begin in (states.first_director, states.first_guardian):
            if only and begin.__name__ not in only:
                continue
            try:
                begin(browser, facts, album)
            except (BrowserError, LookupError) as error:
                album.trouble.append(f"{begin.__name__}: {str(error).splitlines()[0]}")
        if not only or "languages" in only:
            languages(browser, base, album)
        browser.close()
    album.write_index()
    return album


def main() -> int:
    """Photograph a fresh demo, or one that runs already and whose first line is in a file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("goal", type=Path)
    parser.add_argument("--facts", type=Path, help="first line of a running demo, in a file")
    parser.add_argument("--only", nargs="*", default=[], help="some personas alone")
    args = parser.parse_args()
    # Chromium has another working directory than we: a relative folder would cost it its fonts.
    args.goal = args.goal.resolve()
    args.goal.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    if args.facts is not None:
        facts = json.loads(args.facts.read_text(encoding="utf-8").splitlines()[0])
        album = album_of(facts, args.goal, args.only)
    else:
        with demo() as facts:
            album = album_of(facts, args.goal, args.only)
    for line in album.trouble:
        print(f"! {line}")
    seconds = time.monotonic() - began
    print(f"{len(album.taken)} pages in {seconds:.0f} s: {args.goal / 'index.html'}")
    return 1 if album.trouble else 0


if __name__ == "__main__":
    sys.exit(main())
