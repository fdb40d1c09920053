"""Who could help a family: facilities that take its children, nearest first, and other bodies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.facilities.models import Facility
from portal.facilities.rules import area_of
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.policies.looking import age_rule_for
from portal.slots.published import Place, Search, published_place, search_places

#: More than any municipality has.
_MOST = 200
#: Who takes a child only after so long is offered after those that take it sooner.
_LONG = timedelta(days=365)
_OTHER_KINDS = (
    OrganisationKind.FAMILY_CENTER,
    OrganisationKind.CONSULTATION_OFFICE,
    OrganisationKind.SUPPORT_CENTRE,
    OrganisationKind.HEALTH_CENTRE,
)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Somebody a family may be referred to: a facility's provider, or another supporting body."""

    organisation_id: uuid.UUID
    name: str
    facility_id: uuid.UUID | None = None
    address: str = ""
    phone: str | None = None
    #: Of the children asked for: those that are cared for there, and those that are not.
    takes: tuple[uuid.UUID, ...] = ()
    leaves_out: tuple[uuid.UUID, ...] = ()
    #: From when each of those is cared for that are not yet.
    from_days: tuple[tuple[uuid.UUID, date], ...] = ()


def children_taken(
    session: Session, facility_id: uuid.UUID, children: Sequence[Child], *, on: date
) -> list[Child]:
    """Return those of the children that a facility takes, now or once they are old enough.

    Raises:
        NoResultFound: there is no such facility, or it is not published.
    """
    place = published_place(session, facility_id, on=on)
    return [child for child in children if first_day_at(place, child, on) is not None]


def first_day_at(place: Place, child: Child, on: date) -> date | None:
    """Return from when a facility takes a child, expected ones by their due date; or ``None``."""
    born = child.born_on or child.due_on
    if born is None:
        return None
    rule = age_rule_for(place.document, born, on)
    day = max(on, born) if rule is None else max(on, born, rule.first_day(born))
    last = None if rule is None else rule.last_day(born)
    if last is not None and day > last:
        return None
    age = class_age(born, day)
    return day if any(age in choice.ages for choice in place.classes(day)) else None


def facilities_for(
    session: Session, children: Sequence[Child], *, near: str | None, actor: Actor, on: date
) -> list[Receiver]:
    """Return facilities that take at least one of the children, those that take all first.

    Among these the nearest to the address ``near``, by the part of town and then by as much as
    the two addresses share; the address itself leaves the portal to nobody.
    """
    found, _total = search_places(session, Search(on, 0), limit=_MOST, offset=0)
    rows = {
        row.id: row
        for row in session.scalars(
            select(Facility).where(
                Facility.id.in_([place.id for place in found]),
                Facility.organisation_id.is_not(None),
                Facility.organisation_id != actor.organisation_id,
            )
        )
    }
    receivers = []
    for place in found:
        row = rows.get(place.id)
        if row is None or row.organisation_id is None or not place.takes_bookings:
            continue
        days = {child.id: first_day_at(place, child, on) for child in children}
        taken = {child_id: day for child_id, day in days.items() if day is not None}
        if not taken:
            continue
        receivers.append(
            Receiver(
                row.organisation_id,
                place.facility.name,
                place.id,
                place.facility.address,
                place.facility.phone,
                takes=tuple(taken),
                leaves_out=tuple(each for each in days if each not in taken),
                from_days=tuple((each, day) for each, day in taken.items() if day > on),
            )
        )
    home = area_of(near) if near else None
    return sorted(
        receivers,
        key=lambda each: (
            len(each.leaves_out),
            any(day > on + _LONG for _child, day in each.from_days),
            home is None or area_of(each.address) != home,
            -_shared(each.address, near or ""),
            each.name,
        ),
    )


def _shared(address: str, other: str) -> int:
    """Return with how many equal signs two addresses begin."""
    pairs = enumerate(zip(address, other, strict=False))
    return next((at for at, (one, two) in pairs if one != two), min(len(address), len(other)))


def other_bodies(session: Session, *, actor: Actor) -> list[Receiver]:
    """Return the supporting bodies of the actor's municipality, besides her own."""
    own = session.get(Organisation, actor.organisation_id)
    if own is None:
        return []
    city = own.id if own.kind is OrganisationKind.MUNICIPALITY else own.municipality_id
    rows = session.scalars(
        select(Organisation)
        .where(
            Organisation.kind.in_(_OTHER_KINDS),
            Organisation.id != own.id,
            Organisation.municipality_id == city,
        )
        .order_by(Organisation.name, Organisation.id)
    )
    return [Receiver(row.id, row.name, phone=row.phone) for row in rows if city is not None]
