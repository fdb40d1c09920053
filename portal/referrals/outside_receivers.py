"""To whom a referral may go that comes from outside: by id, or by the name on a paper."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.referrals.receivers import other_bodies
from portal.referrals.sheet import Wanted
from portal.slots.published import Search, published_place, search_places

#: More than any municipality has.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Possible:
    """A nursery that takes bookings, or a supporting body of the municipality."""

    organisation_id: uuid.UUID
    name: str
    facility_id: uuid.UUID | None = None
    address: str = ""

    @property
    def wanted(self) -> Wanted:
        """How a sheet names it."""
        if self.facility_id is not None:
            return Wanted(facility_id=self.facility_id)
        return Wanted(organisation_id=self.organisation_id)


def possible_receivers(session: Session, *, actor: Actor, on: date) -> list[Possible]:
    """Return everybody to whom the actor's body may refer a family, nurseries first, by name."""
    found, _total = search_places(session, Search(on, 0), limit=_MOST, offset=0)
    open_ones = [place.id for place in found if place.takes_bookings]
    rows = session.scalars(
        select(Facility)
        .where(
            Facility.id.in_(open_ones),
            Facility.organisation_id.is_not(None),
            Facility.organisation_id != actor.organisation_id,
        )
        .order_by(Facility.name, Facility.id)
    )
    nurseries = [
        Possible(row.organisation_id, row.name, row.id, row.address)
        for row in rows
        if row.organisation_id is not None
    ]
    bodies = [
        Possible(each.organisation_id, each.name) for each in other_bodies(session, actor=actor)
    ]
    return [*nurseries, *bodies]


def named_receivers(
    session: Session, wanted: Sequence[Wanted], *, actor: Actor, on: date
) -> list[Possible]:
    """Return those of the wanted that are among the possible ones, without looking at the rest."""
    found = []
    for facility_id in {each.facility_id for each in wanted if each.facility_id is not None}:
        try:
            place = published_place(session, facility_id, on=on)
        except NoResultFound:
            continue
        row = session.get(Facility, facility_id)
        body = row.organisation_id if row is not None else None
        if place.takes_bookings and body is not None and body != actor.organisation_id:
            found.append(Possible(body, place.facility.name, facility_id, place.facility.address))
    if any(each.organisation_id is not None for each in wanted):
        bodies = other_bodies(session, actor=actor)
        found += [Possible(each.organisation_id, each.name) for each in bodies]
    return found


def by_name(possible: Sequence[Possible], name: str) -> list[Possible]:
    """Return those that are called so; width and spaces of the signs do not matter."""
    wanted = _plain(name)
    return [each for each in possible if _plain(each.name) == wanted]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
