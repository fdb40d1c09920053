"""Fixtures of page tests."""

from __future__ import annotations

import pytest

from tests.pages.mailbox import Mailbox


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The mails about accounts that the test causes."""
    box = Mailbox()
    box.watch(monkeypatch)
    return box
