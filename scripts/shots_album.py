"""The album of ``make shots``: where pictures go, what they are called, and the sheet of all."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

WIDTHS = {390: 844, 1280: 900}
#: A sheet of A4 at 96 dots an inch, in pixels.
PAPER = {"width": 794, "height": 1123}
#: What differs between two pages of the same kind.
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}(-\d{2})?|(?<==)\d+|/\d+(?=/|$)")


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
    papers: list[tuple[str, str, str]] = field(default_factory=list)
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

    def photograph_paper(self, page: Page, persona: str, name: str) -> None:
        """Take the page as the browser prints it, without the cuts between sheets."""
        folder = self.goal / persona
        folder.mkdir(parents=True, exist_ok=True)
        page.emulate_media(media="print")
        page.set_viewport_size(PAPER)  # type: ignore[arg-type]  # a plain dictionary
        page.screenshot(path=folder / f"print-{name}.png", full_page=True)
        page.emulate_media(media="screen")
        self.papers.append((persona, f"print-{name}.png", page.url))

    def write_index(self) -> None:
        """Write the sheet on which all pictures stand beside each other."""
        parts = []
        for persona, name, url in self.taken:
            files = [f"{persona}/{name}-{width}.png" for width in WIDTHS]
            parts.append(_figure(files, f"{persona} / {name}", url))
        parts += [
            _figure([f"{who}/{file}"], f"{who} / {file}", url) for who, file, url in self.papers
        ]
        lines = "".join(f"<li>{html.escape(line)}</li>" for line in self.trouble)
        sheet = (
            '<!DOCTYPE html><html lang="ja"><meta charset="utf-8"><title>shots</title>'
            "<style>body{font:14px sans-serif;background:#eee}figure{display:inline-block;"
            "margin:8px;padding:8px;background:#fff;vertical-align:top}img{margin-right:8px;"
            "border:1px solid #999;object-fit:cover;object-position:top;max-width:640px}</style>"
            f"<h1>{len(self.taken)}</h1><ul>{lines}</ul>{''.join(parts)}</html>"
        )
        (self.goal / "index.html").write_text(sheet, encoding="utf-8")


def _figure(files: list[str], title: str, url: str) -> str:
    pictures = "".join(
        f'<a href="{html.escape(file)}"><img src="{html.escape(file)}" alt="" '
        f'loading="lazy" height="420"></a>'
        for file in files
    )
    caption = f"{html.escape(title)}<br><small>{html.escape(url)}</small>"
    return f"<figure>{pictures}<figcaption>{caption}</figcaption></figure>"


def links(page: Page, base: str) -> list[str]:
    """Return the addresses of this portal that the page leads to."""
    found: list[str] = page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
    return [link.split("#")[0] for link in found if link.startswith(base)]
