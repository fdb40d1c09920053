"""Reads of consents, each scoped by who acts; row-level security asks again behind it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from portal.consents.models import Consent, ConsentSignature
from portal.consents.rules import SharingPurpose
from portal.facilities.models import Facility
from portal.families.queries import visible as family_visible
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.organisations.models import Organisation


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: the actor's own family's, or towards or through her own body.

    What was agreed to in an interview shows to its receiver whether or not it knows the family yet,
    and to her who agreed also where she signs in with the record that a nursery keeps of her.
    """
    if actor.family_id is not None:
        return or_(
            Consent.family_id == actor.family_id,
            and_(Consent.purpose.in_(SharingPurpose), func.consent_is_mine(Consent.id)),
        )
    if actor.organisation_id is None:
        return false()
    is_towards = Consent.receiver_id == actor.organisation_id
    return or_(
        and_(
            family_visible(Consent.family_id, actor),
            or_(is_towards, Consent.organisation_id == actor.organisation_id),
        ),
        and_(is_towards, Consent.purpose.in_(SharingPurpose)),
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


def holds(
    session: Session,
    family_id: uuid.UUID,
    purpose: str,
    receiver_id: uuid.UUID,
    on: date,
    *,
    asked_by: uuid.UUID | None = None,
) -> Consent | None:
    """Return what a family agreed to in an interview, as far as it holds on a local day.

    Looks in every record of the family that a referral has joined; row-level security shows the
    asking body only what concerns it. Read anew at each asking.

    Args:
        asked_by: The body that took it down, where only its own counts.
    """
    wanted = select(Consent).where(
        Consent.family_id == func.any(func.records_known(family_id)),
        Consent.purpose == purpose,
        Consent.receiver_id == receiver_id,
        Consent.withdrawn_at.is_(None),
        or_(Consent.until_on.is_(None), Consent.until_on >= on),
    )
    if asked_by is not None:
        wanted = wanted.where(Consent.organisation_id == asked_by)
    newest = wanted.order_by(
        (Consent.family_id == family_id).desc(), Consent.given_at.desc(), Consent.id
    )
    return session.scalars(newest.limit(1).execution_options(populate_existing=True)).one_or_none()


def withdrawn_towards(
    session: Session, since: datetime, *, actor: Actor
) -> Sequence[tuple[Consent, str]]:
    """Return what was taken back that the actor's body had received, with who asked for it."""
    return [
        (row, name)
        for row, name in session.execute(
            select(Consent, Organisation.name)
            .join(Organisation, Organisation.id == Consent.organisation_id)
            .where(
                Consent.receiver_id == actor.organisation_id,
                Consent.purpose.in_(SharingPurpose),
                Consent.withdrawn_at >= since,
            )
            .order_by(Consent.withdrawn_at.desc(), Consent.id)
        )
    ]


def signature(session: Session, consent_id: uuid.UUID, *, actor: Actor) -> str | None:
    """Return the name written on the tablet; none for another form, or for other eyes."""
    del actor  # the family and the body that asked, by row-level security
    row = session.scalars(
        select(ConsentSignature).where(ConsentSignature.consent_id == consent_id)
    ).one_or_none()
    return None if row is None else row.name


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


def in_other_records(session: Session, *, actor: Actor) -> Sequence[Consent]:
    """Return what the acting guardian agreed to under a record that a referral joins with hers."""
    if actor.family_id is None:
        return ()
    return session.scalars(
        select(Consent)
        .where(Consent.family_id != actor.family_id, visible(actor))
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


def nurseries_named(session: Session, consents: Sequence[Consent]) -> dict[uuid.UUID, list[str]]:
    """Return, by consent, the nurseries of the receiver that its very words name.

    A family knows the nursery, often not who runs it.
    """
    wanted = {each.receiver_id for each in consents}
    rows = session.execute(
        select(Facility.organisation_id, Facility.name)
        .where(Facility.organisation_id.in_(wanted), Facility.published_at.is_not(None))
        .order_by(Facility.name)
    ).all()
    return {
        each.id: [
            row.name
            for row in rows
            if row.organisation_id == each.receiver_id and row.name in each.wording
        ]
        for each in consents
    }
