"""How many children of a day come, are here, are missing: numbers alone, no names, no health."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.attendance.queries import facts_of
from portal.attendance.rules import Presence, presence
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class DayCounts:
    """The children of a facility's day, the cancelled left out."""

    expected: int = 0
    missing: int = 0
    here: int = 0
    gone: int = 0
    absent: int = 0

    @property
    def planned(self) -> int:
        """All who come or came; who stays away is not among them."""
        return self.expected + self.missing + self.here + self.gone

    @property
    def arrived(self) -> int:
        """Who came, gone again or not."""
        return self.here + self.gone


def counts_of_day(
    session: Session, facility_ids: Sequence[uuid.UUID], day: date, *, actor: Actor, now: datetime
) -> dict[uuid.UUID, DayCounts]:
    """Return the counts of a local day for each facility of the actor's provider."""
    bookings = session.scalars(
        select(Booking).where(
            Booking.facility_id.in_(facility_ids),
            Booking.organisation_id == actor.organisation_id,
            Booking.day == day,
            Booking.state != BookingState.CANCELLED,
        )
    ).all()
    facts = facts_of(session, bookings, actor=actor)
    counted: dict[uuid.UUID, Counter[Presence]] = {each: Counter() for each in facility_ids}
    for booking in bookings:
        counted[booking.facility_id][presence(facts[booking.id], now)] += 1
    return {
        facility_id: DayCounts(
            expected=found[Presence.EXPECTED],
            missing=found[Presence.MISSING],
            here=found[Presence.HERE],
            gone=found[Presence.GONE],
            absent=found[Presence.ABSENT],
        )
        for facility_id, found in counted.items()
    }
