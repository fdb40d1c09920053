"""Fixtures of browser tests: one Chromium a process, one demo a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import font_environment, launch_args
from tests.demo import Demo, running_demo


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Debian's Chromium with the portal's fonts."""
    fonts = font_environment(tmp_path_factory.mktemp("fonts"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(env=fonts, **launch_args())
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The run's demo, as a visitor meets it."""
    with running_demo() as running:
        yield running
