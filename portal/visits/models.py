"""Sessions and visits as stored."""

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
from portal.db.sealed import SealedText
from portal.facilities.models import Facility
from portal.kernel.channel import Channel
from portal.visits.rules import (
    ChildrenCome,
    News,
    Outcome,
    Place,
    SessionFacts,
    Until,
    VisitKind,
    VisitState,
    moment_until,
)


class VisitSession(Base):
    """A dated session of a facility. ``seats`` and ``taken`` count families.

    ``taken`` is counted by the database alone. ``online_url`` is never read with the row: who may
    have it is asked of ``visit_link``. ``series_id`` is shared by those made as one plan.
    """

    __tablename__ = "visit_sessions"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    facility_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("facilities.id"))
    series_id: Mapped[uuid.UUID | None]
    kind: Mapped[VisitKind]
    day: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    seats: Mapped[int] = mapped_column(SmallInteger)
    taken: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    place: Mapped[Place]
    place_words: Mapped[str | None]
    online_url: Mapped[str | None] = mapped_column(deferred=True, deferred_raiseload=True)
    children_come: Mapped[ChildrenCome]
    takes_unregistered: Mapped[bool]
    takes_expecting: Mapped[bool]
    is_public: Mapped[bool]
    bring: Mapped[str] = mapped_column(default="", server_default=text("''"))
    words: Mapped[str] = mapped_column(default="", server_default=text("''"))
    book_by: Mapped[Until]
    cancel_by: Mapped[Until]
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[uuid.UUID | None]
    cancel_words: Mapped[str | None]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    sequence: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))

    facility: Mapped[Facility] = relationship(lazy="raise")

    __table_args__ = (
        UniqueConstraint(
            "id", "organisation_id", "facility_id", name="uq_visit_sessions_of_facility"
        ),
        CheckConstraint("taken BETWEEN 0 AND seats", name="taken"),
        CheckConstraint(
            "starts_at < ends_at AND ends_at <= starts_at + interval '8 hours'", name="times"
        ),
        CheckConstraint(
            "kind <> 'tour' OR takes_unregistered AND takes_expecting", name="tour_is_open"
        ),
        CheckConstraint("online_url IS NULL OR place = 'online'", name="link"),
        CheckConstraint("place <> 'elsewhere' OR place_words IS NOT NULL", name="elsewhere"),
        Index("ix_visit_sessions_facility_id", "facility_id", "day"),
        Index("ix_visit_sessions_series_id", "series_id", "starts_at"),
    )

    @property
    def facts(self) -> SessionFacts:
        """The session as rules judge it."""
        return SessionFacts(
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            seats=self.seats,
            taken=self.taken,
            is_cancelled=self.cancelled_at is not None,
            children_come=self.children_come,
            takes_unregistered=self.takes_unregistered,
            takes_expecting=self.takes_expecting,
            book_by=self.book_by,
            cancel_by=self.cancel_by,
        )

    @property
    def free(self) -> int:
        """Free seats, in families."""
        return self.facts.free

    @property
    def is_group(self) -> bool:
        """Whether several families come together."""
        return self.seats > 1

    @property
    def books_until(self) -> datetime:
        """From this moment on nobody books over the web."""
        return moment_until(self.book_by, self.starts_at)

    @property
    def cancels_until(self) -> datetime:
        """From this moment on nobody cancels over the web."""
        return moment_until(self.cancel_by, self.starts_at)

    @property
    def minutes(self) -> int:
        """Its length in minutes."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


class Visit(Base):
    """A family at a session: one seat, whoever comes. Notes are encrypted.

    ``news`` is what the family has to be told by phone or mail; ``told_at`` that staff told it.
    """

    __tablename__ = "visits"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    session_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID]
    facility_id: Mapped[uuid.UUID]
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    state: Mapped[VisitState]
    child_ids: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    adults: Mapped[int] = mapped_column(SmallInteger)
    note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    channel: Mapped[Channel]
    received_at: Mapped[datetime]
    booked_at: Mapped[datetime]
    booked_by: Mapped[uuid.UUID | None]
    changed_at: Mapped[datetime]
    #: Rises with each change of this visit alone; the session's own is added to it.
    sequence: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    cancelled_at: Mapped[datetime | None]
    cancelled_by_family: Mapped[bool | None]
    moved_to: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("visits.id"))
    outcome: Mapped[Outcome | None]
    outcome_note_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    news: Mapped[News | None]
    news_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    told_by: Mapped[uuid.UUID | None]

    note = SealedText()
    outcome_note = SealedText()

    session: Mapped[VisitSession] = relationship(lazy="raise")

    __table_args__ = (
        ForeignKeyConstraint(
            ["session_id", "organisation_id", "facility_id"],
            [
                "visit_sessions.id",
                "visit_sessions.organisation_id",
                "visit_sessions.facility_id",
            ],
            name="fk_visits_session_id",
        ),
        CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)"
            " AND (cancelled_at IS NULL) = (cancelled_by_family IS NULL)",
            name="cancelled",
        ),
        CheckConstraint("outcome IS NULL OR state = 'attended'", name="outcome_of_attended"),
        CheckConstraint("told_at IS NULL OR news_at IS NOT NULL", name="told"),
        Index(
            "uq_visits_live",
            "session_id",
            "family_id",
            unique=True,
            postgresql_where=text("state <> 'cancelled'"),
        ),
        Index("ix_visits_family_id", "family_id"),
        Index(
            "ix_visits_to_tell",
            "organisation_id",
            "news_at",
            postgresql_where=text("news_at IS NOT NULL AND told_at IS NULL"),
        ),
    )
