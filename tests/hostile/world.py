"""The portal with two families and every role in it, where each try leaves nothing behind."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from unittest import mock

from flask import Flask
from sqlalchemy import Connection, Engine, text
from werkzeug.test import TestResponse

from portal.accounts import passwords
from portal.accounts.addresses import token_hash
from portal.accounts.second_factor import seal_secret
from portal.app import create_app
from portal.db.session import Database, acting_as, end_session, make_engine, transaction, use
from portal.families.record import save_section
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.uploads import folder
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories.days import keep_record
from tests.hostile.forms import PASSWORD, TOTP_SECRET
from tests.hostile.founding import Shared, founded
from tests.pages.authorization_world import World, build

#: Who tries: nobody, and one of each role that has forms.
PERSONAS = ("anonymous", "new_guardian", "guardian", "staff", "director", "liaison", "operator")
#: Tables that change when nothing was done: counters, sessions, the trace of who looked.
NOT_AN_EFFECT = frozenset({"audit_log", "given_answers", "sign_in_sessions", "tries", "actor_keys"})


def tell(figures: str) -> None:
    """Show what a run did; pytest prints it for a test that fails, and with ``-s``."""
    print(figures)  # noqa: T201 - figures of a run


class Errors(logging.Handler):
    """Keeps what the portal logs as an error: a page may hide what went wrong, the log does not."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        exception = record.exc_info[1] if record.exc_info else None
        self.seen.append(f"{record.getMessage()}: {exception!r}"[:300])


@dataclass
class Bench:
    """One portal on one connection. ``attempt`` undoes whatever happens inside it."""

    app: Flask
    world: World
    connection: Connection
    server: TestServer
    users: Mapping[str, uuid.UUID]
    #: Lives apart: the other guardian of one's own family.
    second_guardian: uuid.UUID
    #: What processes of this run have found out for each other.
    shared: Shared
    #: As whom the portal speaks to the database.
    role: str = "portal_app"
    errors: Errors = field(default_factory=Errors)
    #: What ``tests.hostile.crawl`` found, kept for the tests of this process.
    forms: list[Any] | None = None
    #: Pages that failed as they were, during the walk.
    broken_pages: list[str] = field(default_factory=list)
    #: The digest of the world before anything is sent.
    plain_digest: Mapping[str, str] | None = None

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Make this database the one in use; roll back at the end."""
        use(
            Database(self.connection, self.server.secrets, join_transaction_mode="create_savepoint")
        )
        self.errors.seen.clear()
        with self.connection.begin() as transaction:
            self.connection.execute(text(f"SET LOCAL SESSION AUTHORIZATION {self.role}"))
            try:
                yield
            finally:
                end_session()
                transaction.rollback()

    def browser(self, persona: str, base_url: str = "http://localhost") -> Browser:
        """Return a browser in which ``persona`` is signed in."""
        return Browser(self, persona, base_url)

    def user_of(self, persona: str) -> uuid.UUID:
        """Return the id of a persona's account. Inside an attempt or not."""
        return self.users[persona]

    def as_admin(self, statement: str, **values: object) -> int:
        """Change the world past triggers and row-level security; inside an attempt."""
        connection = self.connection
        connection.execute(text("RESET SESSION AUTHORIZATION"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        changed = connection.execute(text(statement), values).rowcount
        connection.execute(text("SET LOCAL session_replication_role = origin"))
        connection.execute(text(f"SET LOCAL SESSION AUTHORIZATION {self.role}"))
        return changed

    def digest(self) -> Mapping[str, str]:
        """Return rows and a hash of every table with effects, seen past row-level security."""
        connection = self.connection
        connection.execute(text("RESET SESSION AUTHORIZATION"))
        rows = connection.execute(text(self._digest_sql())).all()
        connection.execute(text(f"SET LOCAL SESSION AUTHORIZATION {self.role}"))
        return {name: f"{count} {digest}" for name, count, digest in rows}

    def _digest_sql(self) -> str:
        if not hasattr(self, "_tables"):
            self._tables = sorted(
                set(
                    self.connection.scalars(
                        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
                    )
                )
                - NOT_AN_EFFECT
            )
        return " UNION ALL ".join(
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)"
            f" FROM {name} t"
            for name in self._tables
        )


class Browser:
    """Cookies of one person, kept by hand so that a try can begin again from the same ones."""

    def __init__(self, bench: Bench, persona: str, base_url: str) -> None:
        self.bench, self.persona, self.base_url = bench, persona, base_url
        self.client = bench.app.test_client(use_cookies=False)
        self.cookies: dict[str, str] = {}
        if persona in bench.world.tokens:
            self.sign_in_with(bench.world.tokens[persona])

    def sign_in_with(self, token: str) -> None:
        """Put a signed cookie of this session into the browser."""
        writer = self.bench.app.session_interface.get_signing_serializer(self.bench.app)  # type: ignore[attr-defined]  # Flask's own interface has it
        name = self.bench.app.config["SESSION_COOKIE_NAME"]
        self.cookies[name] = writer.dumps({"_user_id": token, "_fresh": True})

    def open(self, url: str, **options: object) -> TestResponse:
        """Send one request; cookies are taken and given as a browser does."""
        headers = dict(options.pop("headers", {}))  # type: ignore[call-overload]  # a mapping
        if self.cookies:
            own = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            headers.setdefault("Cookie", own)
        response: TestResponse = self.client.open(
            url,
            base_url=self.base_url,
            headers=headers,
            **options,  # type: ignore[arg-type]  # passed on
        )
        end_session()
        response.request.input_stream.close()
        for line in response.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return response

    def get(self, url: str, **options: object) -> TestResponse:
        return self.open(url, method="GET", **options)

    def post(self, url: str, data: object = None, **options: object) -> TestResponse:
        return self.open(url, method="POST", data=data or {}, **options)


@contextmanager
def running_bench(server: TestServer) -> Iterator[Bench]:
    """Give a bench on a database of its own."""
    # First of all: whoever ends something in the world is listened to by what the portal brings.
    app = create_app(settings_for_tests(server))
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=False)
    with founded(server, lambda name: _found(server, name)) as (founding, shared):
        name = server.clone(of=founding.database)
        engine: Engine = make_engine(server.url("portal_admin", name))
        with engine.connect() as connection:
            people = founding.users, founding.second_guardian
            bench = Bench(app, founding.world, connection, server, *people, shared)
            logging.getLogger("portal").addHandler(bench.errors)
            app.logger.addHandler(bench.errors)
            # What a try deletes comes back with its transaction; a file would not.
            with mock.patch.multiple(folder, drop=mock.DEFAULT, drop_family=mock.DEFAULT):
                yield bench
            logging.getLogger("portal").removeHandler(bench.errors)
        engine.dispose()
        server.drop(name)


def _found(server: TestServer, name: str) -> tuple[World, Mapping[str, uuid.UUID], uuid.UUID]:
    """Make the world in this database; return it, the accounts and the other guardian."""
    owner, admin = (make_engine(server.url(role, name)) for role in ("portal_app", "portal_admin"))
    use(Database(owner, server.secrets))
    world = build()
    end_session()
    with admin.connect() as connection:
        users = _name_accounts(connection, world)
        end_session()
        second: uuid.UUID = connection.execute(
            text("SELECT id FROM guardians WHERE family_id = :family AND id <> :own"),
            {"family": world.own["family_id"], "own": world.own["guardian_id"]},
        ).scalar_one()
    owner.dispose()
    admin.dispose()
    return world, users, second


def _name_accounts(connection: Connection, world: World) -> Mapping[str, uuid.UUID]:
    """Give everybody a password and ``<role>@example.test``; return their ids."""
    users = {}
    for role, token in world.tokens.items():
        users[role] = connection.execute(
            text(
                "UPDATE users u SET password_hash = :hash, mail = :mail, mail_key = :mail"
                " FROM sign_in_sessions s WHERE s.user_id = u.id AND s.token_hash = :token"
                " RETURNING u.id"
            ),
            {
                "hash": passwords.hashed(PASSWORD),
                "mail": f"{role}@example.test",
                "token": token_hash(token),
            },
        ).scalar_one()
    connection.execute(
        text("UPDATE users SET totp_next_sealed = :sealed WHERE id = :user"),
        {"user": users["staff"], "sealed": seal_secret(TOTP_SECRET, users["staff"])},
    )
    connection.commit()
    guardian = Actor(
        role=Role.GUARDIAN, user_id=users["guardian"], family_id=_id(world.own["family_id"])
    )
    child_id = _id(world.own["child_id"])
    keep_record(guardian, child_id, allergies="", conditions="", notes="")
    with acting_as(guardian), transaction() as session:
        # A number to be shown on purpose stands in a section that the director alone reads.
        now = clock.now()
        save_section(session, child_id, "insurance", {"insurance": "1234"}, actor=guardian, now=now)
    connection.execute(text("UPDATE child_records SET confirmed_on = current_date"))
    connection.execute(text("UPDATE record_sections SET confirmed_at = now()"))
    connection.commit()
    return users


def _id(value: object) -> uuid.UUID:
    return uuid.UUID(str(value))
