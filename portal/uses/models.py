"""Days of care outside the portal. A row is taken back, never changed: somebody counted by it."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class DeclaredUse(Base):
    """One day of a child at a place outside the portal; which place, nobody asks.

    ``minutes`` is the length of the stay. ``use_type`` is the type of use there, None where it was
    not said: then it counts for every type.
    """

    __tablename__ = "declared_uses"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    day: Mapped[date]
    minutes: Mapped[int]
    use_type: Mapped[str | None]
    told_at: Mapped[datetime]
    told_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    retracted_at: Mapped[datetime | None]
    retracted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("minutes BETWEEN 1 AND 1440", name="minutes"),
        CheckConstraint("length(use_type) BETWEEN 1 AND 40", name="use_type"),
        Index("ix_declared_uses_child_id", "child_id", "day"),
        Index("ix_declared_uses_family_id", "family_id", "day"),
    )
