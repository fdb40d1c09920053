"""Reads of provisions: what went out of a body, what came in, and what of one family."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session, aliased

from portal.consents.models import Consent
from portal.families.models import Guardian
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.referrals.models import LegalBasis, Provision, Referral
from portal.referrals.rules import Item


@dataclass(frozen=True, slots=True)
class Provided:
    """One provision with the names of both bodies and what it rests on, as far as shown."""

    row: Provision
    provider: str
    receiver: str
    consent: Consent | None
    ground: LegalBasis | None
    #: The number of the referral by which it went: it says of whom, where no name may be shown.
    number: int | None
    #: The guardian, as long as the reader may see her.
    person: str | None

    @property
    def items(self) -> list[str]:
        """What was passed on, in the order in which it was read out: who it is about first."""
        known = [each.value for each in Item]
        return sorted(self.row.items, key=lambda each: known.index(each) if each in known else 99)


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.family_id is not None:
        return Provision.family_id == actor.family_id
    if actor.organisation_id is None:
        return false()
    return or_(
        Provision.provider_id == actor.organisation_id,
        Provision.receiver_id == actor.organisation_id,
    )


def of_family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Provided]:
    """Return what was passed on of a family, the newest first: all of it to the family itself."""
    return _found(session, Provision.family_id == family_id, _mine(actor))


def of_body(session: Session, since: datetime, *, actor: Actor) -> Sequence[Provided]:
    """Return what the actor's body passed on or received, the newest first."""
    return _found(session, Provision.provided_at >= since, _mine(actor))


def _found(session: Session, *conditions: ColumnElement[bool]) -> Sequence[Provided]:
    provider, receiver = aliased(Organisation), aliased(Organisation)
    # Who may see the guardian is said by the policies of her row; to others she has no name here.
    person = (
        select(Guardian.name)
        .where(Guardian.family_id == Provision.family_id)
        .order_by(Guardian.is_primary.desc(), Guardian.created_at)
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Provision, provider.name, receiver.name, Consent, LegalBasis, Referral.number, person
        )
        .join(provider, provider.id == Provision.provider_id)
        .join(receiver, receiver.id == Provision.receiver_id)
        .outerjoin(Consent, Consent.id == Provision.consent_id)
        .outerjoin(LegalBasis, LegalBasis.id == Provision.ground_id)
        .outerjoin(Referral, Referral.id == Provision.subject_id)
        .where(*conditions)
        .order_by(Provision.provided_at.desc(), Provision.id)
    )
    return [Provided(*row) for row in rows]
