"""Letters as stored: from the first printing on."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.letters.rules import Way


class Letter(Base):
    """A mail on paper, for one guardian. Its words stay as they were first printed.

    ``message_id`` is the mail's row in the outbox, which is cleared away before the letter is.
    ``passed_on``: the local day on which it was handed over, posted, sent by FAX or told.
    """

    __tablename__ = "letters"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: Counted by the database; stands on the paper.
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    message_id: Mapped[uuid.UUID]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    guardian_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guardians.id"))
    facility_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("facilities.id"))
    kind: Mapped[str]
    text_sealed: Mapped[bytes]
    made_at: Mapped[datetime]
    made_by: Mapped[uuid.UUID | None]
    way: Mapped[Way | None]
    passed_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[uuid.UUID | None]

    #: Subject, an empty line, body.
    text = SealedText()

    __table_args__ = (
        UniqueConstraint("number", name="uq_letters_number"),
        UniqueConstraint("message_id", "guardian_id", name="uq_letters_message_id"),
        CheckConstraint(
            "(way IS NULL) = (closed_at IS NULL) AND (way IS NULL) = (passed_on IS NULL)",
            name="closed",
        ),
        Index("ix_letters_organisation_id", "organisation_id", "closed_at"),
        Index("ix_letters_family_id", "family_id"),
    )

    @property
    def subject(self) -> str:
        """What it is about."""
        return (self.text or "").partition("\n\n")[0]

    @property
    def body(self) -> str:
        """What it says."""
        return (self.text or "").partition("\n\n")[2]
