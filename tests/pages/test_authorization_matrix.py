"""Every route, method, role and owner of the thing: generated cells, expectations by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unittest import mock
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.config import Secrets, Settings
from portal.db.session import Database, end_session, use
from portal.uploads import folder
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.pages.authorization_expectations import (
    EXPECT,
    HALF_IN,
    NOBODY_IN,
    ROLES,
    Expected,
)
from tests.pages.authorization_given import GIVEN, SAID
from tests.pages.authorization_world import NEUTRAL, World, build

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: What lets somebody in: a page, what follows a post, a rule's or a form's objection.
IN = frozenset({200, 302, 303, 409, 422})


def _rules() -> list[Rule]:
    app = create_app(Settings(database_url="unused", secrets=Secrets.fresh()))
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return sorted(rules, key=lambda rule: (rule.endpoint, rule.rule))


RULES = _rules()
KNOWN = [rule for rule in RULES if rule.endpoint in EXPECT]


def _cases() -> Iterator[object]:
    for rule in KNOWN:
        for method in ("GET", "POST"):
            if method in (rule.methods or ()):
                yield pytest.param(rule, method, id=f"{method} {rule.rule}")


@pytest.fixture(scope="module")
def base(app_engine: Engine, server: TestServer) -> Iterator[tuple[Flask, World, Connection]]:
    """The portal with its world, rolled back after the last cell."""
    with app_engine.connect() as connection:
        outer = connection.begin()
        use(Database(connection, server.secrets, join_transaction_mode="create_savepoint"))
        world = build()
        end_session()
        app = create_app(settings_for_tests(server))
        app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
        yield app, world, connection
        end_session()
        outer.rollback()


@pytest.fixture
def cells(
    base: tuple[Flask, World, Connection], server: TestServer
) -> tuple[Flask, World, Connection]:
    """The same, made the database in use again after whatever another test used."""
    app, world, connection = base
    use(Database(connection, server.secrets, join_transaction_mode="create_savepoint"))
    return app, world, connection


def answer(
    cells: tuple[Flask, World, Connection],
    role: str,
    method: str,
    url: str,
    given: Mapping[str, str] | None = None,
) -> TestResponse:
    app, world, connection = cells
    client = app.test_client()
    if role in world.tokens:
        with client.session_transaction() as cookie:
            cookie["_user_id"] = world.tokens[role]
    # What a cell deletes comes back with its transaction; a file would not.
    with (
        connection.begin_nested() as cell,
        mock.patch.multiple(folder, drop=mock.DEFAULT, drop_family=mock.DEFAULT),
    ):
        response = client.open(
            url,
            method=method,
            query_string=given,
            data=given if method == "POST" else None,
        )
        end_session()
        cell.rollback()
    return response


def got_in(role: str, response: TestResponse) -> bool:
    """Say whether ``role`` was let in; raises on anything that is neither in nor kept out."""
    to = urlsplit(str(response.headers.get("Location", ""))).path
    asked_to_sign_in = role == NOBODY_IN and response.status_code == 303 and to == "/sign-in"
    asked_for_code = (
        role == HALF_IN and response.status_code == 303 and to == "/sign-in/second-factor"
    )
    asked_for_family = (
        role == "new_guardian" and response.status_code == 303 and to == "/my/register"
    )
    if asked_to_sign_in or asked_for_code or asked_for_family or response.status_code in {401, 403}:
        return False
    assert response.status_code in IN, response.status_code
    return True


def named_in(rule: Rule) -> list[str]:
    """Return what the path names that belongs to somebody, in its order."""
    names = [name for name in rule.arguments if f"{name}>" in rule.rule and name not in NEUTRAL]
    return sorted(names, key=lambda name: rule.rule.index(f"{name}>"))


def address(app: Flask, world: World, rule: Rule, kind: str, role: str = "") -> str:
    """Return the path; ``mixed`` is another's thing under one's own."""
    values = {name: NEUTRAL[name] for name in rule.arguments if name in NEUTRAL}
    values.update(rule.defaults or {})
    names = named_in(rule)
    for name in names:
        if name == "token":
            values[name] = world.secrets[rule.endpoint] if kind == "own" else "not-a-token"
        else:
            below = kind == "mixed" and name != names[-1]
            whose = GIVEN.get(rule.endpoint, {}).get(name, name)
            values[name] = world.value(whose, "own" if below else kind, role)
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def kinds_of(rule: Rule) -> list[str]:
    named = named_in(rule)
    if not named and rule.endpoint not in GIVEN:
        return ["own"]
    return ["own", "others", "absent", *(["mixed"] if len(named) > 1 else [])]


def who(expected: Expected, method: str) -> frozenset[str]:
    found = expected.get if method == "GET" else expected.post
    assert found is not None, f"the route takes {method}, the table does not say from whom"
    return found


@pytest.mark.proves("P6")
def test_every_route_has_an_expectation() -> None:
    assert sorted({rule.endpoint for rule in RULES} - set(EXPECT)) == []
    assert sorted(set(EXPECT) - {rule.endpoint for rule in RULES}) == []


@pytest.mark.proves("P6", "P7")
@pytest.mark.parametrize(("rule", "method"), list(_cases()))
def test_exactly_these_roles_get_in_to_their_own_things(
    cells: tuple[Flask, World, Connection], rule: Rule, method: str
) -> None:
    app, world, _ = cells
    expected = EXPECT[rule.endpoint]
    allowed = who(expected, method)
    wrong, tried = [], 0
    for kind in kinds_of(rule):
        names = GIVEN.get(rule.endpoint, {})
        for role in ROLES:
            tried += 1
            url = address(app, world, rule, kind, role)
            given = {name: str(world.value(whose, kind, role)) for name, whose in names.items()}
            given |= SAID.get(rule.endpoint, {})
            response = answer(cells, role, method, url, given)
            status = response.status_code
            if role not in allowed:
                fits = status < 500 and not got_in(role, response)
            elif kind == "own" or (kind in {"others", "mixed"} and role in expected.any_owner):
                fits = status in IN and got_in(role, response)
            else:
                fits = status == 404
            if not fits:
                wrong.append(f"{role} {kind}: {status} {response.headers.get('Location', '')}")
    assert tried >= len(ROLES)
    assert wrong == []


@pytest.mark.proves("P6")
@pytest.mark.parametrize("method", METHODS)
def test_other_methods_are_told_which_are_meant(
    cells: tuple[Flask, World, Connection], method: str
) -> None:
    app, world, _ = cells
    tried = 0
    taken = {rule.rule: set[str]() for rule in KNOWN}
    for rule in KNOWN:
        taken[rule.rule] |= rule.methods or set()
    for rule in KNOWN:
        if method in taken[rule.rule]:
            continue
        tried += 1
        response = answer(cells, "director", method, address(app, world, rule, "own"))
        assert response.status_code == 405, rule.rule
        assert taken[rule.rule] <= {
            name.strip() for name in response.headers["Allow"].split(",")
        }, rule.rule
    assert tried > 0
