"""A throw-away instance to measure: a database of its own, filled, and what signs its cookies."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, create_engine, text

from portal.commands.measuring import bare
from portal.commands.surroundings import (
    DATABASE,
    bring_up_to_date,
    embedded_addresses,
)
from portal.config import Secrets
from portal.db.embedded.server import EmbeddedServer
from portal.db.session import Database, make_engine, use
from portal.kernel import clock


@dataclass(frozen=True, slots=True)
class Instance:
    """A filled database under its own server. ``tell`` says to a person what goes on."""

    admin: Engine
    app_url: str
    postmaster: int
    environ: dict[str, str]
    secrets: Secrets
    now: datetime
    tell: Callable[[str], None]

    def cookie(self, token: str) -> str:
        """Return the cookie of a browser signed in with a session token."""
        app = Flask("cookies")
        app.secret_key = self.secrets.session_key
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        if signer is None:
            raise RuntimeError("no key to sign cookies with")
        return "portal=" + str(signer.dumps({"_user_id": token, "_fresh": True}))

    def count(self, table: str) -> int:
        """Return how many rows PostgreSQL reckons a table to have."""
        with self.admin.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = :t ::regclass"
                ),
                {"t": table},
            )
            return int(found.scalar_one())


@contextmanager
def instance(*, city: bool, years: int, tell: Callable[[str], None]) -> Iterator[Instance]:
    """Give an instance that is removed at the end.

    Args:
        city: A hundred facilities with thousands of families besides what is measured.
        years: So many years of bookings and audit rows behind it.
    """
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir="/tmp") as folder:  # nosec B108 - a folder of its own, 0700
        tell("データベースを用意しています…")
        root = Path(folder)
        where = embedded_addresses(root)
        if where.server is None:
            raise RuntimeError("benchmarks run on a server of their own")
        try:
            secrets = Secrets.load_or_create(root / "secrets.json")
            bring_up_to_date(where, secrets)
            admin = create_engine(where.server.url("portal_admin", DATABASE))
            engine = make_engine(where.app)
            use(Database(engine, secrets))
            now = clock.now()
            _fill(admin, city=city, years=years, now=now, tell=tell)
            with admin.begin() as connection:
                connection.execute(text(bare.SCHEMA))
            yield Instance(
                admin=admin,
                app_url=where.app,
                postmaster=where.server.postmaster_pid or 0,
                environ={"DATABASE_URL": where.app, "PORTAL_SECRETS": str(root / "secrets.json")},
                secrets=secrets,
                now=now,
                tell=tell,
            )
            engine.dispose()
            admin.dispose()
        finally:
            EmbeddedServer(root).remove()


def _fill(
    admin: Engine, *, city: bool, years: int, now: datetime, tell: Callable[[str], None]
) -> None:
    from portal.commands.scale.city import found_city
    from portal.commands.scale.years import add_years

    if city:
        found_city(admin, now=now, tell=tell)
    if years:
        add_years(admin, years, now=now, tell=tell)
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        connection.execute(text("CHECKPOINT"))
