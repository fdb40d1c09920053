"""A provider says which facility is its own; its municipality, or the operator, confirms that.

All writes go through functions of migration 0016, which check who asks. What a provider prepares
meanwhile is its own; it cannot be published before the yes.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session, joinedload

from portal.audit.service import record
from portal.facilities.models import FacilityClaim
from portal.facilities.rules import ClaimState, FacilityRefusal
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue

#: Found facilities that are shown; more are narrowed down by another word.
SHOWN = 30


@dataclass(frozen=True, slots=True)
class NewFacility:
    """A facility that stands on no list, as its director enters it."""

    name: str
    address: str
    phone: str
    name_kana: str = ""
    fax: str = ""
    municipality_id: uuid.UUID | None = None


def listed_facilities(session: Session, words: str, *, actor: Actor) -> tuple[list[Row[Any]], int]:
    """Return the facilities of the lists that hold every word, and how many there are in all.

    Words are looked for in name, reading, address, owner and phone number; full and half width are
    alike, hyphens of a phone number count for nothing. None where nothing is asked.
    """
    del actor  # the database takes her from the signed value
    wanted = [_folded(word) for word in words.split()]
    if not wanted:
        return [], 0
    rows = session.execute(
        text("SELECT * FROM listed_facilities(:words, :limit)"), {"words": wanted, "limit": SHOWN}
    ).all()
    return list(rows), rows[0].total if rows else 0


def claim_listed(
    session: Session,
    facility_id: uuid.UUID,
    *,
    instead_of: uuid.UUID | None = None,
    actor: Actor,
) -> None:
    """Say that a facility of a list is the actor's own, and ask for the confirmation.

    Args:
        instead_of: An own facility without confirmation; what was prepared for it goes along.

    Raises:
        Refusal: somebody runs it already, or ``instead_of`` has bookings.
        sqlalchemy.exc.DBAPIError: there is no such facility to choose; shown as 404.
    """
    claim_id = uuid.uuid4()
    refused = session.execute(
        text("SELECT claim_listed_facility(:claim, :facility, :earlier)"),
        {"claim": claim_id, "facility": facility_id, "earlier": instead_of},
    ).scalar_one()
    _refuse(refused)
    record(session, actor, "facility.claim_asked", facility_id, claim_id)
    _tell_deciders(session, claim_id, facility_id)


def enter_facility(session: Session, new: NewFacility, *, actor: Actor) -> uuid.UUID:
    """Add a facility that stands on no list, and ask for its confirmation; return its id."""
    claim_id, facility_id = uuid.uuid4(), uuid.uuid4()
    session.execute(
        text(
            "SELECT enter_facility(:claim, :facility, :city, :name, :kana, :address, :phone, :fax)"
        ),
        {
            "claim": claim_id,
            "facility": facility_id,
            "city": new.municipality_id,
            "name": new.name,
            "kana": new.name_kana or None,
            "address": new.address,
            "phone": new.phone or None,
            "fax": new.fax or None,
        },
    )
    record(session, actor, "facility.entered", facility_id, claim_id)
    _tell_deciders(session, claim_id, facility_id)
    return facility_id


def ask_again(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> None:
    """Ask once more after a no.

    Raises:
        Refusal: there is no answer yet, or it was yes.
    """
    claim = claim_of(session, facility_id, actor=actor)
    done = session.execute(text("SELECT ask_claim_again(:facility)"), {"facility": facility_id})
    if claim is None or not done.scalar_one():
        raise Refusal([FacilityRefusal.CLAIM_DECIDED])
    record(session, actor, "facility.claim_asked", facility_id, claim.id)
    _tell_deciders(session, claim.id, facility_id)


def decide(
    session: Session,
    claim_id: uuid.UUID,
    *,
    is_own: bool,
    answer: str,
    actor: Actor,
) -> None:
    """Confirm that a facility is the provider's, or say why not; who asked gets a mail.

    Raises:
        Refusal: no reason is given with a no; it is decided already; families have booked there.
        sqlalchemy.exc.NoResultFound: the claim is not for the actor to decide.
    """
    claim = claim_to_decide(session, claim_id, actor=actor)
    if not is_own and not answer.strip():
        raise Refusal([FacilityRefusal.REASON_MISSING])
    _refuse(
        session.execute(
            text("SELECT decide_claim(:claim, :yes, :answer, :copy)"),
            {
                "claim": claim_id,
                "yes": is_own,
                "answer": answer.strip() or None,
                "copy": uuid.uuid4(),
            },
        ).scalar_one()
    )
    record(session, actor, "facility.claim_decided", claim.facility_id, claim_id, is_own=is_own)
    if claim.asked_by is not None:
        enqueue(
            session,
            "facilities/claim_decided",
            about=[claim_id],
            to_user=claim.asked_by,
            organisation_id=claim.organisation_id,
        )


def claim_of(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> FacilityClaim | None:
    """Return the claim of an own facility; ``None`` where the operator handed it over."""
    return session.scalars(
        select(FacilityClaim)
        .where(
            FacilityClaim.facility_id == facility_id,
            FacilityClaim.organisation_id == actor.organisation_id,
        )
        .execution_options(populate_existing=True)
    ).one_or_none()


def claims_to_decide(
    session: Session, *, actor: Actor, state: ClaimState | None = ClaimState.WAITING
) -> Sequence[FacilityClaim]:
    """Return the claims that the actor decides, or has decided, the longest waiting first."""
    del actor  # row-level security leaves hers
    found = (
        select(FacilityClaim)
        .options(joinedload(FacilityClaim.facility))
        .order_by(FacilityClaim.asked_at, FacilityClaim.id)
    )
    return session.scalars(
        found if state is None else found.where(FacilityClaim.state == state)
    ).all()


def claims_answered(session: Session, *, actor: Actor) -> Sequence[FacilityClaim]:
    """Return the claims that got their answer, the newest answer first."""
    del actor  # row-level security leaves hers
    return session.scalars(
        select(FacilityClaim)
        .options(joinedload(FacilityClaim.facility))
        .where(FacilityClaim.decided_at.is_not(None))
        .order_by(FacilityClaim.decided_at.desc(), FacilityClaim.id)
    ).all()


def claim_to_decide(session: Session, claim_id: uuid.UUID, *, actor: Actor) -> FacilityClaim:
    """Return a claim with its facility.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is another municipality's.
    """
    del actor
    return session.scalars(
        select(FacilityClaim)
        .options(joinedload(FacilityClaim.facility))
        .where(FacilityClaim.id == claim_id)
        .execution_options(populate_existing=True)
    ).one()


def _tell_deciders(session: Session, claim_id: uuid.UUID, facility_id: uuid.UUID) -> None:
    deciders = session.execute(text("SELECT * FROM claim_deciders(:claim)"), {"claim": claim_id})
    for decider in deciders.all():
        enqueue(
            session,
            "facilities/claim_asked",
            about=[claim_id, facility_id],
            to_user=decider.user_id,
            organisation_id=decider.organisation_id,
        )


def _refuse(code: str | None) -> None:
    if code is not None:
        raise Refusal([FacilityRefusal(code)])


def _folded(word: str) -> str:
    """Return a word as the search compares it; a phone number without its hyphens."""
    plain = unicodedata.normalize("NFKC", word).lower()
    digits = plain.replace("-", "").replace("(", "").replace(")", "")
    return digits if digits.isdigit() else plain
