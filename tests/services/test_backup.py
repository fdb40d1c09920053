"""A backup brought back holds what was backed up; whatever could go wrong says so."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from portal.db import backup, roles
from portal.db.backup import BackupError, contents, dump, restore
from portal.db.embedded.server import EmbeddedServer
from tests.services.embedded import majors, state_dir

FAMILIES = """
CREATE TABLE families (id int PRIMARY KEY, name text NOT NULL, seen_at timestamptz, note bytea);
INSERT INTO families SELECT n, '髙﨑𠮷野' || n, '2026-04-01 09:00+09', '\\x00ff' FROM
    generate_series(1, 500) AS n;
ALTER TABLE families ENABLE ROW LEVEL SECURITY;
ALTER TABLE families FORCE ROW LEVEL SECURITY;
CREATE POLICY gate ON families TO portal_gate USING (true);
GRANT SELECT ON families TO portal_gate, portal_app;
CREATE SCHEMA jobs;
CREATE TABLE jobs.queue (id bigint GENERATED ALWAYS AS IDENTITY, room int, during tstzrange,
    EXCLUDE USING gist (room WITH =, during WITH &&));
INSERT INTO jobs.queue (room) VALUES (1), (2), (3);
CREATE FUNCTION found() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    AS 'SELECT count(*) FROM public.families';
REVOKE ALL ON FUNCTION found() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION found() TO portal_app;
ALTER FUNCTION found() OWNER TO portal_gate;
"""


@pytest.fixture(scope="module", params=majors())
def server(request: pytest.FixtureRequest) -> Iterator[EmbeddedServer]:
    with state_dir() as root:
        server = EmbeddedServer(root, fast=True, major=request.param)
        server.ensure()
        server.create_database("portal")
        run(server, roles.OWNER, "portal", FAMILIES)
        yield server


def run(server: EmbeddedServer, role: str, database: str, statement: str) -> list[object]:
    host = str(server.socket_dir)
    with psycopg.connect(host=host, user=role, dbname=database) as connection:
        cursor = connection.execute(statement.encode())
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def databases(server: EmbeddedServer) -> list[object]:
    return run(server, roles.ADMIN, "postgres", "SELECT datname FROM pg_database")


def test_a_restored_database_equals_the_one_backed_up(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    saved = dump(server, tmp_path / "saved.dump")
    assert saved.rows == 503
    assert saved.tables.keys() == {"public.families", "jobs.queue"}
    run(server, roles.ADMIN, "portal", "DELETE FROM families WHERE id % 2 = 0")
    restored = restore(tmp_path / "saved.dump", server, database="restored")
    assert restored == saved
    assert restored.digest != contents(server.url(roles.BACKUP, "portal")).digest
    run(server, roles.ADMIN, "portal", "TRUNCATE families; " + FAMILIES.split(";")[1])
    assert restored.digest == contents(server.url(roles.BACKUP, "portal")).digest
    assert run(server, roles.APP, "restored", "SELECT found()") == [500]
    assert run(server, roles.APP, "restored", "SELECT count(*) FROM families") == [0]
    run(server, roles.OWNER, "restored", "INSERT INTO jobs.queue (room) VALUES (4)")
    server.drop_database("restored")


def test_the_files_are_for_their_owner_alone_and_never_overwritten(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    target = tmp_path / "saved.dump"
    dump(server, target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    before = target.read_bytes()
    with pytest.raises(BackupError, match="すでにあります"):
        dump(server, target)
    assert target.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"saved.dump", "saved.dump.json"}


def test_one_changed_letter_is_noticed_and_nothing_is_left(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dump(server, tmp_path / "saved.dump")
    restored = backup._restore_into

    def with_a_slip(program: Path, url: str, dumped: Path) -> None:
        restored(program, url, dumped)
        run(server, roles.ADMIN, "slip", "UPDATE families SET name = name || ' ' WHERE id = 7")

    monkeypatch.setattr(backup, "_restore_into", with_a_slip)
    with pytest.raises(BackupError, match=r"public\.families"):
        restore(tmp_path / "saved.dump", server, database="slip")
    assert "slip" not in databases(server)


def test_a_broken_file_or_a_missing_list_is_refused(server: EmbeddedServer, tmp_path: Path) -> None:
    broken = tmp_path / "broken.dump"
    broken.write_text("not a dump")
    with pytest.raises(BackupError, match=r"broken\.dump\.json がありません"):
        restore(broken, server, database="broken")
    Path(f"{broken}.json").write_text(json.dumps({"tables": {}}))
    with pytest.raises(BackupError, match="pg_restore が失敗しました"):
        restore(broken, server, database="broken")
    assert "broken" not in databases(server)


def test_an_existing_database_is_never_restored_over(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    dump(server, tmp_path / "saved.dump")
    with pytest.raises(BackupError, match="portal はすでにあります"):
        restore(tmp_path / "saved.dump", server, database="portal")
    with pytest.raises(BackupError, match="空ではありません"):
        restore(tmp_path / "saved.dump", server.url(roles.ADMIN, "portal"))
    assert run(server, roles.ADMIN, "portal", "SELECT count(*) FROM families") == [500]


def test_a_role_under_row_level_security_cannot_back_up_an_empty_looking_table(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="すべての行が見えません"):
        dump(server.url(roles.OWNER, "portal"), tmp_path / "saved.dump")
    assert list(tmp_path.iterdir()) == []


def test_a_server_elsewhere_is_backed_up_by_its_address(
    server: EmbeddedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = dump(server.url(roles.BACKUP, "portal"), tmp_path / "saved.dump")
    server.create_database("elsewhere")
    address = server.url(roles.ADMIN, "elsewhere")
    assert restore(tmp_path / "saved.dump", address) == saved
    server.drop_database("elsewhere")

    def not_installed(_major: int) -> None:
        return None

    monkeypatch.setattr(backup, "client_programs", not_installed)
    with pytest.raises(BackupError, match=r"apt-get install postgresql-client-\d\d"):
        dump(server.url(roles.BACKUP, "portal"), tmp_path / "other.dump")


def test_a_password_is_not_on_the_command_line(tmp_path: Path) -> None:
    shown = tmp_path / "pg_dump"
    shown.write_text('#!/bin/sh\necho "$@"; echo "env $PGPASSWORD"\n')
    shown.chmod(0o700)
    said = backup._run(
        shown, "postgresql+psycopg://me:s3cret@db.example/portal?sslmode=require", []
    )
    arguments, environment = said.splitlines()
    assert "s3cret" not in arguments
    assert "sslmode=require" in arguments
    assert environment == "env s3cret"
