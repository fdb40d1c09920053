"""What the children of a wish used before and have booked, wherever, as limits count it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.policies.history import NO_HISTORY, History, PastUse, UseState
from portal.policies.needs import history_days, needs_history, needs_options

#: Of any children that the actor may count for: wherever they were, no facility named.
USES_OF_CHILDREN = text("SELECT * FROM uses_of_children(:children, :programme, :first, :last)")
_REGISTRATIONS = text("""
SELECT count(DISTINCT facility_id) FROM preregistrations
 WHERE child_id = ANY (:children) AND state IN ('applied', 'asked_back', 'waiting', 'accepted')
""")
#: Of the facility's own bookings, as far as the actor may see them.
_OPTIONS = text("SELECT id, options FROM bookings WHERE id = ANY (:ids)")


def history_of(
    session: Session,
    child_ids: Sequence[uuid.UUID],
    programme_id: uuid.UUID,
    document: RulesDocument,
    day: date,
    *,
    actor: Actor,
    moving: Sequence[uuid.UUID] = (),
) -> History:
    """Return the stays that can change what the rules say of a wish on the local day ``day``.

    Nothing is read where no rule asks for it. Stays at other facilities count without being named.

    Args:
        moving: Bookings that would move; they are not among the stays.

    Raises:
        sqlalchemy.exc.ProgrammingError: not children that the actor may see or book for.
    """
    del actor  # the database knows who asks
    if not needs_history(document):
        return NO_HISTORY
    first, last = history_days(document, day)
    values = {
        "children": list(child_ids),
        "programme": programme_id,
        "first": first,
        "last": last,
    }
    ids = {child_id: child_id for child_id in child_ids}
    rows = [r for r in session.execute(USES_OF_CHILDREN, values) if r.booking_id not in moving]
    chosen: Mapping[uuid.UUID, frozenset[str]] = {}
    if rows and needs_options(document):
        booked = [row.booking_id for row in rows if row.booking_id and row.is_here]
        chosen = {
            booking_id: frozenset(options)
            for booking_id, options in session.execute(_OPTIONS, {"ids": booked})
        }
    uses = tuple(use_of(row, ids[row.child_id], chosen.get(row.booking_id)) for row in rows)
    registrations = 0
    if any(cap.metric.value == "registrations" for cap in document.caps):
        registrations = session.execute(_REGISTRATIONS, {"children": list(child_ids)}).scalar_one()
    return History(uses, registrations)


def use_of(row: Any, child_id: uuid.UUID, options: frozenset[str] | None = None) -> PastUse:
    """Return one row of ``USES_OF_CHILDREN`` as rules count it.

    Args:
        child_id: The row's, one object for all stays of the child (``History``).
        options: What was chosen beside it, where that was read.
    """
    return PastUse(
        child_id=child_id,
        day=row.day,
        minutes=row.minutes,
        starts_at=row.starts_at,
        state=UseState(row.state),
        purpose=row.use_type,
        reason=row.use_reason,
        unit=row.unit,
        is_trial=row.is_trial,
        is_here=row.is_here,
        is_same_programme=row.is_same_programme,
        is_in_city=row.is_in_city,
        is_same_provider=row.is_same_provider,
        is_declared=row.is_declared,
        options=options,
    )
