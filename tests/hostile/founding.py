"""What all processes of a run share: the world of the hostile tests, and the forms found in it.

To found it and to walk through all its pages takes longer than most of the tests that need it.
"""

from __future__ import annotations

import fcntl
import os
import pickle
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from portal.uploads.folder import root
from tests.database import HOME, TestServer
from tests.pages.authorization_world import World

T = TypeVar("T")


@dataclass(frozen=True)
class Founding:
    """A committed world, which a process clones for itself."""

    database: str
    world: World
    users: Mapping[str, uuid.UUID]
    #: Lives apart: the other guardian of one's own family.
    second_guardian: uuid.UUID


class Shared:
    """A folder of this run in which each thing is made by whichever process needs it first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what ``make`` returned, in this process or in another; the others wait."""
        file = self.folder / f"{name}.pickle"
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                made = make()
                part = file.with_suffix(".part")
                part.write_bytes(pickle.dumps(made))
                part.replace(file)
                return made
        kept: Any = pickle.loads(file.read_bytes())  # noqa: S301 - of this run's own making
        found: T = kept
        return found


@contextmanager
def shared(server: TestServer) -> Iterator[Shared]:
    """Give the run's folder; the last process to leave removes it, with the founded database."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = HOME / "hostile" / run
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield Shared(folder)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        server.drop(name_of(folder))
        shutil.rmtree(folder)


def name_of(folder: Path) -> str:
    """Return the name of the run's founded database."""
    return f"hostile_{folder.name}"


@contextmanager
def founded(
    server: TestServer, found: Callable[[str], tuple[World, Mapping[str, uuid.UUID], uuid.UUID]]
) -> Iterator[tuple[Founding, Shared]]:
    """Give the run's founding.

    Args:
        found: Makes the world in the database of this name and leaves no connection to it open.
    """
    with shared(server) as ours:
        photos = ours.folder / "photos"

        def begin() -> Founding:
            name = name_of(ours.folder)
            server.drop(name)
            server.server.create_database(name, template=server.template)
            world, users, second = found(name)
            shutil.copytree(root(os.environ), photos, dirs_exist_ok=True)
            return Founding(name, world, users, second)

        founding = ours.once("world", begin)
        shutil.copytree(photos, root(os.environ), dirs_exist_ok=True)
        yield founding, ours
