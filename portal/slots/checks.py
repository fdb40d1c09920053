"""Whether the arrays of free places say what the bookings say. For a job, and for tests."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

# An ended booking gave its places back when it has a time of cancelling; one that was attended, or
# never came, holds them.
_COMPARE = text("""
    SELECT d.pool_id, d.day, cell.i - 1 AS cell, cell.c - cell.f - cell.k AS in_arrays,
           count(b.id) AS in_bookings
      FROM pool_days d
     CROSS JOIN unnest(d.capacity, d.free, d.kept) WITH ORDINALITY AS cell (c, f, k, i)
      LEFT JOIN bookings b ON b.facility_id = d.facility_id AND b.day = d.day
       AND d.pool_id = ANY (b.pool_ids) AND b.cancelled_at IS NULL
       AND b.state <> 'cancelled' AND cell.i > b.from_cell AND cell.i <= b.to_cell
     WHERE d.facility_id = :facility AND d.day BETWEEN :first AND :last
     GROUP BY d.pool_id, d.day, cell.i, cell.c, cell.f, cell.k
    HAVING cell.c - cell.f - cell.k <> count(b.id)
     ORDER BY d.day, d.pool_id, cell.i LIMIT 1000""")


@dataclass(frozen=True, slots=True)
class Difference:
    """A half hour of a pool in which both disagree."""

    pool_id: uuid.UUID
    day: date
    cell: int
    in_arrays: int
    in_bookings: int


def compare_places(
    session: Session, facility_id: uuid.UUID, first: date, last: date
) -> list[Difference]:
    """Return where ``pool_days`` and bookings disagree, at most 1,000; empty when all is well.

    The session acts for the facility's organisation: under anybody else the bookings are not to be
    seen and everything taken would look wrong.
    """
    rows = session.execute(_COMPARE, {"facility": facility_id, "first": first, "last": last})
    return [
        Difference(row.pool_id, row.day, row.cell, row.in_arrays, row.in_bookings) for row in rows
    ]
