"""Accounts as the app may see them.

Password hash and second factor stay behind the gate functions of migration 0002: the app role has
no right to those columns, so they are deferred and loading them raises.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import Base
from portal.kernel.actor import Role
from portal.organisations.models import Organisation


class User(Base):
    """A person who can sign in. Which family or body she acts for is said elsewhere."""

    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    mail: Mapped[str]
    mail_key: Mapped[str]
    mail_failed_at: Mapped[datetime | None]
    name: Mapped[str]
    locale: Mapped[str] = mapped_column(server_default=text("'ja'"))
    password_hash: Mapped[str] = mapped_column(deferred=True, deferred_raiseload=True)
    password_changed_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    totp_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, deferred_raiseload=True
    )
    #: Waits for its first right code, beside the one still in use.
    totp_next_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, deferred=True, deferred_raiseload=True
    )
    totp_confirmed_at: Mapped[datetime | None]
    totp_last_step: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), deferred=True, deferred_raiseload=True
    )
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (UniqueConstraint("mail_key", name="uq_users_mail_key"),)


class Membership(Base):
    """That a user works for a body, in one role. Ended, never deleted."""

    __tablename__ = "memberships"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    role: Mapped[Role]
    #: Of staff: whether she may read why a family is supported. A director always may.
    knows_support: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "uq_memberships_live",
            "user_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_memberships_organisation_id", "organisation_id"),
    )
