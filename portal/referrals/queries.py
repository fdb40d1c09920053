"""Reads of interviews and referrals, each scoped by who acts; row-level security asks again.

What was passed on is read by ``items`` alone, which leaves a trace.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, false, func, or_, select, text
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.consents.models import Consent
from portal.families.models import Child, Guardian
from portal.families.queries import visible
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date
from portal.organisations.models import Organisation
from portal.referrals.models import (
    Interview,
    InterviewItem,
    Referral,
    ReferralEventRow,
    ReferralItem,
)
from portal.referrals.rules import OPEN, Item, ReferralState, Side

_STANDING = OPEN | {ReferralState.REFUSED}
_OVER = frozenset({ReferralState.CLOSED, ReferralState.PASSED_ON, ReferralState.RECALLED})
_READERS = text("SELECT referral_readers(:referral, :body)")


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.organisation_id is None:
        return false()
    received = and_(
        Referral.receiver_id == actor.organisation_id, Referral.state != ReferralState.DRAFT
    )
    return or_(Referral.sender_id == actor.organisation_id, received)


def referral(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> Referral:
    """Return a referral that the actor's body sent or received.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(Referral)
        .where(Referral.id == referral_id, _mine(actor))
        .execution_options(populate_existing=True)
    ).one()


def locked(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> Referral:
    """Return it held until the transaction ends, as it is now.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(Referral)
        .where(Referral.id == referral_id, _mine(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def side_of(row: Referral, actor: Actor) -> Side:
    """Return on which side of a referral the actor stands."""
    return Side.SENDER if row.sender_id == actor.organisation_id else Side.RECEIVER


def sent_by_us(session: Session, *, actor: Actor) -> Sequence[Referral]:
    """Return what the actor's body sent, drafts and recalled drafts left out, the due first."""
    return session.scalars(
        select(Referral)
        .where(
            Referral.sender_id == actor.organisation_id,
            Referral.sent_at.is_not(None),
        )
        .order_by(func.coalesce(Referral.next_on, Referral.target_on), Referral.number)
    ).all()


def received_by_us(session: Session, *, actor: Actor) -> Sequence[Referral]:
    """Return what came to the actor's body, the due first."""
    return session.scalars(
        select(Referral)
        .where(
            Referral.receiver_id == actor.organisation_id,
            Referral.state != ReferralState.DRAFT,
            Referral.sent_at.is_not(None),
        )
        .order_by(func.coalesce(Referral.next_on, Referral.target_on), Referral.number)
    ).all()


def may_go_on(session: Session, ended: Sequence[Referral], *, actor: Actor) -> list[Referral]:
    """Return those ended ones of which something may still run at the receiver.

    Where the family was not joined with the receiver's own record; or where a child is still
    expected there, since it was not certain that it is the same.
    """
    joined = {
        row.client_family_id for row in ended if row.client_family_id not in {None, row.family_id}
    }
    waiting = set(
        session.scalars(
            select(Child.family_id).where(
                Child.family_id.in_(joined),
                Child.born_on.is_(None),
                Child.ended_at.is_(None),
                visible(Child.family_id, actor),
            )
        )
    )
    return [row for row in ended if row.client_family_id is None or row.client_family_id in waiting]


def is_standing(row: Referral) -> bool:
    """Say whether somebody still has to do something about it."""
    return row.state in _STANDING


def waiting_until(row: Referral, on: date) -> date:
    """Return until when the family waits: ``on``, or the day on which it used care or ended."""
    ends = [local_date(at) for at in (row.used_at, row.closed_at) if at is not None]
    return min([on, *ends])


def is_over(row: Referral) -> bool:
    """Say whether it ended without more to do."""
    return row.state in _OVER


def open_referral_of(
    session: Session, family_id: uuid.UUID, organisation_id: uuid.UUID
) -> Referral | None:
    """Return the referral of a family to a body that is under way, used ones too; the newest.

    The family as either side knows it; as far as the database shows it to whoever acts.
    """
    return session.scalars(
        select(Referral)
        .where(
            Referral.receiver_id == organisation_id,
            or_(Referral.family_id == family_id, Referral.client_family_id == family_id),
            Referral.state.in_(OPEN | {ReferralState.USED}),
        )
        .order_by(Referral.sent_at.desc(), Referral.id)
        .limit(1)
    ).one_or_none()


def under_way(
    session: Session, family_id: uuid.UUID, organisation_id: uuid.UUID
) -> Sequence[Referral]:
    """Return every open referral of a family to a body, held until the transaction ends."""
    return session.scalars(
        select(Referral)
        .where(
            Referral.receiver_id == organisation_id,
            or_(Referral.family_id == family_id, Referral.client_family_id == family_id),
            Referral.state.in_(OPEN),
        )
        .order_by(Referral.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def told(session: Session, row: Referral) -> Consent | None:
    """Return what the family was told of the contact that will come, as far as it may be seen."""
    if row.told_id is None:
        return None
    return session.scalars(select(Consent).where(Consent.id == row.told_id)).one_or_none()


def items(session: Session, row: Referral, *, actor: Actor) -> dict[Item, str]:
    """Return what was passed on, and leave the trace; the caller commits.

    Empty for a receiver once what it rests on no longer holds.
    """
    found = session.scalars(select(ReferralItem).where(ReferralItem.referral_id == row.id)).all()
    record_read(
        session,
        actor,
        "referral_items",
        row.id,
        family_id=row.family_id,
        items=sorted(each.item.value for each in found),
    )
    return {each.item: each.value or "" for each in found}


def events(session: Session, row: Referral, *, actor: Actor) -> Sequence[ReferralEventRow]:
    """Return what happened, the oldest first; their words are read with a trace."""
    found = happened(session, row)
    if any(each.words_sealed is not None for each in found):
        record_read(session, actor, "referral_words", row.id, family_id=row.family_id)
    return found


def happened(session: Session, row: Referral) -> Sequence[ReferralEventRow]:
    """Return what happened, the oldest first, for whoever shows kinds and times and no words."""
    return session.scalars(
        select(ReferralEventRow)
        .where(ReferralEventRow.referral_id == row.id)
        .order_by(ReferralEventRow.at, ReferralEventRow.id)
    ).all()


def readers(session: Session, row: Referral, body: uuid.UUID) -> list[uuid.UUID]:
    """Return who is told at one side: the sender while she works there, else all of the body."""
    found = session.execute(_READERS, {"referral": row.id, "body": body})
    return list(found.scalars())


def interview(session: Session, interview_id: uuid.UUID, *, actor: Actor) -> Interview:
    """Return an interview of the actor's body.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(Interview).where(
            Interview.id == interview_id,
            Interview.organisation_id == actor.organisation_id,
            visible(Interview.family_id, actor),
        )
    ).one()


def guardian_met(session: Session, row: Interview, *, actor: Actor) -> Guardian:
    """Return who was met, or whom to call first where it is not known who.

    Raises:
        NoResultFound: nobody of that family that this actor may see.
    """
    return session.scalars(
        select(Guardian)
        .where(Guardian.family_id == row.family_id, visible(Guardian.family_id, actor))
        .order_by(Guardian.id != row.guardian_id, Guardian.is_primary.desc(), Guardian.id)
        .limit(1)
    ).one()


def learned(session: Session, row: Interview, *, actor: Actor) -> dict[Item, str]:
    """Return what was learned at an interview, and leave the trace; the caller commits."""
    found = session.scalars(
        select(InterviewItem).where(
            InterviewItem.interview_id == row.id,
            InterviewItem.organisation_id == actor.organisation_id,
        )
    ).all()
    record_read(session, actor, "interview_items", row.id, family_id=row.family_id)
    return {each.item: each.value or "" for each in found}


def drafts_of(session: Session, row: Interview, *, actor: Actor) -> Sequence[Referral]:
    """Return the referrals of an interview that are not taken back, drafts and sent ones."""
    return session.scalars(
        select(Referral)
        .where(
            Referral.interview_id == row.id,
            Referral.sender_id == actor.organisation_id,
            or_(Referral.state != ReferralState.RECALLED, Referral.sent_at.is_not(None)),
        )
        .order_by(Referral.created_at, Referral.id)
    ).all()


def unfinished(
    session: Session, *, actor: Actor, since: date
) -> Sequence[tuple[Interview, Guardian | None]]:
    """Return interviews of the body from which nothing was sent yet, with whom, newest first."""
    sent = (
        select(Referral.id)
        .where(Referral.interview_id == Interview.id, Referral.sent_at.is_not(None))
        .exists()
    )
    rows = session.scalars(
        select(Interview)
        .where(
            Interview.organisation_id == actor.organisation_id,
            Interview.held_on >= since,
            visible(Interview.family_id, actor),
            ~sent,
        )
        .order_by(Interview.held_on.desc(), Interview.id)
    ).all()
    people = first_guardians(session, {row.family_id for row in rows}, actor=actor)
    return [(row, people.get(row.family_id)) for row in rows]


def first_guardians(
    session: Session, family_ids: Iterable[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, Guardian]:
    """Return whom to call first in each family that the actor may see."""
    found = session.scalars(
        select(Guardian)
        .where(Guardian.family_id.in_(set(family_ids)), visible(Guardian.family_id, actor))
        .order_by(Guardian.is_primary, Guardian.created_at.desc(), Guardian.id)
    )
    return {each.family_id: each for each in found}


def children_meant(
    session: Session, child_ids: Collection[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, Child]:
    """Return the children of referrals that the actor may see, none of them closed."""
    found = session.scalars(
        select(Child).where(
            Child.id.in_(child_ids), Child.ended_at.is_(None), visible(Child.family_id, actor)
        )
    )
    return {each.id: each for each in found}


def body_names(session: Session, ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Return the names of bodies; they are public."""
    wanted = {each for each in ids if each is not None}
    rows = session.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    )
    return {row.id: row.name for row in rows}
