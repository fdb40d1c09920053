"""Is the family that was referred known here already? And if not: register it as it was told."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.families.queries import FamilySummary, families_with_phone, search_families
from portal.families.rules import ChildDetails, GuardianDetails, phone_digits
from portal.families.service import register_family
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.referrals.models import Referral
from portal.referrals.passed_on import opened
from portal.referrals.queries import items
from portal.referrals.rules import ReferralRefusal
from portal.web.last_search import kept


def client_candidates(
    session: Session, row: Referral, search: str, *, actor: Actor
) -> list[FamilySummary]:
    """Return families that could be the one referred: those found by words, else by its phone.

    To read its phone leaves a trace; the caller commits.
    """
    words = kept(search)
    if words:
        return search_families(session, words, actor=actor)
    person = opened(items(session, row, actor=actor), row.child_ids).person
    digits = phone_digits(person.phone) if person and person.phone else None
    return families_with_phone(session, digits, actor=actor) if digits else []


def register_client(session: Session, row: Referral, *, actor: Actor, now: datetime) -> uuid.UUID:
    """Register the family as the referral tells of it, open to the actor's provider alone.

    Raises:
        Refusal: what it tells cannot be read any more, or is not enough.
    """
    told = opened(items(session, row, actor=actor), row.child_ids)
    if told.person is None:
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    guardian = GuardianDetails(
        told.person.name,
        told.person.relation,
        told.person.name_kana,
        told.person.phone,
        told.person.mail,
        told.address,
    )
    children = tuple(
        ChildDetails(each.name, each.name_kana, each.born_on, each.due_on, is_another=True)
        for each in told.children
        if each.born_on is None or each.name
    )
    return register_family(
        session,
        guardian,
        children,
        actor=actor,
        now=now,
        channel=Channel.COUNTER,
        received_at=row.sent_at,
    ).family_id
