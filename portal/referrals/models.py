"""Interviews, referrals, provisions, legal grounds as stored. People are ids, words sealed."""

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
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.kernel.channel import Channel
from portal.referrals.rules import (
    Item,
    LegalGround,
    ReferralSource,
    ReferralState,
    Stage,
    Urgency,
)


class Interview(Base):
    """What the sender keeps of one interview; its own alone."""

    __tablename__ = "interviews"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    guardian_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("guardians.id"))
    worker_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    stage: Mapped[Stage]
    held_on: Mapped[date]
    #: When 一時預かり was ticked in the 子育てガイド; without it no referral by this way (R8).
    guide_ticked_on: Mapped[date | None]
    #: By which way it reached the body; across the table but for what came on paper or by API.
    channel: Mapped[Channel] = mapped_column(
        default=Channel.COUNTER, server_default=text("'counter'")
    )
    #: When the paper came in.
    received_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        Index("ix_interviews_family_id", "family_id"),
        Index("ix_interviews_organisation_id", "organisation_id", "held_on"),
    )


class InterviewItem(Base):
    """One thing learned at an interview, in words."""

    __tablename__ = "interview_items"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    interview_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("interviews.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    item: Mapped[Item]
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    value = SealedText()

    __table_args__ = (
        CheckConstraint("length(item) <= 40", name="item"),
        UniqueConstraint("interview_id", "item", name="uq_interview_items_interview_id"),
        Index("ix_interview_items_family_id", "family_id"),
    )


class LegalBasis(Base):
    """A decision to pass on without consent: ground, reason, and the second person's release."""

    __tablename__ = "legal_grounds"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    ground: Mapped[LegalGround]
    items: Mapped[list[str]] = mapped_column(ARRAY(Text))
    reason_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    is_urgent: Mapped[bool] = mapped_column(server_default=text("false"))
    phoned_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime]
    released_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime | None]
    #: The next working day after an urgent one.
    review_due_on: Mapped[date | None]
    reviewed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    review_agreed: Mapped[bool | None]
    ended_at: Mapped[datetime | None]

    reason = SealedText()

    __table_args__ = (
        CheckConstraint("length(ground) <= 40", name="ground"),
        CheckConstraint("released_by <> decided_by", name="second_person"),
        CheckConstraint("reviewed_by <> decided_by", name="reviewer"),
        CheckConstraint("(released_by IS NULL) = (released_at IS NULL)", name="released"),
        CheckConstraint(
            "NOT is_urgent OR phoned_at IS NOT NULL AND review_due_on IS NOT NULL", name="urgent"
        ),
        Index("ix_legal_grounds_family_id", "family_id"),
        Index("ix_legal_grounds_organisation_id", "organisation_id"),
    )


class Referral(Base):
    """A family passed on to one receiver, and how far it has come. Names nobody: see its items."""

    __tablename__ = "referrals"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    interview_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("interviews.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    sender_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    sent_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("facilities.id"))
    child_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    source: Mapped[ReferralSource]
    #: The sender's own number, so that the same referral sent twice stays one.
    outside_number: Mapped[str | None]
    state: Mapped[ReferralState]
    state_at: Mapped[datetime]
    urgency: Mapped[Urgency]
    #: By when the family should have used it (R15).
    target_on: Mapped[date | None]
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consents.id"))
    told_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consents.id"))
    ground_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("legal_grounds.id"))
    #: The same family as the receiver knows it.
    client_family_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("families.id"))
    passed_on_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referrals.id"))
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    contacted_at: Mapped[datetime | None]
    visited_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    next_on: Mapped[date | None]
    #: Whose turn it is.
    next_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    next_what: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]
    outcome_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    outcome_words = SealedText()

    __table_args__ = (
        CheckConstraint("length(outside_number) <= 60", name="outside_number"),
        CheckConstraint("length(next_what) <= 40", name="next_what"),
        CheckConstraint("length(outcome) <= 40", name="outcome"),
        CheckConstraint("receiver_id <> sender_id", name="other_body"),
        CheckConstraint("num_nonnulls(consent_id, ground_id) <= 1", name="one_basis"),
        UniqueConstraint("number", name="uq_referrals_number"),
        Index(
            "uq_referrals_open",
            "family_id",
            "receiver_id",
            "sender_id",
            unique=True,
            postgresql_where=text("state NOT IN ('closed', 'refused', 'passed_on', 'recalled')"),
        ),
        Index(
            "uq_referrals_outside_number",
            "sender_id",
            "receiver_id",
            "outside_number",
            unique=True,
            postgresql_where=text("outside_number IS NOT NULL"),
        ),
        Index("ix_referrals_family_id", "family_id"),
        Index("ix_referrals_client_family_id", "client_family_id"),
        Index("ix_referrals_sender_id", "sender_id", "state"),
        Index("ix_referrals_receiver_id", "receiver_id", "state"),
    )


class ReferralItem(Base):
    """What was passed on, as it was at that moment."""

    __tablename__ = "referral_items"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referrals.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    item: Mapped[Item]
    value_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    value = SealedText()

    __table_args__ = (
        CheckConstraint("length(item) <= 40", name="item"),
        UniqueConstraint("referral_id", "item", name="uq_referral_items_referral_id"),
        Index("ix_referral_items_family_id", "family_id"),
    )


class ReferralEventRow(Base):
    """What happened to a referral, for both sides to read."""

    __tablename__ = "referral_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referrals.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    by_user: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    words = SealedText()

    __table_args__ = (
        CheckConstraint("length(kind) <= 40", name="kind"),
        Index("ix_referral_events_referral_id", "referral_id", "at"),
        Index("ix_referral_events_family_id", "family_id"),
    )


class Provision(Base):
    """第三者提供の記録: who passed what on to whom, when, on what it rests. Kept three years."""

    __tablename__ = "provisions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    provider_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str]
    subject_id: Mapped[uuid.UUID]
    items: Mapped[list[str]] = mapped_column(ARRAY(Text))
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consents.id"))
    ground_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("legal_grounds.id"))
    #: Nobody in person where the clock told the sender of a child that did not come.
    provided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    provided_at: Mapped[datetime]
    keep_until: Mapped[date]

    __table_args__ = (
        CheckConstraint("num_nonnulls(consent_id, ground_id) = 1", name="one_basis"),
        CheckConstraint("cardinality(items) > 0", name="items"),
        Index("ix_provisions_family_id", "family_id", "provided_at"),
        Index("ix_provisions_provider_id", "provider_id"),
        Index("ix_provisions_receiver_id", "receiver_id"),
    )
