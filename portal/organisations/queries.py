"""Bodies as stored, and the providers that somebody looks after."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider as its municipality or the operator sees it. The moment is aware (UTC)."""

    id: uuid.UUID
    name: str
    phone: str | None
    created_at: datetime
    directors: int
    facilities: int
    #: Whether the actor took it in, and so invites its first director.
    opened_here: bool


def providers_overseen(session: Session, actor: Actor) -> list[Provider]:
    """Return the providers the actor took in or has facilities of, by name; all for an operator."""
    del actor  # the database takes her from the signed value
    return [
        Provider(
            row.id,
            row.name,
            row.phone,
            row.created_at,
            row.directors,
            row.facilities,
            row.opened_here,
        )
        for row in session.execute(text("SELECT * FROM providers_overseen()"))
    ]


def provider_overseen(session: Session, actor: Actor, provider_id: uuid.UUID) -> Provider:
    """Return one of them.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none such that the actor looks after.
    """
    for found in providers_overseen(session, actor):
        if found.id == provider_id:
            return found
    raise NoResultFound


def provider_called(session: Session, name: str, actor: Actor) -> uuid.UUID | None:
    """Return the provider of that name. Names of bodies are public."""
    del actor
    return session.scalars(
        select(Organisation.id)
        .where(Organisation.kind == OrganisationKind.PROVIDER, Organisation.name == name)
        .limit(1)
    ).one_or_none()


def municipalities(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Return the municipalities by name. Names of bodies are public."""
    del actor
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY)
        .order_by(Organisation.name, Organisation.id)
    ).all()
