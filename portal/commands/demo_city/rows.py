"""Rows of the invented city: derived ids, written table by table with COPY.

Written by the demo's own superuser, since thousands of calls of the services would take minutes;
what the services would leave behind (places taken, audit rows, mails) is written with them.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Connection, text

#: Below this stand all ids that the demo makes; their version (5) tells them from a visitor's (4).
_NAMESPACE = uuid.UUID("6d0c0f5e-3c0e-5b0f-9a53-1f0f5f2f6a11")
#: Parents before children, as the foreign keys ask.
_ORDER = (
    "organisations",
    "users",
    "memberships",
    "facilities",
    "programmes",
    "rulebooks",
    "pools",
    "pool_patterns",
    "duty_patterns",
    "facility_hours",
    "facility_claims",
    "closures",
    "pool_overrides",
    "families",
    "guardians",
    "children",
    "pickup_persons",
    "child_records",
    "record_sections",
    "record_versions",
    "record_readings",
    "family_access",
    "preregistrations",
    "preregistration_messages",
    "consents",
    "visit_sessions",
    "visits",
    "bookings",
    "trial_outcomes",
    "trial_notes",
    "attendances",
    "words_from_families",
    "audit_log",
    "outbox_messages",
)
#: Triggers that let staff alone write a row; the superuser who writes the demo is none of them.
_KEPT_FROM_FAMILIES = {"preregistrations": "keep_steps_insert"}
# What is taken is what the bookings say; the CHECK of the table refuses more than there is.
_SETTLE = text("""
    WITH held AS (
        SELECT b.pool_ids, b.day, b.from_cell, b.to_cell FROM bookings b
         WHERE b.facility_id = ANY (:facilities) AND b.day BETWEEN :first AND :last
           AND b.state <> 'cancelled' AND b.cancelled_at IS NULL),
    cells AS (
        SELECT p.id AS pool_id, h.day, cell, count(*) AS taken
          FROM held h CROSS JOIN unnest(h.pool_ids) AS p (id)
         CROSS JOIN generate_series(h.from_cell, h.to_cell - 1) AS cell
         GROUP BY 1, 2, 3),
    days AS (
        SELECT d.pool_id, d.day,
               array_agg((u.c - u.k - coalesce(t.taken, 0))::smallint ORDER BY u.i) AS free
          FROM pool_days d
         CROSS JOIN unnest(d.capacity, d.kept) WITH ORDINALITY AS u (c, k, i)
          LEFT JOIN cells t ON t.pool_id = d.pool_id AND t.day = d.day AND t.cell = u.i - 1
         WHERE d.facility_id = ANY (:facilities) AND d.day BETWEEN :first AND :last
         GROUP BY 1, 2)
    UPDATE pool_days d SET free = days.free FROM days
     WHERE d.pool_id = days.pool_id AND d.day = days.day AND d.free <> days.free""")


def ident(*parts: object) -> uuid.UUID:
    """Return the id that belongs to ``parts``, the same at each founding."""
    return uuid.uuid5(_NAMESPACE, "|".join(map(str, parts)))


def is_derived(row_id: uuid.UUID) -> bool:
    """Say whether the demo made the row itself, and not one of its visitors."""
    return row_id.version == 5  # noqa: PLR2004 - the version of ``ident``


class Rows:
    """Rows to be written, by table."""

    def __init__(self) -> None:
        self._by_table: dict[str, list[dict[str, Any]]] = {}

    def add(self, table: str, **values: Any) -> None:
        """Add a row; all rows of a table name the same columns. JSON is given as dict."""
        self._by_table.setdefault(table, []).append(values)

    def of(self, table: str) -> Sequence[dict[str, Any]]:
        """Return what is to be written to a table."""
        return self._by_table.get(table, ())

    def write(self, connection: Connection) -> None:
        """Write all rows in the order their keys ask for, and forget them."""
        unknown = set(self._by_table) - set(_ORDER)
        if unknown:
            raise ValueError(f"no place in the order for {', '.join(sorted(unknown))}")
        for table in _ORDER:
            rows = self._by_table.pop(table, ())
            if rows and table in _KEPT_FROM_FAMILIES:
                _without_trigger(connection, table, _KEPT_FROM_FAMILIES[table], rows)
            else:
                copy_rows(connection, table, rows)


def _without_trigger(
    connection: Connection, table: str, trigger: str, rows: Sequence[dict[str, Any]]
) -> None:
    """Write rows past a trigger that asks who writes: here nobody in particular does."""
    names = sql.Identifier(table), sql.Identifier(trigger)
    driver: Any = connection.connection.driver_connection
    driver.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(*names))
    copy_rows(connection, table, rows)
    driver.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER {}").format(*names))


def copy_rows(connection: Connection, table: str, rows: Iterable[dict[str, Any]]) -> None:
    """Write ``rows`` of one table, all naming the same columns, with one COPY."""
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return
    driver: Any = connection.connection.driver_connection
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, first))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write_row(_plain(first.values()))
        for row in waiting:
            copy.write_row(_plain(row.values()))


def _plain(values: Iterable[Any]) -> list[Any]:
    return [Jsonb(value) if isinstance(value, dict | _Json) else value for value in values]


class _Json(list[Any]):
    """A JSON array, where a plain list would be written as an array of the database."""


def json_array(values: Iterable[Any]) -> list[Any]:
    """Return ``values`` so that they are written as JSON."""
    return _Json(values)


def settle_places(
    connection: Connection, facility_ids: Sequence[uuid.UUID], first: date, last: date
) -> None:
    """Write into the days of the pools what the bookings of these days leave free.

    Raises:
        sqlalchemy.exc.IntegrityError: more was booked than there are places.
    """
    values = {"facilities": list(facility_ids), "first": first, "last": last}
    connection.execute(_SETTLE, values)
