"""What tests of the database's own shape share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from tests.database import TestServer


@pytest.fixture(scope="module")
def owner(server: TestServer) -> Iterator[Connection]:
    """A connection as the owner of all tables, to a database of its own."""
    name = server.clone()
    engine = create_engine(server.url("portal_owner", name))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    server.drop(name)
