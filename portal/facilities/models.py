"""Facilities and their programmes as stored, with the row of the list they came from."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Double,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base
from portal.facilities.rules import ClaimState, ProgrammeKind


class Facility(Base):
    """A site (施設) of a published list, run in the portal once it has an ``organisation_id``.

    ``list_row`` keeps every cell of the list as written; the parsed columns beside it may be empty.
    Readable by everyone once published; hidden (非公開) ones never are.
    """

    __tablename__ = "facilities"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    #: Counted by the database, never used again; what lists without a number are handed out with.
    number: Mapped[int] = mapped_column(BigInteger, Identity())
    list_key: Mapped[str | None]
    list_shape: Mapped[str | None]
    list_row: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    name: Mapped[str]
    name_kana: Mapped[str | None]
    kind: Mapped[str | None]
    owner_name: Mapped[str | None]
    address: Mapped[str]
    building: Mapped[str | None]
    area: Mapped[str | None]
    latitude: Mapped[float | None] = mapped_column(Double)
    longitude: Mapped[float | None] = mapped_column(Double)
    phone: Mapped[str | None]
    fax: Mapped[str | None]
    capacity: Mapped[int | None]
    age_from_text: Mapped[str | None]
    age_until_text: Mapped[str | None]
    opens_text: Mapped[str | None]
    closes_text: Mapped[str | None]
    has_temporary_care: Mapped[bool | None]
    url: Mapped[str | None]
    access_note: Mapped[str | None]
    is_hidden: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    closed_on_holidays: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    #: So many days before the day, places kept for referred families are given to everybody.
    kept_until_days: Mapped[int] = mapped_column(SmallInteger, default=3, server_default=text("3"))
    kept_until_cell: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    #: After how many minutes past its start a child without word counts as not arrived.
    no_show_minutes: Mapped[int] = mapped_column(
        SmallInteger, default=30, server_default=text("30")
    )
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        UniqueConstraint(
            "municipality_id", "list_shape", "list_key", name="uq_facilities_list_key"
        ),
        UniqueConstraint("number", name="uq_facilities_number"),
        CheckConstraint(
            "NOT (is_hidden AND published_at IS NOT NULL)", name="hidden_never_published"
        ),
        CheckConstraint("kept_until_days BETWEEN 0 AND 60", name="kept_until_days"),
        CheckConstraint("kept_until_cell BETWEEN 0 AND 47", name="kept_until_cell"),
        CheckConstraint("no_show_minutes BETWEEN 10 AND 180", name="no_show_minutes"),
        Index("ix_facilities_organisation_id", "organisation_id"),
    )


class FacilityImport(Base):
    """A list as uploaded: first previewed, then applied. ``content`` is the file, byte for byte."""

    __tablename__ = "facility_imports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    municipality_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    file_name: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    applied_at: Mapped[datetime | None]


class FacilityClaim(Base):
    """A provider's word that a facility is its own, and what the municipality says to it.

    Written by functions of migration 0016 alone. A facility without a claim was handed over by the
    operator and needs none.
    """

    __tablename__ = "facility_claims"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[ClaimState]
    answer: Mapped[str | None]
    asked_by: Mapped[uuid.UUID | None]
    asked_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    #: The facility as it was when it was answered, by the names of its columns; kept by a trigger.
    judged: Mapped[dict[str, Any] | None]

    facility: Mapped[Facility] = relationship(lazy="raise")

    __table_args__ = (UniqueConstraint("facility_id", name="uq_facility_claims_facility_id"),)


class FacilityHours(Base):
    """When a facility is open on a weekday (0 is Monday), in half-hour cells, end excluded.

    From these the places of the week are first filled in; the lunch break lies inside.
    """

    __tablename__ = "facility_hours"

    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    from_cell: Mapped[int] = mapped_column(SmallInteger)
    to_cell: Mapped[int] = mapped_column(SmallInteger)
    break_from: Mapped[int | None] = mapped_column(SmallInteger)
    break_to: Mapped[int | None] = mapped_column(SmallInteger)

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("0 <= from_cell AND from_cell < to_cell AND to_cell <= 48", name="cells"),
        CheckConstraint(
            "break_from IS NULL AND break_to IS NULL"
            " OR from_cell < break_from AND break_from < break_to AND break_to < to_cell",
            name="break",
        ),
    )


class Programme(Base):
    """What a facility offers (一時預かり …): its own rules, name and report."""

    __tablename__ = "programmes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[ProgrammeKind]
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="", server_default=text("''"))
    belongings: Mapped[str] = mapped_column(default="", server_default=text("''"))
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    facility: Mapped[Facility] = relationship(lazy="raise")

    __table_args__ = (Index("ix_programmes_facility_id", "facility_id"),)


class Holiday(Base):
    """A national holiday (国民の祝日に関する法律). The table wins over the library."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str]


class Closure(Base):
    """Days, or half hours of days, on which a facility takes no bookings. Both days included."""

    __tablename__ = "closures"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    from_day: Mapped[date]
    to_day: Mapped[date]
    from_cell: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    to_cell: Mapped[int] = mapped_column(SmallInteger, default=48, server_default=text("48"))
    reason: Mapped[str]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    lifted_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("to_day >= from_day", name="days"),
        CheckConstraint("0 <= from_cell AND from_cell < to_cell AND to_cell <= 48", name="cells"),
        Index("ix_closures_facility_id", "facility_id", "from_day"),
    )
