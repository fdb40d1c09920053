"""What came of trial care, as stored; what staff noted stands apart from what families may see."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.policies.trials import TrialOutcome


class TrialResult(Base):
    """What staff said after one part; the last word on it. Families see it."""

    __tablename__ = "trial_outcomes"

    booking_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    preregistration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("preregistrations.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    part: Mapped[int] = mapped_column(SmallInteger)
    outcome: Mapped[TrialOutcome]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("part BETWEEN 1 AND 10", name="part"),
        Index("ix_trial_outcomes_preregistration_id", "preregistration_id", "decided_at"),
        Index("ix_trial_outcomes_family_id", "family_id"),
    )


class TrialNote(Base):
    """What staff noted about a part, for those who care for the child. Sealed; families never."""

    __tablename__ = "trial_notes"

    id: Mapped[uuid.UUID] = mapped_column(
        "booking_id", ForeignKey("trial_outcomes.booking_id"), primary_key=True
    )
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    note_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_by: Mapped[uuid.UUID | None]
    written_at: Mapped[datetime]

    note = SealedText()

    __table_args__ = (Index("ix_trial_notes_family_id", "family_id"),)
