"""Places kept for referred families, and a family that may be booked for on the spot. Commits."""

from __future__ import annotations

import uuid
from datetime import date, time, timedelta

from sqlalchemy import update

from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from portal.referrals.models import Referral
from portal.slots.models import PoolPattern
from portal.slots.places import Stay
from portal.slots.service import lay_out
from tests.factories.places import Site, next_open_day
from tests.factories.referring import agreed, drafted, interviewed, sent


def a_day_ahead() -> date:
    """Return an open day so far ahead that kept places are still kept."""
    return next_open_day(weeks=2)


def keep(site: Site, number: int, *, until_days: int = 3) -> None:
    """Keep so many places of the total on every weekday."""
    today = clock.today(clock.now())
    with acting_as(site.owner), transaction() as session:
        session.execute(
            update(PoolPattern).where(PoolPattern.pool_id == site.total_pool_id).values(kept=number)
        )
        session.execute(
            update(Facility)
            .where(Facility.id == site.facility_id)
            .values(kept_until_days=until_days)
        )
        lay_out(session, site.facility_id, today, today + timedelta(days=60))


def on_the_spot(worker: Actor, site: Site, *, name: str = "高橋 あかり") -> Referral:
    """A referral that has left, of a family that agreed to be booked for at once."""
    of = interviewed(worker, name=name, due_in=None)
    row = drafted(worker, of, site)
    agreed(worker, of.family_id, site.organisation_id, *SharingPurpose)
    return sent(worker, row.id)


def stay_of(row: Referral, site: Site, day: date) -> Stay:
    """Return a morning of the first child of a referral, as ``take_places`` is asked for it."""
    return Stay(
        id=uuid.uuid4(),
        group_id=uuid.uuid4(),
        programme_id=site.programme_id,
        family_id=row.family_id,
        child_id=row.child_ids[0],
        purpose="respite",
        span=span_on(day, time(9), time(12)),
        rulebook_id=site.rulebook_id,
        fee_yen=900,
        fee_lines=[],
        cancel_until=None,
        channel="counter",
        received_at=clock.now(),
        referral_id=row.id,
    )
