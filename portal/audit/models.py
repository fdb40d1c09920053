"""The audit log as stored."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class AuditEntry(Base):
    """One thing done or seen. Holds ids and codes, never names or contents.

    The app role inserts and cannot read, change or delete; who acted must be the signed actor.
    """

    __tablename__ = "audit_log"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    user_id: Mapped[uuid.UUID | None]
    organisation_id: Mapped[uuid.UUID | None]
    family_id: Mapped[uuid.UUID | None]
    role: Mapped[str | None] = mapped_column()
    action: Mapped[str]
    subjects: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))

    __table_args__ = (Index("ix_audit_log_family_id", "family_id", "at"),)
