"""Contacts and wishes as stored. Of other bodies' rows functions answer moments alone."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from portal.contacts.rules import ContactChannel, Nature
from portal.db.base import Base
from portal.db.sealed import SealedText


class Contact(Base):
    """One contact, or one try. ``message_id`` is the mail it was; ``case_id`` a case it was for."""

    __tablename__ = "contacts"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    #: None where the portal wrote by itself.
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    nature: Mapped[Nature]
    channel: Mapped[ContactChannel]
    about: Mapped[str]
    result: Mapped[str | None]
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    referral_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("referrals.id"))
    case_id: Mapped[uuid.UUID | None]
    message_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    words = SealedText()

    __table_args__ = (
        CheckConstraint("length(about) <= 40", name="about"),
        CheckConstraint("length(result) <= 40", name="result"),
        UniqueConstraint("message_id", name="uq_contacts_message_id"),
        Index("ix_contacts_family_id", "family_id", "at"),
        Index("ix_contacts_organisation_id", "organisation_id", "at"),
    )


class ContactWish(Base):
    """How a family wishes to be contacted, as it stood from ``set_at`` until ``ended_at``."""

    __tablename__ = "contact_wishes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    #: The body that wrote it down; none where the family did.
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    channels: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    times: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    not_before: Mapped[date | None]
    stops: Mapped[bool] = mapped_column(server_default=text("false"))
    set_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    set_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_contact_wishes_live",
            "family_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
