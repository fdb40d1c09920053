"""Fixtures of the hostile tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.database import TestServer
from tests.hostile.world import Bench, running_bench


@pytest.fixture(scope="session")
def bench(server: TestServer) -> Iterator[Bench]:
    """The portal and everybody in it; each try undoes itself."""
    with running_bench(server) as running:
        yield running
