"""Reads about contacts. Of other bodies' contacts only moments come out of the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, any_, false, func, select, text, true
from sqlalchemy.orm import Session

from portal.consents.rules import ContactTime
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, ContactPolicy, Wishes, strictest
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation

_ADVANCES = text("SELECT advances_to_family(:family, :since)")
_WISHES = text("SELECT * FROM wishes_of_family(:family) LIMIT 1")
_SETTINGS = text("SELECT contact_settings_of_family(:family)")
_IS_OPEN = text("SELECT contact_is_open(:referral)")


def visible(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: contacts of the actor's own family, or made by her own body."""
    if actor.family_id is not None:
        return Contact.family_id == any_(func.records_of_my_family())
    if actor.organisation_id is None:
        return false()
    return Contact.organisation_id == actor.organisation_id


def policy_of(session: Session, family_id: uuid.UUID) -> ContactPolicy:
    """Return how often the family may be contacted: what all its municipalities have set."""
    found = session.execute(_SETTINGS, {"family": family_id}).scalars()
    return strictest(ContactPolicy.of(settings) for settings in found)


def earlier_advances(session: Session, family_id: uuid.UUID, since: datetime) -> list[datetime]:
    """Return when anybody contacted the family of its own accord, by whatever way."""
    found = session.execute(_ADVANCES, {"family": family_id, "since": since})
    return list(found.scalars())


def wishes(session: Session, family_id: uuid.UUID) -> Wishes:
    """Return what the family wishes now: what it said last, to whomever."""
    row = session.execute(_WISHES, {"family": family_id}).one_or_none()
    if row is None:
        return Wishes()
    return Wishes(
        channels=frozenset(map(ContactChannel, row.channels)),
        not_before=row.not_before,
        stops=row.stops,
        times=frozenset(map(ContactTime, row.times)),
    )


def is_open(session: Session, referral_id: uuid.UUID) -> bool:
    """Say whether a referral's family still agrees to being contacted about it."""
    return bool(session.execute(_IS_OPEN, {"referral": referral_id}).scalar())


def contact(
    session: Session, contact_id: uuid.UUID, *, actor: Actor, lock: bool = False
) -> Contact:
    """Return a contact.

    Args:
        lock: Hold it until the transaction ends, as it is now.

    Raises:
        NoResultFound: none that this actor may see.
    """
    wanted = select(Contact).where(Contact.id == contact_id, visible(actor))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(wanted).one()


def of_family(
    session: Session, family_id: uuid.UUID, *, actor: Actor, limit: int = 50
) -> Sequence[Contact]:
    """Return the contacts with a family that the actor may see, the newest first."""
    of = true() if actor.family_id == family_id else Contact.family_id == family_id
    return session.scalars(
        select(Contact)
        .where(of, visible(actor))
        .order_by(Contact.at.desc(), Contact.id)
        .limit(limit)
    ).all()


def bodies(session: Session, contacts: Sequence[Contact]) -> dict[uuid.UUID, str]:
    """Return the names of the bodies that made contacts. Names of bodies are public."""
    wanted = {each.organisation_id for each in contacts if each.organisation_id is not None}
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}
