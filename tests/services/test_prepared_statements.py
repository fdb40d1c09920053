"""Connections: statements stay prepared over a rollback, and none is given out that has ended."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from portal.db.statements import Statement

_PID = text("SELECT pg_backend_pid()")


def test_statements_stay_prepared_over_rollbacks(app_engine: Engine) -> None:
    asked = text("SELECT count(*) FROM holidays WHERE day > :day")
    with app_engine.connect() as connection:
        for _ in range(8):
            connection.execute(asked, {"day": "2026-01-01"})
            connection.rollback()
        prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements"))
        assert any("FROM holidays" in row.statement for row in prepared)


def test_a_connection_that_the_server_ended_is_not_given_out(emptied: Engine) -> None:
    with emptied.connect() as other:
        with emptied.connect() as connection:
            before = connection.execute(_PID).scalar_one()
        other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": before})
        with emptied.connect() as connection:
            assert connection.execute(_PID).scalar_one() != before


def test_a_statement_raises_what_the_session_would_without_its_values(app_engine: Engine) -> None:
    asked = Statement("SELECT 1 FROM no_such_table WHERE name = %(name)s")
    with app_engine.connect() as connection, pytest.raises(ProgrammingError) as raised:
        asked.run(connection, {"name": "田中"})
    assert "田中" not in str(raised.value)
