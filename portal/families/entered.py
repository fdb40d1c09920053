"""What staff entered for a family that called or wrote: what, by which way, when, by whom."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.kernel.channel import Channel

_ENTERED = text("SELECT * FROM entered_for_family(:family)")


@dataclass(frozen=True, slots=True)
class Entered:
    """One thing that was entered at the actor's body; ``action`` is the audit's dotted code."""

    at: datetime
    action: str
    by_name: str | None
    channel: Channel
    received_at: datetime


def entered_for(session: Session, family_id: uuid.UUID, *, actor: Actor) -> list[Entered]:
    """Return the latest twenty, the newest first; nothing for whom the family is not open."""
    if not actor.is_provider:
        return []
    rows = session.execute(_ENTERED, {"family": family_id})
    return [
        Entered(row.at, row.action, row.by_name, Channel(row.channel), row.received_at)
        for row in rows
    ]
