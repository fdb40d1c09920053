"""What can be told of an expected child: it is born, alone or with others, or is not expected now.

Each can be taken back for some days.

The row of the expected child stays and becomes the first of a birth, so that nothing that points
to it is lost; the others begin with copies. A closed child is shown no more: every list leaves it
out, what runs for it ends in the same transaction, and no word goes out.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families.expected_hooks import listeners
from portal.families.expected_joined import bring_back_joined, end_joined
from portal.families.expected_rules import (
    UNDO_FOR,
    ExpectedRefusal,
    Newborn,
    may_still_undo,
    reasons_against_birth,
)
from portal.families.models import Child
from portal.families.queries import visible
from portal.families.record_copy import copy_record
from portal.families.record_store import forget_confirmations
from portal.families.rules import EndedKind, name_key
from portal.kernel.actor import Actor
from portal.kernel.channel import BY_HERSELF, Told
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue


@dataclass(frozen=True, slots=True)
class Reopened:
    """A child expected again."""

    child: Child
    #: Visits and applications that could not come back: full meanwhile, or over.
    left_out: int


def tell_birth(
    session: Session,
    child_id: uuid.UUID,
    newborns: Sequence[Newborn],
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> tuple[Child, ...]:
    """Let an expected child be born, and return all children of the birth, its own row first.

    Applications, visits, messages and the record stay with the first. The others begin with copies
    of the record, of running applications (at the same place in the queue) and of coming visits.
    What was said of the body before the birth holds no more until a guardian confirms it. Where
    staff enter it, the family gets a mail that names nobody.

    Raises:
        Refusal: with every reason, also where somebody else told it first.
        NoResultFound: not an expected child that this actor may see.
    """
    first = _locked(session, child_id, actor=actor)
    if first.born_on is not None:
        raise Refusal([ExpectedRefusal.TOLD_ALREADY])
    reasons = reasons_against_birth(newborns, first.due_on, today=today(now))
    if reasons:
        raise Refusal(reasons)
    _write(first, newborns[0], now)
    others = [
        _write(Child(id=uuid.uuid4(), family_id=first.family_id, born_with=first.id), each, now)
        for each in newborns[1:]
    ]
    for other in others:
        other.due_on = first.due_on
    session.add_all(others)
    session.flush()
    forget_confirmations(session, first, now)
    for other in others:
        copy_record(session, first, other, actor=actor, now=now)
        for listener in listeners():
            listener.copied(session, first, other, actor=actor, now=now)
    for child in (first, *others):
        record(session, actor, "child.born", child.id, family_id=first.family_id, **told.detail)
    if actor.is_provider:
        enqueue(
            session,
            "families/birth_entered",
            about=[first.id],
            to_family=first.family_id,
            organisation_id=actor.organisation_id,
        )
    session.flush()
    return first, *others


def undo_birth(
    session: Session, child_id: uuid.UUID, *, actor: Actor, now: datetime, told: Told = BY_HERSELF
) -> Child:
    """Take back a birth told by mistake: expected again; the others of the birth are closed.

    Of the first, everything stays, its name too.

    Raises:
        Refusal: too long ago, or one of the children has been booked since.
        NoResultFound: not a child that this actor may see.
    """
    child = _locked(session, child_id, actor=actor)
    if child.born_with is not None:
        child = _locked(session, child.born_with, actor=actor)
    if child.born_on is None or child.due_on is None:
        raise Refusal([ExpectedRefusal.NOT_EXPECTED])
    others = session.scalars(
        select(Child).where(Child.born_with == child.id, Child.ended_at.is_(None)).with_for_update()
    ).all()
    reasons = [
        reason
        for each in (child, *others)
        for listener in listeners()
        for reason in listener.against_undoing(session, each, actor=actor)
    ]
    if not may_still_undo(child.born_told_at or child.created_at, now=now):
        reasons.append(Reason(ExpectedRefusal.TOO_LATE_TO_UNDO, {"days": UNDO_FOR.days}))
    if reasons:
        raise Refusal({reason.code: reason for reason in reasons}.values())
    child.born_on = child.born_told_at = None
    child.updated_at = now
    for other in others:
        end_child(session, other, EndedKind.BIRTH_UNDONE, actor=actor, now=now, told=told)
    record(session, actor, "child.birth_undone", child.id, family_id=child.family_id, **told.detail)
    return child


def close(
    session: Session, child_id: uuid.UUID, *, actor: Actor, now: datetime, told: Told = BY_HERSELF
) -> Child:
    """End expecting a child, quietly: no reason, no word to anybody, nothing of it shown again.

    Applications and visits for it end with this transaction, at every provider, in every record
    that a referral has joined; mails that wait
    are dropped when their time comes, since each asks whether what it speaks of still stands.

    Raises:
        Refusal: the child is born.
        NoResultFound: not a child that this actor may see, or closed already.
    """
    child = _locked(session, child_id, actor=actor)
    if child.born_on is not None:
        raise Refusal([ExpectedRefusal.NOT_EXPECTED])
    end_child(session, child, EndedKind.NO_LONGER, actor=actor, now=now, told=told)
    return child


def reopen(
    session: Session, child_id: uuid.UUID, *, actor: Actor, now: datetime, told: Told = BY_HERSELF
) -> Reopened:
    """Expect a closed child again: applications and visits come back where they still can.

    Raises:
        Refusal: too long ago.
        NoResultFound: not a closed child that this actor may see.
    """
    child = session.scalars(
        ended_as(EndedKind.NO_LONGER, actor).where(Child.id == child_id).with_for_update()
    ).one()
    return bring_back(session, child, actor=actor, now=now, told=told)


def bring_back(
    session: Session, child: Child, *, actor: Actor, now: datetime, told: Told = BY_HERSELF
) -> Reopened:
    """Show a closed child again that is held in this transaction, with all that ended with it.

    Raises:
        Refusal: too long ago.
    """
    if child.ended_at is None or not may_still_undo(child.ended_at, now=now):
        raise Refusal([Reason(ExpectedRefusal.TOO_LATE_TO_UNDO, {"days": UNDO_FOR.days})])
    was = child.ended_with or {}
    kind = child.ended_kind
    child.ended_at = child.ended_kind = child.ended_with = child.same_as = None
    child.ended_through = None
    child.updated_at = now
    session.flush()
    left_out = sum(
        listener.resumed(session, child, was[listener.name], actor=actor, now=now)
        for listener in listeners()
        if was.get(listener.name)
    )
    if kind is EndedKind.NO_LONGER:
        left_out += bring_back_joined(session, child, actor=actor, now=now, told=told)
    record(session, actor, "child.reopened", child.id, family_id=child.family_id, **told.detail)
    return Reopened(child, left_out)


def end_child(
    session: Session,
    child: Child,
    kind: EndedKind,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
    **detail: str,
) -> None:
    """Close a child that is held in this transaction; what runs for it ends, and can come back.

    Args:
        detail: What the audit keeps besides: codes, no words.
    """
    child.ended_at, child.ended_kind, child.updated_at = now, kind, now
    session.flush()
    child.ended_with = {
        listener.name: listener.ended(session, child, actor=actor, now=now)
        for listener in listeners()
    }
    session.flush()
    if kind is EndedKind.NO_LONGER:
        end_joined(session, child, actor=actor, now=now, told=told)
    record(
        session,
        actor,
        "child.closed",
        child.id,
        family_id=child.family_id,
        **told.detail,
        **detail,
    )


def closed_child(session: Session, child_id: uuid.UUID, *, actor: Actor) -> Child:
    """Return a child that was closed, for the one page on which it can be opened again.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(ended_as(EndedKind.NO_LONGER, actor).where(Child.id == child_id)).one()


def closed_lately(
    session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Sequence[Child]:
    """Return the children of a family that were closed and may still be opened again."""
    return ended_lately(session, family_id, EndedKind.NO_LONGER, actor=actor, now=now)


def ended_lately(
    session: Session, family_id: uuid.UUID, kind: EndedKind, *, actor: Actor, now: datetime
) -> Sequence[Child]:
    """Return the children whose registration ended so and may still come back, latest first."""
    return session.scalars(
        ended_as(kind, actor)
        .where(Child.family_id == family_id, Child.ended_at >= now - UNDO_FOR)
        .order_by(Child.ended_at.desc(), Child.id)
    ).all()


def keeps_quiet(session: Session, *, actor: Actor) -> bool:
    """Say whether the guardian's family closed a child and has none: nothing is asked of it."""
    its = visible(Child.family_id, actor), Child.family_id == actor.family_id
    if session.scalar(select(Child.id).where(*its, Child.ended_at.is_(None)).limit(1)):
        return False
    closed = ended_as(EndedKind.NO_LONGER, actor).where(Child.family_id == actor.family_id)
    return session.scalars(closed.limit(1)).first() is not None


def ended_with(session: Session, listener: str, *, actor: Actor) -> frozenset[uuid.UUID]:
    """Return what ended with the children that the guardian's family closed, by one listener."""
    closed = session.scalars(
        ended_as(EndedKind.NO_LONGER, actor).where(Child.family_id == actor.family_id)
    )
    return frozenset(
        uuid.UUID(each["id"])
        for child in closed
        for each in (child.ended_with or {}).get(listener) or ()
    )


def born_together(session: Session, child_id: uuid.UUID, *, actor: Actor) -> Sequence[Child]:
    """Return the children of one birth, the one whose row was the expected one first.

    Raises:
        NoResultFound: not a child that this actor may see.
    """
    wanted = select(Child).where(visible(Child.family_id, actor), Child.ended_at.is_(None))
    child = session.scalars(wanted.where(Child.id == child_id)).one()
    first_id = child.born_with or child.id
    return session.scalars(
        wanted.where((Child.id == first_id) | (Child.born_with == first_id)).order_by(
            Child.born_with.is_not(None), Child.born_on, Child.created_at, Child.id
        )
    ).all()


def _write(child: Child, newborn: Newborn, now: datetime) -> Child:
    child.name = newborn.name
    child.name_kana = newborn.name_kana
    child.search_key = name_key(newborn.name, newborn.name_kana)
    child.born_on = newborn.born_on
    child.born_told_at = child.updated_at = now
    return child


def _locked(session: Session, child_id: uuid.UUID, *, actor: Actor) -> Child:
    """Return a child as it is now, held until the end: two guardians may tell the same thing."""
    return session.scalars(
        select(Child)
        .where(Child.id == child_id, Child.ended_at.is_(None), visible(Child.family_id, actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def ended_as(kind: EndedKind, actor: Actor) -> Select[Child]:
    """Select the children whose registration ended so, of the families that the actor may see."""
    return select(Child).where(
        Child.ended_at.is_not(None), Child.ended_kind == kind, visible(Child.family_id, actor)
    )
