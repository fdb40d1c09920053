"""Limited numbers of registrations: how many there are, who waits, who comes next."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, joinedload

from portal.db.statements import Statement
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.slots.published import Place

_AHEAD = text("SELECT * FROM waiting_ahead(:ids)")
_FULL = Statement("SELECT * FROM registrations_full(%(facilities)s, %(on)s)")
_HOLD = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:facility AS text), 29))")


@dataclass(frozen=True, slots=True)
class Unit:
    """Brothers and sisters who wait together: all of them move up, or none."""

    rows: tuple[Preregistration, ...]

    @property
    def received_at(self) -> datetime:
        """When the application came in."""
        return min(row.received_at for row in self.rows)


def hold(session: Session, facility_id: uuid.UUID) -> None:
    """Make others who decide about the facility's registrations wait until the commit."""
    session.execute(_HOLD, {"facility": str(facility_id)})


def registered(session: Session, facility_id: uuid.UUID, on: date) -> int:
    """Return how many children are registered on a local day."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Preregistration)
            .where(
                Preregistration.facility_id == facility_id,
                Preregistration.state == PreregistrationState.ACCEPTED,
                Preregistration.accepted_until >= on,
            )
        )
        or 0
    )


def waiting_units(session: Session, facility_id: uuid.UUID) -> list[Unit]:
    """Return who waits for a registration, in order of receipt."""
    rows = session.scalars(
        select(Preregistration)
        .options(joinedload(Preregistration.child), joinedload(Preregistration.facility))
        .where(
            Preregistration.facility_id == facility_id,
            Preregistration.state == PreregistrationState.WAITING,
        )
        .order_by(Preregistration.received_at, Preregistration.id)
        .execution_options(populate_existing=True)
    )
    units: dict[uuid.UUID, list[Preregistration]] = {}
    for row in rows:
        units.setdefault(row.application_id or row.id, []).append(row)
    return sorted((Unit(tuple(unit)) for unit in units.values()), key=_order)


def ahead_of(
    units: Sequence[Unit], received_at: datetime, own: Collection[uuid.UUID]
) -> Sequence[Unit]:
    """Return the units whose turn comes before somebody received at that moment."""
    return [
        unit
        for unit in units
        if unit.received_at < received_at and not {row.id for row in unit.rows} & set(own)
    ]


def ahead_of_family(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return how many applications stand before those of the acting family that wait.

    Brothers and sisters who wait together are one. Of the others, nothing but their number.
    """
    rows = session.execute(_AHEAD, {"ids": list(ids)})
    return {row.preregistration_id: row.ahead for row in rows}


def full_places(session: Session, places: Iterable[Place], on: date) -> frozenset[uuid.UUID]:
    """Return the published facilities at which a new application waits, as of a local day.

    For everybody: yes or no, never a number. Facilities without a limit cost no query.
    """
    limited = [
        place.id
        for place in places
        if place.document.registration and place.document.registration.limit is not None
    ]
    if not limited:
        return frozenset()
    return frozenset(row[0] for row in _FULL.rows(session, {"facilities": limited, "on": on}))


def _order(unit: Unit) -> tuple[datetime, uuid.UUID]:
    return unit.received_at, unit.rows[0].id
