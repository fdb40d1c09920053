"""Attendance as stored, and word from families."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.attendance.rules import WordKind
from portal.db.base import Base


class Attendance(Base):
    """利用実績: when the child really came and went. One row a booking; undo empties the times."""

    __tablename__ = "attendances"

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    day: Mapped[date]
    arrived_at: Mapped[datetime | None]
    arrived_by: Mapped[uuid.UUID | None]
    departed_at: Mapped[datetime | None]
    departed_by: Mapped[uuid.UUID | None]
    collected_by: Mapped[str | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        CheckConstraint(
            "departed_at IS NULL OR arrived_at IS NOT NULL AND departed_at >= arrived_at",
            name="departed_after_arrived",
        ),
        Index("ix_attendances_organisation_id", "organisation_id", "day"),
    )


class WordFromFamily(Base):
    """A family told that a child comes late or not at all, by whatever channel."""

    __tablename__ = "words_from_families"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    kind: Mapped[WordKind]
    expected_at: Mapped[datetime | None]
    channel: Mapped[str]
    received_at: Mapped[datetime]
    recorded_by: Mapped[uuid.UUID | None]

    __table_args__ = (Index("ix_words_from_families_booking_id", "booking_id"),)
