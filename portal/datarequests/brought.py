"""What a family brought and agreed to, as rows of plain values for its own copy."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.consents import queries as consents
from portal.datarequests.plain import plain
from portal.families.models import PickupPerson
from portal.kernel.actor import Actor
from portal.uploads import queries as uploads
from portal.uploads.rules import MOST_BYTES_OF_FAMILY
from portal.uploads.service import open_image

#: Of all photos in one copy.
MOST_BYTES: Final = MOST_BYTES_OF_FAMILY


def consents_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> list[dict[str, Any]]:
    """Return the consents, in the words that were shown; moments with their offset of Japan."""
    rows = consents.of_family(session, family_id, actor=actor)
    names = consents.receivers(session, rows, actor=actor)
    return [
        {
            "refused" if row.is_refusal else "agreed_to": row.wording,
            "receiver": names[row.receiver_id],
            "given_at": plain(row.given_at),
            "withdrawn_at": plain(row.withdrawn_at),
        }
        for row in rows
    ]


def photos_of(
    session: Session,
    family_id: uuid.UUID,
    people: Iterable[PickupPerson],
    *,
    actor: Actor,
    now: datetime,
    whole: bool,
) -> tuple[list[dict[str, Any]], dict[str, bytes]]:
    """Return which photos are kept, and the photos by the name they get in the copy.

    Args:
        people: Whose photos may be among them.
        whole: The photos are wanted; each reading is written down. ``MOST_BYTES`` at most, as many
            as a family may keep; one that is left out has no ``file``.
    """
    faces = {person.photo_id: person.name for person in people if person.photo_id}
    rows: list[dict[str, Any]] = []
    files: dict[str, bytes] = {}
    room = MOST_BYTES
    for number, row in enumerate(uploads.of_family(session, family_id, actor=actor), 1):
        name = f"photos/{number:02d}.jpg"
        content = None
        if whole and row.size <= room:
            # One whose time is over is swept away soon; it is not shown any more.
            with suppress(NoResultFound):
                content = open_image(session, row.id, actor=actor, now=now)
        if content is not None:
            files[name] = content
            room -= len(content)
        rows.append(
            {
                "about": row.about or faces.get(row.id),
                "uploaded_at": plain(row.uploaded_at),
                "file": name if content is not None else None,
            }
        )
    return rows, files
