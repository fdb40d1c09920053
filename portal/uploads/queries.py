"""Reads of photos, each scoped by who acts; row-level security asks again behind it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, column, exists, false, func, or_, select, table
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.uploads.models import Upload
from portal.uploads.rules import UploadPurpose

_OPENED = table(
    "family_access",
    column("family_id"),
    column("organisation_id"),
    column("from_at"),
    column("until_at"),
)


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: the actor's own family's, or one that her provider was given."""
    if actor.family_id is not None:
        return Upload.family_id == actor.family_id
    if actor.organisation_id is None or not actor.is_provider:
        return false()
    opened = exists().where(
        _OPENED.c.family_id == Upload.family_id,
        _OPENED.c.organisation_id == actor.organisation_id,
        _OPENED.c.from_at <= func.now(),
        or_(_OPENED.c.until_at.is_(None), _OPENED.c.until_at > func.now()),
    )
    return opened & or_(
        Upload.purpose == UploadPurpose.PICKUP_PHOTO,
        Upload.organisation_id == actor.organisation_id,
    )


def upload(session: Session, upload_id: uuid.UUID, *, actor: Actor) -> Upload:
    """Return one photo's row.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(select(Upload).where(Upload.id == upload_id, visible(actor))).one()


def documents(
    session: Session, family_id: uuid.UUID, facility_id: uuid.UUID, *, actor: Actor
) -> Sequence[Upload]:
    """Return the documents of a family for a facility, in the order in which they came."""
    return session.scalars(
        select(Upload)
        .where(
            Upload.family_id == family_id,
            Upload.facility_id == facility_id,
            Upload.purpose == UploadPurpose.APPLICATION_DOCUMENT,
            visible(actor),
        )
        .order_by(Upload.uploaded_at, Upload.id)
    ).all()


def of_family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Upload]:
    """Return every photo of a family that this actor may see, in the order in which they came."""
    return session.scalars(
        select(Upload)
        .where(Upload.family_id == family_id, visible(actor))
        .order_by(Upload.uploaded_at, Upload.id)
    ).all()
