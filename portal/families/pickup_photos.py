"""The photo of somebody who picks up: kept in place of the one before, which is deleted."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.families import queries, service
from portal.kernel.actor import Actor
from portal.kernel.channel import BY_HERSELF, Told
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose


def keep_photo(
    session: Session,
    person_id: uuid.UUID,
    data: bytes,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> None:
    """Keep a photo of somebody who picks up; the files follow the commit.

    Args:
        told: By which way it came, where staff keep it for the family.

    Raises:
        Refusal: it is no photo that can be taken, or the family keeps as many as it may.
        NoResultFound: nobody this actor may see, or taken off already.
    """
    person = queries.pickup_person(session, person_id, actor=actor)
    stored = uploads.store_image(
        session,
        data,
        family_id=person.family_id,
        child_id=None,
        purpose=UploadPurpose.PICKUP_PHOTO,
        actor=actor,
        now=now,
    )
    before = service.set_pickup_photo(
        session, person_id, stored.id, actor=actor, now=now, told=told
    )
    if before is not None:
        uploads.remove(session, before, actor=actor, now=now)
