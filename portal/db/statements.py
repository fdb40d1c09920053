"""Statements of the ways that must be short: handed to the driver, past SQLAlchemy's layers.

For a session's own transaction, with its actor, locks and rollback; see docs/speed.md for what it
saves. Everything else is asked through the session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

#: Under this name a session's info holds the connection of its transaction, as long as that lasts.
CONNECTION = "connection"


class Statement:
    """One statement with ``%(name)s`` for its values; prepared by the driver at its second use."""

    __slots__ = ("_sql",)

    def __init__(self, sql: str) -> None:
        self._sql = sql.encode()

    def run(self, session: Session | Connection, values: Mapping[str, Any]) -> int:
        """Run it in the session's transaction; return how many rows it touched.

        Raises:
            sqlalchemy.exc.DBAPIError: its subclass that the session would raise.
        """
        return self._sent(session, values).rowcount

    def rows(self, session: Session, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """Run it in the session's transaction; return its rows.

        Raises:
            sqlalchemy.exc.DBAPIError: its subclass that the session would raise.
        """
        return self._sent(session, values).fetchall()

    def _sent(
        self, session: Session | Connection, values: Mapping[str, Any]
    ) -> psycopg.Cursor[tuple[Any, ...]]:
        if isinstance(session, Connection):
            connection = session
        else:
            connection = session.info.get(CONNECTION) or session.connection()
        driver: psycopg.Connection[tuple[Any, ...]]
        driver = connection.connection.driver_connection  # type: ignore[assignment]
        try:
            return driver.execute(self._sql, values)
        except psycopg.Error as error:
            raise DBAPIError.instance(
                self._sql.decode(),
                dict(values),
                error,
                psycopg.Error,
                hide_parameters=True,
                connection_invalidated=driver.closed,
            ) from error
