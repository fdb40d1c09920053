"""Bodies as stored, and the providers that somebody looks after."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.organisations.limits import CaseLimits, shortest
from portal.organisations.models import Organisation, SettingChange
from portal.organisations.rules import SUPPORTING, OrganisationKind


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


def municipality_of(session: Session, actor: Actor) -> Organisation | None:
    """Return the municipality that the actor works for, or that her body belongs to."""
    own = session.get(Organisation, actor.organisation_id)
    if own is None or own.kind is OrganisationKind.MUNICIPALITY:
        return own
    return session.get(Organisation, own.municipality_id) if own.municipality_id else None


def bodies_of(session: Session, municipality_id: uuid.UUID) -> Sequence[Organisation]:
    """Return the bodies that belong to a municipality, by kind and name. Their names are public."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.municipality_id == municipality_id)
        .order_by(Organisation.kind, Organisation.name, Organisation.id)
    ).all()


def body(session: Session, body_id: uuid.UUID) -> Organisation:
    """Return a supporting body.

    Raises:
        NoResultFound: none such.
    """
    return session.scalars(
        select(Organisation).where(Organisation.id == body_id, Organisation.kind.in_(SUPPORTING))
    ).one()


def supporting_bodies(session: Session) -> Sequence[Organisation]:
    """Return every supporting body by kind and name, with or without a municipality."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind.in_(SUPPORTING))
        .order_by(Organisation.kind, Organisation.name, Organisation.id)
    ).all()


def neighbours(session: Session, actor: Actor) -> list[Organisation]:
    """Return the other supporting bodies of the actor's municipality, itself among them."""
    city = municipality_of(session, actor)
    if city is None:
        return []
    supporting = [each for each in bodies_of(session, city.id) if each.kind in SUPPORTING]
    return [each for each in (city, *supporting) if each.id != actor.organisation_id]


def setting_changes(
    session: Session, municipality_id: uuid.UUID, *, actor: Actor, limit: int = 20
) -> Sequence[SettingChange]:
    """Return how a municipality's settings changed, the newest first; for itself alone."""
    del actor  # the database takes her from the signed value
    return session.scalars(
        select(SettingChange)
        .where(SettingChange.organisation_id == municipality_id)
        .order_by(SettingChange.changed_at.desc(), SettingChange.id)
        .limit(limit)
    ).all()


def case_limits_of(session: Session, bodies: Iterable[uuid.UUID | None]) -> CaseLimits:
    """Return the time limits of cases among these bodies: the shortest of their municipalities.

    Args:
        bodies: Ids of bodies of any kind, municipalities among them; ``None`` says nothing.
    """
    wanted = [each for each in bodies if each is not None]
    belongs_to = select(
        func.coalesce(Organisation.municipality_id, Organisation.opened_by, Organisation.id)
    ).where(Organisation.id.in_(wanted))
    found = session.scalars(
        select(Organisation.settings).where(
            Organisation.id.in_(belongs_to),
            Organisation.kind == OrganisationKind.MUNICIPALITY,
            Organisation.settings.has_key("cases"),
        )
    )
    return shortest(CaseLimits.of(settings) for settings in found)
