"""Plans as stored: one live plan for a referral."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.contacts.rules import ContactChannel
from portal.db.base import Base
from portal.outreach.rules import About, EndReason, Until


class OutreachPlan(Base):
    """Whom the receiver of a referral contacts next, by whom, how, about what, until when."""

    __tablename__ = "outreach_plans"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    referral_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("referrals.id"))
    next_on: Mapped[date]
    by_user: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    channel: Mapped[ContactChannel]
    about: Mapped[About]
    until: Mapped[Until]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[EndReason | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        CheckConstraint("length(about) <= 40", name="about"),
        CheckConstraint("length(until) <= 40", name="until"),
        CheckConstraint("length(end_reason) <= 40", name="end_reason"),
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended"),
        Index(
            "uq_outreach_plans_live",
            "referral_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "ix_outreach_plans_organisation_id",
            "organisation_id",
            "next_on",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_outreach_plans_family_id", "family_id"),
    )
