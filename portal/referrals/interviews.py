"""Interviews as they are written down, and the drafts of referrals that come of them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import delete, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.errors import breached_constraint
from portal.families import queries as families
from portal.families.rules import (
    ChildDetails,
    GuardianDetails,
    name_key,
    phone_digits,
    reasons_against_child,
    reasons_against_guardian,
)
from portal.families.service import NewFamily, add_child
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel, Told
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.referrals import queries
from portal.referrals.models import Interview, InterviewItem, Referral
from portal.referrals.receivers import children_taken
from portal.referrals.rules import (
    Item,
    ReferralRefusal,
    ReferralSource,
    ReferralState,
    Stage,
    Urgency,
)

#: How an interview is held unless somebody says otherwise.
ACROSS_THE_TABLE = Told(Channel.COUNTER)
_CREATE = text(
    "SELECT create_supported_family(:family, :guardian, :name, :kana, :search_key, :relation,"
    " :phone, :phone_digits, :mail, :address)"
)


def meet_family(
    session: Session,
    guardian: GuardianDetails,
    children: Sequence[ChildDetails] = (),
    *,
    actor: Actor,
    now: datetime,
) -> NewFamily:
    """Enter a family that the actor's supporting body has met; no other body sees it.

    Raises:
        Refusal: with every reason. Nothing has been written.
    """
    reasons = [*reasons_against_guardian(guardian)]
    for child in children:
        reasons += reasons_against_child(child, today=today(now))
    if reasons:
        raise Refusal(reasons)
    family_id = uuid.uuid4()
    number = session.execute(
        _CREATE,
        {
            "family": family_id,
            "guardian": uuid.uuid4(),
            "name": guardian.name,
            "kana": guardian.name_kana,
            "search_key": name_key(guardian.name, guardian.name_kana),
            "relation": guardian.relation,
            "phone": guardian.phone,
            "phone_digits": phone_digits(guardian.phone) if guardian.phone else None,
            "mail": guardian.mail,
            "address": guardian.address,
        },
    ).scalar_one()
    record(session, actor, "family.met", family_id=family_id)
    added = tuple(
        add_child(session, family_id, child, actor=actor, now=now).id for child in children
    )
    return NewFamily(family_id, number, added)


def enter_interview(
    session: Session,
    family_id: uuid.UUID,
    *,
    stage: Stage,
    held_on: date,
    guide_ticked_on: date | None,
    items: Mapping[Item, str] | None = None,
    guardian_id: uuid.UUID | None = None,
    told: Told = ACROSS_THE_TABLE,
    actor: Actor,
    now: datetime,
) -> Interview:
    """Write an interview down, with what was learned so far.

    Args:
        guide_ticked_on: When 一時預かり was ticked in the 子育てガイド; without it nothing is sent.
        told: By which way it reached the body and, on paper, when.

    Raises:
        Refusal: it is of a day to come, or came in after now.
        NoResultFound: not a family that this actor's body has met.
    """
    families.family(session, family_id, actor=actor)
    _check_days(held_on, guide_ticked_on, today(now))
    if told.received_at is not None and told.received_at > now:
        raise Refusal([ReferralRefusal.RECEIVED_IN_FUTURE])
    if actor.user_id is None or actor.organisation_id is None:
        raise PermissionError("an interview is held by somebody of a body")
    if guardian_id is None:
        first = families.guardians(session, family_id, actor=actor)
        guardian_id = first[0].id if first else None
    row = Interview(
        id=uuid.uuid4(),
        family_id=family_id,
        organisation_id=actor.organisation_id,
        guardian_id=guardian_id,
        worker_id=actor.user_id,
        stage=stage,
        held_on=held_on,
        guide_ticked_on=guide_ticked_on,
        channel=told.channel,
        received_at=told.received_at,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "interview.held",
        row.id,
        family_id=family_id,
        stage=stage.value,
        **told.detail,
    )
    if items:
        keep_learned(session, row.id, items, actor=actor, now=now)
    return row


def change_interview(
    session: Session,
    interview_id: uuid.UUID,
    *,
    stage: Stage,
    held_on: date,
    guide_ticked_on: date | None,
    actor: Actor,
    now: datetime,
) -> Interview:
    """Correct which interview it was, and the tick.

    Raises:
        Refusal: it is of a day to come.
        NoResultFound: not one that this actor may see.
    """
    _check_days(held_on, guide_ticked_on, today(now))
    row = queries.interview(session, interview_id, actor=actor)
    row.stage, row.held_on, row.guide_ticked_on = stage, held_on, guide_ticked_on
    row.updated_at = now
    record(session, actor, "interview.changed", row.id, family_id=row.family_id)
    return row


def keep_learned(
    session: Session,
    interview_id: uuid.UUID,
    items: Mapping[Item, str],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was learned, item by item; an empty one is taken out.

    Raises:
        NoResultFound: not one that this actor may see.
    """
    row = queries.interview(session, interview_id, actor=actor)
    session.execute(
        delete(InterviewItem).where(
            InterviewItem.interview_id == row.id, InterviewItem.item.in_(list(items))
        )
    )
    for item, words in items.items():
        if not words.strip():
            continue
        kept = InterviewItem(
            id=uuid.uuid4(),
            interview_id=row.id,
            family_id=row.family_id,
            organisation_id=row.organisation_id,
            item=item,
        )
        kept.value = words.strip()
        session.add(kept)
    row.updated_at = now
    filled = sorted(item.value for item, words in items.items() if words.strip())
    record(session, actor, "interview.learned", row.id, family_id=row.family_id, items=filled)


def draft(
    session: Session,
    family_id: uuid.UUID,
    receiver_id: uuid.UUID,
    *,
    child_ids: Collection[uuid.UUID],
    interview_id: uuid.UUID | None = None,
    facility_id: uuid.UUID | None = None,
    urgency: Urgency = Urgency.NORMAL,
    target_on: date | None = None,
    source: ReferralSource = ReferralSource.INTERVIEW,
    outside_number: str | None = None,
    passed_on_from: uuid.UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Referral:
    """Begin a referral to one receiver; it says nothing to anybody until it is sent.

    Of the children, those that the facility takes; a draft of before to the same receiver ends.

    Raises:
        Refusal: with every reason: the family is under way there, none of the children is taken.
        NoResultFound: not a family that this actor may see.
    """
    families.family(session, family_id, actor=actor)
    if actor.user_id is None or actor.organisation_id is None:
        raise PermissionError("a referral is sent by somebody of a body")
    meant = [
        child
        for child in families.children(session, family_id, actor=actor)
        if child.id in set(child_ids)
    ]
    reasons = []
    if not meant:
        reasons.append(ReferralRefusal.NO_CHILD)
    if target_on is not None and target_on < today(now):
        reasons.append(ReferralRefusal.TARGET_PAST)
    if meant and facility_id is not None:
        meant = children_taken(session, facility_id, meant, on=target_on or today(now))
        if not meant:
            reasons.append(ReferralRefusal.AGE_NOT_TAKEN)
    if reasons:
        raise Refusal(reasons)
    _end_draft(session, family_id, receiver_id, actor=actor, now=now)
    row = Referral(
        id=uuid.uuid4(),
        interview_id=interview_id,
        family_id=family_id,
        sender_id=actor.organisation_id,
        sent_by=actor.user_id,
        receiver_id=receiver_id,
        facility_id=facility_id,
        child_ids=[child.id for child in meant],
        source=source,
        outside_number=outside_number,
        passed_on_from=passed_on_from,
        state=ReferralState.DRAFT,
        state_at=now,
        urgency=urgency,
        target_on=target_on,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if breached_constraint(error) not in {"uq_referrals_open", "uq_referrals_outside_number"}:
            raise
        raise Refusal([ReferralRefusal.ALREADY_REFERRED]) from None
    record(session, actor, "referral.drafted", row.id, family_id=family_id)
    return row


def drop_draft(session: Session, row: Referral, *, actor: Actor, now: datetime) -> None:
    """Take a draft back; nobody has seen it."""
    row.state, row.state_at, row.updated_at = ReferralState.RECALLED, now, now
    session.flush()
    record(session, actor, "referral.draft_dropped", row.id, family_id=row.family_id)


def _end_draft(
    session: Session, family_id: uuid.UUID, receiver_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    before = session.scalars(
        select(Referral)
        .where(
            Referral.family_id == family_id,
            Referral.receiver_id == receiver_id,
            Referral.sender_id == actor.organisation_id,
            Referral.state == ReferralState.DRAFT,
        )
        .with_for_update()
    ).one_or_none()
    if before is not None:
        drop_draft(session, before, actor=actor, now=now)


def _check_days(held_on: date, guide_ticked_on: date | None, on: date) -> None:
    reasons = [ReferralRefusal.HELD_IN_FUTURE] if held_on > on else []
    if guide_ticked_on is not None and guide_ticked_on > on:
        reasons.append(ReferralRefusal.TICKED_IN_FUTURE)
    if reasons:
        raise Refusal(reasons)
