"""Write down that a family goes first, and end it. Bookings made keep their places."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.priorities import queries
from portal.priorities.models import Priority
from portal.priorities.rules import PriorityKind, PriorityRefusal, reasons_against


def give(
    session: Session,
    family_id: uuid.UUID,
    kind: PriorityKind,
    reason: str,
    until_on: date,
    *,
    actor: Actor,
    now: datetime,
) -> Priority:
    """Write down that a family goes first at the actor's provider; one whose day is past ends.

    Args:
        until_on: The last day, included.

    Raises:
        Refusal: no reason, a day that is past or too far off, or there is one already.
        NoResultFound: not a family that the actor may see.
    """
    family = families.family(session, family_id, actor=actor)
    on = today(now)
    reasons = reasons_against(until_on, reason, on=on)
    before = queries.live(session, family.id, actor=actor)
    if before is not None and before.until_on >= on:
        reasons.append(Reason(PriorityRefusal.THERE_IS_ONE))
    if reasons:
        raise Refusal(reasons)
    if before is not None:
        before.ended_at, before.ended_by = now, actor.user_id
        session.flush()
    row = Priority(
        id=uuid.uuid4(),
        organisation_id=actor.organisation_id,
        family_id=family.id,
        kind=kind,
        until_on=until_on,
        decided_by=actor.user_id,
        decided_at=now,
    )
    row.reason = reason.strip()
    session.add(row)
    session.flush()
    # No family, kind or reason: the log of a family is read by more people than may know.
    record(session, actor, "priority.given", row.id, family_id=None)
    return row


def end(session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """End the priority of a family; what was booked with it stays.

    Raises:
        NoResultFound: not a family that the actor may see.
    """
    family = families.family(session, family_id, actor=actor)
    row = queries.live(session, family.id, actor=actor)
    if row is None:
        return
    row.ended_at, row.ended_by = now, actor.user_id
    session.flush()
    record(session, actor, "priority.ended", row.id, family_id=None)
