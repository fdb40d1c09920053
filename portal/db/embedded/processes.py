"""Which running processes belong to a data directory.

A number in ``postmaster.pid`` proves nothing: after a reboot or in a fresh container it may be
anyone's. A process is ours only if it is a ``postgres`` working in our data directory. Where its
working directory may not be read (root without CAP_SYS_PTRACE, macOS), its command line decides.
"""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import time
from pathlib import Path

_PROC = Path("/proc")


def cluster_tag(data: Path) -> str:
    """Return the name the server of ``data`` puts into the title of each of its processes."""
    return f"portal-{hashlib.sha256(os.fsencode(data)).hexdigest()[:12]}"


def is_ours(pid: int, data: Path) -> bool:
    """Say whether ``pid`` is a living server process of this data directory."""
    return _serves(pid, _command(pid), data)


def processes_of(data: Path) -> list[int]:
    """Return every living process of this data directory, the postmaster among them."""
    if _PROC.joinpath("self").exists():
        running = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
        return [pid for pid in running if is_ours(pid, data)]
    found = (line.strip().partition(" ") for line in _ps("-axww", "-o", "pid=,command="))
    return [int(pid) for pid, _, line in found if _serves(int(pid), _words(line), data)]


def end_orphans(data: Path, *, kill_after: float, give_up_after: float) -> list[int]:
    """End what a killed postmaster left behind, and return what would not go, in seconds.

    To be called only when no postmaster runs: its backends then serve nobody, and the shared
    memory they hold keeps the next server from starting. Asked politely first, because a
    query in progress needs a moment to notice; killed at last, which loses nothing, as
    recovery discards all they had in memory.
    """
    began = time.monotonic()
    while left := processes_of(data):
        waited = time.monotonic() - began
        if waited > give_up_after:
            break
        polite = signal.SIGTERM if waited < kill_after / 2 else signal.SIGQUIT
        for pid in left:
            _signal(pid, polite if waited < kill_after else signal.SIGKILL)
        time.sleep(0.1)
    return left


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _serves(pid: int, command: list[str], data: Path) -> bool:
    title = command[0] if command else ""
    if title.rpartition("/")[2] != "postgres" and not title.startswith("postgres: "):
        return False
    try:
        return (_PROC / str(pid) / "cwd").readlink() == data
    except OSError:
        return str(data) in command or title.startswith(f"postgres: {cluster_tag(data)}: ")


def _command(pid: int) -> list[str]:
    if not _PROC.joinpath("self").exists():
        return _words("".join(_ps("-ww", "-o", "command=", "-p", str(pid))))
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return []
    return os.fsdecode(raw).rstrip("\0 ").split("\0")


def _words(line: str) -> list[str]:
    """Take apart what ``ps`` shows of a server; the directory, which may hold spaces, is last."""
    program, _, data = line.strip().partition(" -D ")
    return [program, data]


def _ps(*options: str) -> list[str]:
    done = subprocess.run(["ps", *options], capture_output=True, text=True, check=False)
    return done.stdout.splitlines()
