"""What a family brought and agreed to, as rows of plain values for its own copy."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy.orm import Session

from portal.consents import queries as consents
from portal.kernel.actor import Actor
from portal.kernel.clock import JST
from portal.uploads import queries as uploads


def consents_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> list[dict[str, Any]]:
    """Return the consents, in the words that were shown; moments with their offset of Japan."""
    rows = consents.of_family(session, family_id, actor=actor)
    names = consents.receivers(session, rows, actor=actor)
    return [
        {
            "agreed_to": row.wording,
            "receiver": names[row.receiver_id],
            "given_at": row.given_at.astimezone(JST).isoformat(timespec="minutes"),
            "withdrawn_at": row.withdrawn_at.astimezone(JST).isoformat(timespec="minutes")
            if row.withdrawn_at
            else None,
        }
        for row in rows
    ]


def photos_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> list[dict[str, Any]]:
    """Return which photos are kept; the photos themselves are looked at in the portal."""
    return [
        {
            "about": row.about or None,
            "uploaded_at": row.uploaded_at.astimezone(JST).isoformat(timespec="minutes"),
        }
        for row in uploads.of_family(session, family_id, actor=actor)
    ]
