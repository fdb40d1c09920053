"""The facility's decisions: accept, accept with conditions, let wait, move up, decline.

Where registrations are limited, all who decide for a facility take turns, and nobody overtakes.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.rounds import at_every_facility
from portal.families import progress_hooks
from portal.families.progress_hooks import Progress
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.policies.steps import Before, open_steps
from portal.preregistration import queries
from portal.preregistration.models import Preregistration
from portal.preregistration.places import ahead_of, hold, registered, waiting_units
from portal.preregistration.rules import (
    MessageKind,
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
)
from portal.preregistration.steps import rule_of, standing
from portal.preregistration.terms import terms_of
from portal.preregistration.writing import decide, needed, tell, write


def accept(
    session: Session,
    preregistration_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    conditions: str = "",
    has_read: bool = False,
    seen: str | None = None,
) -> Preregistration:
    """Accept: the child may be booked until the day that the facility's rules say.

    Whoever waits for a place together is accepted together.

    Args:
        conditions: In words; the family must agree to them before the first booking.
        has_read: Whether staff say that they have read the child's record.
        seen: What the page knew of it (``rules.mark_of``).

    Raises:
        Refusal: not possible in its state, no registration is free, or others wait longer.
        NoResultFound: not at this actor's provider.
    """
    return accept_all(
        session,
        [preregistration_id],
        actor=actor,
        now=now,
        conditions=conditions,
        has_read=has_read,
        seen=seen,
    )[0]


def accept_all(
    session: Session,
    preregistration_ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
    conditions: str = "",
    has_read: bool = False,
    seen: str | None = None,
) -> Sequence[Preregistration]:
    """Accept brothers and sisters at once, as ``accept``; the family gets one mail."""
    first = queries.preregistration(session, preregistration_ids[0], actor=actor)
    limit = terms_of(session, first.facility_id, today(now)).rule.limit
    ids = list(preregistration_ids)
    _check_steps(session, ids, actor=actor, now=now)
    if limit is not None:
        hold(session, first.facility_id)
        ids += [each for each in _waiting_with(session, first, ids) if each not in ids]
        _check_room(session, first.facility_id, limit, ids, actor=actor, now=now)
    rows = [
        decide(session, each, PreregistrationEvent.ACCEPT, actor=actor, now=now, seen=seen)
        for each in ids
    ]
    for row in rows:
        _note_terms(session, row, conditions=conditions, has_read=has_read, actor=actor, now=now)
    tell(session, "accepted", *rows)
    progress_hooks.tell(
        session,
        first.family_id,
        first.organisation_id,
        Progress.REGISTERED,
        actor=actor,
        now=now,
    )
    return rows


def wait(
    session: Session,
    preregistration_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Sequence[Preregistration]:
    """Let an application wait for a registration to become free, with its brothers and sisters.

    Its place in the line is its time of receipt. They move up by ``move_up``.

    Raises:
        Refusal: not possible in its state, or registrations are not limited.
        NoResultFound: not at this actor's provider.
    """
    row = queries.preregistration(session, preregistration_id, actor=actor)
    if terms_of(session, row.facility_id, today(now)).rule.limit is None:
        raise Refusal([PreregistrationRefusal.NO_LIMIT_TO_WAIT_FOR])
    _check_steps(session, [row.id], actor=actor, now=now)
    hold(session, row.facility_id)
    undecided = {PreregistrationState.APPLIED, PreregistrationState.ASKED_BACK}
    event = PreregistrationEvent.WAIT
    found = [decide(session, row.id, event, actor=actor, now=now, seen=seen)]
    found += [
        decide(session, other.id, event, actor=actor, now=now)
        for other in queries.together(session, row, actor=actor)
        if other.state in undecided
    ]
    for each in found:
        each.answer_by = None
    tell(session, "waiting", *found)
    return found


def decline(
    session: Session,
    preregistration_id: uuid.UUID,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Preregistration:
    """Decline with a reason that the family reads.

    Raises:
        Refusal: no reason given, or not possible in its state.
        NoResultFound: not at this actor's provider.
    """
    event = PreregistrationEvent.DECLINE
    row = decide(session, preregistration_id, event, actor=actor, now=now, seen=seen)
    row.answer_by = None
    write(session, row, needed(reason), actor=actor, now=now, kind=MessageKind.REASON)
    tell(session, "declined", row)
    return row


def move_up(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> list[Preregistration]:
    """Accept those who waited longest, as far as registrations are free, and tell each family.

    The first whose brothers and sisters do not all fit stops the line: nobody overtakes.
    """
    limit = terms_of(session, facility_id, today(now)).rule.limit
    moved: list[Preregistration] = []
    if not actor.is_provider:
        return moved
    hold(session, facility_id)
    free = None if limit is None else limit - registered(session, facility_id, today(now))
    for unit in waiting_units(session, facility_id):
        if free is not None:
            free -= len(unit.rows)
            if free < 0:
                break
        event = PreregistrationEvent.ACCEPT
        rows = [decide(session, row.id, event, actor=actor, now=now) for row in unit.rows]
        tell(session, "accepted", *rows)
        moved += rows
    return moved


def move_up_everywhere(now: datetime) -> None:
    """Move up at every facility where somebody waits: the worker's round.

    A place is freed by a family that withdraws, or by the end of a registration, when no staff are
    there.
    """

    def move(session: Session, facility_id: uuid.UUID, actor: Actor) -> None:
        if waiting_units(session, facility_id):
            move_up(session, facility_id, actor=actor, now=now)

    at_every_facility("moving up", move)


def _check_steps(
    session: Session, ids: Sequence[uuid.UUID], *, actor: Actor, now: datetime
) -> None:
    reasons = []
    for each in ids:
        row = queries.preregistration(session, each, actor=actor)
        if step := first_step_of(session, row, actor=actor, now=now):
            values: dict[str, object] = {"step": step}
            reasons.append(Reason(PreregistrationRefusal.STEP_FIRST, values, row.child_id))
    if reasons:
        raise Refusal(reasons)


def first_step_of(
    session: Session, row: Preregistration, *, actor: Actor, now: datetime
) -> str | None:
    """Return the kind of the step without which nothing is accepted; ``None``: none is open."""
    rule = rule_of(session, row.facility_id, today(now), actor=actor)
    found = open_steps(rule, standing(row), before=Before.ACCEPTANCE)
    return found[0].kind.value if found else None


def _waiting_with(
    session: Session, row: Preregistration, ids: Sequence[uuid.UUID]
) -> list[uuid.UUID]:
    for unit in waiting_units(session, row.facility_id):
        found = [each.id for each in unit.rows]
        if set(found) & set(ids):
            return found
    return []


def _check_room(
    session: Session,
    facility_id: uuid.UUID,
    limit: int,
    ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    there = registered(session, facility_id, today(now))
    rows = [queries.preregistration(session, each, actor=actor) for each in ids]
    received_at = min(row.received_at for row in rows)
    ahead = ahead_of(waiting_units(session, facility_id), received_at, ids)
    reasons = []
    if there + len(ids) > limit:
        values: dict[str, object] = {"limit": limit, "free": max(0, limit - there)}
        reasons.append(Reason(PreregistrationRefusal.REGISTRATIONS_TAKEN, values))
    elif ahead:
        count = sum(len(unit.rows) for unit in ahead)
        reasons.append(Reason(PreregistrationRefusal.OTHERS_WAIT_LONGER, {"count": count}))
    if reasons:
        raise Refusal(reasons)


def _note_terms(
    session: Session,
    row: Preregistration,
    *,
    conditions: str,
    has_read: bool,
    actor: Actor,
    now: datetime,
) -> None:
    row.answer_by = None
    if conditions.strip():
        row.has_conditions = True
        # What she agreed to before knew nothing of them.
        row.family_agreed_at = row.family_agreed_by = row.family_agreed_channel = None
        row.family_agreed_rulebook_id = None
        session.flush()
        write(session, row, needed(conditions), actor=actor, now=now, kind=MessageKind.CONDITIONS)
    if has_read:
        row.facility_agreed_at, row.facility_agreed_by = now, actor.user_id
        session.flush()
        record(session, actor, "preregistration.facility_agreed", row.id, family_id=row.family_id)
