"""The live portal of a journey."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine

from tests.browser.journeys.live import Live, live_portal
from tests.database import TestServer


@pytest.fixture
def live(emptied: Engine, server: TestServer, chromium: Browser) -> Iterator[Live]:
    """A portal of one's own, really committed to, with its worker and its mails."""
    with live_portal(server, str(emptied.url.database), chromium) as running:
        yield running
