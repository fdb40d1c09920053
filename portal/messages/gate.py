"""What is asked before a mail leaves for a family, and told after it has: see ``contacts.mails``.

The delivery knows nothing of limits; whoever starts a worker hands it the gate to ask.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.messages.models import OutboxMessage


def _at_once(
    session: Session, row: OutboxMessage, family_id: uuid.UUID, now: datetime
) -> datetime | None:
    del session, row, family_id
    return now


def _uncounted(session: Session, row: OutboxMessage, family_id: uuid.UUID, now: datetime) -> None:
    del session, row, family_id, now


@dataclass(frozen=True, slots=True)
class Gate:
    """Both run in the transaction of the mail's step, as nobody in particular."""

    #: From when the mail may leave; a moment to come holds it back, ``None`` drops it.
    opens_at: Callable[[Session, OutboxMessage, uuid.UUID, datetime], datetime | None] = _at_once
    #: Told once a receiver's server has taken it; may be told several times for one mail.
    passed: Callable[[Session, OutboxMessage, uuid.UUID, datetime], None] = _uncounted


OPEN = Gate()
