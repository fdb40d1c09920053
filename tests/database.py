"""One embedded server for all test processes, a template migrated once, a clone for each."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine

from portal.config import Secrets
from portal.db import migrate
from portal.db.embedded.server import EmbeddedServer
from portal.kernel import clock
from portal.slots.holidays import sync_holidays

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "build" / "test-database"
_THIS_YEAR = clock.today(clock.now()).year


def _template_name(secrets: Secrets) -> str:
    digest = hashlib.sha256(f"{secrets.actor_key_id} holidays {_THIS_YEAR}".encode())
    for file in sorted((ROOT / "migrations").rglob("*")):
        if file.suffix in {".py", ".sql"}:
            digest.update(file.name.encode() + file.read_bytes())
    return "template_" + digest.hexdigest()[:12]


class TestServer:
    """The running server, and clones of the migrated template."""

    __test__ = False

    def __init__(self, server: EmbeddedServer, secrets: Secrets, template: str) -> None:
        self.server = server
        self.secrets = secrets
        self.template = template
        self._made = 0

    def clone(self, of: str | None = None) -> str:
        """Make a database of its own from the template, or another, and return its name."""
        self._made += 1
        name = f"t_{os.getpid()}_{self._made}"
        self.server.create_database(name, template=of or self.template)
        return name

    def drop(self, name: str) -> None:
        self.server.drop_database(name)

    def url(self, role: str, name: str) -> str:
        return self.server.url(role, name)


@contextmanager
def running_server() -> Iterator[TestServer]:
    """Give the server; the last process to leave stops it."""
    HOME.mkdir(parents=True, exist_ok=True)
    secrets = Secrets.load_or_create(HOME / "secrets.json")
    server = EmbeddedServer(HOME, fast=True)
    with (HOME / "users.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        server.ensure()
        template = _template_name(secrets)
        with (HOME / "template.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (HOME / template).exists():
                _make_template(server, template, secrets)
                (HOME / template).touch()
        yield TestServer(server, secrets, template)
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        server.stop()


def _make_template(server: EmbeddedServer, name: str, secrets: Secrets) -> None:
    server.drop_database(name)
    server.create_database(name)
    owner = create_engine(server.url("portal_owner", name))
    migrate.migrate(owner)
    migrate.install_actor_key(owner, secrets)
    sync_holidays(owner, _THIS_YEAR)
    owner.dispose()
