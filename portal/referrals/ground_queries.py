"""Reads of decisions to pass on without consent: the deciding body's own alone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, or_, select, text
from sqlalchemy.orm import Session

from portal.facilities.models import Holiday
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.referrals.models import LegalBasis

_HOLDS = text("SELECT ground_holds(:ground)")


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and the name of the body it speaks of."""

    row: LegalBasis
    receiver: str

    @property
    def waits_for_release(self) -> bool:
        """Whether nothing goes out before a second person has released it."""
        return self.row.released_at is None and not self.row.is_urgent and not self.row.ended_at

    @property
    def waits_for_review(self) -> bool:
        """Whether one person decided in urgency, and a second has not looked at it yet."""
        return self.row.is_urgent and self.row.reviewed_at is None and not self.row.ended_at


def decision(session: Session, ground_id: uuid.UUID, *, actor: Actor) -> LegalBasis:
    """Return one, as it is now.

    Raises:
        NoResultFound: none of the actor's body.
    """
    return session.scalars(
        select(LegalBasis)
        .where(LegalBasis.id == ground_id, LegalBasis.organisation_id == actor.organisation_id)
        .execution_options(populate_existing=True)
    ).one()


def locked(session: Session, ground_id: uuid.UUID, *, actor: Actor) -> LegalBasis:
    """Return one held until the transaction ends, so that two do not answer at once.

    Raises:
        NoResultFound: none of the actor's body.
    """
    return session.scalars(
        select(LegalBasis)
        .where(LegalBasis.id == ground_id, LegalBasis.organisation_id == actor.organisation_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def towards(
    session: Session, family_id: uuid.UUID, receiver_id: uuid.UUID, *, actor: Actor
) -> tuple[LegalBasis | None, bool]:
    """Return the latest decision towards a receiver that nobody ended, and whether it holds."""
    row = session.scalars(
        select(LegalBasis)
        .where(
            LegalBasis.organisation_id == actor.organisation_id,
            LegalBasis.family_id == family_id,
            LegalBasis.receiver_id == receiver_id,
            LegalBasis.ended_at.is_(None),
        )
        .order_by(LegalBasis.decided_at.desc(), LegalBasis.id)
        .limit(1)
    ).one_or_none()
    return row, row is not None and bool(session.scalar(_HOLDS, {"ground": row.id}))


def waiting(session: Session, *, actor: Actor) -> Sequence[Decided]:
    """Return what waits for a second person: reviews by their day first, then releases."""
    rows = session.execute(
        select(LegalBasis, Organisation.name)
        .join(Organisation, Organisation.id == LegalBasis.receiver_id)
        .where(
            LegalBasis.organisation_id == actor.organisation_id,
            LegalBasis.ended_at.is_(None),
            or_(
                and_(LegalBasis.is_urgent, LegalBasis.reviewed_at.is_(None)),
                and_(~LegalBasis.is_urgent, LegalBasis.released_at.is_(None)),
            ),
        )
        .order_by(LegalBasis.review_due_on.asc().nulls_last(), LegalBasis.decided_at)
    )
    return [Decided(row, name) for row, name in rows]


def answered(session: Session, *, actor: Actor, most: int = 50) -> Sequence[Decided]:
    """Return the latest that wait for nobody."""
    rows = session.execute(
        select(LegalBasis, Organisation.name)
        .join(Organisation, Organisation.id == LegalBasis.receiver_id)
        .where(
            LegalBasis.organisation_id == actor.organisation_id,
            or_(
                LegalBasis.ended_at.is_not(None),
                LegalBasis.reviewed_at.is_not(None),
                LegalBasis.released_at.is_not(None),
            ),
        )
        .order_by(LegalBasis.decided_at.desc(), LegalBasis.id)
        .limit(most)
    )
    return [Decided(row, name) for row, name in rows]


def holidays_after(session: Session, day: date) -> frozenset[date]:
    """Return the national holidays after a day."""
    return frozenset(session.scalars(select(Holiday.day).where(Holiday.day > day)))
