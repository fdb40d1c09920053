"""Fixtures of page tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.pages.mailbox import Mailbox


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Mailbox:
    """The mails about accounts that the test causes."""
    box = Mailbox()
    box.watch(monkeypatch)
    return box


@pytest.fixture(scope="module")
def bare() -> Iterator[None]:
    """A request to make forms in; no database."""
    app = Flask("forms")
    app.config.update(SECRET_KEY="for tests", WTF_CSRF_ENABLED=False)
    with app.test_request_context(method="POST", data={}):
        yield
