"""Published facilities with where they lie, and the hours in which they take children.

Readable by everybody; nothing here asks who looks.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.facilities.points import Spot

_LISTED = Statement("""
    SELECT f.id, f.name, f.address, f.phone, f.latitude, f.longitude,
           coalesce(f.has_temporary_care, false) AS has_temporary_care,
           EXISTS (SELECT 1 FROM programmes g
                    WHERE g.facility_id = f.id AND g.published_at IS NOT NULL) AS offers
      FROM facilities f
     WHERE f.published_at IS NOT NULL AND NOT f.is_hidden
     ORDER BY f.name_kana, f.name, f.id""")
_HOURS = Statement("""
    SELECT v.facility_id, v.weekday, min(u.first) - 1 AS from_cell, max(u.last) AS to_cell
      FROM (SELECT DISTINCT ON (t.pool_id, t.weekday) t.facility_id, t.weekday, t.capacity
              FROM pool_patterns t
              JOIN pools p ON p.id = t.pool_id AND p.kind = 'total' AND p.retired_at IS NULL
             WHERE t.facility_id = ANY (%(ids)s) AND t.in_force_from <= %(on)s
             ORDER BY t.pool_id, t.weekday, t.in_force_from DESC) AS v
     CROSS JOIN LATERAL (
           SELECT min(i) AS first, max(i) AS last
             FROM unnest(v.capacity) WITH ORDINALITY AS cell (c, i) WHERE c > 0) AS u
     WHERE u.first IS NOT NULL
     GROUP BY 1, 2 ORDER BY 1, 2""")


class Listed(NamedTuple):
    """A published facility: where it is, and whether it takes bookings in the portal."""

    id: uuid.UUID
    name: str
    address: str
    phone: str | None
    latitude: float | None
    longitude: float | None
    #: What the city's list says of temporary care.
    has_temporary_care: bool
    #: Whether it has a published programme here.
    offers: bool


def listed_facilities(session: Session) -> list[Listed]:
    """Return every published facility, by reading."""
    return [Listed(*row) for row in _LISTED.rows(session, {})]


def hours_by_weekday(
    session: Session, facility_ids: Sequence[uuid.UUID], on: date
) -> dict[uuid.UUID, dict[int, tuple[int, int]]]:
    """Return from when to when places are offered, by weekday (0 is Monday), in half-hour cells.

    Closures and single days are not looked at.
    """
    found: dict[uuid.UUID, dict[int, tuple[int, int]]] = defaultdict(dict)
    for facility_id, weekday, from_cell, to_cell in _HOURS.rows(
        session, {"ids": list(facility_ids), "on": on}
    ):
        found[facility_id][weekday] = (from_cell, to_cell)
    return found


def spots_of(listed: Sequence[Listed]) -> list[Spot]:
    """Return the addresses of facilities, to find a place by."""
    return [Spot(one.address, one.latitude, one.longitude) for one in listed]
