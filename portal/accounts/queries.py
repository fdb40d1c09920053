"""Own account and own sessions; the members of one's organisation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor, Role


@dataclass(frozen=True, slots=True)
class OwnSession:
    """A place where somebody is signed in. Moments are aware (UTC)."""

    id: uuid.UUID
    role: Role
    organisation_name: str | None
    created_at: datetime
    last_seen_at: datetime


def own_sessions(session: Session, actor: Actor) -> list[OwnSession]:
    """Return the open sessions of ``actor``, the last used first."""
    del actor  # the database takes her from the signed value
    rows = session.execute(text("SELECT * FROM sessions_of_actor()")).all()
    return [
        OwnSession(
            row.session_id, Role(row.role), row.organisation_name, row.created_at, row.last_seen_at
        )
        for row in rows
    ]
