"""Rules documents as stored. A version never changes: bookings name the one they are under."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class Rulebook(Base):
    """One version of a programme's rules (``policies.document``), in force from a local day.

    One that has not begun can be withdrawn; bookings made under it keep it all the same.
    """

    __tablename__ = "rulebooks"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programmes.id"))
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    version: Mapped[int]
    in_force_from: Mapped[date]
    document: Mapped[dict[str, Any]]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("programme_id", "version", name="uq_rulebooks_version"),
        CheckConstraint("version >= 1", name="version"),
    )


class RulebookDraft(Base):
    """Rules being written, as typed into the form, right or not yet. One for each programme.

    ``document`` is what they come to, once nothing is wrong with them.
    """

    __tablename__ = "rulebook_drafts"

    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programmes.id"), primary_key=True)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    fields: Mapped[dict[str, Any]]
    document: Mapped[dict[str, Any] | None]
    saved_by: Mapped[uuid.UUID | None]
    saved_at: Mapped[datetime]
