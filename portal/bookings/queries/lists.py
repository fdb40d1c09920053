"""Bookings as pages and mails show them: in groups, as they were booked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session, joinedload

from portal.bookings.models import Booking
from portal.bookings.rules import BookingState, booking_number, calendar_sequence
from portal.facilities.models import Programme
from portal.facilities.rules import ProgrammeKind
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.spans import Span
from portal.policies.reasons import BookingRefusal

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:family AS text), 1))")

_ELDEST_FIRST = (Child.born_on, Child.id)


@dataclass(frozen=True, slots=True)
class Group:
    """What was booked as one unit: the same day and hours for one child or several."""

    #: All its bookings, the eldest child's first; at least one.
    bookings: tuple[Booking, ...]

    @property
    def id(self) -> uuid.UUID:
        """The id under which families and staff speak of it."""
        return self.bookings[0].group_id

    @property
    def number(self) -> str:
        """A short number to say on the phone (受付番号); it opens nothing."""
        return booking_number(self.id)

    @property
    def live(self) -> tuple[Booking, ...]:
        """Those that are still to come about."""
        return tuple(b for b in self.bookings if b.state is BookingState.CONFIRMED)

    @property
    def shown(self) -> tuple[Booking, ...]:
        """Those that say what it is about: not the cancelled ones, unless all are."""
        kept = tuple(b for b in self.bookings if b.state is not BookingState.CANCELLED)
        return kept or self.bookings

    @property
    def first(self) -> Booking:
        """One that stands for day, hours, facility and family."""
        return self.shown[0]

    @property
    def span(self) -> Span:
        """Its day and hours."""
        return Span(self.first.starts_at, self.first.ends_at)

    @property
    def charged(self) -> tuple[Booking, ...]:
        """Those whose fee is due: not the cancelled ones, nor those that gave their place back."""
        return tuple(
            b
            for b in self.bookings
            if b.state is not BookingState.CANCELLED
            and (b.state is not BookingState.EXCUSED_ABSENCE or b.cancel_fee_yen is None)
        )

    @property
    def fee_yen(self) -> int:
        """The fee that is due; what cancelling cost stands with each booking."""
        return sum(b.fee_yen for b in self.charged)

    @property
    def sequence(self) -> int:
        """The SEQUENCE of its calendar entry."""
        return calendar_sequence(b.sequence for b in self.bookings)


def group(session: Session, group_id: uuid.UUID, *, actor: Actor) -> Group:
    """Return what was booked as one unit.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is not the actor's to see.
    """
    rows = session.scalars(
        _with_names(actor)
        .where(Booking.group_id == group_id)
        .execution_options(populate_existing=True)
    ).all()
    if not rows:
        raise NoResultFound("no such booking")
    return Group(tuple(rows))


def live_group(session: Session, group_id: uuid.UUID, *, actor: Actor) -> Group:
    """Return a group of which something is still to come about, the family's lock held.

    Raises:
        Refusal: nothing is.
        sqlalchemy.exc.NoResultFound: there is none, or it is not the actor's to see.
    """
    seen = group(session, group_id, actor=actor)
    session.execute(_LOCK, {"family": seen.first.family_id})
    now_held = group(session, group_id, actor=actor)
    if not now_held.live:
        raise Refusal([BookingRefusal.ALREADY_CANCELLED])
    return now_held


def coming_groups(session: Session, *, actor: Actor, now: datetime) -> list[Group]:
    """Return what is confirmed and not over yet, the soonest first."""
    return groups_of(
        session.scalars(
            _with_names(actor)
            .where(Booking.state == BookingState.CONFIRMED, Booking.ends_at > now)
            .order_by(None)
            .order_by(Booking.starts_at, *_ELDEST_FIRST)
        )
    )


def past_groups(session: Session, *, actor: Actor, now: datetime, most: int = 60) -> list[Group]:
    """Return what is over or cancelled, the latest first; at most ``most`` bookings."""
    return groups_of(
        session.scalars(
            _with_names(actor)
            .where((Booking.state != BookingState.CONFIRMED) | (Booking.ends_at <= now))
            .order_by(None)
            .order_by(Booking.starts_at.desc(), *_ELDEST_FIRST)
            .limit(most)
        )
    )


def coming_groups_of(
    session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime
) -> list[Group]:
    """Return what one family has booked at the actor's facilities and is not over, soonest first.

    Nothing for a family that is not the actor's to see.
    """
    return groups_of(
        session.scalars(
            _with_names(actor)
            .where(
                Booking.family_id == family_id,
                Booking.state == BookingState.CONFIRMED,
                Booking.ends_at > now,
            )
            .order_by(None)
            .order_by(Booking.starts_at, *_ELDEST_FIRST)
        )
    )


def past_groups_of(
    session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime, most: int
) -> list[Group]:
    """Return what of one family's bookings is over or cancelled, the latest first.

    At most ``most`` groups, whole; nothing for a family that is not the actor's to see.
    """
    is_past = (Booking.state != BookingState.CONFIRMED) | (Booking.ends_at <= now)
    latest = (
        select(Booking.group_id)
        .where(belongs_to(actor), Booking.family_id == family_id)
        .group_by(Booking.group_id)
        .having(func.bool_and(is_past))
        .order_by(func.max(Booking.starts_at).desc(), Booking.group_id)
        .limit(most)
    )
    return groups_of(
        session.scalars(
            _with_names(actor)
            .where(Booking.group_id.in_(latest))
            .order_by(None)
            .order_by(Booking.starts_at.desc(), Booking.group_id, *_ELDEST_FIRST)
        )
    )


def groups_on(
    session: Session, day: date, *, actor: Actor, facility_ids: Sequence[uuid.UUID] = ()
) -> list[Group]:
    """Return all groups of a local day at the actor's facilities, by time, cancelled ones too."""
    asked = (
        _with_names(actor)
        .where(Booking.day == day)
        .order_by(None)
        .order_by(Booking.starts_at, *_ELDEST_FIRST)
    )
    if facility_ids:
        asked = asked.where(Booking.facility_id.in_(facility_ids))
    return groups_of(session.scalars(asked))


def groups_at(
    session: Session, child_ids: Sequence[uuid.UUID], span: Span, *, actor: Actor
) -> list[Group]:
    """Return what the actor may see of children's bookings that lie in the way of a stay."""
    return groups_of(
        session.scalars(
            _with_names(actor).where(
                Booking.child_id.in_(child_ids),
                Booking.state.in_((BookingState.CONFIRMED, BookingState.ATTENDED)),
                Booking.starts_at < span.ends_at,
                Booking.ends_at > span.starts_at,
            )
        )
    )


def counts_by_day(session: Session, first: date, last: date, *, actor: Actor) -> dict[date, int]:
    """Return how many children are booked on each local day, both ends included."""
    rows = session.execute(
        select(Booking.day, func.count())
        .where(
            belongs_to(actor),
            Booking.day.between(first, last),
            Booking.state.in_((BookingState.CONFIRMED, BookingState.ATTENDED)),
        )
        .group_by(Booking.day)
    )
    return {row.day: row[1] for row in rows}


def bookable_programme(
    session: Session,
    *,
    facility_id: uuid.UUID | None = None,
    programme_id: uuid.UUID | None = None,
    actor: Actor,
) -> Programme:
    """Return a published programme by its id, or what is booked at a facility: the oldest one.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is not the actor's to book.
    """
    asked = (
        select(Programme)
        .join(Programme.facility)
        .where(Programme.published_at.is_not(None))
        .options(joinedload(Programme.facility))
        .order_by(Programme.created_at, Programme.id)
        .limit(1)
    )
    if programme_id is not None:
        asked = asked.where(Programme.id == programme_id)
    else:
        kind = ProgrammeKind.TEMPORARY_CARE
        asked = asked.where(Programme.facility_id == facility_id, Programme.kind == kind)
    if actor.is_provider:
        asked = asked.where(Programme.organisation_id == actor.organisation_id)
    return session.scalars(asked).one()


def programmes_to_book(session: Session, *, actor: Actor) -> Sequence[Programme]:
    """Return the programmes that staff book callers into, with their facilities."""
    return session.scalars(
        select(Programme)
        .join(Programme.facility)
        .where(Programme.organisation_id == actor.organisation_id)
        .options(joinedload(Programme.facility))
        .order_by(Programme.created_at, Programme.id)
    ).all()


def groups_of(bookings: Iterable[Booking]) -> list[Group]:
    """Put bookings into their groups, in the order in which the groups first appear."""
    found: dict[uuid.UUID, list[Booking]] = {}
    for booking in bookings:
        found.setdefault(booking.group_id, []).append(booking)
    return [Group(tuple(members)) for members in found.values()]


def _with_names(actor: Actor) -> Select[Booking]:
    return (
        select(Booking)
        .join(Booking.child)
        .where(belongs_to(actor))
        .options(
            joinedload(Booking.child), joinedload(Booking.facility), joinedload(Booking.programme)
        )
        .order_by(*_ELDEST_FIRST)
    )


def belongs_to(actor: Actor) -> ColumnElement[Any]:
    """Return the condition: of the actor's own family, or at her provider."""
    if actor.family_id is not None:
        return Booking.family_id == actor.family_id
    if actor.is_provider:
        return Booking.organisation_id == actor.organisation_id
    if actor.is_support:  # of referrals that her body sent: row-level security knows which
        return Booking.referral_id.is_not(None)
    return false()
