"""Back a database up into a file and bring it back, with proof that nothing is missing.

The programs are the server's own ``pg_dump`` and ``pg_restore``: Debian's server 15 writes what
only Debian's ``pg_dump`` 15 can leave out. Beside the dump stands a list of every table's row
count and digest, taken in the very snapshot that was dumped; a restore counts again and compares.

A dump holds everything that families have told. It is written for its owner alone (mode 0600);
where it is kept, and for how long, is the operator's to decide.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from sqlalchemy import make_url

from portal.db import roles
from portal.db.embedded.binaries import client_programs
from portal.db.embedded.server import EmbeddedServer

_TABLES = """\
SELECT space.nspname, found.relname
FROM pg_class AS found
JOIN pg_namespace AS space ON space.oid = found.relnamespace
WHERE found.relkind = 'r' AND space.nspname <> 'information_schema' AND space.nspname !~ '^pg_'
ORDER BY 1, 2
"""
#: Independent of the order of rows, and of how the server was told to print values.
_COUNTED = """\
SELECT count(*), coalesce(
    sum(('x' || left(encode(sha256(convert_to(row_::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint),
    0)::text
FROM ONLY {table} AS row_
"""
_AS_PRINTED = """\
SET LOCAL TimeZone = 'UTC';
SET LOCAL DateStyle = 'ISO, YMD';
SET LOCAL IntervalStyle = 'postgres';
SET LOCAL extra_float_digits = 1;
SET LOCAL bytea_output = 'hex';
SET LOCAL row_security = off;
"""
#: Made before the restore by someone with more rights; making them again would fail.
_ALREADY_THERE = ("COMMENT - EXTENSION ", "EXTENSION - ", "SCHEMA - public ", "COMMENT - SCHEMA ")


class BackupError(Exception):
    """A backup or a restore failed; the text says why and what would help. Nothing is half done."""


@dataclass(frozen=True, slots=True)
class Table:
    """How many rows a table holds, and a digest over all of them."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds, by table, named with its schema."""

    tables: dict[str, Table]

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    @property
    def digest(self) -> str:
        """One digest over everything; equal for equal contents on any server version."""
        named = [(name, *asdict(table).values()) for name, table in sorted(self.tables.items())]
        return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def contents(url: str) -> Contents:
    """Return what the database at ``url`` holds now.

    Raises:
        BackupError: The role does not see every row. ``portal_backup`` does.
    """
    with _snapshot(_conninfo(url)) as connection:
        return _contents(connection)


def dump(source: EmbeddedServer | str, to: Path, *, database: str = "portal") -> Contents:
    """Write a database into the new file ``to``, and its list into ``<to>.json``.

    The portal may go on working meanwhile: the dump is of one moment.

    Args:
        source: The running embedded server, or the address of a database elsewhere, for a role
            that sees every row (``DATABASE_BACKUP_URL``).
        to: Must not exist; its directory must.
        database: Which database of the embedded server. An address names its own.

    Raises:
        BackupError: The file exists, no ``pg_dump`` of the server's version is installed, or it
            failed; no file is left.
    """
    if to.exists():
        raise BackupError(f"{to} はすでにあります。別の名前を指定してください。 / {to} exists.")
    url = source if isinstance(source, str) else source.url(roles.BACKUP, database)
    partial = to.with_name(f"{to.name}.partial")
    try:
        partial.touch(mode=0o600)
        with _snapshot(_conninfo(url)) as connection:
            found = _contents(connection)
            program = _program(source, "pg_dump", connection.info.server_version // 10000)
            moment = connection.execute("SELECT pg_export_snapshot()").fetchone()
            options = [
                "--format=custom",
                "--lock-wait-timeout=30s",
                f"--snapshot={moment[0] if moment else ''}",
                f"--file={partial}",
            ]
            _run(program, url, options)
        listing = {name: asdict(table) for name, table in found.tables.items()}
        _list_of(to).write_text(json.dumps({"tables": listing}, indent=1) + "\n")
        partial.replace(to)
    finally:
        partial.unlink(missing_ok=True)
    return found


def restore(
    dumped: Path, target: EmbeddedServer | str, *, database: str = "portal", reader: str = ""
) -> Contents:
    """Bring a dump back into a new database, and return what has been compared and found equal.

    Args:
        dumped: A file that :func:`dump` wrote, with its list beside it.
        target: The running embedded server, on which ``database`` is created; or the address of
            an empty database elsewhere, prepared with the SQL of :mod:`portal.db.roles`, for an
            administrator (the owner may not give rights on functions of other roles).
        database: The name of the new database on the embedded server.
        reader: With an address: the same database for a role that sees every row, if the
            administrator is none.

    Raises:
        BackupError: There is such a database already, the dump's list is missing, a program
            failed, or something came back different. On the embedded server nothing is left.
    """
    expected = _expected(dumped)
    if isinstance(target, str):
        with psycopg.connect(_conninfo(target)) as connection:
            if connection.execute(_TABLES).fetchone() is not None:
                raise BackupError(
                    "戻し先のデータベースが空ではありません。新しいデータベースを用意してください。"
                    " / The database to restore into is not empty."
                )
            major = connection.info.server_version // 10000
        _restore_into(_program(target, "pg_restore", major), target, dumped)
        return _compared(contents(reader or target), expected)
    try:
        target.create_database(database)
    except psycopg.errors.DuplicateDatabase:
        raise BackupError(
            f"データベース {database} はすでにあります。別の名前を指定してください。"
            f" / There is a database {database} already."
        ) from None
    try:
        _restore_into(target.binary("pg_restore"), target.url(roles.ADMIN, database), dumped)
        return _compared(contents(target.url(roles.BACKUP, database)), expected)
    except BaseException:
        target.drop_database(database)
        raise


@contextlib.contextmanager
def _snapshot(conninfo: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(conninfo) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(_AS_PRINTED)
        yield connection


def _contents(connection: psycopg.Connection) -> Contents:
    tables = {}
    for schema, name in connection.execute(_TABLES).fetchall():
        counted = sql.SQL(_COUNTED).format(table=sql.Identifier(schema, name))
        try:
            rows, digest = connection.execute(counted).fetchall()[0]
        except psycopg.errors.InsufficientPrivilege as error:
            raise BackupError(
                "この接続先の利用者にはすべての行が見えません。portal_backup の接続先"
                "(DATABASE_BACKUP_URL)を指定してください。"
                f" / This role does not see every row of {schema}.{name}: {error}"
            ) from error
        tables[f"{schema}.{name}"] = Table(rows, digest)
    return Contents(tables)


def _restore_into(program: Path, url: str, dumped: Path) -> None:
    listed = _run(program, "", ["--list", str(dumped)])
    wanted = [line for line in listed.splitlines() if not any(w in line for w in _ALREADY_THERE)]
    names = dumped.with_name(f"{dumped.name}.{os.getpid()}.toc")
    try:
        names.write_text("\n".join(wanted) + "\n")
        _run(
            program,
            url,
            ["--single-transaction", "--exit-on-error", f"--use-list={names}", str(dumped)],
        )
    finally:
        names.unlink(missing_ok=True)


def _compared(found: Contents, expected: Contents) -> Contents:
    different = sorted(
        name
        for name in found.tables.keys() | expected.tables.keys()
        if found.tables.get(name) != expected.tables.get(name)
    )
    if different:
        raise BackupError(
            f"戻したデータがバックアップと一致しません: {', '.join(different)}。"
            " / What was restored differs from what was backed up."
        )
    return found


def _list_of(dumped: Path) -> Path:
    return dumped.with_name(f"{dumped.name}.json")


def _expected(dumped: Path) -> Contents:
    beside = _list_of(dumped)
    if not dumped.exists() or not beside.exists():
        missing = beside if dumped.exists() else dumped
        raise BackupError(f"{missing} がありません。 / {missing} is missing.")
    tables = json.loads(beside.read_text())["tables"]
    return Contents({name: Table(**values) for name, values in tables.items()})


def _program(place: EmbeddedServer | str, name: str, major: int) -> Path:
    if isinstance(place, EmbeddedServer):
        return place.binary(name)
    directory = client_programs(major)
    if directory is None:
        raise BackupError(
            f"PostgreSQL {major} の {name} がこの機械にありません。「apt-get install"
            f" postgresql-client-{major}」で入れてください。"
            f" / {name} of the server's own version, {major}, is not installed."
        )
    return directory / name


def _conninfo(url: str) -> str:
    address = make_url(url)
    named = {
        "host": address.host,
        "port": address.port,
        "user": address.username,
        "password": address.password,
        "dbname": address.database,
        **address.query,
    }
    return make_conninfo(**{name: str(value) for name, value in named.items() if value is not None})


def _run(program: Path, url: str, options: list[str]) -> str:
    """Run a program of PostgreSQL; the password goes by environment, where ``ps`` shows none."""
    environment = dict(os.environ)
    if url:
        parts = {name: str(value) for name, value in conninfo_to_dict(_conninfo(url)).items()}
        if "password" in parts:
            environment["PGPASSWORD"] = parts.pop("password")
        options = [f"--dbname={make_conninfo(**parts)}", *options]
    done = subprocess.run(
        [program, *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise BackupError(
            f"{program.name} が失敗しました。"
            f" / {program.name} failed: {done.stderr.strip()[-1500:]}"
        )
    return done.stdout
