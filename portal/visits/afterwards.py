"""What staff say after a visit: who came, what came of it, what notes say, who was told."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.families import progress_hooks
from portal.families.progress_hooks import Progress
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date, today
from portal.kernel.errors import Reason, Refusal
from portal.policies.steps import StepKind
from portal.preregistration import steps
from portal.visits import queries
from portal.visits.models import Visit
from portal.visits.rules import LONGEST_NOTE, Outcome, VisitRefusal, VisitState
from portal.visits.service import tell

#: How long a mistaken "did not come" can be taken back before a mail leaves.
_SOFTLY = timedelta(minutes=30)


def record_attendance(
    session: Session, visit_id: uuid.UUID, state: VisitState, *, actor: Actor, now: datetime
) -> Visit:
    """Say that a family came, did not come, or take either back (``BOOKED``).

    Who did not come gets a friendly mail half an hour later, unless it was taken back.

    Raises:
        Refusal: the session has not begun its day, or the visit is cancelled.
        NoResultFound: it is not the provider's.
    """
    visit = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    if visit.state is VisitState.CANCELLED or state is VisitState.CANCELLED:
        raise Refusal([VisitRefusal.NOT_BOOKED])
    if state is not VisitState.BOOKED and visit.session.day > today(now):
        raise Refusal([VisitRefusal.NOT_YET_BEGUN])
    if visit.state is state:
        return visit
    if visit.outcome is Outcome.NEXT:
        _count(session, visit, is_done=False, actor=actor, now=now)
    visit.state, visit.changed_at = state, now
    if state is not VisitState.ATTENDED:
        visit.outcome = None
    session.flush()
    record(session, actor, f"visit.{state.value}", visit.id, family_id=visit.family_id)
    if state is VisitState.ATTENDED:
        progress_hooks.tell(
            session,
            visit.family_id,
            visit.session.organisation_id,
            Progress.VISITED,
            actor=actor,
            now=now,
        )
    if state is VisitState.MISSED:
        later = now + _SOFTLY
        tell(session, "missed", visit.id, visit.session, visit.family_id, not_before=later)
    return visit


def record_outcome(
    session: Session,
    visit_id: uuid.UUID,
    outcome: Outcome,
    note: str,
    *,
    actor: Actor,
    now: datetime,
) -> Visit:
    """Say what came of a visit, with a note that only the provider's staff read.

    "Next" marks the step as done in the family's applications at the facility.

    Raises:
        Refusal: the family was not there, or the note is too long.
        NoResultFound: it is not the provider's.
    """
    visit = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    if visit.state is not VisitState.ATTENDED:
        raise Refusal([VisitRefusal.OUTCOME_NEEDS_ATTENDANCE])
    if len(note) > LONGEST_NOTE:
        raise Refusal([Reason(VisitRefusal.NOTE_TOO_LONG, {"most": LONGEST_NOTE})])
    before = visit.outcome
    visit.outcome, visit.decided_by, visit.decided_at = outcome, actor.user_id, now
    visit.outcome_note = note.strip() or None
    visit.changed_at = now
    session.flush()
    if (before is Outcome.NEXT) != (outcome is Outcome.NEXT):
        _count(session, visit, is_done=outcome is Outcome.NEXT, actor=actor, now=now)
    record(
        session,
        actor,
        "visit.outcome",
        visit.id,
        family_id=visit.family_id,
        outcome=outcome.value,
    )
    return visit


def _count(session: Session, visit: Visit, *, is_done: bool, actor: Actor, now: datetime) -> None:
    """Mark the step as done, or not done any more, for the children who were there."""
    there = queries.registrations(
        session, visit.facility_id, visit.family_id, on=local_date(visit.session.starts_at)
    )
    kind = StepKind(visit.session.kind.value)
    for row in [row for row in there if row.child_id in visit.child_ids] or there:
        if is_done:
            steps.mark_done(session, row.id, kind, actor=actor, now=now)
        elif kind in steps.standing(row).done:
            steps.undo_done(session, row.id, kind, actor=actor, now=now)


def open_notes(session: Session, visit_id: uuid.UUID, *, actor: Actor) -> Visit:
    """Return a visit whose notes are to be shown, and leave the trace; the caller commits.

    Raises:
        NoResultFound: it is not the provider's.
    """
    visit = queries.visit(session, visit_id, actor=actor)
    record_read(session, actor, "visit_notes", visit.id, family_id=visit.family_id)
    return visit


def mark_told(session: Session, visit_id: uuid.UUID, *, actor: Actor, now: datetime) -> Visit:
    """Record that a family was told by phone; a second tap changes nothing.

    Raises:
        NoResultFound: it is not the provider's.
    """
    visit = queries.visit(session, visit_id, actor=actor, is_to_change=True)
    if visit.told_at is None and visit.news_at is not None:
        visit.told_at, visit.told_by = now, actor.user_id
        session.flush()
        record(session, actor, "visit.told", visit.id, family_id=visit.family_id)
    return visit
