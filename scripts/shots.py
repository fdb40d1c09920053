"""Photograph every page that each persona of a fresh demo can reach, as phone and as PC.

``make shots`` writes ``build/shots/<persona>/<page>-<width>.png`` and an ``index.html`` with all of
them on one sheet. Pages are found by following links, one of each kind; beside them stand states
that no link leads to: refused forms, the error pages, the waiting page, public pages in each
language. Looking at the pictures is up to you.
"""

from __future__ import annotations

import argparse
import html
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from playwright.sync_api import Error as BrowserError

from tests.browser.chromium import font_environment, launch_args

PORTAL = Path(sys.executable).with_name("portal")
WIDTHS = {390: 844, 1280: 900}
#: Files, ends of a session, and the demo's own doors.
NOT_PAGES = re.compile(
    r"\.(csv|pdf|ics|eml|xlsx|json|geojson)\b|/source$|/kept$|/demo/|/static/|^webcal|^tel|^mailto"
)
#: What differs between two pages of the same kind.
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|(?<==)\d+|/\d+(?=/|$)")
#: Forms that a refusal is photographed of: sent empty, they must explain themselves.
REFUSED = {
    "": ("/sign-in", "/sign-up", "/password-reset"),
    "new_guardian": ("/my/register", "/my/children/new"),
    "guardian": ("/my/children/new",),
    "staff": ("/office/families/caller", "/office/families/new", "/office/notices/new"),
    "director": ("/office/notices/new",),
    "liaison": ("/liaison/imports/",),
}
#: Pages without a link, by what is asked: each is answered with its own error page.
ERRORS = {
    "404": "/my-lost-page",
    "404-thing": "/facilities/00000000-0000-0000-0000-000000000000",
    "405": "/sign-out",
}
MOST = 90


def shape(url: str) -> str:
    """Return an address without what differs between two pages of the same kind."""
    return _ID.sub("*", re.sub(r"=[^&*]*", "=*", url.partition("#")[0]))


def name_of(url: str, base: str) -> str:
    """Return a file name that says which page this is."""
    path = shape(url).removeprefix(base).strip("/").replace("*", "one") or "start"
    return re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-")[:80] or "start"


@dataclass
class Album:
    """Where pictures go, and which there are."""

    goal: Path
    taken: list[tuple[str, str, str]] = field(default_factory=list)
    trouble: list[str] = field(default_factory=list)

    def photograph(self, page: Page, persona: str, name: str) -> None:
        """Take what stands on the page at each width, without asking for it again."""
        folder = self.goal / persona
        folder.mkdir(parents=True, exist_ok=True)
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            wide = page.evaluate("document.documentElement.scrollWidth")
            if wide > width:
                self.trouble.append(f"{persona}/{name}: {wide} px wide on {width}")
            # As tall as the page: else a bar that sticks to the thumb covers the middle of it.
            tall = page.evaluate("document.documentElement.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(max(tall, height), 6000)})
            page.screenshot(path=folder / f"{name}-{width}.png", full_page=True)
        self.taken.append((persona, name, page.url))

    def write_index(self) -> None:
        """Write the sheet on which all pictures stand beside each other."""
        parts = []
        for persona, name, url in self.taken:
            files = [f"{persona}/{name}-{width}.png" for width in WIDTHS]
            pictures = "".join(
                f'<a href="{html.escape(file)}"><img src="{html.escape(file)}" alt="" '
                f'loading="lazy" height="420"></a>'
                for file in files
            )
            caption = f"{html.escape(persona)} / {html.escape(name)}<br><small>{html.escape(url)}"
            parts.append(f"<figure>{pictures}<figcaption>{caption}</small></figcaption></figure>")
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in self.trouble)
        sheet = (
            '<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>shots</title>'
            "<style>body{font:14px sans-serif;background:#eee}figure{display:inline-block;"
            "margin:8px;padding:8px;background:#fff;vertical-align:top}img{margin-right:8px;"
            "border:1px solid #999;object-fit:cover;object-position:top;max-width:640px}</style>"
            f"<h1>{len(self.taken)}</h1><ul>{lines}</ul>{''.join(parts)}</html>"
        )
        (self.goal / "index.html").write_text(sheet, encoding="utf-8")


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


def links(page: Page, base: str) -> list[str]:
    """Return the addresses of this portal that the page leads to."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.split("#")[0] for link in found if link.startswith(base)]


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
        print(f"{persona or 'public'} {len(seen)} {name_of(url, base)}", flush=True)
        waiting.extend(links(page, base))


def states(page: Page, base: str, persona: str, album: Album) -> None:
    """Photograph refused forms: each is sent as it stands, or emptied."""
    for path in REFUSED.get(persona if persona != "public" else "", ()):
        answer = page.goto(base + path)
        if answer is None or answer.status != 200:  # noqa: PLR2004 - HTTP
            album.trouble.append(f"{persona}: {path}: {answer.status if answer else 'nothing'}")
            continue
        page.evaluate(
            "() => { const form = [...document.querySelectorAll('main form')]"
            ".find(form => form.method === 'post');"
            " if (form) { form.noValidate = true;"
            " (form.querySelector('button[type=submit]') || form).click(); } }"
        )
        page.wait_for_load_state()
        album.photograph(page, persona, f"refused-{name_of(base + path, base)}")


def errors(page: Page, base: str, album: Album) -> None:
    """Photograph the error pages: those that are met, and the templates of the others."""
    for name, path in ERRORS.items():
        page.goto(base + path)
        album.photograph(page, "errors", name)
    for status, text in rendered_errors().items():
        page.route(
            f"{base}/_shot",
            lambda route, _request, body=text: route.fulfill(
                body=body, content_type="text/html; charset=utf-8"
            ),
        )
        page.goto(f"{base}/_shot")
        page.unroute(f"{base}/_shot")
        album.photograph(page, "errors", f"page-{status}")


def rendered_errors() -> dict[int, str]:
    """Return the error pages as they are written, by status."""
    from flask import Flask

    from portal.documents import templating
    from portal.web.errors import PAGES

    root = Path(__file__).resolve().parents[1]
    app = Flask("shots", template_folder=str(root / "templates"))
    templating.install(app.jinja_env)
    found: dict[int, str] = {}
    with app.test_request_context("/"):
        app.jinja_env.globals["url_for"] = lambda endpoint, **values: (
            f"/static/{values['filename']}" if endpoint == "static" else "/"
        )
        for status in sorted(PAGES):
            template = app.jinja_env.get_template(f"errors/{status}.html")
            found[status] = template.render(csp_nonce="", footer_links=[], site_nav=[])
    return found


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
            states(page, base, label, album)
            if not persona:
                errors(page, base, album)
            context.close()
            album.write_index()
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
