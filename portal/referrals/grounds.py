"""Passing on without consent: a ground of law, a reason, and a second person.

Nothing rests on a decision before a colleague has released it. In urgency one person decides after
she has phoned, and a colleague looks at it on the next working day: whoever received it reads no
more once that day has passed without, or the answer is no. See docs/consents.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.referrals import ground_queries as queries
from portal.referrals.models import LegalBasis
from portal.referrals.rules import GroundRefusal, Item, LegalGround

_KNOWN = text("SELECT family_is_known(:family)")
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class Decision:
    """What is passed on to whom, on what ground, and why."""

    family_id: uuid.UUID
    receiver_id: uuid.UUID
    ground: LegalGround
    items: Sequence[Item]
    reason: str


def next_working_day(on: date, holidays: frozenset[date]) -> date:
    """Return the first day after ``on`` on which an office works."""
    day = on + timedelta(days=1)
    while day.weekday() > _FRIDAY or day in holidays:
        day += timedelta(days=1)
    return day


def decide(session: Session, what: Decision, *, actor: Actor, now: datetime) -> LegalBasis:
    """Write a decision down; it waits for a second person and lets nothing through before.

    Raises:
        Refusal: no reason, or nothing to pass on.
        NoResultFound: a family that the actor's body does not know.
    """
    return _keep(session, what, None, actor=actor, now=now)


def urgent(
    session: Session, what: Decision, *, phoned_at: datetime, actor: Actor, now: datetime
) -> LegalBasis:
    """Decide alone, after a call: it holds at once, and is reviewed on the next working day.

    Args:
        phoned_at: When the receiver was called; aware.

    Raises:
        Refusal, NoResultFound: as ``decide``; or the call is still to come.
    """
    return _keep(session, what, phoned_at, actor=actor, now=now)


def release(session: Session, ground_id: uuid.UUID, *, actor: Actor, now: datetime) -> LegalBasis:
    """Let a decision through, as the second person; from then on something may rest on it.

    Raises:
        Refusal: she decided it herself, or it was answered before.
        NoResultFound: none of the actor's body.
    """
    row = queries.locked(session, ground_id, actor=actor)
    _answerable(row, actor, is_waiting=not row.is_urgent and row.released_at is None)
    row.released_by, row.released_at = actor.user_id, now
    return _written(session, row, "ground.released", actor)


def turn_down(session: Session, ground_id: uuid.UUID, *, actor: Actor, now: datetime) -> LegalBasis:
    """Say no as the second person, or take one's own decision back: nothing goes out on it.

    Raises:
        Refusal: it was answered before.
        NoResultFound: none of the actor's body.
    """
    row = queries.locked(session, ground_id, actor=actor)
    if row.ended_at is not None or row.released_at is not None or row.is_urgent:
        raise Refusal([GroundRefusal.ALREADY_DECIDED])
    row.ended_at = now
    return _written(session, row, "ground.turned_down", actor)


def review(
    session: Session, ground_id: uuid.UUID, *, agreed: bool, actor: Actor, now: datetime
) -> LegalBasis:
    """Look at an urgent one as the second person; a no hides what was passed on.

    Raises:
        Refusal: she decided it herself, or it was answered before.
        NoResultFound: none of the actor's body.
    """
    row = queries.locked(session, ground_id, actor=actor)
    _answerable(row, actor, is_waiting=row.is_urgent and row.reviewed_at is None)
    row.reviewed_by, row.reviewed_at, row.review_agreed = actor.user_id, now, agreed
    if not agreed:
        row.ended_at = now
    return _written(session, row, "ground.reviewed", actor, agreed=agreed)


def _keep(
    session: Session,
    what: Decision,
    phoned_at: datetime | None,
    *,
    actor: Actor,
    now: datetime,
) -> LegalBasis:
    if actor.organisation_id is None or actor.user_id is None:
        raise PermissionError("somebody who works for a body decides")
    if not session.scalar(_KNOWN, {"family": what.family_id}):
        raise NoResultFound
    reasons = []
    if not what.reason.strip():
        reasons.append(GroundRefusal.REASON_MISSING)
    if not what.items:
        reasons.append(GroundRefusal.ITEMS_MISSING)
    if phoned_at is not None and phoned_at > now:
        reasons.append(GroundRefusal.PHONED_LATER)
    if reasons:
        raise Refusal(reasons)
    on = today(now)
    due = None
    if phoned_at is not None:
        due = next_working_day(on, queries.holidays_after(session, on))
    row = LegalBasis(
        id=uuid.uuid4(),
        family_id=what.family_id,
        organisation_id=actor.organisation_id,
        receiver_id=what.receiver_id,
        ground=what.ground,
        items=[item.value for item in what.items],
        is_urgent=phoned_at is not None,
        phoned_at=phoned_at,
        decided_by=actor.user_id,
        decided_at=now,
        review_due_on=due,
    )
    row.reason = what.reason.strip()
    session.add(row)
    return _written(session, row, "ground.decided", actor, urgent=row.is_urgent)


def _answerable(row: LegalBasis, actor: Actor, *, is_waiting: bool) -> None:
    if row.ended_at is not None or not is_waiting:
        raise Refusal([GroundRefusal.ALREADY_DECIDED])
    if row.decided_by == actor.user_id:
        raise Refusal([GroundRefusal.SECOND_PERSON_NEEDED])


def _written(
    session: Session, row: LegalBasis, action: str, actor: Actor, **detail: bool
) -> LegalBasis:
    session.flush()
    record(
        session,
        actor,
        action,
        row.id,
        family_id=None,  # its own log would say what must not be said at home
        ground=row.ground.value,
        receiver=str(row.receiver_id),
        **detail,
    )
    return row
