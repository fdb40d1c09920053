"""A day at ひなた保育園 for tests: stays that are booked, at moments of our choosing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime, time

from sqlalchemy import select

from portal.db.session import acting_as, transaction
from portal.families.models import ChildRecord, FamilyAccess, PickupPerson
from portal.kernel.actor import Actor
from portal.kernel.clock import at
from portal.kernel.spans import span_on
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.slots.places import Stay, Taken, take_places
from tests.factories.people import children_of
from tests.factories.places import Site, accept, next_open_day

#: A Wednesday to come; tests say what time it is on it.
DAY = next_open_day()
FEE_YEN = 900
FEE_VALUES = {"unit_yen": 300, "units": 3, "unit_minutes": 60}


def clock_time(text: str, day: date = DAY) -> datetime:
    """Return ``9:42`` of the day (JST)."""
    return at(day, time.fromisoformat(text.zfill(5)))


def book(
    site: Site,
    guardian: Actor,
    *,
    start: str = "9:00",
    end: str = "12:00",
    day: date = DAY,
    children: Iterable[uuid.UUID] | None = None,
    cancel_until: datetime | None = None,
    pickup: uuid.UUID | None = None,
    trial_part: int | None = None,
) -> list[uuid.UUID]:
    """Book the children of a family as one unit and return the bookings, by child's name."""
    assert guardian.family_id is not None
    ids = list(children or [child.id for child in children_of(guardian)])
    for child_id in ids:
        if not _has_access(site, guardian):
            accept(site, guardian, child_id)
    group = uuid.uuid4()
    stays = [
        Stay(
            id=uuid.uuid4(),
            group_id=group,
            programme_id=site.programme_id,
            family_id=guardian.family_id,
            child_id=child_id,
            purpose="respite",
            span=span_on(day, time.fromisoformat(start.zfill(5)), time.fromisoformat(end.zfill(5))),
            rulebook_id=site.rulebook_id,
            fee_yen=FEE_YEN,
            fee_lines=Fee(
                (FeeLine(FeeLabel.CARE_HOURLY, FEE_VALUES, child_id, FEE_YEN),)
            ).as_json(),
            cancel_until=cancel_until,
            channel="web",
            received_at=clock_time("8:00", day),
            pickup_person_id=pickup,
            trial_part=trial_part,
        )
        for child_id in ids
    ]
    with acting_as(guardian), transaction() as session:
        assert isinstance(take_places(session, stays), Taken)
    return [stay.id for stay in stays]


def _has_access(site: Site, guardian: Actor) -> bool:
    with acting_as(guardian) as session:
        found = session.scalars(
            select(FamilyAccess.id).where(FamilyAccess.organisation_id == site.organisation_id)
        ).first()
    return found is not None


def keep_record(guardian: Actor, child_id: uuid.UUID, **texts: str) -> None:
    """Fill in a child's record: ``allergies``, ``conditions``, ``habits``, ``notes``."""
    record = ChildRecord(id=uuid.uuid4(), child_id=child_id, family_id=guardian.family_id)
    for name, text in texts.items():
        setattr(record, name, text)
    with acting_as(guardian), transaction() as session:
        session.add(record)


def name_pickup(guardian: Actor, name: str, relation: str) -> uuid.UUID:
    """Register somebody to whom the children may be handed over."""
    person = PickupPerson(
        id=uuid.uuid4(), family_id=guardian.family_id, name=name, relation=relation
    )
    with acting_as(guardian), transaction() as session:
        session.add(person)
    return person.id
