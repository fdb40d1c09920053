"""Reads of the outbox for people. Row-level security shows a body its own failures only."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.messages.models import OutboxMessage
from portal.messages.progress import PROGRESS


class Failure(StrEnum):
    """Why a mail will not arrive."""

    ADDRESS = "address"  # nobody lives there
    SERVER = "server"  # its server would not take it, at once or for three days
    UNWRITABLE = "unwritable"  # our own fault


def why(message: OutboxMessage) -> Failure:
    """Return why a failed mail was given up."""
    code = message.last_error or ""
    return Failure(code) if code in {Failure.ADDRESS, Failure.UNWRITABLE} else Failure.SERVER


def subject_of(message: OutboxMessage) -> str | None:
    """Return the subject it would have had; ``None`` when it could never be written."""
    subject = message.context.get(PROGRESS, {}).get("subject")
    return str(subject) if subject else None


def _unseen(actor: Actor) -> Select[OutboxMessage]:
    return select(OutboxMessage).where(
        OutboxMessage.organisation_id == actor.organisation_id,
        OutboxMessage.failed_at.is_not(None),
        OutboxMessage.seen_at.is_(None),
    )


def failed(session: Session, *, actor: Actor) -> Sequence[OutboxMessage]:
    """Return the mails of the actor's body that were given up and nobody has seen to yet."""
    return session.scalars(_unseen(actor).order_by(OutboxMessage.failed_at.desc())).all()


def count_failed(session: Session, *, actor: Actor) -> int:
    """Return how many there are; for a notice on the board."""
    return session.scalar(select(func.count()).select_from(_unseen(actor).subquery())) or 0


def failed_message(session: Session, message_id: uuid.UUID, *, actor: Actor) -> OutboxMessage:
    """Return one, seen to or not.

    Raises:
        NoResultFound: no mail of the actor's body was given up under this id.
    """
    return session.scalars(
        select(OutboxMessage).where(
            OutboxMessage.id == message_id,
            OutboxMessage.organisation_id == actor.organisation_id,
            OutboxMessage.failed_at.is_not(None),
        )
    ).one()
