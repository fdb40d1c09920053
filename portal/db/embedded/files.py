"""Directories and configuration files of the embedded server."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from portal.db.embedded.account import Account, server_account
from portal.db.embedded.errors import EmbeddedServerError
from portal.db.embedded.processes import cluster_tag
from portal.db.roles import LOGIN_ROLES

#: For a portal run by root, and for data whose directory the server's account cannot reach.
SYSTEM_STATE = Path("/var/lib/portal")
PORT = 5432
#: sockaddr_un holds 107 bytes on Linux and 103 on macOS.
_LONGEST_SOCKET_PATH = 103
#: Not the directory from TMPDIR: every process must come to the same one, and it is short.
_SHORT_DIRECTORY = Path("/tmp")  # noqa: S108 # nosec B108 - made with mode 0700, and its owner is checked

_SETTINGS = """\
# Written at each start; changes belong into postgresql.conf.
listen_addresses = ''
port = {port}
unix_socket_directories = '{sockets}'
cluster_name = '{tag}'
max_connections = 200
shared_buffers = 64MB
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
# A statement or the detail of an error would carry families' data into the log.
log_min_error_statement = panic
log_error_verbosity = terse
"""
_FAST = """\
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
"""


def default_state_dir() -> Path:
    """Return where the portal keeps its state when nobody says otherwise; not yet created."""
    if os.geteuid() == 0:
        return SYSTEM_STATE
    state_home = os.environ.get("XDG_STATE_HOME")
    return Path(state_home) / "portal" if state_home else Path("var").resolve()


@contextlib.contextmanager
def only_one(lock: Path, *, within: float) -> Iterator[None]:
    """Hold the lock file; one process or thread at a time, freed by the kernel if we die.

    The holder may delete the file; whoever waited for it then takes the next one.

    Raises:
        EmbeddedServerError: Somebody else has held it for ``within`` seconds, or we may not
            write here.
    """
    deadline = time.monotonic() + within
    while True:
        with _opened(lock) as file:
            if _is_locked(file, lock):
                yield
                return
        if time.monotonic() > deadline:
            raise EmbeddedServerError(
                "ほかの処理がデータベースを操作しています。終わってから、もう一度お試しください。"
                f" / Another process has been holding {lock} for {within:.0f} seconds."
            )
        time.sleep(0.02)


def _opened(lock: Path) -> IO[str]:
    try:
        return lock.open("a")
    except PermissionError:
        raise EmbeddedServerError(
            f"{lock.parent} に書きこめません。このフォルダーを作った利用者で実行するか、"
            f"別の場所を指定してください。 / {lock.parent} is not writable for us."
        ) from None


def _is_locked(file: IO[str], lock: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(file.fileno()).st_ino == lock.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def socket_directory(home: Path) -> Path:
    """Return where the server's socket goes: below ``home``, else a path short enough."""
    beside = home / "run"
    length = len(os.fsencode(beside / f".s.PGSQL.{PORT}"))
    # Server and clients read a comma as the end of one directory and the start of another.
    if length <= _LONGEST_SOCKET_PATH and "," not in str(beside):
        return beside
    return _SHORT_DIRECTORY / cluster_tag(home / "data")


def make_socket_directory(directory: Path, account: Account) -> None:
    """Create the socket's directory for its account alone.

    Raises:
        EmbeddedServerError: Somebody else made a directory of this name in a shared place.
    """
    with contextlib.suppress(FileExistsError):
        directory.mkdir(mode=0o700)
        account.give(directory)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
        raise EmbeddedServerError(
            f"{directory} は別の利用者のものです。消してから、もう一度お試しください。"
            f" / {directory} belongs to somebody else; remove it and try again."
        )


def write_settings(data: Path, account: Account, *, sockets: Path, major: int, fast: bool) -> None:
    """Write the settings of the server's next start, and who may connect to it.

    The server's own account and root may take on the portal's roles; root could become that
    account anyway. Nobody else on the machine gets in, and there is no password to leak.
    """
    quoted = str(sockets).replace("'", "''")
    settings = _SETTINGS.format(port=PORT, sockets=quoted, tag=cluster_tag(data))
    if major >= 18:  # noqa: PLR2004 - the version that brought io_method
        settings += "io_method = sync\n"
    clients = dict.fromkeys([pwd.getpwuid(0).pw_name, account.name])
    admitted = [f'portal "{client}" {role}\n' for client in clients for role in LOGIN_ROLES]
    _replace(data / "portal.conf", settings + (_FAST if fast else ""), account)
    _replace(data / "pg_hba.conf", "local all all peer map=portal\n", account)
    _replace(data / "pg_ident.conf", "".join(admitted), account)


def server_home(root: Path) -> Path:
    """Return the directory that is the server's alone, ``postgres`` below ``root``; makes ``root``.

    Where root runs the portal below a closed directory (``/root``, a home of mode 0700), the
    server's account could not reach it. Then ``postgres`` is a link to a directory of its own in
    ``/var/lib/portal``; with the link gone, the next server begins anew.
    """
    usual = root / "postgres"
    account = server_account(usual / "data")
    _make_state_dir(root, account)
    if not usual.exists() and account.drops and not account.can_enter(root):
        _make_state_dir(SYSTEM_STATE, account)
        with contextlib.suppress(FileExistsError):
            usual.symlink_to(SYSTEM_STATE / f"postgres-{secrets.token_hex(6)}")
    return usual.readlink() if usual.is_symlink() else usual


def _make_state_dir(directory: Path, account: Account) -> None:
    directory.mkdir(parents=True, exist_ok=True, mode=0o711 if account.drops else 0o700)
    # What holds something already keeps its mode, as do all parents: opening somebody's home
    # to all users is not ours to do.
    if account.drops and directory.stat().st_uid == os.geteuid() and not any(directory.iterdir()):
        directory.chmod(0o711)


def _replace(path: Path, text: str, account: Account) -> None:
    if path.exists() and path.read_text() == text:
        return
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(text)
    account.give(fresh)
    fresh.replace(path)
