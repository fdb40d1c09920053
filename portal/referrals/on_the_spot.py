"""Booking in the interview, with the family beside: what fits all its children, book, cancel.

The database asks again who may: the body that sent the referral, while the family's agreement to
be booked for at that provider stands. See docs/places.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.lists import Group, group
from portal.bookings.queries.quotes import Quote, quote, wish_to_move
from portal.bookings.rules import UsePurpose, Wish
from portal.bookings.service import (
    Cancelled,
    Placed,
    cancel_booking,
    change_booking,
    place_booking,
)
from portal.consents.queries import holds
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import at, today
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span, cell_time
from portal.policies.units import Stays, stays
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.receivers import facilities_for
from portal.referrals.rules import OPEN, SharingPurpose, Side
from portal.referrals.writing import note
from portal.slots.availability import Cells
from portal.slots.day_signs import bookable_cells
from portal.slots.kept import days_for_referred
from portal.slots.published import published_place
from portal.slots.rules import horizon_end

#: As many places are offered at once, and as many at most are looked at closely.
MOST_OFFERED = 6
_MOST_ASKED = 24
_FORBIDDEN = "42501"


class OnTheSpotRefusal(StrEnum):
    """Why nothing can be booked for a referral here; sentences stand in the wording."""

    NOT_AGREED = "not_agreed"
    NOT_UNDER_WAY = "not_under_way"
    NOT_BORN_YET = "not_born_yet"
    KNOWN_BY_OTHER_RECORD = "known_by_other_record"


@dataclass(frozen=True, slots=True)
class Wished:
    """What the family would like: a day from which to look, hours of the day, and why."""

    from_on: date
    first_cell: int
    cells: int
    purpose: UsePurpose = UsePurpose.RESPITE


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at which all the children would get in now."""

    facility_id: uuid.UUID
    facility_name: str
    address: str
    quote: Quote
    #: Whether a place kept for referred families would be taken.
    is_kept: bool

    @property
    def span(self) -> Span:
        """Its day and hours."""
        return self.quote.file.wish.span


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be booked for a referral, or why nothing can."""

    children: tuple[Child, ...]
    rows: tuple[Offer, ...] = ()
    #: Reasons against booking for it at all.
    against: tuple[Reason, ...] = ()
    #: What stood in the way of times that have places; told where there is no offer.
    closest: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class _Candidate:
    facility_id: uuid.UUID
    programme_id: uuid.UUID
    name: str
    address: str
    span: Span
    is_kept: bool
    rank: tuple[object, ...]


def children_meant(session: Session, row: Referral, *, actor: Actor) -> tuple[Child, ...]:
    """Return the children of a referral that are born, the eldest first: they go as one unit."""
    found = families.children(session, row.family_id, actor=actor)
    born = [(child.born_on, child) for child in found if child.id in row.child_ids]
    return tuple(child for day, child in sorted(born, key=lambda one: str(one[0])) if day)


def reasons_against(
    session: Session, row: Referral, *, actor: Actor, now: datetime
) -> tuple[Reason, ...]:
    """Return everything that stands against booking for a referral in the interview."""
    agreed = holds(
        session,
        row.family_id,
        SharingPurpose.BOOKING,
        row.receiver_id,
        today(now),
        asked_by=actor.organisation_id,
    )
    against = {
        OnTheSpotRefusal.NOT_UNDER_WAY: row.state not in OPEN
        or queries.side_of(row, actor) is not Side.SENDER,
        OnTheSpotRefusal.NOT_AGREED: agreed is None,
        OnTheSpotRefusal.NOT_BORN_YET: not children_meant(session, row, actor=actor),
        OnTheSpotRefusal.KNOWN_BY_OTHER_RECORD: row.client_family_id not in {None, row.family_id},
    }
    return tuple(Reason(code) for code, applies in against.items() if applies)


def offers(
    session: Session,
    referral: Referral,
    *,
    actor: Actor,
    now: datetime,
    wished: Wished | None = None,
    moving: Group | None = None,
) -> Offers:
    """Return times at the receiver's facilities that fit all the children, kept places first.

    Then the facility named in the referral, the nearest, the soonest. Each has been asked: its fee
    and its deadline are what a booking would get now. Nothing is taken.

    Args:
        wished: Hours and a day from which to look; three hours in the morning from tomorrow.
        moving: A booking that would move there; its own places and hours count as free.
    """
    wished = wished or usual_wish(now)
    children = children_meant(session, referral, actor=actor)
    against = reasons_against(session, referral, actor=actor, now=now)
    if against:
        return Offers(children, against=against)
    found: list[Offer] = []
    closest: tuple[Reason, ...] = ()
    candidates = _candidates(session, referral, children, wished, actor=actor, now=now)
    for one in sorted(candidates, key=lambda each: each.rank)[:_MOST_ASKED]:
        wish = _wish(referral, children, one.programme_id, one.span, wished.purpose)
        if moving is not None:
            wish = wish_to_move(moving, one.span, programme_id=one.programme_id)
        answer = quote(session, wish, actor=actor, now=now, moving=moving)
        if answer.reasons:
            closest = closest or answer.reasons
            continue
        found.append(Offer(one.facility_id, one.name, one.address, answer, one.is_kept))
        if len(found) == MOST_OFFERED:
            break
    return Offers(children, tuple(found), closest=() if found else closest)


def usual_wish(now: datetime) -> Wished:
    """Return three hours in the morning, from tomorrow on."""
    return Wished(today(now) + timedelta(days=1), first_cell=18, cells=6)


def book(
    session: Session,
    referral_id: uuid.UUID,
    programme_id: uuid.UUID,
    span: Span,
    *,
    purpose: UsePurpose,
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
    children = children_meant(session, row, actor=actor)
    wish = _wish(row, children, programme_id, span, purpose, agreed_fee_yen)
    try:
        placed = place_booking(session, wish, actor=actor, now=now)
    except ProgrammingError as error:
        raise _refused(error) from error
    note(session, row, "booked", actor=actor, now=now)
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
    row = _open(session, referral_id, actor=actor, now=now)
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


def _open(session: Session, referral_id: uuid.UUID, *, actor: Actor, now: datetime) -> Referral:
    row = queries.referral(session, referral_id, actor=actor)
    against = reasons_against(session, row, actor=actor, now=now)
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


def _wish(
    row: Referral,
    children: Sequence[Child],
    programme_id: uuid.UUID,
    span: Span,
    purpose: UsePurpose,
    agreed_fee_yen: int | None = None,
) -> Wish:
    return Wish(
        programme_id=programme_id,
        family_id=row.family_id,
        child_ids=tuple(child.id for child in children),
        span=span,
        purpose=purpose,
        agreed_fee_yen=agreed_fee_yen,
        channel=Channel.COUNTER,
        overruled_because=_because(),
        referral_id=row.id,
    )


def _candidates(
    session: Session,
    row: Referral,
    children: Sequence[Child],
    wished: Wished,
    *,
    actor: Actor,
    now: datetime,
) -> Iterator[_Candidate]:
    guardians = families.guardians(session, row.family_id, actor=actor)
    near = guardians[0].address if guardians else None
    first = max(wished.from_on, today(now))
    last = horizon_end(today(now))
    receivers = [
        each
        for each in facilities_for(session, children, near=near, actor=actor, on=today(now))
        if each.organisation_id == row.receiver_id and not each.leaves_out and each.facility_id
    ]
    born_on = [child.born_on for child in children if child.born_on]
    for nth, receiver in enumerate(receivers):
        if receiver.facility_id is None:
            continue
        place = published_place(session, receiver.facility_id, on=first)
        if place.facility.programme_id is None:
            continue
        allowed = stays(place.document.units)
        found = days_for_referred(session, place, born_on, first, last)
        for day, on_day in sorted(found.items()):
            cells = bookable_cells(place, on_day.cells, day, now=now)
            start = _nearest(cells, allowed, wished)
            if start is None:
                continue
            taken = range(start, start + wished.cells)
            is_kept = any(cell in on_day.kept for cell in taken)
            begins, ends = (at(day, cell_time(cell)) for cell in (start, start + wished.cells))
            is_other = receiver.facility_id != row.facility_id
            yield _Candidate(
                receiver.facility_id,
                place.facility.programme_id,
                receiver.name,
                receiver.address,
                Span(begins, ends),
                is_kept,
                (not is_kept, is_other, nth, day, abs(start - wished.first_cell)),
            )


def _nearest(cells: Cells, allowed: Stays, wished: Wished) -> int | None:
    """Return the start nearest to the one wished for at which the whole stay fits."""
    fits = [
        start
        for start in range(len(cells) - wished.cells + 1)
        if start + wished.cells in allowed[start]
        and all(cells[cell] for cell in range(start, start + wished.cells))
    ]
    return min(fits, key=lambda start: (abs(start - wished.first_cell), start), default=None)
