"""Booking in the interview, with the family beside: book, change, cancel.

The database asks again who may: the body that sent the referral, while the family's agreement to
be booked for at that provider stands. See docs/places.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.bookings.choices import Choices
from portal.bookings.models import Booking
from portal.bookings.queries.lists import Group, group
from portal.bookings.queries.quotes import Quote, quote, wish_to_move
from portal.bookings.rules import KeptAs, Wish
from portal.bookings.service import (
    Cancelled,
    Placed,
    cancel_booking,
    change_booking,
    place_booking,
)
from portal.consents.queries import holds
from portal.documents.i18n import gettext as _
from portal.facilities.models import Programme
from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span
from portal.policies.document import RulesDocument
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.rules import OPEN, SharingPurpose, Side
from portal.referrals.writing import note, tell
from portal.rulebooks.queries import rules_in_force, rules_of

_FORBIDDEN = "42501"
_THERE = text("SELECT child_id, there_id, family_id FROM children_there(:referral)")


class OnTheSpotRefusal(StrEnum):
    """Why nothing can be booked for a referral here; sentences stand in the wording."""

    NOT_AGREED = "not_agreed"
    NOT_UNDER_WAY = "not_under_way"
    NOT_BORN_YET = "not_born_yet"
    KNOWN_BY_OTHER_RECORD = "known_by_other_record"
    MOVED_BY_NURSERY = "moved_by_nursery"


def children_meant(session: Session, row: Referral, *, actor: Actor) -> tuple[Child, ...]:
    """Return the children of a referral that are born, the eldest first: they go as one unit."""
    found = families.children(session, row.family_id, actor=actor)
    born = [(child.born_on, child) for child in found if child.id in row.child_ids]
    return tuple(child for day, child in sorted(born, key=lambda one: str(one[0])) if day)


def is_kept_elsewhere(row: Referral) -> bool:
    """Say whether the provider keeps the family in a record of its own."""
    return row.client_family_id not in {None, row.family_id}


def kept_as(session: Session, row: Referral, children: Sequence[Child]) -> KeptAs | None:
    """Return the record of the provider in which the children stand; ``None``: not all are found.

    Ids alone, and only where the family agreed to be booked for.
    """
    found = session.execute(_THERE, {"referral": row.id}).all()
    there = {each.child_id: each.there_id for each in found}
    if not found or not {child.id for child in children} <= there.keys():
        return None
    pairs = tuple((child.id, there[child.id]) for child in children)
    if len({there_id for _child, there_id in pairs}) < len(pairs):
        return None
    return KeptAs(found[0].family_id, pairs)


def reasons_against(
    session: Session, row: Referral, *, actor: Actor, now: datetime, is_move: bool = False
) -> tuple[Reason, ...]:
    """Return everything that stands against booking for a referral in the interview.

    Args:
        is_move: A booking would move; one in another record is cancelled and made anew instead.
    """
    agreed = holds(
        session,
        row.family_id,
        SharingPurpose.BOOKING,
        row.receiver_id,
        today(now),
        asked_by=actor.organisation_id,
    )
    children = children_meant(session, row, actor=actor)
    elsewhere = is_kept_elsewhere(row)
    against = {
        OnTheSpotRefusal.NOT_UNDER_WAY: row.state not in OPEN
        or queries.side_of(row, actor) is not Side.SENDER,
        OnTheSpotRefusal.NOT_AGREED: agreed is None,
        OnTheSpotRefusal.NOT_BORN_YET: not children,
        OnTheSpotRefusal.KNOWN_BY_OTHER_RECORD: elsewhere
        and not is_move
        and agreed is not None
        and kept_as(session, row, children) is None,
        OnTheSpotRefusal.MOVED_BY_NURSERY: elsewhere and is_move,
    }
    return tuple(Reason(code) for code, applies in against.items() if applies)


def quoted(
    session: Session,
    referral: Referral,
    programme_id: uuid.UUID,
    span: Span,
    choices: Choices,
    *,
    actor: Actor,
    now: datetime,
    moving: Group | None = None,
) -> Quote | tuple[Reason, ...]:
    """Return what one time would cost, or why nothing can be booked for this referral.

    Raises:
        NoResultFound: no such programme at the provider that the referral went to.
    """
    against = reasons_against(session, referral, actor=actor, now=now, is_move=moving is not None)
    if against:
        return against
    children = children_meant(session, referral, actor=actor)
    _must_be_theirs(session, referral, programme_id)
    wish = wish_for(referral, children, programme_id, span, choices, moving)
    return quote(session, wish, actor=actor, now=now, moving=moving)


def rules_at(
    session: Session, referral: Referral, programme_id: uuid.UUID, day: date
) -> RulesDocument:
    """Return the rules of a local day at a programme of the provider that a referral went to.

    Raises:
        NoResultFound: no such programme there, or no rules on that day.
    """
    _must_be_theirs(session, referral, programme_id)
    return rules_in_force(session, programme_id, day)[1]


def all_rules(session: Session, referral: Referral, day: date) -> list[RulesDocument]:
    """Return the rules of a local day at every programme of that provider."""
    return list(rules_of(session, _programmes_of(session, referral), day).values())


def _programmes_of(session: Session, referral: Referral) -> Sequence[uuid.UUID]:
    return session.scalars(
        select(Programme.id)
        .where(
            Programme.organisation_id == referral.receiver_id, Programme.published_at.is_not(None)
        )
        .order_by(Programme.created_at, Programme.id)
    ).all()


def _must_be_theirs(session: Session, referral: Referral, programme_id: uuid.UUID) -> None:
    if programme_id not in _programmes_of(session, referral):
        raise NoResultFound("no programme of the provider that the referral went to")


def book(
    session: Session,
    referral_id: uuid.UUID,
    programme_id: uuid.UUID,
    span: Span,
    *,
    choices: Choices,
    agreed_fee_yen: int | None,
    actor: Actor,
    now: datetime,
) -> Placed:
    """Book for all children of a referral together; the provider sees the family from now on.

    Raises:
        Refusal: nothing can be booked for this referral; the agreement was withdrawn meanwhile.
        NotPlaced: every reason at once, where places or rules stand against it.
        NoResultFound: no such referral or programme that the actor may see.
    """
    row = _open(session, referral_id, actor=actor, now=now)
    _must_be_theirs(session, row, programme_id)
    children = children_meant(session, row, actor=actor)
    wish = wish_for(row, children, programme_id, span, choices, agreed_fee_yen=agreed_fee_yen)
    if is_kept_elsewhere(row):
        wish = replace(wish, kept_as=kept_as(session, row, children))
    try:
        placed = place_booking(session, wish, actor=actor, now=now)
    except ProgrammingError as error:
        raise _refused(error) from error
    note(session, row, "booked", actor=actor, now=now)
    tell(session, row, row.receiver_id, "booked")
    return placed


def change(
    session: Session,
    referral_id: uuid.UUID,
    group_id: uuid.UUID,
    span: Span,
    *,
    agreed_fee_yen: int | None,
    seen: int | None,
    actor: Actor,
    now: datetime,
) -> Placed:
    """Move a booking that was made for a referral.

    Raises:
        Refusal: it cannot be moved, or nothing can be booked for this referral any more.
        NoResultFound: no such booking of this referral.
    """
    row = _open(session, referral_id, actor=actor, now=now, is_move=True)
    booked(session, row, group_id, actor=actor)
    try:
        placed = change_booking(
            session,
            group_id,
            span,
            actor=actor,
            now=now,
            agreed_fee_yen=agreed_fee_yen,
            overruled_because=_because(),
            seen=seen,
        )
    except ProgrammingError as error:
        raise _refused(error) from error
    note(session, row, "rebooked", actor=actor, now=now)
    return placed


def cancel(
    session: Session,
    referral_id: uuid.UUID,
    group_id: uuid.UUID,
    *,
    agreed_fee_yen: int | None,
    actor: Actor,
    now: datetime,
) -> Cancelled:
    """Cancel a booking that was made for a referral, with the family's word; open to the sender.

    Raises:
        Refusal: nothing is left to cancel, or it is too late; another fee than was told.
        NoResultFound: no such booking of this referral.
    """
    row = queries.referral(session, referral_id, actor=actor)
    booked(session, row, group_id, actor=actor)
    done = cancel_booking(session, group_id, actor=actor, now=now, agreed_fee_yen=agreed_fee_yen)
    note(session, row, "unbooked", actor=actor, now=now)
    return done


def booked(session: Session, row: Referral, group_id: uuid.UUID, *, actor: Actor) -> Group:
    """Return what was booked for a referral as one unit.

    Raises:
        NoResultFound: no such booking of this referral that the actor may see.
    """
    found = group(session, group_id, actor=actor)
    if found.first.referral_id != row.id:
        raise NoResultFound("a booking of another referral")
    return found


def bookings_of(session: Session, row: Referral, *, actor: Actor) -> list[Group]:
    """Return what was booked for a referral, as far as the actor may see it, the soonest first."""
    ids = session.scalars(
        select(Booking.group_id)
        .where(Booking.referral_id == row.id)
        .group_by(Booking.group_id)
        .order_by(Booking.group_id)
    ).all()
    found = [group(session, each, actor=actor) for each in ids]
    return sorted(found, key=lambda each: each.span.starts_at)


def _open(
    session: Session,
    referral_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    is_move: bool = False,
) -> Referral:
    row = queries.referral(session, referral_id, actor=actor)
    against = reasons_against(session, row, actor=actor, now=now, is_move=is_move)
    if against:
        raise Refusal(against)
    return row


def _refused(error: ProgrammingError) -> Exception:
    """Return what the database's refusal means: the agreement has gone since it was read."""
    if getattr(error.orig, "sqlstate", None) == _FORBIDDEN:
        return Refusal([OnTheSpotRefusal.NOT_AGREED])
    return error


def _because() -> str:
    return _("紹介のご家庭のため、面談の場で予約")


def wish_for(
    row: Referral,
    children: Sequence[Child],
    programme_id: uuid.UUID,
    span: Span,
    choices: Choices,
    moving: Group | None = None,
    agreed_fee_yen: int | None = None,
) -> Wish:
    """Return the wish for all children of a referral together, or to move there.

    Of tickets nothing is known at an interview; none is spent.
    """
    if moving is not None:
        return wish_to_move(moving, span)
    return Wish(
        programme_id=programme_id,
        family_id=row.family_id,
        child_ids=tuple(child.id for child in children),
        span=span,
        purpose=choices.kind.purpose,
        agreed_fee_yen=agreed_fee_yen,
        channel=Channel.COUNTER,
        overruled_because=_because(),
        referral_id=row.id,
        use_type=choices.kind.use_type,
        use_reason=choices.kind.reason,
        options=choices.options,
    )
