"""Statements stay prepared over a rollback, with which every refusal ends."""

from __future__ import annotations

from sqlalchemy import Engine, text


def test_statements_stay_prepared_over_rollbacks(app_engine: Engine) -> None:
    asked = text("SELECT count(*) FROM holidays WHERE day > :day")
    with app_engine.connect() as connection:
        for _ in range(8):
            connection.execute(asked, {"day": "2026-01-01"})
            connection.rollback()
        prepared = connection.execute(text("SELECT statement FROM pg_prepared_statements"))
        assert any("FROM holidays" in row.statement for row in prepared)
