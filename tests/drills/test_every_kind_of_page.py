"""Every page that any persona can reach, each kind of page seen by axe."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import chromium, demo  # noqa: F401 - fixtures
from tests.browser.test_every_page import OTHERS, PERSONAS, followed
from tests.demo import Demo


@pytest.mark.parametrize("persona", [*PERSONAS, *OTHERS])
def test_every_kind_of_page_in_reach_is_fit_for_everyone(
    chromium: Browser,  # noqa: F811 - the fixture
    demo: Demo,  # noqa: F811 - the fixture
    persona: str,
    tmp_path: Path,
) -> None:
    problems = followed(chromium, demo, persona, tmp_path, each_kind=True)
    assert not problems, "\n".join(problems)
