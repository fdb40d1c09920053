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
from portal.preregistration.rules import MessageKind, PreregistrationState, Side

_LIVE = text("state IN ('applied', 'asked_back', 'waiting', 'accepted')")


class Preregistration(Base):
    """One child at one facility. Accepted until a local day, that day included.

    Children of one application share ``application_id``; each has its own state and decision.
    """

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
    application_id: Mapped[uuid.UUID | None]
    #: The local day by which the facility said it answers.
    answer_by: Mapped[date | None]
    #: Accepted with conditions, which stand among the messages; the family must agree to them.
    has_conditions: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    #: When the family said it had read what it needs to know; for a caller, when she called.
    family_agreed_at: Mapped[datetime | None]
    family_agreed_by: Mapped[uuid.UUID | None]
    family_agreed_channel: Mapped[Channel | None]
    #: Which version of the rules, with the provider's own words, she agreed to.
    family_agreed_rulebook_id: Mapped[uuid.UUID | None]
    #: When staff said they had read the record and the application.
    facility_agreed_at: Mapped[datetime | None]
    facility_agreed_by: Mapped[uuid.UUID | None]
    #: Who owes the other side a word after the decision; before it, ``state`` says so.
    word_waits_for: Mapped[Side | None]
    #: When the family asked to go on after ``accepted_until``.
    renewal_asked_at: Mapped[datetime | None]
    renewal_asked_by: Mapped[uuid.UUID | None]
    renewal_channel: Mapped[Channel | None]
    #: Of which end (``accepted_until``) the family was told that the season is open.
    renewal_told_for: Mapped[date | None]

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
        Index("ix_preregistrations_facility_id", "facility_id", "state"),
    )


class PreregistrationMessage(Base):
    """A word of either side, a reason or a condition. Encrypted: it may speak of health."""

    __tablename__ = "preregistration_messages"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    preregistration_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("preregistrations.id"))
    family_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID]
    is_from_family: Mapped[bool]
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_by: Mapped[uuid.UUID | None]
    written_at: Mapped[datetime]
    kind: Mapped[MessageKind] = mapped_column(
        server_default=text("'word'"), default=MessageKind.WORD
    )

    text = SealedText()

    __table_args__ = (
        Index("ix_preregistration_messages_preregistration_id", "preregistration_id", "written_at"),
    )
