"""Families as stored. Names are kept as their owners wrote them; ``search_key`` serves search."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base
from portal.db.sealed import SealedText
from portal.families.rules import EndedKind


class Family(Base):
    """A household (世帯): the unit of access, consent, contact limits.

    Rows are made by ``create_family``.
    """

    __tablename__ = "families"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: Eight digits that a family may say on the phone; says nothing about it.
    number: Mapped[str]
    basis: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    #: Links to notices that were mailed before open nothing. Deferred: no page shows it.
    links_from: Mapped[datetime] = mapped_column(server_default=text("'-infinity'"), deferred=True)
    #: When everything that says who they are was taken out; the ids stay.
    erased_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("number", name="uq_families_number"),)


class Guardian(Base):
    """保護者. ``user_id`` is set where she has an account; no mail and no account is normal."""

    __tablename__ = "guardians"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    name_kana: Mapped[str | None]
    search_key: Mapped[str]
    relation: Mapped[str]
    phone: Mapped[str | None]
    phone_digits: Mapped[str | None]
    mail: Mapped[str | None]
    #: When ``mail`` was refused for good; a new address has not failed yet. Kept by the delivery.
    mail_failed_at: Mapped[datetime | None] = mapped_column(server_default=text("NULL"))
    address: Mapped[str | None]
    #: In which language her letters are, where she has no account to say it; none: Japanese.
    language: Mapped[str | None] = mapped_column(server_default=text("NULL"))
    is_primary: Mapped[bool] = mapped_column(server_default=text("false"))
    #: What was set for her; a protection of another guardian withholds everything besides.
    withheld: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        UniqueConstraint("user_id", name="uq_guardians_user_id"),
        Index("ix_guardians_family_id", "family_id"),
        Index("ix_guardians_phone_digits", "phone_digits"),
    )


class Child(Base):
    """お子さん・児童, born (``born_on``, name) or expected (``due_on``).

    An expected child becomes born without losing its record, or is closed and shown no more.
    """

    __tablename__ = "children"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    name: Mapped[str | None]
    name_kana: Mapped[str | None]
    search_key: Mapped[str]
    born_on: Mapped[date | None]
    due_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    #: When the birth of an expected child was told.
    born_told_at: Mapped[datetime | None] = mapped_column(server_default=text("NULL"))
    #: The child of the same birth whose row was the expected one; its own began as a copy.
    born_with: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("children.id"), server_default=text("NULL")
    )
    #: From then on the portal speaks of it no more; lists leave it out.
    ended_at: Mapped[datetime | None] = mapped_column(server_default=text("NULL"))
    ended_kind: Mapped[EndedKind | None] = mapped_column(server_default=text("NULL"))
    #: What ran for it, by listener: to be brought back where the closing is undone.
    ended_with: Mapped[dict[str, Any] | None] = mapped_column(server_default=text("NULL"))
    #: The child of a joined record with whose closing this one was closed; see ``expected_joined``.
    ended_through: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("children.id"), server_default=text("NULL")
    )
    #: Of a child that was registered twice: the registration that goes on.
    same_as: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("children.id"), server_default=text("NULL")
    )

    family: Mapped[Family] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint("born_on IS NOT NULL OR due_on IS NOT NULL", name="born_or_expected"),
        CheckConstraint("born_on IS NULL OR name IS NOT NULL", name="born_has_name"),
        CheckConstraint("(ended_at IS NULL) = (ended_kind IS NULL)", name="ended"),
        CheckConstraint("ended_kind <> 'no_longer' OR born_on IS NULL", name="no_longer_expected"),
        Index("ix_children_family_id", "family_id"),
        CheckConstraint(
            "(same_as IS NOT NULL) = (ended_kind IS NOT DISTINCT FROM 'entered_twice')"
            " AND same_as IS DISTINCT FROM id",
            name="same_as",
        ),
        Index("ix_children_born_with", "born_with"),
        Index("ix_children_ended_through", "ended_through"),
        Index("ix_children_same_as", "same_as"),
    )


class PickupPerson(Base):
    """お迎え者: somebody besides the guardians to whom the child may be handed over."""

    __tablename__ = "pickup_persons"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    name: Mapped[str]
    relation: Mapped[str]
    phone: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    removed_at: Mapped[datetime | None]
    #: An upload, and the day on which it came; one older than three months is asked for again.
    photo_id: Mapped[uuid.UUID | None] = mapped_column(server_default=text("NULL"))
    photo_on: Mapped[date | None] = mapped_column(server_default=text("NULL"))

    __table_args__ = (Index("ix_pickup_persons_family_id", "family_id"),)


class ChildRecord(Base):
    """児童票: health and habits, encrypted. Every read leaves an audit row (``record_read``)."""

    __tablename__ = "child_records"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    child_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("children.id"))
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    allergies_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    conditions_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    habits_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    notes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: The day on which a guardian last said that all of this still holds.
    confirmed_on: Mapped[date | None]
    #: When something of it last became different; nothing that only some may read counts.
    changed_at: Mapped[datetime | None] = mapped_column(server_default=text("NULL"))
    #: The day on which the family was last asked by mail whether it still holds.
    asked_on: Mapped[date | None] = mapped_column(server_default=text("NULL"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    #: Foods and more, as the guardian wrote them; ``None``: not asked yet, empty: none.
    allergies = SealedText()
    #: Illnesses, fits, medicine.
    conditions = SealedText()
    #: Feeding, sleep, toilet, how to calm.
    habits = SealedText()
    notes = SealedText()

    __table_args__ = (UniqueConstraint("child_id", name="uq_child_records_child_id"),)


class FamilyAccess(Base):
    """Who may see a family, why, from when until when. Made by functions of the database alone."""

    __tablename__ = "family_access"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    child_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("children.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    scope: Mapped[str]
    basis: Mapped[str]
    granted_by: Mapped[uuid.UUID | None]
    from_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    until_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_family_access_live",
            "family_id",
            "organisation_id",
            "scope",
            unique=True,
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_family_access_family_id", "family_id", "organisation_id"),
        Index("ix_family_access_organisation_id", "organisation_id"),
    )


class SupportAccess(Base):
    """Which supporting body has met this family. Made by a function of the database alone."""

    __tablename__ = "support_access"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    basis: Mapped[str]
    granted_by: Mapped[uuid.UUID | None]
    from_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    until_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_support_access_live",
            "family_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("until_at IS NULL"),
        ),
        Index("ix_support_access_organisation_id", "organisation_id"),
    )


class Protection(Base):
    """住所などを知らせない扱い of one guardian towards the others, or her asking for it.

    Rows are written by functions of the database alone. It holds until ``ended_at``, whatever
    ``until_on`` says: that is the last day of what was shown, of which staff are reminded.
    """

    __tablename__ = "protections"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    guardian_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guardians.id"))
    #: Guardians from whom nothing is hidden all the same (a grandmother in the household).
    except_for: Mapped[list[uuid.UUID]] = mapped_column(
        ARRAY(UUID(as_uuid=True)), server_default=text("'{}'")
    )
    requested_at: Mapped[datetime | None]
    shown: Mapped[str | None]
    shown_on: Mapped[date | None]
    until_on: Mapped[date | None]
    organisation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    set_by: Mapped[uuid.UUID | None]
    set_at: Mapped[datetime | None]
    #: The app may not select it: ``protections.reveal_address`` answers it and leaves a trace.
    address: Mapped[str | None] = mapped_column(deferred=True)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[uuid.UUID | None]
    end_reason: Mapped[str | None]

    __table_args__ = (
        Index(
            "uq_protections_live",
            "family_id",
            unique=True,
            postgresql_where=text("set_at IS NOT NULL AND ended_at IS NULL"),
        ),
        Index(
            "uq_protections_request",
            "guardian_id",
            unique=True,
            postgresql_where=text("set_at IS NULL AND ended_at IS NULL"),
        ),
        Index("ix_protections_guardian_id", "guardian_id"),
    )


class GuardianCode(Base):
    """A code with which a guardian without account comes to hers; its hash is not the app's."""

    __tablename__ = "guardian_codes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    family_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("families.id"))
    guardian_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("guardians.id"))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_by: Mapped[uuid.UUID | None]
    organisation_id: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime]
    wrong_dates: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"), deferred=True)
    ended_at: Mapped[datetime | None]
    used_by: Mapped[uuid.UUID | None]

    __table_args__ = (
        UniqueConstraint("code_hash", name="uq_guardian_codes_code_hash"),
        Index(
            "uq_guardian_codes_live",
            "guardian_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
