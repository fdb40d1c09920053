"""The models say what the migrations made; migrations go up, down and up again with rows in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from migrations.functions import Change, rewrite, write_back
from portal.all_models import Base
from portal.db import migrate
from portal.db.session import Database, end_session, make_engine, use
from tests.database import TestServer
from tests.factories import people, places

#: Tables that no model shows, because only functions of the database may touch them.
WITHOUT_MODEL = {
    "actor_keys",
    "given_answers",
    "instance_facts",
    "mail_tokens",
    "recovery_codes",
    "sign_in_sessions",
    "tries",
}


@pytest.fixture
def owner(server: TestServer) -> Iterator[tuple[Engine, str]]:
    name = server.clone()
    engine = create_engine(server.url("portal_owner", name))
    yield engine, name
    engine.dispose()
    server.drop(name)


def differences(engine: Engine) -> list[Any]:
    def ours(_object: object, name: str | None, kind: str, *_more: object) -> bool:
        return not (kind == "table" and name in WITHOUT_MODEL)

    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": False, "include_object": ours}
        )
        return list(compare_metadata(context, Base.metadata))


def schema(server: TestServer, name: str) -> str:
    """Return everything the database is made of, as its own dump tells it."""
    url = server.url("portal_owner", name).replace("postgresql+psycopg://", "postgresql://")
    done = subprocess.run(
        [server.server.binary("pg_dump"), "--schema-only", f"--dbname={url}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return re.sub(r"^\\(un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)


def test_the_models_are_what_the_migrations_make(owner: tuple[Engine, str]) -> None:
    assert differences(owner[0]) == []


def test_a_model_that_the_migrations_do_not_know_is_found(owner: tuple[Engine, str]) -> None:
    before = len(differences(owner[0]))
    with owner[0].begin() as connection:
        connection.execute(text("ALTER TABLE users DROP COLUMN totp_next_sealed"))
        connection.execute(text("DROP INDEX ix_memberships_organisation_id"))
    after = differences(owner[0])
    assert len(after) == before + 2
    assert {"add_column", "add_index"} <= {found[0] for found in after}


def test_there_is_one_line_of_migrations(owner: tuple[Engine, str]) -> None:
    with owner[0].connect() as connection:
        scripts = ScriptDirectory.from_config(migrate.alembic_config(connection))
    assert len(scripts.get_heads()) == 1
    for script in scripts.walk_revisions():
        assert script.doc, script.revision


def test_every_migration_goes_down_and_up_again_with_rows_in(
    owner: tuple[Engine, str], server: TestServer
) -> None:
    engine, name = owner
    app = make_engine(server.url("portal_app", name))
    use(Database(app, server.secrets))
    site = places.make_site("ひなた保育園")
    guardian = people.make_guardian("田中 みほ", children=("田中 はな",))
    places.accept(site, guardian, people.children_of(guardian)[0].id)
    people.session_token(guardian)
    end_session()
    app.dispose()
    at_head = schema(server, name)
    with engine.connect() as connection:
        scripts = ScriptDirectory.from_config(migrate.alembic_config(connection))
    revisions = [script.revision for script in scripts.walk_revisions()]
    assert len(revisions) >= 7
    for revision, below in zip(revisions, [*revisions[1:], "base"], strict=True):
        migrate.downgrade(engine, below)
        migrate.migrate(engine, revision)
        migrate.downgrade(engine, below)
    migrate.migrate(engine)
    assert schema(server, name) == at_head


@pytest.fixture
def speaks(owner: tuple[Engine, str]) -> Iterator[Connection]:
    """A database with a function that says "one two two", open to operations of migrations."""
    with owner[0].begin() as connection:
        connection.execute(
            text("CREATE FUNCTION speaks() RETURNS text LANGUAGE sql AS $$ SELECT 'one two two' $$")
        )
        with Operations.context(MigrationContext.configure(connection)):
            yield connection


def test_a_function_is_changed_in_places_and_back(speaks: Connection) -> None:
    changes: tuple[Change, ...] = (("one", "two two one"), ("two one two", "six"))
    rewrite("portal_owner", "speaks()", *changes)
    assert speaks.scalar(text("SELECT speaks()")) == "two six two"
    write_back("portal_owner", "speaks()", *changes)
    assert speaks.scalar(text("SELECT speaks()")) == "one two two"


@pytest.mark.parametrize(("was", "times"), [("three", 0), ("two", 2)])
def test_what_a_function_does_not_say_exactly_once_is_not_replaced(
    speaks: Connection, was: str, times: int
) -> None:
    with pytest.raises(ProgrammingError, match=f"says {times} times"), speaks.begin_nested():
        rewrite("portal_owner", "speaks()", (was, "four"))
    assert speaks.scalar(text("SELECT speaks()")) == "one two two"
