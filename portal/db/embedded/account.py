"""The operating-system account the server runs as, and how its programs are run.

PostgreSQL refuses to run as root. Started by root it runs as ``postgres``, or as ``nobody`` where
that account does not exist; otherwise as whoever started it.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.db.embedded.errors import EmbeddedServerError

_WHEN_ROOT = ("postgres", "nobody")


@dataclass(frozen=True, slots=True)
class Account:
    """An account with a passwd entry; ``drops`` when we are root and must become it."""

    name: str
    uid: int
    gid: int
    drops: bool

    def run(
        self, command: Sequence[str | Path], *, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this account to its end, with a clean environment.

        Nothing of our environment reaches it but PATH: a PGDATA or PGPORT of the caller's shell
        must not redirect the server. Times out after ``timeout`` seconds.

        Raises:
            OSError: The account may not execute the program, or it does not exist.
            subprocess.TimeoutExpired: It did not end in time; it has been killed.
        """
        return subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
            cwd="/",
            umask=0o077,
            env={"LC_ALL": "C", "TZ": "UTC", "PATH": os.environ.get("PATH", os.defpath)},
            user=self.uid if self.drops else None,
            group=self.gid if self.drops else None,
            extra_groups=[] if self.drops else None,
        )

    def can_enter(self, directory: Path) -> bool:
        """Say whether this account can reach the inside of an existing directory."""
        return (
            self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory], timeout=20).returncode == 0
        )

    def give(self, path: Path) -> None:
        """Make this account the owner of one file or directory, where that is a change."""
        if self.drops:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def our_account() -> Account:
    """Return the account we run as ourselves.

    Raises:
        EmbeddedServerError: It has no passwd entry (``docker run --user 1234``).
    """
    entry = _entry(os.geteuid())
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=False)


def server_account(data: Path) -> Account:
    """Return the account that serves ``data``: the owner of existing data, else the usual one.

    Raises:
        EmbeddedServerError: We are root and neither ``postgres`` nor ``nobody`` exists, or we
            run as an account without a passwd entry.
    """
    if os.geteuid() != 0:
        return our_account()
    if data.exists() and data.stat().st_uid != 0:
        entry = _entry(data.stat().st_uid)
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    for name in _WHEN_ROOT:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, drops=True)
    raise EmbeddedServerError(
        "PostgreSQLを動かす利用者(postgres か nobody)がこの機械にありません。"
        " / PostgreSQL does not run as root, and neither account postgres nor nobody exists."
    )


def _entry(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedServerError(
            f"利用者番号 {uid} の名前がこの機械に登録されていません(/etc/passwd)。"
            f" / PostgreSQL needs a passwd entry for user id {uid}."
        ) from None
