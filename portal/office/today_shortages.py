"""Days to come on which places, staff or an open door are missing for those who are booked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.spans import CELLS
from portal.slots.classes import CLASSES
from portal.slots.staffing import Advice, Standard, advice, standard_on

#: The half hours are looked through only on days on which something is shut, or more places are
#: held than wanted (decision 0002): on all others nothing can be missing.
_SHORT_DAYS = text("""
    SELECT d.facility_id, d.day,
           bool_or(CASE WHEN true = ANY (d.closed) THEN EXISTS (
               SELECT 1 FROM unnest(d.capacity, d.free, d.kept, d.closed)
                   AS c (capacity, free, kept, closed)
                WHERE c.closed AND c.capacity > c.free + c.kept) END) AS shut,
           bool_or(CASE WHEN d.capacity <> d.wanted THEN EXISTS (
               SELECT 1 FROM unnest(d.capacity, d.free, d.kept, d.wanted, d.closed)
                   AS c (capacity, free, kept, wanted, closed)
                WHERE NOT c.closed AND c.capacity - c.free - c.kept > c.wanted) END) AS short
      FROM pool_days d JOIN pools p ON p.id = d.pool_id
     WHERE p.organisation_id = :organisation AND p.retired_at IS NULL
       AND d.day BETWEEN :first AND :last
     GROUP BY d.facility_id, d.day ORDER BY d.day, d.facility_id""")
_STAYS = text("""
    SELECT facility_id, day, json_agg(json_build_array(class_age, from_cell, to_cell)) AS stays
      FROM bookings
     WHERE organisation_id = :organisation AND day BETWEEN :first AND :last
       AND state IN ('confirmed', 'attended')
     GROUP BY facility_id, day""")
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
    weekly = {
        (row.facility_id, row.weekday): row.on_duty for row in session.execute(_WEEKLY, asked)
    }
    single = {(row.facility_id, row.day): row.on_duty for row in session.execute(_SINGLE, asked)}
    if not weekly and not single:
        return []
    return [
        Shortage(day.facility_id, day.day, Lack.STAFF)
        for day in session.execute(_STAYS, asked)
        if _is_short(
            single.get((day.facility_id, day.day))
            or weekly.get((day.facility_id, day.day.weekday()))
            or (),
            day.stays,
            day.day,
        )
    ]


def _is_short(on_duty: Sequence[int], stays: Sequence[Sequence[int]], day: date) -> bool:
    """Say whether a half hour of ``day`` lacks staff; stays are class age, first and end cell."""
    if not any(on_duty):
        return False
    children = [[0] * len(CLASSES) for _ in range(CELLS)]
    for class_age, from_cell, to_cell in stays:
        for cell in range(from_cell, to_cell):
            children[cell][class_age] += 1
    standard = standard_on(day)
    return any(
        advice(there, _needed(standard, tuple(present))) is Advice.SHORT
        for there, present in zip(on_duty, children, strict=True)
    )


@lru_cache(maxsize=5000)
def _needed(standard: Standard, children: tuple[int, ...]) -> int:
    """Return the persons for children counted by class age: the same groups come often."""
    return standard.needed(dict(enumerate(children)))
