"""Bookings that lie on days whose places change: whom to call, and how old the children are."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.spans import CELLS, cell_label
from portal.slots.rules import Hours

# A booking whose family has closed its door to the facility still stands here, without a name.
_ON_DAYS = text("""
    SELECT b.id, b.group_id, b.day, b.from_cell, b.to_cell, b.starts_at, b.ends_at, b.class_age,
           c.name AS child, g.name AS guardian, g.phone, g.phone_digits
      FROM bookings b
      LEFT JOIN children c ON c.id = b.child_id
      LEFT JOIN LATERAL (
           SELECT g.name, g.phone, g.phone_digits FROM guardians g WHERE g.family_id = b.family_id
            ORDER BY g.is_primary DESC, g.created_at LIMIT 1) AS g ON true
     WHERE b.facility_id = :facility AND b.organisation_id = :organisation
       AND b.day BETWEEN :first AND :last AND b.state IN ('confirmed', 'attended')
       AND b.from_cell < :to_cell AND b.to_cell > :from_cell
     ORDER BY b.day, b.starts_at, c.name, b.id""")
_WHOLE_DAY = Hours(0, CELLS)


@dataclass(frozen=True, slots=True)
class Lying:
    """A booking that lies there, as staff read it when they call the family."""

    row: Row[Any]

    @property
    def day(self) -> date:
        """Its day."""
        day: date = self.row.day
        return day

    @property
    def hours(self) -> str:
        """Its time: ``9:00〜12:00``."""
        return f"{cell_label(self.row.from_cell)}〜{cell_label(self.row.to_cell)}"

    @property
    def child(self) -> str | None:
        """The child's name; ``None`` where the family is no longer to be seen."""
        name: str | None = self.row.child
        return name

    @property
    def guardian(self) -> str | None:
        """Whom to call."""
        name: str | None = self.row.guardian
        return name

    @property
    def phone(self) -> str | None:
        """The number to call."""
        phone: str | None = self.row.phone
        return phone

    @property
    def phone_digits(self) -> str | None:
        """The number as a telephone takes it."""
        digits: str | None = self.row.phone_digits
        return digits or self.phone

    @property
    def group_id(self) -> uuid.UUID:
        """The booking as its page knows it."""
        group_id: uuid.UUID = self.row.group_id
        return group_id

    @property
    def class_age(self) -> int:
        """The child's class on that day."""
        age: int = self.row.class_age
        return age


def bookings_lying_on(
    session: Session,
    facility_id: uuid.UUID,
    first: date,
    last: date,
    actor: Actor,
    *,
    hours: Hours = _WHOLE_DAY,
) -> list[Lying]:
    """Return the live bookings of the actor's facility on days, or touching hours of them."""
    rows = session.execute(
        _ON_DAYS,
        {
            "facility": facility_id,
            "organisation": actor.organisation_id,
            "first": first,
            "last": last,
            "from_cell": hours.from_cell,
            "to_cell": hours.to_cell,
        },
    )
    return [Lying(row) for row in rows]


def children_by_cell(bookings: Sequence[Lying]) -> list[Counter[int]]:
    """Return the children by class age in each half hour of a day."""
    present: list[Counter[int]] = [Counter() for _ in range(CELLS)]
    for booking in bookings:
        for cell in range(booking.row.from_cell, booking.row.to_cell):
            present[cell][booking.class_age] += 1
    return present
