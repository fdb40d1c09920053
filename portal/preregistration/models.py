"""Pre-registrations as stored, with what both sides wrote to each other."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.facilities.models import Facility
from portal.families.models import Child
from portal.kernel.channel import Channel
from portal.preregistration.rules import PreregistrationState

_LIVE = text("state IN ('applied', 'asked_back', 'accepted')")


class Preregistration(Base):
    """One child at one facility. Accepted until a local day, that day included."""

    __tablename__ = "preregistrations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[PreregistrationState]
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    accepted_until: Mapped[date | None]
    created_by: Mapped[uuid.UUID | None]
    #: Kinds of ``policies.steps``; ``preregistration/steps.py`` alone writes them.
    steps_done: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    steps_ordered: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    steps_waived: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))

    child: Mapped[Child] = relationship(lazy="raise")
    facility: Mapped[Facility] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(state = 'accepted') = (accepted_until IS NOT NULL)", name="accepted_until"
        ),
        Index(
            "uq_preregistrations_live",
            "child_id",
            "facility_id",
            unique=True,
            postgresql_where=_LIVE,
        ),
        Index("ix_preregistrations_organisation_id", "organisation_id", "state"),
        Index("ix_preregistrations_family_id", "family_id"),
    )


class PreregistrationMessage(Base):
    """A question of the facility, or the family's answer. Encrypted: it may speak of health."""

    __tablename__ = "preregistration_messages"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    preregistration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("preregistrations.id"))
    family_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID]
    is_from_family: Mapped[bool]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_by: Mapped[uuid.UUID | None]
    written_at: Mapped[datetime]

    text = SealedText()

    __table_args__ = (
        Index("ix_preregistration_messages_preregistration_id", "preregistration_id", "written_at"),
    )
