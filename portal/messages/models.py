"""The outbox as stored: the truth about every mail."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base

_DUE = text("sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL")


class OutboxMessage(Base):
    """A mail that is to leave, has left, or will not.

    ``kind`` names the feature's mail (``bookings/placed``); ``subject_ids`` what it speaks of.
    Names and contents are looked up when it leaves, never stored here. ``dropped_at``: no longer
    wanted when its time came. ``failed_at``: given up, staff are shown it until ``seen_at``.
    """

    __tablename__ = "outbox_messages"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    message_id: Mapped[str]
    kind: Mapped[str]
    subject_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    context: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    organisation_id: Mapped[uuid.UUID | None]
    family_id: Mapped[uuid.UUID | None]
    to_user_id: Mapped[uuid.UUID | None]
    to_mail: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    not_before: Mapped[datetime] = mapped_column(server_default=text("now()"))
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    last_error: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("message_id", name="uq_outbox_messages_message_id"),
        CheckConstraint(
            "family_id IS NOT NULL OR to_user_id IS NOT NULL OR to_mail IS NOT NULL",
            name="has_receiver",
        ),
        Index("ix_outbox_messages_due", "not_before", "created_at", postgresql_where=_DUE),
        Index(
            "ix_outbox_messages_failed",
            "organisation_id",
            postgresql_where=text("failed_at IS NOT NULL"),
        ),
        Index(
            "ix_outbox_messages_nobody",
            "organisation_id",
            postgresql_where=text("last_error = 'nobody'"),
        ),
    )
