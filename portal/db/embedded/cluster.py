"""A data directory and the server that may be running on it. Not safe without the lock.

Everything here is called by :class:`portal.db.embedded.server.EmbeddedServer` while it holds the
lock, except the questions ``pid`` and ``socket_dir``.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from portal.db import roles
from portal.db.embedded import files, processes
from portal.db.embedded.account import Account
from portal.db.embedded.binaries import Binaries
from portal.db.embedded.errors import EmbeddedServerError

_PATIENCE = 120.0
_KILL_ORPHANS_AFTER = 5.0
_ORPHANS_END_WITHIN = 40.0
_LARGEST_LOG = 10_000_000
#: Words in the log of a failed start after which another try may succeed.
_PASSING = ("shared memory block", "lock file", "is another postmaster", "Address already in use")
#: ``pg_ctl`` puts paths between double quotes into a line for the shell.
_UNQUOTABLE = '"$`\\\n'


class Cluster:
    """The server of one data directory: its processes, its files, its start and its end."""

    def __init__(self, home: Path, account: Account) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "log"
        self.account = account

    @property
    def pid(self) -> int | None:
        """The postmaster's process number, or None if none of ours runs."""
        lines = self._pid_file()
        pid = int(lines[0]) if lines and lines[0].strip().isdigit() else 0
        return pid if pid and processes.is_ours(pid, self.data) else None

    @property
    def socket_dir(self) -> Path:
        """The directory of the running server's socket; of the next one's if none runs."""
        lines = self._pid_file()
        named = lines[4].strip() if len(lines) > 4 else ""  # noqa: PLR2004 - documented line 5
        return Path(named) if named else files.socket_directory(self.home)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Return a connection as ``portal_admin``, each statement its own transaction."""
        return psycopg.connect(
            host=str(self.socket_dir),
            port=files.PORT,
            user=roles.ADMIN,
            dbname=database,
            autocommit=True,
            connect_timeout=10,
        )

    def create(self, binaries: Binaries, *, fast: bool) -> None:
        """Make the data directory, all or nothing: a killed attempt leaves only rubbish."""
        for rubbish in self.home.parent.glob(f"{self.home.name}.new-*"):
            shutil.rmtree(rubbish, ignore_errors=True)
        if self.home.exists() and any(self.home.iterdir()):
            raise EmbeddedServerError(
                f"{self.home} にデータベースではないものがあります。別の場所を指定してください。"
                f" / {self.home} holds something that is not a database of ours."
            )
        if set(str(self.home)) & set(_UNQUOTABLE):
            raise EmbeddedServerError(
                f"フォルダーの名前に {_UNQUOTABLE} は使えません。"
                f"別の場所を指定してください({self.home})。"
                f" / pg_ctl cannot quote these characters in a path: {_UNQUOTABLE}"
            )
        fresh = Path(
            tempfile.mkdtemp(prefix=f"{self.home.name}.new-", dir=self.home.parent.resolve())
        )
        self.account.give(fresh)
        done = self.account.run(
            [
                binaries.directory / "initdb",
                f"--pgdata={fresh / 'data'}",
                f"--username={roles.ADMIN}",
                "--auth=peer",
                "--encoding=UTF8",
                "--locale=C",
                "--data-checksums",
                "--no-instructions",
                *(["--no-sync"] if fast else []),
            ],
            timeout=_PATIENCE,
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise EmbeddedServerError(
                f"データベースを作れませんでした。 / initdb failed: {done.stderr.strip()[-1500:]}"
            )
        with (fresh / "data" / "postgresql.conf").open("a") as settings:
            settings.write("include = 'portal.conf'\n")
        fresh.rename(self.home)

    def bring_up(self, binaries: Binaries, *, fast: bool) -> None:
        """Start the server or adopt the running one; back when it accepts connections."""
        sockets = files.socket_directory(self.home)
        began = time.monotonic()
        complaint = ""
        while time.monotonic() - began < _PATIENCE:
            if self.pid is not None:
                if self._answers():
                    return
                if self._is_cut_off():
                    self.halt()
            else:
                self._clear_the_way(sockets)
                self._configure(binaries, sockets, fast=fast)
                complaint = self._launch(binaries)
                if complaint and not any(words in complaint for words in _PASSING):
                    break
            time.sleep(0.05)
        raise EmbeddedServerError(
            f"データベースを始められませんでした。くわしくは {self.log} を見てください。"
            f" / The server did not start; see {self.log}. {complaint[-1500:]}"
        )

    def halt(self) -> None:
        """Shut down at once but in order; after 30 seconds without order, as after a crash."""
        pid = self.pid
        if pid is None:
            return
        for number, patience in ((signal.SIGINT, 30.0), (signal.SIGQUIT, 15.0)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            deadline = time.monotonic() + patience
            while time.monotonic() < deadline:
                if not processes.is_ours(pid, self.data):
                    self._tidy_sockets()
                    return
                time.sleep(0.02)
        raise EmbeddedServerError(
            f"データベース(プロセス {pid})が終わりません。"
            f" / The server (process {pid}) does not end."
        )

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _is_cut_off(self) -> bool:
        """Say whether the server is ready but its socket is gone, as after a cleaning of /tmp."""
        lines = self._pid_file()
        ready = len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - line 8 is the status
        return ready and not (self.socket_dir / f".s.PGSQL.{files.PORT}").exists()

    def _configure(self, binaries: Binaries, sockets: Path, *, fast: bool) -> None:
        files.make_socket_directory(sockets, self.account)
        files.write_settings(
            self.data, self.account, sockets=sockets, major=binaries.major, fast=fast
        )
        if self.log.exists() and self.log.stat().st_size > _LARGEST_LOG:
            self.log.replace(self.log.with_name("log.1"))

    def _clear_the_way(self, sockets: Path) -> None:
        """Remove what a killed server left: processes, then lock files that name a stranger.

        Raises:
            EmbeddedServerError: Processes of the old server do not end.
        """
        left = processes.end_orphans(
            self.data, kill_after=_KILL_ORPHANS_AFTER, give_up_after=_ORPHANS_END_WITHIN
        )
        if left:
            numbers = ", ".join(str(pid) for pid in left)
            raise EmbeddedServerError(
                f"前のデータベースのプロセス({numbers})が終わりません。終わらせてから、もう一度お試しください。"
                f" / Processes of the killed server still hold its memory: {numbers}."
            )
        # Nothing of ours runs, so a number in these files is that of a stranger or of nobody.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (sockets / f".s.PGSQL.{files.PORT}.lock").unlink(missing_ok=True)

    def _launch(self, binaries: Binaries) -> str:
        """Start the server; return "" when it is ready, else what it wrote into its log."""
        before = self.log.stat().st_size if self.log.exists() else 0
        # pg_ctl detaches the server from us, so that it outlives us and is never our zombie.
        command: list[str | Path] = [
            binaries.directory / "pg_ctl",
            "start",
            "--wait",
            "--timeout=60",
            "--silent",
            f"--pgdata={self.data}",
            f"--log={self.log}",
        ]
        try:
            done = self.account.run(command, timeout=90)
        except subprocess.TimeoutExpired:
            return "lock file: pg_ctl did not return"
        if done.returncode == 0 or self.pid is not None:
            return ""
        with contextlib.suppress(OSError), self.log.open(errors="replace") as log:
            log.seek(before)
            return f"{log.read().strip()}\n{done.stderr.strip()}"
        return done.stderr.strip() or "no log"

    def _tidy_sockets(self) -> None:
        sockets = files.socket_directory(self.home)
        if sockets.parent != self.home:
            with contextlib.suppress(OSError):
                sockets.rmdir()
