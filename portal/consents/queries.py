"""Reads of consents, each scoped by who acts; row-level security asks again behind it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from portal.consents.models import Consent
from portal.families.queries import visible as family_visible
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.organisations.models import Organisation


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: the actor's own family's, or towards or through her own body."""
    if actor.family_id is not None:
        return Consent.family_id == actor.family_id
    if actor.organisation_id is None:
        return false()
    return and_(
        family_visible(Consent.family_id, actor),
        or_(
            Consent.receiver_id == actor.organisation_id,
            Consent.organisation_id == actor.organisation_id,
        ),
    )


def in_force(
    session: Session,
    family_id: uuid.UUID,
    purpose: str,
    receiver_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> Consent | None:
    """Return the consent that holds now, or ``None``: then nothing may be passed on.

    Read anew at each asking: a withdrawal takes effect with its commit.
    """
    return session.scalars(
        select(Consent)
        .where(
            Consent.family_id == family_id,
            Consent.purpose == purpose,
            Consent.receiver_id == receiver_id,
            Consent.given_at <= now,
            Consent.withdrawn_at.is_(None),
            or_(Consent.until_on.is_(None), Consent.until_on >= today(now)),
            visible(actor),
        )
        .execution_options(populate_existing=True)
    ).one_or_none()


def consent(session: Session, consent_id: uuid.UUID, *, actor: Actor) -> Consent:
    """Return one.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(select(Consent).where(Consent.id == consent_id, visible(actor))).one()


def of_family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Consent]:
    """Return a family's consents, those that hold first, then the newest first."""
    return session.scalars(
        select(Consent)
        .where(Consent.family_id == family_id, visible(actor))
        .order_by(Consent.withdrawn_at.is_not(None), Consent.given_at.desc(), Consent.id)
    ).all()


def receivers(
    session: Session, consents: Sequence[Consent], *, actor: Actor
) -> dict[uuid.UUID, str]:
    """Return the names of the bodies that consents speak of."""
    del actor  # names of bodies are public
    wanted = {each.receiver_id for each in consents}
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}
