"""In which language a mail is written, looked up at the moment it leaves."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.documents.i18n import SOURCE_LANGUAGE
from portal.kernel.actor import Role
from portal.messages.models import OutboxMessage
from portal.messages.outbox import LANGUAGE
from portal.messages.receivers import Receiver

_LANGUAGE_OF = text("SELECT language_of(:user)")


def language_of(session: Session, row: OutboxMessage, receiver: Receiver) -> str:
    """Return in which language a receiver is written to: her account's; staff read Japanese.

    An address without account is answered in the language in which it was asked to be written to.
    """
    if receiver.user_id is None:
        return str(row.context.get(LANGUAGE, SOURCE_LANGUAGE))
    if receiver.actor.role is not Role.GUARDIAN:
        return SOURCE_LANGUAGE
    found = session.execute(_LANGUAGE_OF, {"user": receiver.user_id}).scalar_one_or_none()
    return str(found or SOURCE_LANGUAGE)
