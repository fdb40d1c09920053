"""Say what comes after a part of trial care. Start at ``record_outcome``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.policies.standing import StepKind
from portal.policies.trials import TrialOutcome, ends_trial
from portal.preregistration import steps
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import LIVE
from portal.rulebooks.queries import document_of
from portal.trials import queries
from portal.trials.models import TrialNote, TrialResult
from portal.trials.rules import TrialRefusal

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:family AS text), 1))")


def record_outcome(
    session: Session,
    booking_id: uuid.UUID,
    outcome: TrialOutcome,
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    seen: TrialOutcome | None = None,
) -> None:
    """Record what staff say after a part that was attended, and what they note for themselves.

    "Next" after the last part marks the step as done; another word in its place takes that back.
    Queues ``trials/outcome`` to the family where something new was said.

    Args:
        note: Sealed, for those who care for the child; empty leaves what is noted already.
        seen: The outcome that the page showed; another one by now is refused.

    Raises:
        Refusal: with every ``TrialRefusal`` against it; nothing has been written.
        sqlalchemy.exc.NoResultFound: no stay of trial care at the actor's provider.
    """
    booking, _before = queries.trial_to_decide(session, booking_id, actor=actor)
    # One at a time for a family, as its bookings are: what is read below stays true.
    session.execute(_LOCK, {"family": booking.family_id})
    booking, result = queries.trial_to_decide(session, booking_id, actor=actor)
    row = _application(session, booking)
    reasons = [*reasons_against_text(note), *_against(session, booking, result, row, outcome, seen)]
    if reasons or row is None:
        raise Refusal(reasons or [TrialRefusal.APPLICATION_ENDED])
    is_new = result is None or result.outcome is not outcome
    if result is None:
        session.add(_result(booking, row, outcome, actor, now))
    elif is_new:
        result.outcome, result.decided_by, result.decided_at = outcome, actor.user_id, now
    session.flush()
    if note.strip():
        _write_note(session, booking, note.strip(), actor=actor, now=now)
    _mark_step(session, booking, row, outcome, actor=actor, now=now)
    record(
        session,
        actor,
        "trial.outcome",
        booking.id,
        row.id,
        family_id=booking.family_id,
        part=booking.trial_part,
        outcome=outcome.value,
        has_note=bool(note.strip()),
    )
    if is_new:
        enqueue(
            session,
            "trials/outcome",
            about=[booking.id],
            to_family=booking.family_id,
            organisation_id=booking.organisation_id,
        )


def open_notes(
    session: Session, booking_ids: Sequence[uuid.UUID], family_id: uuid.UUID, *, actor: Actor
) -> dict[uuid.UUID, TrialNote]:
    """Return what staff noted of stays of one family, to be shown, and leave the trace."""
    found = queries.notes_of(session, booking_ids, actor=actor)
    if found:
        record_read(session, actor, "trial_note", *found, family_id=family_id)
    return found


def _against(
    session: Session,
    booking: Booking,
    result: TrialResult | None,
    row: Preregistration | None,
    outcome: TrialOutcome,
    seen: TrialOutcome | None,
) -> list[Reason]:
    found = []
    if row is None:
        found.append(TrialRefusal.APPLICATION_ENDED)
    if booking.state is not BookingState.ATTENDED:
        found.append(TrialRefusal.NOT_ATTENDED)
    if (result.outcome if result else None) is not seen:
        found.append(TrialRefusal.DECIDED_MEANWHILE)
    if _is_followed(session, booking):
        found.append(TrialRefusal.NOT_THE_LAST)
    rules = document_of(session, booking.rulebook_id).steps
    may_repeat = rules is not None and rules.trial is not None and rules.trial.may_be_prolonged
    if outcome is TrialOutcome.REPEAT and not may_repeat:
        found.append(TrialRefusal.NOT_PROLONGED)
    return [Reason(code) for code in found]


def _is_followed(session: Session, booking: Booking) -> bool:
    later = (
        select(func.count())
        .select_from(Booking)
        .where(
            Booking.child_id == booking.child_id,
            Booking.facility_id == booking.facility_id,
            Booking.trial_part.is_not(None),
            Booking.state.in_((BookingState.CONFIRMED, BookingState.ATTENDED)),
            Booking.starts_at > booking.starts_at,
        )
    )
    return bool(session.execute(later).scalar_one())


def _application(session: Session, booking: Booking) -> Preregistration | None:
    return session.scalars(
        select(Preregistration)
        .where(
            Preregistration.child_id == booking.child_id,
            Preregistration.facility_id == booking.facility_id,
            Preregistration.state.in_(LIVE),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def _result(
    booking: Booking, row: Preregistration, outcome: TrialOutcome, actor: Actor, now: datetime
) -> TrialResult:
    return TrialResult(
        booking_id=booking.id,
        preregistration_id=row.id,
        organisation_id=booking.organisation_id,
        family_id=booking.family_id,
        child_id=booking.child_id,
        part=booking.trial_part,
        outcome=outcome,
        decided_by=actor.user_id,
        decided_at=now,
    )


def _write_note(
    session: Session, booking: Booking, words: str, *, actor: Actor, now: datetime
) -> None:
    note = session.get(TrialNote, booking.id, populate_existing=True)
    if note is None:
        note = TrialNote(
            id=booking.id, organisation_id=booking.organisation_id, family_id=booking.family_id
        )
        note.note = words
        note.written_by, note.written_at = actor.user_id, now
        session.add(note)
    else:
        note.note = words
        note.written_by, note.written_at = actor.user_id, now
    session.flush()


def _mark_step(
    session: Session,
    booking: Booking,
    row: Preregistration,
    outcome: TrialOutcome,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    rules = document_of(session, booking.rulebook_id).steps
    if rules is None or rules.trial is None or booking.trial_part is None:
        return
    if ends_trial(rules.trial, booking.trial_part, outcome):
        steps.mark_done(session, row.id, StepKind.TRIAL_CARE, actor=actor, now=now)
    elif StepKind.TRIAL_CARE.value in row.steps_done:
        steps.undo_done(session, row.id, StepKind.TRIAL_CARE, actor=actor, now=now)
