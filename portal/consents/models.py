"""Consents as stored: never changed, only withdrawn."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.consents.rules import ConsentSource
from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.kernel.channel import Channel


class Consent(Base):
    """One consent of a family towards one receiver for one purpose, in the very words shown.

    Holds until it is withdrawn, or until ``until_on``, that day included. Kept after that: it says
    why something was done. Names nobody: people are ids.
    """

    __tablename__ = "consents"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    purpose: Mapped[str]
    #: What may be passed on, where the purpose leaves a choice; see the purpose's own rules.
    items: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    wording: Mapped[str]
    wording_version: Mapped[str]
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: The body that asked for it, and answers for having it.
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: Who gave it, where that is known.
    guardian_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("guardians.id"))
    recorded_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    channel: Mapped[Channel]
    source: Mapped[ConsentSource]
    #: The date on the paper.
    source_on: Mapped[date | None]
    #: Where the paper lies, as staff number it.
    paper_reference: Mapped[str | None]
    given_at: Mapped[datetime]
    until_on: Mapped[date | None]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_channel: Mapped[Channel | None]
    #: Asked and not agreed to: an answer that never held.
    is_refusal: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    #: By which people and other programs name it; on its receipt.
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))

    # Whoever writes a consent down need not be shown it: nothing is read back at once.
    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - as the mapper reads it
    __table_args__ = (
        UniqueConstraint("number", name="uq_consents_number"),
        CheckConstraint("length(purpose) <= 60", name="purpose"),
        CheckConstraint("(source = 'paper_form') = (source_on IS NOT NULL)", name="paper_has_date"),
        CheckConstraint("withdrawn_at >= given_at", name="withdrawn_later"),
        CheckConstraint("length(paper_reference) BETWEEN 1 AND 100", name="paper_reference"),
        CheckConstraint(
            "NOT is_refusal OR withdrawn_at = given_at AND withdrawn_at IS NOT NULL",
            name="refusal_never_holds",
        ),
        Index(
            "uq_consents_live",
            "family_id",
            "purpose",
            "receiver_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
        Index("ix_consents_receiver_id", "receiver_id"),
    )


class ConsentSignature(Base):
    """The name that the person wrote with her own hand on the interviewer's tablet."""

    __tablename__ = "consent_signatures"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    consent_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("consents.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[datetime]

    name = SealedText()

    __table_args__ = (
        UniqueConstraint("consent_id", name="uq_consent_signatures_consent_id"),
        Index("ix_consent_signatures_family_id", "family_id"),
    )
