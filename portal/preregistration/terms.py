"""What a facility asks of a registration: the rules in force there on a day."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.policies.document import RulesDocument
from portal.policies.registration import RegistrationRule
from portal.slots.opening import facility_calendar
from portal.slots.published import published_place


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules a registration is judged by, and which version they are."""

    document: RulesDocument
    rulebook_id: uuid.UUID | None
    belongings: str | None = None

    @property
    def rule(self) -> RegistrationRule:
        """The rule of registration; one that asks for nothing special where none is written."""
        return self.document.registration or RegistrationRule()


def terms_of(session: Session, facility_id: uuid.UUID, on: date) -> Terms:
    """Return the rules in force at a facility on a local day, for staff and families alike."""
    try:
        place = published_place(session, facility_id, on=on)
    except NoResultFound:  # no longer published: nothing is known against anybody
        return Terms(RulesDocument(), None)
    return Terms(place.document, place.facility.rulebook_id, place.facility.belongings)


def terms_by_facility(
    session: Session, facility_ids: Iterable[uuid.UUID], on: date
) -> dict[uuid.UUID, Terms]:
    """Return ``terms_of`` several facilities."""
    return {each: terms_of(session, each, on) for each in set(facility_ids)}


def answer_by(
    session: Session, facility_id: uuid.UUID, rule: RegistrationRule, on: date
) -> date | None:
    """Return the open day by which what came in on ``on`` is answered; ``None``: none is promised.

    Where the facility has no open day in reach, calendar days are counted.
    """
    if rule.answer_days is None:
        return None
    calendar = facility_calendar(session, facility_id, on).for_deadlines
    day = on
    for _each in range(rule.answer_days):
        day = calendar.next_open_day(day) or day + timedelta(days=1)
    return day
