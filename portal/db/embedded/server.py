"""The embedded PostgreSQL server: one for each state directory, whoever starts it first.

There is no process of ours that must stay alive: the server belongs to its data directory, and
any process of the portal that finds it running uses it, or finds it dead and starts it again.
"""

from __future__ import annotations

import contextlib
import shutil
import threading
from functools import cached_property
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import URL

from portal.db import roles
from portal.db.embedded import files
from portal.db.embedded.account import server_account
from portal.db.embedded.binaries import Binaries, find_binaries
from portal.db.embedded.cluster import Cluster
from portal.db.embedded.errors import EmbeddedServerError

_LOCK_PATIENCE = 240.0


class EmbeddedServer:
    """A PostgreSQL server of our own below a state directory, reached by a Unix socket.

    All methods may be called by any number of processes and threads at once. The connecting
    operating-system account is the only credential.

    Args:
        root: The portal's state directory; created if missing. Where root runs the portal and
            the server's account cannot reach this directory, the data goes to a directory of
            its own in ``/var/lib/portal``, and a link here leads to it.
        fast: For tests: nothing is made safe against a crash of the machine.
        major: Use this major version for a new data directory rather than the best one found.
    """

    def __init__(self, root: Path, *, fast: bool = False, major: int | None = None) -> None:
        self.root = root.absolute()
        self.fast = fast
        self._wanted_major = major

    def ensure(self) -> None:
        """Make the server run and its roles exist: create, start, or adopt what is there.

        Waits for a server in recovery, and for about two minutes at most.

        Raises:
            DatabaseMissing: No usable PostgreSQL is installed.
            EmbeddedServerError: It does not start; the text holds the server's own words.
        """
        with self._alone():
            cluster = self._cluster
            if not (cluster.data / "PG_VERSION").exists():
                cluster.create(self._binaries, fast=self.fast)
                cluster = self._cluster
            cluster.bring_up(self._binaries, fast=self.fast)
            with cluster.connect() as connection:
                connection.execute(roles.ROLES_SQL)

    def stop(self) -> None:
        """Shut the server down if it runs: sessions end at once, nothing committed is lost."""
        with self._alone():
            self._cluster.halt()

    def remove(self) -> None:
        """Stop the server and delete its data for good; the rest of the state directory stays."""
        with self._alone():
            self._cluster.halt()
            shutil.rmtree(self.home, ignore_errors=True)
            self._lock.unlink(missing_ok=True)
            if self.home.parent != self.root:
                (self.root / "postgres").unlink(missing_ok=True)
            del self.home

    def keep_alive(self, until: threading.Event, *, every: float = 0.5) -> None:
        """Start the server again whenever it has died, looking every so many seconds.

        Blocks until ``until`` is set, so it is run in a thread. A failure to start is tried
        again; the first :meth:`ensure` is the caller's, where its error can be shown.
        """
        while not until.wait(every):
            if self.postmaster_pid is None:
                with contextlib.suppress(EmbeddedServerError, psycopg.Error, OSError):
                    self.ensure()

    def url(self, role: str, database: str) -> str:
        """Return the SQLAlchemy address of a database for a role of :mod:`portal.db.roles`."""
        query = {"host": str(self.socket_dir), "port": str(files.PORT)}
        address = URL.create("postgresql+psycopg", username=role, database=database, query=query)
        return address.render_as_string(hide_password=False)

    def binary(self, name: str) -> Path:
        """Return the path of a program (``psql``, ``pg_dump``) of the server's own version."""
        return self._binaries.directory / name

    def create_database(self, name: str, *, template: str | None = None) -> None:
        """Create a database owned by ``portal_owner``, empty or as a copy of another.

        The template must have no connections. Takes about 30 ms for a copy.

        Raises:
            psycopg.errors.DuplicateDatabase: There is one of this name already.
        """
        access = roles.database_access_sql(name)
        create = sql.SQL("CREATE DATABASE {} OWNER portal_owner TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name),
            sql.Identifier(template or "template0"),
            sql.SQL("FILE_COPY" if template else "WAL_LOG"),
        )
        with self._cluster.connect() as connection:
            connection.execute(create)
            try:
                if template:
                    connection.execute(access)
                else:
                    with self._cluster.connect(name) as inside:
                        inside.execute(roles.database_sql(name))
            except BaseException:
                self.drop_database(name)
                raise

    def drop_database(self, name: str) -> None:
        """Delete a database, ending its connections; nothing happens if there is none."""
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        with self._cluster.connect() as connection:
            connection.execute(drop)

    @property
    def socket_dir(self) -> Path:
        """The directory of the running server's socket; of the next one's if none runs."""
        return self._cluster.socket_dir

    @property
    def postmaster_pid(self) -> int | None:
        """The server's process number, or None if none of ours runs."""
        return self._cluster.pid

    @property
    def log(self) -> Path:
        """The server's log; it holds no statements."""
        return self._cluster.log

    @cached_property
    def home(self) -> Path:
        """The directory that is the server's alone: data, log, and socket if its path is short."""
        return files.server_home(self.root)

    @property
    def _cluster(self) -> Cluster:
        return Cluster(self.home, server_account(self.home / "data"))

    @cached_property
    def _binaries(self) -> Binaries:
        version = self.home / "data" / "PG_VERSION"
        major = int(version.read_text()) if version.exists() else self._wanted_major
        return find_binaries(self._cluster.account, major=major, copies=self.home.parent)

    @property
    def _lock(self) -> Path:
        return self.home.with_name(f"{self.home.name}.lock")

    def _alone(self) -> contextlib.AbstractContextManager[None]:
        return files.only_one(self._lock, within=_LOCK_PATIENCE)
