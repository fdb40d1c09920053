"""What can be done with a referral: send it, say how far it has come, recall it, pass it on.

``interviews`` writes down what comes before. Whether a referral may leave is asked here, at the
moment of sending, and once more by the database.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.consents.queries import holds
from portal.db.errors import breached_constraint
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.referrals import queries
from portal.referrals.clients import come_so_far
from portal.referrals.interviews import (
    change_interview,
    draft,
    drop_draft,
    enter_interview,
    keep_learned,
    meet_family,
)
from portal.referrals.models import LegalBasis, Referral, ReferralItem
from portal.referrals.passed_on import children_text, person_text
from portal.referrals.provisions import provide
from portal.referrals.rules import (
    OPEN,
    WAY,
    Item,
    Outcome,
    ReferralEvent,
    ReferralRefusal,
    ReferralSource,
    ReferralState,
    SharingPurpose,
    Side,
    advance,
    possible,
    reasons_against_sending,
)
from portal.referrals.writing import enter, note, tell

__all__ = [
    "change_interview",
    "close",
    "draft",
    "drop_draft",
    "enter_interview",
    "keep_learned",
    "link_client",
    "meet_family",
    "move",
    "pass_on",
    "recall",
    "send",
]

_BY_CONSTRAINT = {
    "ck_referrals_consent": ReferralRefusal.NO_CONSENT,
    "ck_referrals_told": ReferralRefusal.NOT_TOLD,
    "ck_referrals_ground": ReferralRefusal.NO_CONSENT,
}


def send(
    session: Session,
    referral_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    ground: LegalBasis | None = None,
) -> Referral:
    """Send a draft: what was agreed to is copied for the receiver, who gets a mail without names.

    Consents are read anew: one withdrawn since the draft was written stops it here.

    Args:
        ground: A decision to pass on without consent that somebody else has released.

    Raises:
        Refusal: with everything that is missing, or it has left already.
        NoResultFound: not one that this actor may see.
    """
    row = queries.locked(session, referral_id, actor=actor)
    if row.state is not ReferralState.DRAFT or queries.side_of(row, actor) is not Side.SENDER:
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    on = today(now)
    sharing, told = (
        holds(session, row.family_id, each, row.receiver_id, on, asked_by=row.sender_id)
        for each in (SharingPurpose.SHARING, SharingPurpose.TOLD)
    )
    allowed = set(ground.items) if ground else set(sharing.items) if sharing else set()
    values = {
        item: words
        for item, words in _known(session, row, actor=actor).items()
        if item.value in allowed and words
    }
    reasons = reasons_against_sending(
        has_guide_tick=_is_ticked(session, row, actor=actor),
        has_consent=sharing is not None,
        is_told=told is not None,
        has_ground=ground is not None,
        children=len(row.child_ids),
        consented=[item for item in Item if item.value in allowed],
        filled=list(values),
    )
    if reasons:
        raise Refusal(reasons)
    row.consent_id = None if ground or sharing is None else sharing.id
    row.told_id = told.id if told else None
    row.ground_id = ground.id if ground else None
    enter(session, row, advance(row.state, ReferralEvent.SEND), now)
    try:
        with session.begin_nested():
            session.flush()
    except IntegrityError as error:
        refused = _BY_CONSTRAINT.get(breached_constraint(error) or "")
        if refused is None:
            raise
        raise Refusal([refused]) from None
    _copy(session, row, values)
    provide(
        session,
        family_id=row.family_id,
        receiver_id=row.receiver_id,
        kind="referral",
        subject_id=row.id,
        items=sorted(item.value for item in values),
        consent_id=row.consent_id,
        ground_id=row.ground_id,
        actor=actor,
        now=now,
    )
    note(session, row, ReferralEvent.SEND.value, actor=actor, now=now)
    tell(session, row, row.receiver_id, "sent")
    return row


def move(
    session: Session,
    referral_id: uuid.UUID,
    event: ReferralEvent,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> Referral:
    """Say that something happened; the other side sees it at once and gets a mail without names.

    Sending, closing and passing on have functions of their own.

    Raises:
        Refusal: not possible in this state, or not this side's to say; a refusal without a reason.
        NoResultFound: not one that this actor may see.
    """
    row = queries.locked(session, referral_id, actor=actor)
    if event not in possible(row.state, queries.side_of(row, actor)):
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    if event is ReferralEvent.REFUSE and not (words or "").strip():
        raise Refusal([ReferralRefusal.OUTCOME_MISSING])
    return _take(session, row, event, actor=actor, now=now, words=words)


def recall(
    session: Session, referral_id: uuid.UUID, *, actor: Actor, now: datetime, words: str = ""
) -> Referral:
    """Take a referral back: the receiver reads nothing of it from the commit on.

    Raises:
        Refusal: it is over, or the actor did not send it.
        NoResultFound: not one that this actor may see.
    """
    row = queries.locked(session, referral_id, actor=actor)
    if row.state is ReferralState.DRAFT:
        drop_draft(session, row, actor=actor, now=now)
        return row
    if ReferralEvent.RECALL not in possible(row.state, queries.side_of(row, actor)):
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    enter(session, row, advance(row.state, ReferralEvent.RECALL), now)
    note(session, row, ReferralEvent.RECALL.value, actor=actor, now=now, words=words or None)
    tell(session, row, row.receiver_id, "recalled")
    return row


def close(
    session: Session,
    referral_id: uuid.UUID,
    outcome: Outcome | None,
    words: str,
    *,
    actor: Actor,
    now: datetime,
) -> Referral:
    """Close a referral with what came of it, and why.

    Raises:
        Refusal: no outcome, or no reason for any but the first use; it is over already.
        NoResultFound: not one that this actor may see.
    """
    if outcome is None or (outcome is not Outcome.USED and not words.strip()):
        raise Refusal([ReferralRefusal.OUTCOME_MISSING])
    row = queries.locked(session, referral_id, actor=actor)
    if ReferralEvent.CLOSE not in possible(row.state, queries.side_of(row, actor)):
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    row.outcome, row.outcome_words = outcome.value, words.strip() or None
    return _take(session, row, ReferralEvent.CLOSE, actor=actor, now=now, words=words or None)


def link_client(
    session: Session, referral_id: uuid.UUID, family_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Referral:
    """Say that a family the receiver knows is the one referred; from here on contacts count once.

    A family that is registered there already is not asked to register again: the referral goes on
    from as far as she has come.

    Raises:
        Refusal: the referral is over, or the actor did not receive it.
        NoResultFound: not a referral, or not a family, that this actor may see.
    """
    row = queries.locked(session, referral_id, actor=actor)
    families.family(session, family_id, actor=actor)
    is_live = row.state in OPEN or row.state is ReferralState.USED
    if not is_live or queries.side_of(row, actor) is not Side.RECEIVER:
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    row.client_family_id, row.updated_at = family_id, now
    note(session, row, "linked", actor=actor, now=now)
    reached = come_so_far(session, row, actor=actor, now=now)
    if reached is not None and reached in possible(row.state, Side.RECEIVER):
        _take(session, row, reached, actor=actor, now=now)
    return row


def pass_on(
    session: Session,
    referral_id: uuid.UUID,
    receiver_id: uuid.UUID,
    *,
    facility_id: uuid.UUID | None = None,
    actor: Actor,
    now: datetime,
    words: str = "",
) -> Referral:
    """Pass a family on to another receiver, on a new consent, and end this referral.

    What the sender learned goes along as far as the new consent reaches; a receiver passes on what
    it was told. It does so of its own record of the family (``link_client``).

    Raises:
        Refusal: with everything that is missing for the new one, or this one is over.
        NoResultFound: not one that this actor may see.
    """
    row = queries.locked(session, referral_id, actor=actor)
    side = queries.side_of(row, actor)
    if ReferralEvent.HAND_ON not in possible(row.state, side):
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW])
    family_id = row.family_id if side is Side.SENDER else row.client_family_id
    if family_id is None:
        raise Refusal([ReferralRefusal.NO_FAMILY_RECORD])
    children = families.children(session, family_id, actor=actor)
    known = {child.id for child in children}
    meant = [each for each in row.child_ids if each in known] or list(known)
    onward = draft(
        session,
        family_id,
        receiver_id,
        child_ids=meant,
        facility_id=facility_id,
        urgency=row.urgency,
        target_on=row.target_on if row.target_on and row.target_on >= today(now) else None,
        source=ReferralSource.ONWARD,
        passed_on_from=row.id,
        actor=actor,
        now=now,
    )
    send(session, onward.id, actor=actor, now=now)
    _take(session, row, ReferralEvent.HAND_ON, actor=actor, now=now, words=words or None)
    return onward


def _take(
    session: Session,
    row: Referral,
    event: ReferralEvent,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> Referral:
    later = advance(row.state, event)
    if row.state in WAY and later in WAY and row.received_at is None:
        row.received_at = now
    enter(session, row, later, now)
    note(session, row, event.value, actor=actor, now=now, words=words)
    other = row.receiver_id if queries.side_of(row, actor) is Side.SENDER else row.sender_id
    tell(session, row, other, "moved")
    return row


def _is_ticked(session: Session, row: Referral, *, actor: Actor) -> bool:
    if row.interview_id is None:  # by another way than an interview of ours
        return True
    return queries.interview(session, row.interview_id, actor=actor).guide_ticked_on is not None


def _known(session: Session, row: Referral, *, actor: Actor) -> dict[Item, str]:
    values: dict[Item, str] = {}
    if row.interview_id is not None:
        of = queries.interview(session, row.interview_id, actor=actor)
        values |= queries.learned(session, of, actor=actor)
    elif row.passed_on_from is not None:
        before = queries.referral(session, row.passed_on_from, actor=actor)
        values |= queries.items(session, before, actor=actor)
    guardians = families.guardians(session, row.family_id, actor=actor)
    if guardians:
        values[Item.NAME_AND_PHONE] = person_text(guardians[0])
        values[Item.ADDRESS] = guardians[0].address or ""
    children = families.children(session, row.family_id, actor=actor)
    meant = [child for child in children if child.id in row.child_ids]
    if meant:
        values[Item.CHILDREN] = children_text(meant)
    return values


def _copy(session: Session, row: Referral, values: dict[Item, str]) -> None:
    session.execute(delete(ReferralItem).where(ReferralItem.referral_id == row.id))
    for item, words in values.items():
        kept = ReferralItem(id=uuid.uuid4(), referral_id=row.id, family_id=row.family_id, item=item)
        kept.value = words
        session.add(kept)
    session.flush()
