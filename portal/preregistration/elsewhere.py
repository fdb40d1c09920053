"""What else there is for a child that a facility cannot take: other places, and the city's desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.facilities.rules import area_of
from portal.kernel.age import class_age
from portal.organisations.models import Organisation
from portal.policies.looking import age_rule_for
from portal.preregistration.models import Preregistration
from portal.slots.published import Place, Search, search_places

#: As many are named; the list of all is one tap away.
MOST = 5
_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Other facilities, those of the same area first, and whom to ask."""

    places: tuple[Place, ...]
    desk_name: str | None
    desk_phone: str | None


def elsewhere(session: Session, row: Preregistration, on: date) -> Elsewhere:
    """Return which published facilities take a child of this age on a local day."""
    desk = (
        session.get(Organisation, row.facility.municipality_id)
        if row.facility.municipality_id
        else None
    )
    return Elsewhere(
        _places(session, row, on), desk.name if desk else None, desk.phone if desk else None
    )


def _places(session: Session, row: Preregistration, on: date) -> tuple[Place, ...]:
    born_on = row.child.born_on
    if born_on is None:
        return ()
    age = class_age(born_on, max(born_on, on))
    area = row.facility.area or area_of(row.facility.address) or ""
    found: dict[object, Place] = {}
    for where in (area, "") if area else ("",):
        search = Search(day=on, age=age, area=where)
        for place in search_places(session, search, limit=_LOOKED_AT, offset=0)[0]:
            if place.id != row.facility_id and _takes(place, born_on, age, on):
                found.setdefault(place.id, place)
        if len(found) >= MOST:
            break
    return tuple(found.values())[:MOST]


def _takes(place: Place, born_on: date, age: int, on: date) -> bool:
    if not any(age in choice.ages for choice in place.classes(on)):
        return False
    rule = age_rule_for(place.document, born_on, on)
    if rule is None:
        return True
    last = rule.last_day(born_on)
    return rule.first_day(born_on) <= on and (last is None or on <= last)
