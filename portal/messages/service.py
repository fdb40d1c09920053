"""What people do about mails that did not arrive."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor
from portal.messages import queries


def mark_seen(session: Session, message_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Take a failed mail off the list: somebody has told the family in another way.

    Raises:
        NoResultFound: it is not of the actor's body, or has not failed.
    """
    message = queries.failed_message(session, message_id, actor=actor)
    if message.seen_at is None:
        message.seen_at = now
        record(session, actor, "mail.failure_seen", message.id, family_id=message.family_id)
