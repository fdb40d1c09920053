"""Photos as stored: the row holds the key, the file beside the database holds the sealed photo."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.uploads.rules import UploadPurpose


class Upload(Base):
    """One photo, JPEG. Every showing leaves an audit row (``service.open_image``).

    ``organisation_id`` is the provider that a document was sent to; ``None``: to nobody yet.
    ``ends_at`` is when it goes by itself; ``None``: with what it belongs to.
    """

    __tablename__ = "uploads"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("children.id"))
    purpose: Mapped[UploadPurpose]
    #: Which document it is, as the facility calls it.
    about: Mapped[str] = mapped_column(server_default=text("''"))
    facility_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int] = mapped_column("bytes")
    key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]

    #: The key of this one file, in hexadecimal.
    key = SealedText()

    __table_args__ = (
        CheckConstraint("length(about) <= 200", name="about"),
        CheckConstraint("bytes > 0", name="bytes"),
        CheckConstraint("purpose <> 'application_document' OR facility_id IS NOT NULL", name="for"),
        Index("ix_uploads_family_id", "family_id"),
    )
