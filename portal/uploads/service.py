"""What can be done with a photo. Start at ``store_image``."""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import event, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.uploads import folder, queries
from portal.uploads.images import redrawn
from portal.uploads.models import Upload
from portal.uploads.rules import (
    MOST_BYTES_OF_FAMILY,
    MOST_IMAGES,
    UNSENT_FOR,
    UploadPurpose,
    UploadRefusal,
)

_log = logging.getLogger(__name__)
_OF_FAMILY = text("SELECT images, bytes FROM family_uploads(:family)")
_NONCE = 12


def store_image(
    session: Session,
    data: bytes,
    *,
    family_id: uuid.UUID,
    child_id: uuid.UUID | None,
    purpose: UploadPurpose,
    actor: Actor,
    now: datetime,
    facility_id: uuid.UUID | None = None,
    about: str = "",
) -> Upload:
    """Keep a photo: drawn anew as JPEG without what the camera wrote, sealed on disk.

    A document goes by itself unless ``give`` hands it on within a month. The caller has looked
    whether family and child are this actor's; row-level security asks again.

    Args:
        facility_id: For whom a document is meant.
        about: Which document it is.

    Raises:
        Refusal: it is no photo that can be taken, or the family keeps as many as it may.
    """
    photo = redrawn(data)
    if actor.user_id is None:
        raise PermissionError("nobody in particular keeps no photos")
    used = session.execute(_OF_FAMILY, {"family": family_id}).one()
    if used.images >= MOST_IMAGES or used.bytes + len(photo.data) > MOST_BYTES_OF_FAMILY:
        raise Refusal([UploadRefusal.FAMILY_HAS_MANY])
    key = AESGCM.generate_key(256)
    row = Upload(
        id=uuid.uuid4(),
        family_id=family_id,
        child_id=child_id,
        purpose=purpose,
        about=about,
        facility_id=facility_id,
        organisation_id=None,
        width=photo.width,
        height=photo.height,
        size=len(photo.data),
        uploaded_by=actor.user_id,
        uploaded_at=now,
        ends_at=now + UNSENT_FOR if purpose is UploadPurpose.APPLICATION_DOCUMENT else None,
    )
    row.key = key.hex()
    session.add(row)
    session.flush()
    nonce = os.urandom(_NONCE)
    sealed = nonce + AESGCM(key).encrypt(nonce, photo.data, _bound_to(row))
    # A file whose row is rolled back is an orphan: it cannot be opened, and the sweep takes it.
    folder.put(_path(row), sealed)
    record(session, actor, "upload.stored", row.id, family_id=family_id, purpose=purpose.value)
    return row


def open_image(session: Session, upload_id: uuid.UUID, *, actor: Actor, now: datetime) -> bytes:
    """Return a photo as JPEG, to be shown; the reading is written down. Commit before showing it.

    Raises:
        NoResultFound: none that this actor may see, or its file is gone.
        cryptography.exceptions.InvalidTag: the file was changed, or is another photo's.
    """
    row = queries.upload(session, upload_id, actor=actor)
    if row.ends_at is not None and row.ends_at < now:
        raise NoResultFound
    try:
        sealed = _path(row).read_bytes()
    except FileNotFoundError:
        _log.error("the file of upload %s is missing", row.id)
        raise NoResultFound from None
    opened = AESGCM(bytes.fromhex(row.key or "")).decrypt(
        sealed[:_NONCE], sealed[_NONCE:], _bound_to(row)
    )
    record_read(
        session, actor, "upload", row.id, family_id=row.family_id, purpose=row.purpose.value
    )
    return opened


def give(
    session: Session,
    uploads: Iterable[Upload],
    organisation_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Hand documents to a provider: from now on its people see them, while it needs them."""
    for row in uploads:
        if row.ends_at is not None and row.ends_at < now:
            continue
        row.organisation_id, row.ends_at = organisation_id, None
        record(session, actor, "upload.given", row.id, family_id=row.family_id)
    session.flush()


def remove(session: Session, upload_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Delete a photo: at once unreadable, its file after the commit.

    Raises:
        NoResultFound: none that this actor may see.
    """
    del now
    row = queries.upload(session, upload_id, actor=actor)
    path = _path(row)
    session.delete(row)
    session.flush()
    record(session, actor, "upload.removed", upload_id, family_id=row.family_id)
    _after_commit(session, lambda: folder.drop(path))


def forget_family(session: Session, family_id: uuid.UUID) -> None:
    """Delete the files of a family whose rows are gone in this transaction, after its commit."""
    _after_commit(session, lambda: folder.drop_family(folder.root(os.environ), family_id))


def _after_commit(session: Session, work: Callable[[], None]) -> None:
    event.listen(session, "after_commit", lambda _session: work(), once=True)


def _path(row: Upload) -> Path:
    return folder.path_of(folder.root(os.environ), row.family_id, row.id)


def _bound_to(row: Upload) -> bytes:
    return f"uploads|file|{row.id}|{row.family_id}".encode()
