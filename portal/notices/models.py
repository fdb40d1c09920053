"""Notices as stored, with a receipt for each family that one went to."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base
from portal.facilities.models import Facility
from portal.kernel.spans import CELLS
from portal.notices.rules import Audience, Cause, NoticeKind


class Notice(Base):
    """What a facility told families at one moment; never changed afterwards, only corrected.

    ``corrects_id`` names the notice that a correction or a reopening speaks of. Free text of the
    staff: it names nobody.
    """

    __tablename__ = "notices"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    kind: Mapped[NoticeKind]
    cause: Mapped[Cause]
    audience: Mapped[Audience]
    from_day: Mapped[date | None]
    to_day: Mapped[date | None]
    from_cell: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    to_cell: Mapped[int] = mapped_column(SmallInteger, default=CELLS, server_default=text("48"))
    closure_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("closures.id"))
    cancels_bookings: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    title: Mapped[str]
    body: Mapped[str]
    corrects_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("notices.id"))
    sent_by: Mapped[uuid.UUID | None]
    sent_at: Mapped[datetime]
    #: When those who had not read it were written to once more.
    reminded_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    facility: Mapped[Facility] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint("id", "organisation_id", name="uq_notices_of_organisation"),
        CheckConstraint(
            "(from_day IS NULL) = (to_day IS NULL) AND to_day >= from_day", name="days"
        ),
        CheckConstraint("0 <= from_cell AND from_cell < to_cell AND to_cell <= 48", name="cells"),
        CheckConstraint("kind <> 'closure' OR from_day IS NOT NULL", name="closure_has_days"),
        CheckConstraint(
            "(kind IN ('correction', 'reopening')) = (corrects_id IS NOT NULL)", name="corrects"
        ),
        Index("ix_notices_organisation_id", "organisation_id", "sent_at"),
    )

    @property
    def is_whole_day(self) -> bool:
        """Whether it speaks of whole days."""
        return (self.from_cell, self.to_cell) == (0, CELLS)


class NoticeReceipt(Base):
    """A notice at one family: read by her, or told by phone by staff.

    ``group_ids``: bookings of hers that the notice cancelled. ``mails``: how often it was written;
    a second time at most.
    """

    __tablename__ = "notice_receipts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    notice_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    group_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    mails: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    read_at: Mapped[datetime | None]
    read_by_link: Mapped[bool | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[uuid.UUID | None]

    notice: Mapped[Notice] = relationship(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["notice_id", "organisation_id"],
            ["notices.id", "notices.organisation_id"],
            name="fk_notice_receipts_notice_id",
        ),
        UniqueConstraint("token_hash", name="uq_notice_receipts_token_hash"),
        UniqueConstraint("notice_id", "family_id", name="uq_notice_receipts_family"),
        CheckConstraint("mails BETWEEN 0 AND 2", name="mails"),
        CheckConstraint("(read_at IS NULL) = (read_by_link IS NULL)", name="read"),
        Index("ix_notice_receipts_family_id", "family_id"),
    )
