"""How far a child is on a facility's steps: staff mark, undo, order and waive them.

Visits and trial care call ``mark_done``; nobody else writes ``steps_done``.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.models import Programme
from portal.facilities.rules import ProgrammeKind
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.policies.document import RulesDocument
from portal.policies.standing import StepKind, StepStanding
from portal.policies.steps import StepsRule, is_needed
from portal.preregistration import queries
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import LIVE
from portal.rulebooks.queries import rules_in_force


class StepRefusal(StrEnum):
    """Why a step is not changed; sentences stand in ``documents/wording``."""

    ENDED = "ended"  # the application was withdrawn or not accepted
    NOT_A_STEP = "not_a_step"  # the rules do not know it
    DONE_ALREADY = "done_already"
    NOT_DONE = "not_done"
    ORDERED_ALREADY = "ordered_already"
    REASON_MISSING = "reason_missing"
    NOT_ORDERED = "not_ordered"


def standing(preregistration: Preregistration) -> StepStanding:
    """Return how far the child is."""
    return StepStanding(
        done=frozenset(map(StepKind, preregistration.steps_done)),
        ordered=frozenset(map(StepKind, preregistration.steps_ordered)),
        waived=frozenset(map(StepKind, preregistration.steps_waived)),
    )


def rule_of(
    session: Session, facility_id: uuid.UUID, on: date, *, actor: Actor
) -> StepsRule | None:
    """Return the steps of a facility's temporary care by the rules in force on a local day.

    None where its rules know no steps, or where it has no rules that the actor may see.
    """
    document = document_on(session, facility_id, on, actor=actor)
    return document.steps if document else None


def document_on(
    session: Session, facility_id: uuid.UUID, on: date, *, actor: Actor
) -> RulesDocument | None:
    """Return the rules of a facility's temporary care in force on a local day, if there are any."""
    wanted = select(Programme.id).where(
        Programme.facility_id == facility_id,
        Programme.kind == ProgrammeKind.TEMPORARY_CARE,
    )
    if actor.is_provider:
        wanted = wanted.where(Programme.organisation_id == actor.organisation_id)
    programme_id = session.scalars(
        wanted.order_by(Programme.created_at, Programme.id).limit(1)
    ).one_or_none()
    if programme_id is None:
        return None
    try:
        return rules_in_force(session, programme_id, on)[1]
    except NoResultFound:
        return None


def mark_done(
    session: Session, preregistration_id: uuid.UUID, kind: StepKind, *, actor: Actor, now: datetime
) -> None:
    """Mark a step as done; done already, nothing changes.

    Raises:
        Refusal: the application has ended.
        NoResultFound: not at this actor's provider.
    """
    row = _locked(session, preregistration_id, actor)
    if kind.value in row.steps_done:
        return
    row.steps_done = [*row.steps_done, kind.value]
    _leave_trace(session, actor, "step_done", row, kind, now)


def undo_done(
    session: Session, preregistration_id: uuid.UUID, kind: StepKind, *, actor: Actor, now: datetime
) -> None:
    """Take back a mistaken "done", or what was waived: the step stands before the use again.

    Raises:
        Refusal: it is neither done nor waived (any more), or the application has ended.
        NoResultFound: not at this actor's provider.
    """
    row = _locked(session, preregistration_id, actor)
    if kind.value not in {*row.steps_done, *row.steps_waived}:
        raise Refusal([StepRefusal.NOT_DONE])
    row.steps_done = [each for each in row.steps_done if each != kind.value]
    row.steps_waived = [each for each in row.steps_waived if each != kind.value]
    _leave_trace(session, actor, "step_undone", row, kind, now)


def order(
    session: Session, preregistration_id: uuid.UUID, kind: StepKind, *, actor: Actor, now: datetime
) -> None:
    """Ask for a step that the rules leave open, for this child.

    Raises:
        Refusal: it is done, or asked for already, the rules do not know it, or the application has
            ended. All reasons.
        NoResultFound: not at this actor's provider.
    """
    row = _locked(session, preregistration_id, actor)
    rule = rule_of(session, row.facility_id, today(now), actor=actor)
    step = rule.step(kind) if rule else None
    reasons = []
    if step is None:
        reasons.append(StepRefusal.NOT_A_STEP)
    elif is_needed(step, standing(row)):
        reasons.append(StepRefusal.ORDERED_ALREADY)
    if standing(row).is_over(kind):
        reasons.append(StepRefusal.DONE_ALREADY)
    if reasons:
        raise Refusal(reasons)
    row.steps_ordered = [*row.steps_ordered, kind.value]
    _leave_trace(session, actor, "step_ordered", row, kind, now)


def take_back_order(
    session: Session, preregistration_id: uuid.UUID, kind: StepKind, *, actor: Actor, now: datetime
) -> None:
    """Ask no more for a step that staff had ordered.

    Raises:
        Refusal: it is not ordered (any more), or the application has ended.
        NoResultFound: not at this actor's provider.
    """
    row = _locked(session, preregistration_id, actor)
    if kind.value not in row.steps_ordered:
        raise Refusal([StepRefusal.NOT_ORDERED])
    row.steps_ordered = [each for each in row.steps_ordered if each != kind.value]
    _leave_trace(session, actor, "step_order_taken_back", row, kind, now)


def waive(
    session: Session,
    preregistration_id: uuid.UUID,
    kind: StepKind,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a child go on without a step; staff say why, and it stays in the log.

    Raises:
        Refusal: no reason given, it is done or waived already, the rules do not know it, or the
            application has ended. All reasons.
        NoResultFound: not at this actor's provider.
    """
    row = _locked(session, preregistration_id, actor)
    rule = rule_of(session, row.facility_id, today(now), actor=actor)
    reasons: list[Reason | StrEnum] = [*reasons_against_text(reason)]
    if not reason.strip():
        reasons.append(StepRefusal.REASON_MISSING)
    if rule is None or rule.step(kind) is None:
        reasons.append(StepRefusal.NOT_A_STEP)
    if standing(row).is_over(kind):
        reasons.append(StepRefusal.DONE_ALREADY)
    if reasons:
        raise Refusal(reasons)
    row.steps_waived = [*row.steps_waived, kind.value]
    _leave_trace(session, actor, "step_waived", row, kind, now, reason=reason.strip())


def _locked(session: Session, preregistration_id: uuid.UUID, actor: Actor) -> Preregistration:
    if not actor.is_provider:
        raise NoResultFound("steps are the provider's to record")
    row = queries.locked(session, preregistration_id, actor=actor)
    if row.state not in LIVE:
        raise Refusal([StepRefusal.ENDED])
    return row


def _leave_trace(
    session: Session,
    actor: Actor,
    what: str,
    row: Preregistration,
    kind: StepKind,
    now: datetime,
    **detail: str,
) -> None:
    session.flush()
    record(
        session,
        actor,
        f"preregistration.{what}",
        row.id,
        family_id=row.family_id,
        step=kind.value,
        at=now.isoformat(),
        **detail,
    )
