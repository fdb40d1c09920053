"""A nursery whose rules have steps, and stays of trial care that were attended."""

from __future__ import annotations

import uuid
from datetime import date, time
from typing import Any

from sqlalchemy import text

from portal.bookings.rules import UsePurpose, Wish
from portal.bookings.service import Placed, place_booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from tests.factories.people import children_of
from tests.factories.places import Site, next_open_day
from tests.factories.rules import put_in_force, rules_with

TRIAL: dict[str, Any] = {
    "kind": "trial_care",
    "trial": {
        "parts": [
            {"longest_minutes": 60, "with_guardian": True, "ends_by": "12:00"},
            {"longest_minutes": 120},
        ],
        "fee": "free",
        "counts_toward_caps": False,
    },
}
INTERVIEW: dict[str, Any] = {"kind": "interview"}
DAY = next_open_day()


def give_steps(site: Site, *steps: dict[str, Any]) -> None:
    """Put rules with these steps into force today."""
    put_in_force(site, rules_with(steps={"steps": steps}))


def trial_wish(
    guardian: Actor,
    site: Site,
    part: int = 1,
    *,
    day: date = DAY,
    start: time = time(9),
    end: time = time(10),
    **more: Any,
) -> Wish:
    """Return the wish for a part of trial care for the family's first child."""
    assert guardian.family_id is not None
    return Wish(
        programme_id=site.programme_id,
        family_id=guardian.family_id,
        child_ids=(children_of(guardian)[0].id,),
        span=span_on(day, start, end),
        purpose=UsePurpose.RESPITE,
        trial_part=part,
        **more,
    )


def book_trial(guardian: Actor, site: Site, part: int = 1, **more: Any) -> Placed:
    """Book a part."""
    with acting_as(guardian), transaction() as session:
        wish = trial_wish(guardian, site, part, **more)
        return place_booking(session, wish, actor=guardian, now=clock.now())


def attend(site: Site, booking_id: uuid.UUID) -> None:
    """Say that the child came."""
    with acting_as(site.owner), transaction() as session:
        session.execute(text("SELECT mark_booking(:id, 'attended')"), {"id": booking_id})
