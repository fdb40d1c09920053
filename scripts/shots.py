"""Photograph the screens of a fresh demo, as phone and as PC, into the folder named.

Starts ``portal demo --json`` on a free port with data of its own, signs in as each persona, takes
the pages that the demo names, and stops it again. Looking at the pictures is up to you.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from tests.browser.chromium import font_environment, launch_args

PORTAL = Path(sys.executable).with_name("portal")
SIZES: dict[str, ViewportSize] = {
    "phone": {"width": 390, "height": 844},
    "pc": {"width": 1280, "height": 900},
}
#: Files, not pages: the browser would download them.
NOT_PAGES = ("pdf", "csv", "feed")


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


def photograph(browser: Browser, addresses: dict[str, str], sign_in: str, goal: Path) -> None:
    """Take each page at each width; ``sign_in`` is empty for somebody who is not signed in."""
    for size, viewport in SIZES.items():
        context = browser.new_context(viewport=viewport, locale="ja-JP", timezone_id="Asia/Tokyo")
        page = context.new_page()
        if sign_in:
            page.goto(sign_in)
        for name, address in addresses.items():
            page.goto(address)
            picture = goal / f"{name}-{size}.png"
            page.screenshot(path=picture, full_page=True)
            print(picture)
        context.close()


def main() -> int:
    """Photograph the start page of each persona and the sample pages that it may see."""
    goal = Path(sys.argv[1])
    goal.mkdir(parents=True, exist_ok=True)
    with demo() as facts, sync_playwright() as playwright:
        fonts = font_environment(goal / "fonts")
        browser = playwright.chromium.launch(**launch_args(), env={**fonts})
        samples = {
            name: address
            for name, address in facts["samples"].items()
            if not any(word in name for word in NOT_PAGES)
        }
        public = {"public_calendar": samples.pop("public_calendar"), "start": facts["base_url"]}
        photograph(browser, public, "", goal)
        for persona, entry in facts["personas"].items():
            pages = {f"{persona}-start": entry["sign_in"]}
            pages |= samples if persona == "director" else {}
            photograph(browser, pages, entry["sign_in"], goal)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
