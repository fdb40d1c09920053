"""Sessions: one per request or job, and the only way to write."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic
from typing import Any

import psycopg
from psycopg._preparing import PrepareManager
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from portal.config import Secrets
from portal.db.actor import signed_actor
from portal.db.statements import CONNECTION, Statement
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor

_actor: ContextVar[Actor] = ContextVar("portal_actor", default=ANONYMOUS)
_session: ContextVar[Session | None] = ContextVar("portal_session", default=None)

_SET_ACTOR = Statement("SELECT set_config('portal.actor', %(value)s, true)")
_TOLD = "told"
#: A connection unused for so long is asked whether it still answers before it is given out.
_ASKED_AFTER = 30.0


class Database:
    """An engine with the secrets that sign who acts. One per process, handed to ``use``."""

    def __init__(self, bind: Engine | Connection, secrets: Secrets, **options: Any) -> None:
        self.bind = bind
        self.secrets = secrets
        self._sessions = sessionmaker(bind, expire_on_commit=False, **options)

    def session(self) -> Session:
        """Return a new session; each of its transactions carries the signed actor of the moment."""
        session: Session = self._sessions()
        session.info["secrets"] = self.secrets
        return session


_database: list[Database] = []


class _Kept(PrepareManager):
    """Prepared statements that outlive a ROLLBACK; see docs/decisions/0006."""

    def clear(self) -> bool:
        """Keep them: this connection creates and drops nothing that they could mean."""
        return False


def keep_prepared_statements(connection: Any, _record: object) -> None:
    """Keep a new connection's statements prepared over rollbacks: reads and refusals end so."""
    connection._prepared = _Kept()  # noqa: SLF001 - psycopg has no public way yet


def _note_the_time(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _leave_out_the_dead(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Give no connection out that its server has ended; without a round trip for each request.

    A server says nothing between two questions. What is there to be read is its farewell.

    Raises:
        sqlalchemy.exc.DisconnectionError: the pool takes a new connection instead.
    """
    if connection.closed or _has_something_to_read(connection.pgconn.socket):
        raise DisconnectionError("the server has ended this connection")
    if monotonic() - record.info.get("used_at", 0.0) > _ASKED_AFTER:
        try:
            connection.execute("SELECT 1")
            connection.rollback()
        except psycopg.Error as error:
            raise DisconnectionError("this connection does not answer") from error


def _has_something_to_read(socket: int) -> bool:
    waiting = select.poll()
    waiting.register(socket, select.POLLIN)
    return bool(waiting.poll(0))


def make_engine(url: str, *, pool_size: int = 2) -> Engine:
    """Return an engine for ``url`` with few connections: more would only lengthen lock queues."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=20,
        connect_args={
            # No statement here runs long enough to win back what compiling it would cost.
            "options": "-c timezone=UTC -c lock_timeout=4000 -c statement_timeout=30000 -c jit=off",
            "prepare_threshold": 1,
        },
    )
    event.listen(engine, "connect", keep_prepared_statements)
    event.listen(engine, "checkin", _note_the_time)
    event.listen(engine, "checkout", _leave_out_the_dead)
    return engine


def use(database: Database) -> None:
    """Make ``database`` the one that ``current_session()`` speaks to, in this process."""
    _database[:] = [database]


def in_use() -> Database:
    """Return the database of this process.

    Raises:
        RuntimeError: no entry point has called ``use`` yet.
    """
    if not _database:
        raise RuntimeError("no database: an entry point calls portal.db.session.use() first")
    return _database[0]


@event.listens_for(Session, "after_begin")
def _tell_the_database_who_acts(
    session: Session, _transaction: object, connection: Connection
) -> None:
    actor = _actor.get()
    session.info.update({_TOLD: actor, CONNECTION: connection})
    # The setting ends with its transaction, so for nobody there is nothing to say; inside a
    # savepoint an earlier actor may still stand there.
    if actor.role is None and not connection.in_nested_transaction():
        return
    _SET_ACTOR.run(connection, {"value": signed_value(session, actor)})


@event.listens_for(Session, "after_transaction_end")
def _forget_what_it_was_told(session: Session, _transaction: object) -> None:
    session.info.pop(_TOLD, None)
    session.info.pop(CONNECTION, None)


def signed_value(session: Session, actor: Actor) -> str:
    """Return what tells the database that ``actor`` acts, for a statement that sets it itself."""
    return signed_actor(actor, session.info["secrets"], now=clock.now())


def tell(session: Session, actor: Actor) -> None:
    """Tell the transaction under way that ``actor`` acts, if it was not told so last."""
    if session.info.get(_TOLD) != actor:
        _SET_ACTOR.run(session, {"value": signed_value(session, actor)})
        was_told(session, actor)


def was_told(session: Session, actor: Actor) -> None:
    """Note that a statement has set ``actor`` for the transaction under way."""
    session.info[_TOLD] = actor


def current_actor() -> Actor:
    """Return who acts in this request or job; ``ANONYMOUS`` before sign-in."""
    return _actor.get()


def current_session() -> Session:
    """Return the session of this request or job, opened at first use."""
    session = _session.get()
    if session is None:
        session = in_use().session()
        _session.set(session)
    return session


def end_session() -> None:
    """Close the session of this request or job and forget who acted. For teardown."""
    session = _session.get()
    _session.set(None)
    _actor.set(ANONYMOUS)
    if session is not None:
        session.close()


def become(actor: Actor) -> None:
    """Act as ``actor`` from now on; a transaction already begun is told at once."""
    _actor.set(actor)
    session = _session.get()
    if session is not None and session.in_transaction():
        tell(session, actor)


@contextmanager
def acting_as(actor: Actor) -> Iterator[Session]:
    """Give a session of its own that acts as ``actor``: for jobs, commands and tests.

    The session is closed at the end; inside, ``transaction()`` and ``current_session()`` mean it.
    """
    outer_session, outer_actor = _session.set(None), _actor.set(actor)
    try:
        yield current_session()
    finally:
        inner = _session.get()
        _session.reset(outer_session)
        _actor.reset(outer_actor)
        if inner is not None:
            inner.close()


@contextmanager
def transaction(*, on_begin: Callable[[Session], None] | None = None) -> Iterator[Session]:
    """The only way to write: commits when the block ends, rolls back when it raises.

    Entry points (routes, commands, the worker) open it, once. Services take the session
    it yields and never commit, so that one service can call another and the whole stays
    one transaction.
    """
    session = current_session()
    try:
        if on_begin is not None:
            on_begin(session)
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
