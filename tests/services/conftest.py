"""What tests of referrals, cases and limits share: two worlds, and a hand past every policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.kernel.actor import Actor
from tests.database import TestServer
from tests.factories import people
from tests.factories.loop import World, make_world
from tests.factories.places import Site


@pytest.fixture
def world(suzuki: Actor, sato: Actor, yamada: Actor, tanaka: Actor, hinata: Site) -> World:
    """A city, a nursery and a mother, with a row of everything between them."""
    return make_world(suzuki, sato, yamada, tanaka, hinata)


@pytest.fixture
def other(world: World, midori: Site) -> World:
    """The same again: another city, another nursery, another mother."""
    mother = people.make_guardian("木村 ゆい", children=("木村 りく",))
    return make_world(world.strangers[2], world.strangers[0], world.staff, mother, midori)


@pytest.fixture
def run(emptied: Engine, server: TestServer) -> Iterator[Callable[..., Any]]:
    """Write past every policy, as no part of the portal can."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def write(statement: str, **values: Any) -> None:
        with admin.begin() as connection:
            connection.execute(text(statement), values)

    yield write
    admin.dispose()
