"""What families do with a visit, and staff for them: book, correct, change, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.errors import breached_constraint
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.policies.steps import StepKind
from portal.preregistration import steps
from portal.visits import queries
from portal.visits.models import Visit, VisitSession
from portal.visits.order import Turn, turn_of
from portal.visits.rules import (
    Outcome,
    Party,
    VisitRefusal,
    VisitState,
    reasons_against_cancelling,
    reasons_against_party,
    reasons_against_visit,
    reminder_at,
)
from portal.visits.words import kind_words

_CONSTRAINTS = {
    "ck_visit_sessions_taken": VisitRefusal.FULL,
    "visit_session_stands": VisitRefusal.STANDS_NOT,
    "uq_visits_live": VisitRefusal.ALREADY_BOOKED,
}


@dataclass(frozen=True, slots=True)
class Booked:
    """A visit as booked, with the steps that are advised to come before it."""

    visit_id: uuid.UUID
    advised: tuple[StepKind, ...] = ()


@contextmanager
def _seat() -> Iterator[None]:
    """Turn what the database says of a seat into a refusal."""
    try:
        yield
    except IntegrityError as error:
        reason = _CONSTRAINTS.get(breached_constraint(error) or "")
        if reason is None:
            raise
        raise Refusal([reason]) from error


def turn(
    session: Session,
    of: VisitSession,
    family_id: uuid.UUID | None,
    *,
    actor: Actor,
    child_ids: Sequence[uuid.UUID] = (),
) -> Turn:
    """Return which steps of the facility come before a visit and are neither done nor booked."""
    rule = steps.rule_of(session, of.facility_id, of.day, actor=actor)
    if rule is None:
        return Turn()
    there = queries.registrations(session, of.facility_id, family_id, on=of.day)
    chosen = [row for row in there if row.child_id in child_ids] or there
    visits = queries.visits_at(session, of.facility_id, family_id, actor=actor)
    booked = [each for each in visits if each.state is VisitState.BOOKED]
    done = frozenset(
        StepKind(each.session.kind.value)
        for each in visits
        if each.outcome is Outcome.NEXT
        or (each.state is VisitState.BOOKED and each.session.starts_at < of.starts_at)
    )
    return turn_of(
        of.kind,
        rule,
        [steps.standing(row) for row in chosen],
        done=done,
        booked=frozenset(StepKind(each.session.kind.value) for each in booked),
    )


def book(
    session: Session,
    session_id: uuid.UUID,
    party: Party,
    *,
    actor: Actor,
    now: datetime,
    family_id: uuid.UUID | None = None,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> Booked:
    """Take a seat for a family: her own, or a caller's that staff enter. Queues mail and reminder.

    Raises:
        Refusal: all reasons against it; nothing is written then. Two families never get the last
            seat, whatever was free when they looked.
        NoResultFound: the session is none that the actor may see.
    """
    family = family_id or actor.family_id
    of = queries.shown_session(session, session_id)
    received = received_at or now
    facts = queries.family_facts(session, of, family, actor=actor, now=now)
    reasons = list(
        reasons_against_visit(of.facts, facts, party, now=now, is_by_staff=actor.is_provider)
    )
    if received > now:
        reasons.append(Reason(VisitRefusal.RECEIVED_IN_FUTURE))
    comes_before = turn(session, of, family, actor=actor, child_ids=party.child_ids)
    if comes_before.needed and not actor.is_provider:
        reasons.append(
            Reason(VisitRefusal.STEP_FIRST, {"step": kind_words(comes_before.needed[0])})
        )
    if reasons:
        raise Refusal(reasons)
    visit_id = _take(session, of, family, party, actor, now, (channel, received))
    record(
        session,
        actor,
        "visit.booked",
        visit_id,
        of.id,
        family_id=family,
        kind=of.kind.value,
        channel=channel.value,
        received_at=received.isoformat(),
    )
    tell(session, "booked", visit_id, of, family)
    remind(session, visit_id, of, family, now=now)
    both = comes_before.needed + comes_before.advised
    return Booked(visit_id, both if actor.is_provider else comes_before.advised)


def _take(
    session: Session,
    of: VisitSession,
    family_id: uuid.UUID | None,
    party: Party,
    actor: Actor,
    now: datetime,
    came: tuple[Channel, datetime],
) -> uuid.UUID:
    visit = Visit(id=uuid.uuid4(), family_id=family_id)
    visit.note = party.note.strip() or None
    with _seat():
        session.execute(
            insert(Visit)
            .values(
                id=visit.id,
                session_id=of.id,
                organisation_id=of.organisation_id,
                facility_id=of.facility_id,
                family_id=family_id,
                state=VisitState.BOOKED,
                child_ids=list(party.child_ids),
                adults=party.adults,
                note_sealed=visit.note_sealed,
                channel=came[0],
                received_at=came[1],
                booked_at=now,
                booked_by=actor.user_id,
                changed_at=now,
            )
            .inline()
        )
    return visit.id


def change_party(
    session: Session, visit_id: uuid.UUID, party: Party, *, actor: Actor, now: datetime
) -> None:
    """Correct who comes, and the note.

    Raises:
        Refusal: it is over or cancelled, or there is something wrong with who comes.
        NoResultFound: it is not the actor's.
    """
    visit = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    if visit.state is not VisitState.BOOKED or visit.session.starts_at <= now:
        raise Refusal([VisitRefusal.NOT_BOOKED])
    facts = queries.family_facts(session, visit.session, visit.family_id, actor=actor, now=now)
    reasons = reasons_against_party(visit.session.children_come, party, has_born=facts.born > 0)
    if reasons:
        raise Refusal(reasons)
    visit.child_ids, visit.adults = list(party.child_ids), party.adults
    visit.note = party.note.strip() or None
    visit.changed_at = now
    session.flush()
    record(session, actor, "visit.changed", visit.id, family_id=visit.family_id)


def move(
    session: Session, visit_id: uuid.UUID, to_session_id: uuid.UUID, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Change a visit to another session of the same facility; return the new visit.

    Both happen or neither: where the other is full, the old one stays.

    Raises:
        Refusal: all reasons against it.
        NoResultFound: visit or session is none of the actor's to see.
    """
    old = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    of = queries.shown_session(session, to_session_id)
    if of.id == old.session_id or of.facility_id != old.facility_id:
        raise Refusal([VisitRefusal.SAME_SESSION])
    is_by_staff = actor.is_provider
    reasons = list(
        reasons_against_cancelling(old.state, old.session.facts, now=now, is_by_staff=is_by_staff)
    )
    facts = queries.family_facts(session, of, old.family_id, actor=actor, now=now)
    party = Party(tuple(old.child_ids), old.adults, old.note or "")
    reasons += reasons_against_visit(of.facts, facts, party, now=now, is_by_staff=is_by_staff)
    comes_before = turn(session, of, old.family_id, actor=actor, child_ids=party.child_ids)
    if comes_before.needed and not is_by_staff:
        reasons.append(
            Reason(VisitRefusal.STEP_FIRST, {"step": kind_words(comes_before.needed[0])})
        )
    if reasons:
        raise Refusal(reasons)
    came = (old.channel if not is_by_staff else Channel.PHONE, now)
    # Always in the same order of the sessions: two families who swap must not wait for each other.
    if of.id < old.session_id:
        new_id = _take(session, of, old.family_id, party, actor, now, came)
        _give_back(session, old, actor=actor, now=now)
    else:
        _give_back(session, old, actor=actor, now=now)
        new_id = _take(session, of, old.family_id, party, actor, now, came)
    old.moved_to = new_id
    record(session, actor, "visit.moved", old.id, new_id, family_id=old.family_id)
    tell(session, "moved", new_id, of, old.family_id, before=old.id)
    remind(session, new_id, of, old.family_id, now=now)
    return new_id


def cancel(session: Session, visit_id: uuid.UUID, *, actor: Actor, now: datetime) -> Visit:
    """Cancel a visit, by the family or by staff for her; the seat is free at once.

    Raises:
        Refusal: it is too late over the web, or it is not booked any more.
        NoResultFound: it is not the actor's.
    """
    visit = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    reasons = reasons_against_cancelling(
        visit.state, visit.session.facts, now=now, is_by_staff=actor.is_provider
    )
    if reasons:
        raise Refusal(reasons)
    _give_back(session, visit, actor=actor, now=now)
    record(session, actor, "visit.cancelled", visit.id, family_id=visit.family_id)
    tell(session, "cancelled", visit.id, visit.session, visit.family_id)
    return visit


def _give_back(session: Session, visit: Visit, *, actor: Actor, now: datetime) -> None:
    del actor  # staff cancel for the family: the wish is hers
    visit.state, visit.cancelled_at, visit.cancelled_by_family = VisitState.CANCELLED, now, True
    visit.changed_at = now
    visit.sequence += 1
    session.flush()


def remind(
    session: Session,
    visit_id: uuid.UUID,
    of: VisitSession,
    family_id: uuid.UUID | None,
    *,
    now: datetime,
) -> None:
    """Queue the reminder of the evening before, unless that evening is over."""
    due = reminder_at(of.starts_at)
    if due > now:
        at = of.starts_at.isoformat()
        tell(session, "reminder", visit_id, of, family_id, not_before=due, starts_at=at)


def tell(
    session: Session,
    mail: str,
    visit_id: uuid.UUID,
    of: VisitSession,
    family_id: uuid.UUID | None,
    *,
    not_before: datetime | None = None,
    before: uuid.UUID | None = None,
    **context: str,
) -> None:
    """Queue a mail to the family; ``before``: the visit it had instead."""
    enqueue(
        session,
        f"visits/{mail}",
        about=[visit_id, *([before] if before else [])],
        to_family=family_id,
        organisation_id=of.organisation_id,
        not_before=not_before,
        context=dict(context),
    )
