"""What a feed holds, read without any child's name, and the address it stands at."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.addresses import AddressKind, Opened, SecretAddress, open_address
from portal.bookings.models import Booking
from portal.bookings.queries.lists import Group, groups_of
from portal.bookings.rules import BookingState
from portal.calendars.entries import calendar_entry, facility_entry
from portal.calendars.rules import Window
from portal.documents.i18n import gettext as _
from portal.documents.ics import CalendarEntry
from portal.facilities.models import Facility
from portal.kernel.actor import Actor, Role
from portal.visits import calendar as visits

_FEEDS = (AddressKind.FAMILY_FEED, AddressKind.FACILITY_FEED)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's content. ``changed_at`` is when it last became other than before."""

    name: str
    entries: tuple[CalendarEntry, ...]
    changed_at: datetime


def opened_feed(session: Session, token: str) -> Opened | None:
    """Return the feed that ``token`` opens, or ``None``; as much work for either answer."""
    found = [open_address(session, token, kind) for kind in _FEEDS]
    return next(filter(None, found), None)


def actor_of(opened: Opened) -> Actor:
    """Return whose eyes a feed is read with: nobody in person, one family or one provider."""
    if opened.kind is AddressKind.FAMILY_FEED:
        return Actor(role=Role.GUARDIAN, family_id=opened.family_id)
    return Actor(role=Role.DIRECTOR, organisation_id=opened.organisation_id)


def family_feed(session: Session, *, actor: Actor, now: datetime, base_url: str) -> Feed:
    """Return a family's bookings, an entry for each that was booked as one unit, and its visits."""
    own = Booking.family_id == actor.family_id
    also = partial(visits.family_entries, session, actor.family_id)
    name = _("一時預かり")
    return _feed(session, own, name, calendar_entry, also, now=now, base_url=base_url)


def facility_feed(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime, base_url: str
) -> Feed:
    """Return the bookings and sessions of one facility of the actor's provider.

    Raises:
        sqlalchemy.exc.NoResultFound: it is none of the provider's.
    """
    facility = own_facility(session, facility_id, actor=actor)
    here = (Booking.facility_id == facility.id) & (Booking.organisation_id == actor.organisation_id)
    name = _("%s の一時預かり") % facility.name
    also = partial(visits.facility_entries, session, facility.id)
    return _feed(session, here, name, facility_entry, also, now=now, base_url=base_url)


def own_facility(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> Facility:
    """Return a facility that the actor's provider runs.

    Raises:
        sqlalchemy.exc.NoResultFound: it is none of the provider's. Shown as a 404.
    """
    return session.scalars(
        select(Facility).where(
            Facility.id == facility_id, Facility.organisation_id == actor.organisation_id
        )
    ).one()


def live_addresses(
    session: Session, kind: AddressKind, *, actor: Actor, facility_id: uuid.UUID | None = None
) -> list[SecretAddress]:
    """Return the addresses at which the actor's feed can be read now: one or none."""
    asked = select(SecretAddress).where(
        SecretAddress.kind == kind,
        SecretAddress.ended_at.is_(None),
        SecretAddress.family_id == actor.family_id
        if kind is AddressKind.FAMILY_FEED
        else (SecretAddress.organisation_id == actor.organisation_id)
        & (SecretAddress.facility_id == facility_id),
    )
    return list(session.scalars(asked.order_by(SecretAddress.made_at.desc())))


def _feed(
    session: Session,
    whose: ColumnElement[bool],
    name: str,
    entry: Callable[..., CalendarEntry],
    also: Callable[..., tuple[CalendarEntry, ...]],
    *,
    now: datetime,
    base_url: str,
) -> Feed:
    window = Window.at(now)
    stays = tuple(entry(of, base_url=base_url) for of in _groups(session, whose, window))
    others = also(since=window.first_day, cancelled_since=window.cancelled_since, base_url=base_url)
    entries = tuple(sorted((*stays, *others), key=lambda each: (each.starts_at, each.uid)))
    changes = (window.since, *(each.updated_at for each in entries))
    return Feed(name, entries, max(changes))


def _groups(session: Session, whose: ColumnElement[bool], window: Window) -> list[Group]:
    # Whole groups: a child cancelled long ago still counts into its group's SEQUENCE.
    shown = select(Booking.group_id).where(
        whose,
        Booking.day >= window.first_day,
        or_(
            Booking.state != BookingState.CANCELLED,
            Booking.cancelled_at >= window.cancelled_since,
        ),
    )
    return groups_of(
        session.scalars(
            select(Booking)
            .where(whose, Booking.group_id.in_(shown))
            .options(joinedload(Booking.facility))
            .order_by(Booking.starts_at, Booking.group_id, Booking.id)
        )
    )
