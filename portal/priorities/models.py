"""Priorities as stored; row-level security shows them to those staff alone who need to know."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.priorities.rules import PriorityKind


class Priority(Base):
    """That a family goes first at one provider, until a day, that day included. Never deleted."""

    __tablename__ = "priorities"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    kind: Mapped[PriorityKind]
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    until_on: Mapped[date]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]

    reason = SealedText()

    __table_args__ = (
        CheckConstraint("kind IN ('referred', 'disability', 'urgent', 'other')", name="kind"),
        Index(
            "uq_priorities_live",
            "organisation_id",
            "family_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_priorities_family_id", "family_id"),
    )
