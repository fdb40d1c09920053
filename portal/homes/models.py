"""Facts of a home as stored: sealed, and never changed; a newer one ends the older."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.homes.rules import HomeFactKind


class StoredHomeFact(Base):
    """One fact of a family's home, or of one child of it.

    ``organisation_id`` is the provider whose staff wrote it down, and who alone reads it beside the
    family; None is what the family said itself, for every provider that sees it. ``said`` is the
    code and the number as JSON. ``seen_on``: the day on which staff saw the paper, or the child.
    """

    __tablename__ = "home_facts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("children.id"))
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[HomeFactKind]
    said_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]
    seen_on: Mapped[date | None]
    said_at: Mapped[datetime]
    said_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    said = SealedText()

    __table_args__ = (
        CheckConstraint(
            "kind IN ('prefecture', 'city', 'ward', 'circumstance', 'statement', 'mark', 'tax',"
            " 'paper', 'coupon', 'enrolment', 'gate')",
            name="kind",
        ),
        CheckConstraint("valid_from <= valid_until", name="days"),
        CheckConstraint("seen_on IS NULL OR organisation_id IS NOT NULL", name="seen_by_staff"),
        Index(
            "ix_home_facts_live",
            "family_id",
            "said_at",
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_home_facts_child_id", "child_id"),
        Index("ix_home_facts_organisation_id", "organisation_id"),
    )
