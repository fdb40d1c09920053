"""Who gets a mail, looked up at the moment it leaves."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import ANONYMOUS, Actor, Right, Role
from portal.messages.models import OutboxMessage

_RECEIVERS = text("SELECT * FROM mail_receivers(:family, :user, :organisation)")
_REACHES = text("SELECT mail_reaches(:family)")
_NOTE_MAIL = text("SELECT note_mail(:user, :guardian, :mail, :failed)")


@dataclass(frozen=True, slots=True)
class Receiver:
    """One person or bare address; ``actor``: in whose name her mail is written."""

    mail: str
    name: str | None
    actor: Actor
    user_id: uuid.UUID | None = None
    guardian_id: uuid.UUID | None = None
    has_failed: bool = False

    @property
    def key(self) -> str:
        """What she is called in the row's progress."""
        return str(self.guardian_id or self.user_id or "address")


def receivers_of(session: Session, row: OutboxMessage) -> list[Receiver]:
    """Look up who gets the mail, at this moment."""
    if row.to_mail is not None:
        return [Receiver(mail=row.to_mail, name=None, actor=_actor_for_address(row))]
    found = session.execute(
        _RECEIVERS,
        {"family": row.family_id, "user": row.to_user_id, "organisation": row.organisation_id},
    )
    return [
        Receiver(
            mail=one.mail,
            name=one.name,
            user_id=one.user_id,
            guardian_id=one.guardian_id,
            has_failed=one.has_failed,
            actor=Actor(
                role=Role(one.role),
                user_id=one.user_id,
                family_id=one.family_id if one.role == Role.GUARDIAN else None,
                organisation_id=None if one.role == Role.GUARDIAN else row.organisation_id,
                withheld=frozenset(map(Right, one.withheld)),
            ),
        )
        for one in found
    ]


def mail_reaches(session: Session, family_id: uuid.UUID) -> bool:
    """Say whether a mail to the family would reach anybody, without saying where."""
    return bool(session.scalar(_REACHES, {"family": family_id}))


def _actor_for_address(row: OutboxMessage) -> Actor:
    if row.family_id is not None:
        return Actor(role=Role.GUARDIAN, family_id=row.family_id)
    if row.organisation_id is not None:
        return Actor(role=Role.STAFF, organisation_id=row.organisation_id)
    return ANONYMOUS


def note_mail(session: Session, receiver: Receiver, *, failed: bool) -> None:
    """Keep that the receiver's address takes no mail, or takes it again."""
    session.execute(
        _NOTE_MAIL,
        {
            "user": receiver.user_id,
            "guardian": receiver.guardian_id,
            "mail": receiver.mail,
            "failed": failed,
        },
    )
