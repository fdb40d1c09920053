"""Requests about one's own data, as stored."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.datarequests.rules import RequestKind, RequestState, RequestTopic
from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.kernel.channel import Channel
from portal.organisations.models import Organisation


class DataRequest(Base):
    """A family asks one provider for a correction, or for its part in an erasure.

    ``group_id`` joins the requests of one erasure, one a provider. ``due_on`` is a local day.
    """

    __tablename__ = "data_requests"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    group_id: Mapped[uuid.UUID]
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[RequestKind]
    topic: Mapped[RequestTopic]
    state: Mapped[RequestState]
    channel: Mapped[Channel]
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    answer_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_by: Mapped[uuid.UUID | None]
    received_at: Mapped[datetime]
    due_on: Mapped[date]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]

    #: What is wrong and how it should be; why everything should go.
    text = SealedText()
    answer = SealedText()

    organisation: Mapped[Organisation] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(kind = 'erasure') = (topic = 'everything')", name="everything"),
        Index(
            "uq_data_requests_erasure",
            "family_id",
            "organisation_id",
            unique=True,
            postgresql_where=sql("kind = 'erasure' AND state = 'open'"),
        ),
        Index("ix_data_requests_family_id", "family_id", "received_at"),
        Index("ix_data_requests_organisation_id", "organisation_id", "state"),
    )
