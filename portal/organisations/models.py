"""Organisations as stored. Readable by everyone: nothing about people stands here."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base
from portal.organisations.rules import OrganisationKind


class Organisation(Base):
    """A body; controller of its own data. ``settings`` holds what a municipality decides."""

    __tablename__ = "organisations"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[OrganisationKind]
    name: Mapped[str]
    phone: Mapped[str | None]
    fax: Mapped[str | None]
    mail: Mapped[str | None]
    municipality_code: Mapped[str | None]
    #: The municipality that took this provider in; none for those the operator entered.
    opened_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    #: The municipality that a center, an office or a support centre belongs to.
    municipality_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (
        Index(
            "uq_organisations_municipality_code",
            "municipality_code",
            unique=True,
            postgresql_where=text("kind = 'municipality'"),
        ),
    )


class SettingChange(Base):
    """What a municipality's settings were before a change, and became."""

    __tablename__ = "setting_changes"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    changed_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime]
    was: Mapped[dict[str, Any]]
    becomes: Mapped[dict[str, Any]]

    __table_args__ = (Index("ix_setting_changes_organisation_id", "organisation_id", "changed_at"),)
