"""Facilities with places, for tests. Each commits in the database in use."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility, Programme
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations.rules import OrganisationKind
from portal.policies.document import load_template
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.rulebooks.models import Rulebook
from portal.slots.models import Pool, PoolPattern
from portal.slots.rules import PoolKind
from tests.factories import people

#: 8:00-18:00 in half-hour cells.
OPEN_CELLS = range(16, 36)


@dataclass(frozen=True, slots=True)
class Site:
    """A facility ready to be booked."""

    organisation_id: uuid.UUID
    facility_id: uuid.UUID
    programme_id: uuid.UUID
    rulebook_id: uuid.UUID
    total_pool_id: uuid.UUID
    baby_pool_id: uuid.UUID
    #: Acts for the provider without an account; for set-up in tests alone.
    owner: Actor


def cells(capacity: int, during: Sequence[int] = OPEN_CELLS) -> list[int]:
    return [capacity if cell in during else 0 for cell in range(48)]


def make_site(
    name: str,
    *,
    places: int = 6,
    baby_places: int = 2,
    template: str = "hourly-standard",
    weekdays: Sequence[int] = range(5),
    from_day: date | None = None,
    days: int = 60,
    kind: ProgrammeKind = ProgrammeKind.TEMPORARY_CARE,
) -> Site:
    """Make a provider with one published facility, rules and two months of free places."""
    today = clock.today(clock.now())
    start = from_day or today - timedelta(days=31)
    organisation_id = people.make_organisation(f"{name}の会", OrganisationKind.PROVIDER)
    owner = Actor(role=Role.DIRECTOR, user_id=uuid.uuid4(), organisation_id=organisation_id)
    site = Site(
        organisation_id, uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), uuid.uuid4(), owner
    )
    with acting_as(people.OPERATOR), transaction() as session:
        session.add(
            Facility(
                id=site.facility_id,
                organisation_id=organisation_id,
                name=name,
                address="みほん市中央1-1",
                phone="000-0000-0000",
                published_at=clock.now(),
                closed_on_holidays=False,
            )
        )
    ours = {"facility_id": site.facility_id, "organisation_id": organisation_id}
    with acting_as(owner), transaction() as session:
        session.add(
            Programme(
                id=site.programme_id,
                **ours,
                kind=kind,
                name="一時預かり",
                published_at=clock.now(),
            )
        )
        session.flush()
        session.add(
            Rulebook(
                id=site.rulebook_id,
                programme_id=site.programme_id,
                **ours,
                version=1,
                in_force_from=start,
                document=load_template(template).model_dump(mode="json"),
            )
        )
        total = Pool(id=site.total_pool_id, **ours, kind=PoolKind.TOTAL, label="全体", position=0)
        babies = Pool(
            id=site.baby_pool_id,
            **ours,
            kind=PoolKind.AGE_BAND,
            label="0歳児",
            youngest_class=0,
            oldest_class=0,
            position=1,
        )
        session.add_all([total, babies])
        session.flush()
        for weekday in weekdays:
            for pool, capacity in ((total, places), (babies, baby_places)):
                session.add(
                    PoolPattern(
                        pool_id=pool.id,
                        weekday=weekday,
                        in_force_from=start,
                        **ours,
                        capacity=cells(capacity),
                    )
                )
        session.flush()
        fill(session, site.facility_id, start, start + timedelta(days=31 + days))
    return site


def fill(session: object, facility_id: uuid.UUID, start: date, end: date) -> None:
    session.execute(  # type: ignore[attr-defined]  # a SQLAlchemy session
        text("SELECT * FROM fill_pool_days(:facility, :start, :end)"),
        {"facility": facility_id, "start": start, "end": end},
    )


def accept(site: Site, guardian: Actor, child_id: uuid.UUID) -> uuid.UUID:
    """Make an accepted pre-registration, with the access that comes with applying."""
    now = clock.now()
    preregistration_id = uuid.uuid4()
    with acting_as(guardian), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
        session.add(
            Preregistration(
                id=preregistration_id,
                family_id=guardian.family_id,
                child_id=child_id,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                state="applied",
                channel="web",
                received_at=now,
                applied_at=now,
            )
        )
    with acting_as(site.owner), transaction() as session:
        row = session.get_one(Preregistration, preregistration_id)
        row.state = PreregistrationState.ACCEPTED
        row.accepted_until = clock.today(now) + timedelta(days=300)
    return preregistration_id


def next_open_day(weeks: int = 1) -> date:
    """Return a Wednesday at least ``weeks`` weeks from today."""
    today = clock.today(clock.now())
    return today + timedelta(days=7 * weeks + (2 - today.weekday()) % 7)
