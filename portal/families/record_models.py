"""The child's record by sections: what is written now, what was before, what staff have seen."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText

if TYPE_CHECKING:
    from sqlalchemy.schema import SchemaItem


class _OfRecord:
    """What each row of a record says: whose it is. Rows go when the record's head is deleted."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)

    @declared_attr
    def record_id(self) -> Mapped[uuid.UUID]:
        return mapped_column(ForeignKey("child_records.id", ondelete="CASCADE"))

    @declared_attr
    def child_id(self) -> Mapped[uuid.UUID]:
        return mapped_column(ForeignKey("children.id"))

    @declared_attr
    def family_id(self) -> Mapped[uuid.UUID]:
        return mapped_column(ForeignKey("families.id"))


class _Content(_OfRecord):
    """A section's answers as sealed JSON, bound to row, family, child and section."""

    section: Mapped[str]
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime]
    written_by: Mapped[uuid.UUID | None]
    #: How it reached us: ``web`` where the guardian typed it herself.
    channel: Mapped[str]

    content = SealedText(also=("child_id", "section"))


class RecordSection(_Content, Base):
    """One section of one child's record as it stands."""

    __tablename__ = "record_sections"

    #: When somebody last said that this holds; ``None`` since the birth, until asked again.
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[uuid.UUID | None]
    confirmed_role: Mapped[str | None]
    #: When the words reached us; for paper and phone earlier than they were typed.
    received_at: Mapped[datetime]

    __table_args__: tuple[SchemaItem, ...] = (
        UniqueConstraint("child_id", "section", name="uq_record_sections_section"),
        Index("ix_record_sections_record_id", "record_id"),
    )


class RecordVersion(_Content, Base):
    """What a section said from ``written_at`` until ``replaced_at``. Never changed."""

    __tablename__ = "record_versions"

    replaced_at: Mapped[datetime]

    __table_args__: tuple[SchemaItem, ...] = (Index("ix_record_versions_record_id", "record_id"),)


class RecordReading(_OfRecord, Base):
    """Until when a provider's staff have taken note of what changed in a record."""

    __tablename__ = "record_readings"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    seen_at: Mapped[datetime]
    seen_by: Mapped[uuid.UUID | None]

    __table_args__: tuple[SchemaItem, ...] = (
        UniqueConstraint("child_id", "organisation_id", name="uq_record_readings_organisation"),
        Index("ix_record_readings_record_id", "record_id"),
    )
