"""The receivers' side: read it, say what comes next and who does it (R17, R22)."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.reporting import pass_on_report
from portal.noshow.rules import CaseEvent, CaseRefusal, NextStep
from portal.noshow.writing import move, note, tell_body
from portal.organisations.queries import neighbours


def acknowledge(session: Session, case_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Write down that the actor's body has read what it was told; a second time changes nothing.

    Raises:
        NoResultFound: not a case that the actor's body was told of.
    """
    of, mine = _received(session, case_id, actor)
    unread = [each for each in mine if each.acknowledged_at is None]
    for each in unread:
        each.seen_at = each.seen_at or now
        each.acknowledged_at, each.acknowledged_by = now, actor.user_id
    if unread:
        session.flush()
        note(session, of, "acknowledged", actor=actor, now=now)
        tell_body(session, of.organisation_id, "noshow/answered", of.id)


def name_next_step(
    session: Session,
    case_id: uuid.UUID,
    step: NextStep | None,
    *,
    by: str,
    on: date | None,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> None:
    """Write down how the support goes on, who does it, and by which day: the case is taken over.

    Args:
        by: Who does it, as the receiver names her.

    Raises:
        Refusal: not acknowledged yet, something is missing, a day that is over; or the provider
            has not found out yet what happened.
        NoResultFound: not a case that the actor's body was told of.
    """
    of, mine = _received(session, case_id, actor)
    reasons = []
    if any(each.acknowledged_at is None for each in mine):
        reasons.append(CaseRefusal.NOT_ACKNOWLEDGED)
    if step is None or not by.strip() or on is None:
        reasons.append(CaseRefusal.STEP_MISSING)
    elif on < today(now):
        reasons.append(CaseRefusal.STEP_IN_PAST)
    if reasons:
        raise Refusal(reasons)
    latest = mine[-1]
    latest.next_step, latest.next_step_by, latest.next_step_on = step, by.strip(), on
    latest.next_words = words or None
    for earlier in mine[:-1]:
        earlier.done_at = earlier.done_at or now
    session.flush()
    move(session, of, CaseEvent.TAKE_OVER, now=now)
    of.taken_over_by, of.taken_over_at = actor.organisation_id, now
    of.next_step, of.next_step_on = step, on
    session.flush()
    note(session, of, "next_step", actor=actor, now=now)
    tell_body(session, of.organisation_id, "noshow/answered", of.id)


def hand_over(
    session: Session,
    case_id: uuid.UUID,
    receiver_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a case that is not the actor's to another body of the same municipality.

    It is acknowledged by that, and waits from now on at the other body.

    Raises:
        Refusal: the other body is none of this municipality, or nothing lets it be told.
        NoResultFound: not a case that the actor's body was told of.
    """
    _of, mine = _received(session, case_id, actor)
    near = {body.id for body in neighbours(session, actor)}
    if receiver_id not in near:
        raise Refusal([CaseRefusal.RECEIVER_MISSING])
    acknowledge(session, case_id, actor=actor, now=now)
    pass_on_report(session, case_id, receiver_id, actor=actor, now=now)
    for each in mine:
        each.done_at = each.done_at or now
    session.flush()


def _received(
    session: Session, case_id: uuid.UUID, actor: Actor
) -> tuple[CareCase, list[CaseReport]]:
    of = queries.case(session, case_id, actor=actor, is_to_change=True)
    mine = [
        each
        for each in queries.reports(session, of.id, actor=actor)
        if each.receiver_id == actor.organisation_id
    ]
    if not mine:
        raise NoResultFound
    return of, mine
