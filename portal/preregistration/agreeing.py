"""Both sides say that they have read what they need to know, each with who and when."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.preregistration import queries
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import LIVE, PreregistrationRefusal
from portal.preregistration.terms import terms_of


def agree(
    session: Session,
    preregistration_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
) -> Preregistration:
    """Keep that the family has read the provider's words and conditions, and agrees.

    Kept with the version of the rules she read. Staff record it for a caller, with the way and
    the time she said so. A second time changes the day, as in a renewal.

    Raises:
        Refusal: the application is over, or the time of receipt lies ahead.
        NoResultFound: not one this actor may see.
    """
    received = received_at or now
    row = queries.locked(session, preregistration_id, actor=actor)
    reasons = []
    if row.state not in LIVE:
        reasons.append(PreregistrationRefusal.NOT_POSSIBLE_NOW)
    if received > now:
        reasons.append(PreregistrationRefusal.RECEIVED_IN_FUTURE)
    if reasons:
        raise Refusal(reasons)
    row.family_agreed_at, row.family_agreed_by = received, actor.user_id
    row.family_agreed_channel = channel
    row.family_agreed_rulebook_id = terms_of(session, row.facility_id, today(now)).rulebook_id
    session.flush()
    record(
        session,
        actor,
        "preregistration.family_agreed",
        row.id,
        family_id=row.family_id,
        channel=channel.value,
        received_at=received.isoformat(),
        rulebook=str(row.family_agreed_rulebook_id),
    )
    return row


def acknowledge(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Preregistration:
    """Keep that staff have read the child's record and the application.

    Raises:
        Refusal: the application is over.
        NoResultFound: not at this actor's provider.
    """
    row = queries.locked(session, preregistration_id, actor=actor)
    if row.state not in LIVE:
        raise Refusal([PreregistrationRefusal.NOT_POSSIBLE_NOW])
    row.facility_agreed_at, row.facility_agreed_by = now, actor.user_id
    session.flush()
    record(session, actor, "preregistration.facility_agreed", row.id, family_id=row.family_id)
    return row
