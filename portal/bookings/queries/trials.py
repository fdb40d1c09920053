"""Stays of trial care of a child at a facility, with what came of each."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.policies.trials import Attempt, TrialOutcome

_ATTEMPTS = text("""
SELECT b.trial_part, o.outcome FROM bookings b
  LEFT JOIN trial_outcomes o ON o.booking_id = b.id
 WHERE b.child_id = :child AND b.facility_id = :facility AND b.trial_part IS NOT NULL
   AND b.state IN ('confirmed', 'attended') AND b.id <> ALL (CAST(:moving AS uuid[]))
 ORDER BY b.starts_at, b.id
""")


def attempts_of(
    session: Session,
    child_id: uuid.UUID,
    facility_id: uuid.UUID,
    *,
    moving: Sequence[uuid.UUID] = (),
) -> list[Attempt]:
    """Return the parts that are booked or were attended, in order of time.

    Row-level security knows who asks.

    Args:
        moving: Bookings that are looked at as if they were not there.
    """
    values = {"child": child_id, "facility": facility_id, "moving": list(moving)}
    return [
        Attempt(part, TrialOutcome(outcome) if outcome else None)
        for part, outcome in session.execute(_ATTEMPTS, values)
    ]
