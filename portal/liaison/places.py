"""Free places of the coming days in a municipality, for those who advise families."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.policies.looking import Onlooker
from portal.slots.availability import Sign, Vacancy
from portal.slots.day_signs import vacancy_on
from portal.slots.opening import open_days_of
from portal.slots.published import FacilityShown, Search, cells_of, search_places

#: How far ahead is looked, and how many days with an open door are shown.
LOOK_AHEAD = 14
DAYS_SHOWN = 5
#: More than any municipality has; the list is one page that can be printed.
MOST = 200


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A facility with the signs of the days shown."""

    facility: FacilityShown
    signs: tuple[Vacancy, ...]


@dataclass(frozen=True, slots=True)
class FreePlaces:
    """The facilities of a municipality and the days to come; seen for one class."""

    days: tuple[date, ...]
    rows: tuple[PlaceRow, ...]
    age: int

    @property
    def with_places(self) -> int:
        """How many facilities have a place on one of the days."""
        return sum(any(sign.is_bookable for sign in row.signs) for row in self.rows)


def free_places(session: Session, age: int, *, actor: Actor, now: datetime) -> FreePlaces:
    """Return what facilities of the actor's municipality have free; public data alone."""
    first = today(now)
    last = first + timedelta(days=LOOK_AHEAD)
    known = _facilities_of(session, _municipality_of(session, actor))
    found, _total = search_places(session, Search(first, age), limit=MOST, offset=0)
    places = [
        place for place in found if place.takes_bookings and (known is None or place.id in known)
    ]
    cells = cells_of(session, places, age, first, last)
    openings = open_days_of(session, [place.id for place in places], first) if places else {}
    who = Onlooker(class_ages=(age,))
    seen = {
        (place.id, day): vacancy_on(
            place, openings[place.id], cells.get((place.id, day)), day, now=now, who=who
        )[0]
        for place in places
        for day in (first + timedelta(days=n) for n in range(LOOK_AHEAD))
    }
    open_days = sorted({day for (_id, day), sign in seen.items() if sign.sign is not Sign.CLOSED})
    days = tuple(open_days[:DAYS_SHOWN])
    rows = (
        PlaceRow(place.facility, tuple(seen[place.id, day] for day in days)) for place in places
    )
    # Those with something free first, each group by reading as it came.
    ordered = sorted(rows, key=lambda row: not any(sign.is_bookable for sign in row.signs))
    return FreePlaces(days, tuple(ordered), age)


def sign_words(seen: Vacancy) -> str:
    """Return the words beside a sign: ``残り3人``."""
    if seen.places is not None:
        return _("残り%(count)s人") % {"count": seen.places}
    return {
        Sign.FEW: _("一部空き"),
        Sign.FULL: _("空きなし"),
        Sign.CLOSED: _("お休み"),
    }.get(seen.sign, _("受付なし"))


def _municipality_of(session: Session, actor: Actor) -> uuid.UUID | None:
    """Return the municipality the actor's body belongs to, or ``None`` where none is known."""
    own = session.get(Organisation, actor.organisation_id)
    if own is None:
        return None
    if own.kind is OrganisationKind.MUNICIPALITY:
        return own.id
    if not own.municipality_code:
        return None
    return session.scalars(
        select(Organisation.id)
        .where(
            Organisation.kind == OrganisationKind.MUNICIPALITY,
            Organisation.municipality_code == own.municipality_code,
        )
        .order_by(Organisation.created_at, Organisation.id)
        .limit(1)
    ).one_or_none()


def _facilities_of(session: Session, municipality_id: uuid.UUID | None) -> set[uuid.UUID] | None:
    if municipality_id is None:
        return None
    return set(
        session.scalars(select(Facility.id).where(Facility.municipality_id == municipality_id))
    )
