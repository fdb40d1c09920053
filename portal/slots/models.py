"""Places as stored. ``pool_days`` is written by functions of migration 0005 alone."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.slots.rules import PoolKind

_CELLS = "0 <= ALL ({0}) AND cardinality({0}) = 48 AND array_position({0}, NULL) IS NULL"


class Pool(Base):
    """Something limited (予約枠の定員): the places of a room, of an age band within it.

    ``youngest_class`` and ``oldest_class`` are class ages (クラス年齢), both included.
    """

    __tablename__ = "pools"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[PoolKind]
    label: Mapped[str]
    youngest_class: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    oldest_class: Mapped[int] = mapped_column(SmallInteger, default=5, server_default=text("5"))
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    retired_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint(
            "0 <= youngest_class AND youngest_class <= oldest_class AND oldest_class <= 5",
            name="classes",
        ),
        Index("ix_pools_facility_id", "facility_id"),
    )


class PoolPattern(Base):
    """Capacity by half hour on a weekday (0 is Monday), from a date until a later one."""

    __tablename__ = "pool_patterns"

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    in_force_from: Mapped[date] = mapped_column(primary_key=True)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    capacity: Mapped[list[int]]
    #: How many of them are kept for referred families, in each half hour.
    kept: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(_CELLS.format("capacity"), name="capacity"),
        CheckConstraint("kept BETWEEN 0 AND 200", name="kept"),
    )


class PoolOverride(Base):
    """Capacity of a single day; replaces the weekday's pattern as a whole (B20)."""

    __tablename__ = "pool_overrides"

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    capacity: Mapped[list[int]]
    #: How many are kept for referred families; ``None`` as on other such weekdays.
    kept: Mapped[int | None] = mapped_column(SmallInteger)
    reason: Mapped[str] = mapped_column(default="", server_default=text("''"))
    set_by: Mapped[uuid.UUID | None]
    set_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        CheckConstraint(_CELLS.format("capacity"), name="capacity"),
        CheckConstraint("kept BETWEEN 0 AND 200", name="kept"),
    )


class PoolDay(Base):
    """What is free of a pool on a day, in 48 half-hour cells (cell 0 is 0:00 JST).

    ``wanted`` is what patterns and single days ask for; ``capacity`` is never below what is taken,
    so ``capacity > wanted`` means short. ``free`` is what anybody may take, ``kept`` what stands
    beside it for referred families: ``capacity = taken + free + kept``. ``closed`` cells take no
    new bookings and leave both alone.
    """

    __tablename__ = "pool_days"

    pool_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pools.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    wanted: Mapped[list[int]]
    capacity: Mapped[list[int]]
    free: Mapped[list[int]]
    kept: Mapped[list[int]] = mapped_column(
        server_default=text("array_fill(0::smallint, ARRAY[48])")
    )
    closed: Mapped[list[bool]] = mapped_column(ARRAY(Boolean))
    closed_reason: Mapped[str | None]

    __table_args__ = (
        CheckConstraint(_CELLS.format("free"), name="free"),
        CheckConstraint(_CELLS.format("kept"), name="kept"),
        CheckConstraint(
            "cardinality(capacity) = 48 AND array_position(capacity, NULL) IS NULL"
            " AND cardinality(wanted) = 48 AND cardinality(closed) = 48",
            name="capacity",
        ),
        Index("ix_pool_days_facility_id", "facility_id", "day"),
    )


class DutyPattern(Base):
    """Staff on duty for temporary care by half hour on a weekday (0 is Monday). For advice only."""

    __tablename__ = "duty_patterns"

    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    weekday: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    on_duty: Mapped[list[int]]

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(_CELLS.format("on_duty"), name="on_duty"),
    )


class DutyOverride(Base):
    """Staff on duty on a single day; replaces the weekday's pattern as a whole."""

    __tablename__ = "duty_overrides"

    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    on_duty: Mapped[list[int]]

    __table_args__ = (CheckConstraint(_CELLS.format("on_duty"), name="on_duty"),)
