"""Days to come on which places, staff or an open door are missing for those who are booked."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.spans import CELLS
from portal.slots.staffing import Advice, advice, standard_on

_SHORT_DAYS = text("""
    SELECT d.facility_id, d.day,
           bool_or(EXISTS (SELECT 1 FROM unnest(d.capacity, d.free, d.closed)
                               AS c (capacity, free, closed)
                            WHERE c.closed AND c.capacity > c.free)) AS shut,
           bool_or(EXISTS (SELECT 1 FROM unnest(d.capacity, d.free, d.wanted, d.closed)
                               AS c (capacity, free, wanted, closed)
                            WHERE NOT c.closed AND c.capacity - c.free > c.wanted)) AS short
      FROM pool_days d JOIN pools p ON p.id = d.pool_id
     WHERE p.organisation_id = :organisation AND p.retired_at IS NULL
       AND d.day BETWEEN :first AND :last
     GROUP BY d.facility_id, d.day ORDER BY d.day, d.facility_id""")
_STAYS = text("""
    SELECT facility_id, day, class_age, from_cell, to_cell FROM bookings
     WHERE organisation_id = :organisation AND day BETWEEN :first AND :last
       AND state IN ('confirmed', 'attended')""")
_WEEKLY = text("""
    SELECT facility_id, weekday, on_duty FROM duty_patterns
     WHERE organisation_id = :organisation""")
_SINGLE = text("""
    SELECT facility_id, day, on_duty FROM duty_overrides
     WHERE organisation_id = :organisation AND day BETWEEN :first AND :last""")


class Lack(StrEnum):
    """What is missing on a day."""

    OPEN_DOOR = "open_door"  # children are booked where a closure shuts
    PLACES = "places"  # more are booked than places are wanted
    STAFF = "staff"  # fewer are on duty than the ratios ask for


@dataclass(frozen=True, slots=True)
class Shortage:
    """A day on which something is missing at a facility."""

    facility_id: uuid.UUID
    day: date
    lack: Lack


def shortages(session: Session, first: date, last: date, *, actor: Actor) -> list[Shortage]:
    """Return what is missing at the actor's facilities, by day; staff only where duty is kept."""
    asked = {"organisation": actor.organisation_id, "first": first, "last": last}
    found = []
    for row in session.execute(_SHORT_DAYS, asked):
        if row.shut:
            found.append(Shortage(row.facility_id, row.day, Lack.OPEN_DOOR))
        if row.short:
            found.append(Shortage(row.facility_id, row.day, Lack.PLACES))
    found += _short_of_staff(session, asked)
    return sorted(found, key=lambda one: (one.day, one.lack, str(one.facility_id)))


def _short_of_staff(session: Session, asked: Mapping[str, object]) -> list[Shortage]:
    children: defaultdict[tuple[uuid.UUID, date], list[Counter[int]]] = defaultdict(
        lambda: [Counter() for _ in range(CELLS)]
    )
    for stay in session.execute(_STAYS, asked):
        for cell in range(stay.from_cell, stay.to_cell):
            children[stay.facility_id, stay.day][cell][stay.class_age] += 1
    weekly = {
        (row.facility_id, row.weekday): row.on_duty for row in session.execute(_WEEKLY, asked)
    }
    single = {(row.facility_id, row.day): row.on_duty for row in session.execute(_SINGLE, asked)}
    return [
        Shortage(facility_id, day, Lack.STAFF)
        for (facility_id, day), present in children.items()
        if _is_short(
            single.get((facility_id, day)) or weekly.get((facility_id, day.weekday())) or (),
            present,
            day,
        )
    ]


def _is_short(on_duty: Sequence[int], present: Sequence[Counter[int]], day: date) -> bool:
    if not any(on_duty):
        return False
    standard = standard_on(day)
    return any(
        advice(on_duty[cell], standard.needed(present[cell])) is Advice.SHORT
        for cell in range(CELLS)
        if present[cell]
    )
