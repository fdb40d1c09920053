"""A born child that was entered by mistake, taken out before anybody was told of it."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.families.expected import end_child
from portal.families.expected_hooks import listeners
from portal.families.models import Child
from portal.families.queries import visible
from portal.families.rules import EndedKind
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.referrals import queries
from portal.referrals.interviews import ACROSS_THE_TABLE
from portal.referrals.listening import LISTENER
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralRefusal


def take_child_out(
    session: Session,
    interview_id: uuid.UUID,
    child_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Show a born child no more, as if it had not been entered; drafts go on without it.

    A draft for this child alone ends. Nothing goes out to anybody. One that is still expected is
    closed in another way, which can be undone: ``families.expected.close``.

    Raises:
        Refusal: a referral told somebody of it, it was booked for, or something else than drafts
            runs for it. The caller rolls back.
        NoResultFound: no born child of the interview's family that this actor may see.
    """
    row = queries.interview(session, interview_id, actor=actor)
    child = session.scalars(
        select(Child)
        .where(
            Child.id == child_id,
            Child.family_id == row.family_id,
            Child.born_on.is_not(None),
            Child.ended_at.is_(None),
            visible(Child.family_id, actor),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if child is None:
        raise NoResultFound
    is_booked = any(
        reason
        for listener in listeners()
        for reason in listener.against_undoing(session, child, actor=actor)
    )
    if is_booked or was_passed_on(session, child_id, actor=actor):
        raise Refusal([ReferralRefusal.CHILD_IN_USE])
    end_child(session, child, EndedKind.BIRTH_UNDONE, actor=actor, now=now, told=ACROSS_THE_TABLE)
    if any(was for name, was in (child.ended_with or {}).items() if name != LISTENER.name):
        raise Refusal([ReferralRefusal.CHILD_IN_USE])


def was_passed_on(session: Session, child_id: uuid.UUID, *, actor: Actor) -> bool:
    """Say whether a referral of the actor's body that was sent names a child."""
    sent = (
        select(Referral.id)
        .where(
            Referral.sender_id == actor.organisation_id,
            Referral.sent_at.is_not(None),
            Referral.child_ids.contains([child_id]),
        )
        .limit(1)
    )
    return session.scalar(sent) is not None
