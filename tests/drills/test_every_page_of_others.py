"""Every page that the personas can reach whom `make test` does not follow."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import chromium, demo  # noqa: F401 - fixtures
from tests.browser.test_every_page import OTHERS, followed
from tests.demo import Demo


@pytest.mark.parametrize("persona", OTHERS)
def test_every_page_in_reach_of_the_others_is_fit_for_everyone(
    chromium: Browser,  # noqa: F811 - the fixture
    demo: Demo,  # noqa: F811 - the fixture
    persona: str,
    tmp_path: Path,
) -> None:
    problems = followed(chromium, demo, persona, tmp_path)
    assert not problems, "\n".join(problems)
