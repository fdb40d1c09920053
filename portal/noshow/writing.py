"""What every write of a case leaves: the state, an event for the timeline, a row for the audit."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.messages.outbox import enqueue
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseEventRow
from portal.noshow.rules import CaseEvent, CaseKind, CaseState, advance

_WORKERS = text("SELECT user_id, role FROM workers_of(:organisation)")
#: Of a body without a mail address of its own, so many people are told at most.
_MOST_TOLD = 20


def note(
    session: Session,
    of: CareCase,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
    organisation_id: uuid.UUID | None = None,
) -> CaseEventRow:
    """Write what happened, for the timeline and for the audit.

    Args:
        organisation_id: Whose doing it is where the clock writes; else the actor's body.
    """
    body = actor.organisation_id or organisation_id
    if body is None:
        raise PermissionError("what happens to a case is written by a body, or by the clock")
    event = CaseEventRow(
        id=uuid.uuid4(),
        case_id=of.id,
        family_id=of.family_id,
        organisation_id=body,
        by_user=actor.user_id,
        kind=kind,
        at=now,
    )
    event.words = words or None
    session.add(event)
    record(session, actor, f"case.{kind}", of.id, family_id=of.logged_for)
    return event


def must_be_taken_over(session: Session, of: CareCase) -> bool:
    """Say whether the provider alone may not end it: referred, a worry, or told to others."""
    if of.kind is CaseKind.WORRY:
        return True
    if of.referral_id is not None and session.scalar(
        text("SELECT referral_is_open(:referral)"), {"referral": of.referral_id}
    ):
        return True
    return of.reported_at is not None


def move(
    session: Session, of: CareCase, event: CaseEvent, *, now: datetime, may_share: bool = False
) -> CaseState:
    """Bring a case into the state after ``event`` and return it.

    Raises:
        Refusal: as ``rules.advance``.
    """
    after = advance(
        of.state,
        event,
        may_share=may_share,
        must_be_taken_over=must_be_taken_over(session, of),
    )
    if after is not of.state:
        of.state, of.state_at = after, now
    of.updated_at = now
    session.flush()
    return after


def tell_body(
    session: Session,
    organisation_id: uuid.UUID,
    kind: str,
    case_id: uuid.UUID,
    *,
    only: uuid.UUID | None = None,
    role: str | None = None,
) -> None:
    """Queue a mail to a body: to its own address, else to those who work for it.

    It names nobody and is asked again when it leaves.

    Args:
        only: One person, as long as she works there (the nurse who sent the family).
        role: People of this role, where the body has any.
    """
    people = session.execute(_WORKERS, {"organisation": organisation_id}).all()
    told = [one.user_id for one in people if one.user_id == only]
    if not told and role is not None:
        told = [one.user_id for one in people if one.role == role]
    if not told:
        body = queries.bodies(session, [organisation_id])[organisation_id]
        if body.mail:
            enqueue(
                session, kind, about=[case_id], to_mail=body.mail, organisation_id=organisation_id
            )
            return
        told = [one.user_id for one in people][:_MOST_TOLD]
    for user_id in told:
        enqueue(session, kind, about=[case_id], to_user=user_id, organisation_id=organisation_id)
