"""Unfinished forms as stored."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import seal, unseal


class Draft(Base):
    """What one person has filled in of one form so far. Sealed, bound to the row and the person.

    A form is one by its key: ``application:<facility>``, or ``page:<path>`` for what was typed on a
    page when its sign-in had ended.
    """

    __tablename__ = "drafts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    #: Set once she has a family, so that it goes with the family; ``None`` while she registers.
    family_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("families.id"))
    form: Mapped[str]
    #: Counts the savings, so that an older page cannot write over a newer one unseen.
    version: Mapped[int]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    saved_at: Mapped[datetime]
    expires_on: Mapped[date]
    #: When she was told that it ends soon.
    told_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length(form) <= 300", name="form"),
        CheckConstraint("octet_length(content_sealed) <= 200000", name="content"),
        UniqueConstraint("user_id", "form", name="uq_drafts_form"),
        Index("ix_drafts_expires_on", "expires_on"),
    )

    def opened(self) -> dict[str, Any]:
        """Return what was filled in: by part, plain values.

        Raises:
            cryptography.exceptions.InvalidTag: it is another person's, or was moved.
        """
        content: dict[str, Any] = json.loads(
            unseal(self.content_sealed, bound_to=bound_to(self.id, self.user_id))
        )
        return content


def bound_to(draft_id: uuid.UUID, user_id: uuid.UUID) -> tuple[str, ...]:
    """Return what a draft's content is sealed to."""
    return ("drafts", "content", str(draft_id), str(user_id))


def sealed(content: dict[str, Any], draft_id: uuid.UUID, user_id: uuid.UUID) -> bytes:
    """Return ``content`` sealed for one row and its person."""
    return seal(json.dumps(content, ensure_ascii=False), bound_to=bound_to(draft_id, user_id))
