"""Day sheets as stored, and when each facility wants its own."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base


class DaySheet(Base):
    """A day of a facility as PDF, sealed; gone two days later. Every reading leaves its trace.

    ``pdf_sealed`` is ``None`` where this machine makes no PDFs; ``in_folder``: it was also put
    where the print service takes it.
    """

    __tablename__ = "day_sheets"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    day: Mapped[date]
    made_at: Mapped[datetime]
    children: Mapped[int] = mapped_column(SmallInteger)
    pdf_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    in_folder: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (UniqueConstraint("facility_id", "day", name="uq_day_sheets_day"),)


class DaySheetSettings(Base):
    """When a facility wants its sheet; without a row every open day at 6:30.

    ``minute`` counts from midnight (JST).
    """

    __tablename__ = "day_sheet_settings"

    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    is_on: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    minute: Mapped[int] = mapped_column(SmallInteger, default=390, server_default=text("390"))

    __table_args__ = (CheckConstraint("minute BETWEEN 240 AND 720", name="minute"),)
