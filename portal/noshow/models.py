"""Cases, what each receiver was told, and what happened, as stored. People are ids."""

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
from portal.noshow.rules import CaseKind, CaseState, CheckResult, NextStep
from portal.referrals.rules import Urgency


class CareCase(Base):
    """A child that was expected and did not come, or a worry. Outlives its booking."""

    __tablename__ = "care_cases"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[CaseKind]
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: The unit that did not come. No key: nothing that is done to it ends the case.
    booking_group_id: Mapped[uuid.UUID | None]
    day: Mapped[date]
    expected_at: Mapped[datetime | None]
    referral_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referrals.id"))
    state: Mapped[CaseState]
    state_at: Mapped[datetime]
    urgency: Mapped[Urgency]
    result: Mapped[CheckResult | None]
    raised_at: Mapped[datetime]
    #: By when the provider has to have found out what happened.
    due_at: Mapped[datetime]
    reported_at: Mapped[datetime | None]
    taken_over_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    taken_over_at: Mapped[datetime | None]
    next_step: Mapped[NextStep | None]
    next_step_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[uuid.UUID | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        CheckConstraint("length(next_step) <= 40", name="next_step"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        CheckConstraint(
            "kind <> 'no_show' OR booking_group_id IS NOT NULL AND expected_at IS NOT NULL",
            name="of_booking",
        ),
        UniqueConstraint("number", name="uq_care_cases_number"),
        Index(
            "uq_care_cases_booking_group_id",
            "booking_group_id",
            "day",
            unique=True,
            postgresql_where=text("booking_group_id IS NOT NULL"),
        ),
        Index("ix_care_cases_organisation_id", "organisation_id", "state"),
        Index("ix_care_cases_family_id", "family_id"),
        Index("ix_care_cases_referral_id", "referral_id"),
    )

    @property
    def is_to_be_checked(self) -> bool:
        """Whether a child did not come and nobody has found out why: any staff's to call about."""
        return self.kind is CaseKind.NO_SHOW and self.state is CaseState.SUSPECTED

    @property
    def logged_for(self) -> uuid.UUID | None:
        """The family whose own log says what is done; none for a worry: see decision 15."""
        return None if self.kind is CaseKind.WORRY else self.family_id


class CaseReport(Base):
    """What one receiver was told once, on what it rests, and what it answered.

    One without ``sent_by`` is the alert that the clock sends to the sender of a referred family.
    """

    __tablename__ = "care_case_reports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("care_cases.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    reporter_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    receiver_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    consent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("consents.id"))
    ground_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("legal_grounds.id"))
    urgency: Mapped[Urgency]
    phoned_at: Mapped[datetime | None]
    items: Mapped[list[str]] = mapped_column(ARRAY(Text))
    sent_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    sent_at: Mapped[datetime]
    #: By when it is to be acknowledged.
    due_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    next_step: Mapped[NextStep | None]
    #: Who does it, as the receiver names her.
    next_step_by: Mapped[str | None]
    next_step_on: Mapped[date | None]
    next_words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    done_at: Mapped[datetime | None]

    next_words = SealedText()

    __table_args__ = (
        CheckConstraint("length(next_step) <= 40", name="next_step"),
        CheckConstraint("length(next_step_by) <= 100", name="next_step_by"),
        CheckConstraint("num_nonnulls(consent_id, ground_id) = 1", name="one_basis"),
        CheckConstraint("receiver_id <> reporter_id", name="other_body"),
        Index(
            "uq_care_case_reports_alert",
            "case_id",
            "receiver_id",
            unique=True,
            postgresql_where=text("sent_by IS NULL"),
        ),
        Index("ix_care_case_reports_case_id", "case_id"),
        Index("ix_care_case_reports_receiver_id", "receiver_id", "done_at"),
        Index("ix_care_case_reports_family_id", "family_id"),
    )


class CaseWords(Base):
    """What stands in a report; hidden from its receiver once what it rests on no longer holds."""

    __tablename__ = "care_case_words"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("care_case_reports.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    words_sealed: Mapped[bytes] = mapped_column(LargeBinary)

    #: JSON: item -> text, as it was sent.
    words = SealedText()

    __table_args__ = (
        UniqueConstraint("report_id", name="uq_care_case_words_report_id"),
        Index("ix_care_case_words_family_id", "family_id"),
    )


class CaseEventRow(Base):
    """What happened to a case, for its provider's timeline; receivers write theirs."""

    __tablename__ = "care_case_events"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("care_cases.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    by_user: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    at: Mapped[datetime]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)

    words = SealedText()

    __table_args__ = (
        CheckConstraint("length(kind) <= 40", name="kind"),
        Index("ix_care_case_events_case_id", "case_id", "at"),
        Index(
            "uq_care_case_events_reminder",
            "case_id",
            "organisation_id",
            "kind",
            unique=True,
            postgresql_where=text("kind LIKE 'overdue%'"),
        ),
        Index("ix_care_case_events_family_id", "family_id"),
    )
