"""Bookings as stored. Rows are written by ``take_places`` and ``release_places`` alone."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bookings.rules import BookingState, UsePurpose
from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.facilities.models import Facility, Programme
from portal.families.models import Child
from portal.kernel.channel import Channel
from portal.slots.places import ONE_PLACE_AT_A_TIME, ONE_TRIAL_AHEAD


class Booking(Base):
    """One child's place on one day.

    ``group_id`` joins what was booked as one unit (brothers and sisters). ``from_cell`` and
    ``to_cell`` are the half-hour cells taken, half-open. Whole yen. ``sequence`` rises with time,
    place or state: it is the calendar entry's SEQUENCE. A booking is never deleted: the reports and
    the no-show history need it.
    """

    __tablename__ = "bookings"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID]
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    programme_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("programmes.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    state: Mapped[BookingState]
    purpose: Mapped[UsePurpose]
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    from_cell: Mapped[int] = mapped_column(SmallInteger)
    to_cell: Mapped[int] = mapped_column(SmallInteger)
    pool_ids: Mapped[list[uuid.UUID]] = mapped_column(ARRAY(UUID(as_uuid=True)))
    rulebook_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("rulebooks.id"))
    class_age: Mapped[int] = mapped_column(SmallInteger)
    fee_yen: Mapped[int]
    fee_lines: Mapped[list[Any]] = mapped_column(JSONB, server_default=text("'[]'"))
    #: Until then cancelling is free; ``None`` where the rules know no limit.
    cancel_until: Mapped[datetime | None]
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    pickup_person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pickup_persons.id"))
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: Which part of trial care it is; ``None`` for every other stay.
    trial_part: Mapped[int | None] = mapped_column(SmallInteger)
    guardian_stays: Mapped[bool] = mapped_column(server_default=text("false"))
    #: The referral that it was made for, where it was: its origin.
    referral_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referrals.id"))
    #: Why it went first, where it did; who may read that, docs/support-needs.md says.
    priority_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("priorities.id"))
    #: The type and reason of use as its rules name them, where they name their own.
    use_type: Mapped[str | None]
    use_reason: Mapped[str | None]
    counts_toward_caps: Mapped[bool] = mapped_column(server_default=text("true"))
    overruled: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    sequence: Mapped[int] = mapped_column(server_default=text("0"))
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[uuid.UUID | None]
    cancel_reason: Mapped[str | None]
    cancel_fee_yen: Mapped[int | None]

    #: What the guardian wants the facility to know on the day.
    note = SealedText()

    # Loaded only where a query says so; a forgotten join fails loudly instead of as N+1.
    child: Mapped[Child] = relationship(lazy="raise")
    facility: Mapped[Facility] = relationship(lazy="raise")
    programme: Mapped[Programme] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint("fee_yen >= 0", name="fee_yen"),
        CheckConstraint("0 <= from_cell AND from_cell < to_cell AND to_cell <= 48", name="cells"),
        CheckConstraint("class_age BETWEEN 0 AND 5", name="class_age"),
        CheckConstraint("trial_part BETWEEN 1 AND 10", name="trial_part"),
        ExcludeConstraint(
            ("child_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            where=text("state IN ('confirmed', 'attended')"),
            using="gist",
            name=ONE_PLACE_AT_A_TIME,
        ),
        CheckConstraint("length(use_type) BETWEEN 1 AND 40", name="use_type"),
        CheckConstraint("length(use_reason) BETWEEN 1 AND 40", name="use_reason"),
        Index("ix_bookings_child_day", "child_id", "day"),
        Index("ix_bookings_facility_day", "facility_id", "day"),
        Index("ix_bookings_organisation_id", "organisation_id", "day"),
        Index("ix_bookings_family_id", "family_id", "day"),
        Index("ix_bookings_group_id", "group_id"),
        Index("ix_bookings_day_confirmed", "day", postgresql_where=text("state = 'confirmed'")),
        Index(
            "ix_bookings_day_awaited",
            "day",
            postgresql_where=text("state IN ('confirmed', 'no_show')"),
        ),
        Index("ix_bookings_day_confirmed", "day", postgresql_where=text("state = 'confirmed'")),
        Index(
            ONE_TRIAL_AHEAD,
            "child_id",
            "facility_id",
            unique=True,
            postgresql_where=text("trial_part IS NOT NULL AND state = 'confirmed'"),
        ),
        Index(
            "ix_bookings_referral_id",
            "referral_id",
            postgresql_where=text("referral_id IS NOT NULL"),
        ),
        Index(
            "ix_bookings_priority_id",
            "priority_id",
            postgresql_where=text("priority_id IS NOT NULL"),
        ),
        Index(
            "ix_bookings_trials",
            "child_id",
            "facility_id",
            postgresql_where=text("trial_part IS NOT NULL"),
        ),
    )
