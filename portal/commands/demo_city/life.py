"""Days in the demo's city: bookings, arrivals, absences. The same for the same seed and start.

Life touches only bookings it made itself: what a visitor of the demo entered stays as it is.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, select, text
from sqlalchemy.exc import NoResultFound

from portal.attendance.rules import GRACE
from portal.attendance.service import taps as attendance
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState, UsePurpose, Wish
from portal.bookings.service import cancel_booking, place_booking
from portal.commands.demo_city.founding import City, Home, Site
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel
from portal.kernel.clock import at
from portal.kernel.errors import Refusal
from portal.kernel.spans import span_on
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState

SEED = "temporary-care"
#: How far ahead families have booked.
AHEAD = timedelta(days=30)
#: Shares of what happens.
TOGETHER, CANCELS, STAYS_AWAY, WITHOUT_WORD, FULL_DAYS = 0.6, 0.08, 0.06, 0.02, 0.2
SATURDAY = 5
_FILL = text("SELECT count(*) FROM fill_pool_days(:facility, :first, :last)")
_MINE = text("SELECT name FROM instance_facts WHERE name LIKE 'demo.booking.%'")
_REMEMBER = text("INSERT INTO instance_facts VALUES (:name, :value) ON CONFLICT DO NOTHING")
_UNTIL = text("SELECT value FROM instance_facts WHERE name = 'demo.booked_until'")
_SET_UNTIL = text(
    "INSERT INTO instance_facts VALUES ('demo.booked_until', :day)"
    " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_PURPOSES = (
    UsePurpose.RESPITE,
    UsePurpose.RESPITE,
    UsePurpose.IRREGULAR_WORK,
    UsePurpose.EMERGENCY,
)


def live_on(
    owner: Engine, city: City, now: datetime, today: date, tell: Callable[[str], None]
) -> None:
    """Extend the city's life to ``now`` and its bookings some weeks beyond."""
    for site in city.sites:
        director = Actor(Role.DIRECTOR, uuid.UUID(int=0), site.organisation_id)
        with acting_as(director), transaction() as session:
            span = {"first": city.started_on, "last": today + timedelta(days=130)}
            session.execute(_FILL, {"facility": site.facility_id, **span})
    with owner.connect() as connection:
        until = connection.execute(_UNTIL).scalar()
    known = {site.facility_id: _known_children(site) for site in city.sites}
    day = date.fromisoformat(until) + timedelta(days=1) if until else city.started_on
    last = today + AHEAD
    while day <= last:
        if day.day == 1 or day == city.started_on:
            tell(f"{day.year}年{day.month}月のくらしをつくっています…")
        booked = [
            booking_id
            for site in city.sites
            for booking_id in _book_day(city, site, known[site.facility_id], day, now)
        ]
        with owner.begin() as connection:
            for booking_id in booked:
                connection.execute(
                    _REMEMBER, {"name": f"demo.booking.{booking_id}", "value": day.isoformat()}
                )
            connection.execute(_SET_UNTIL, {"day": day.isoformat()})
        day += timedelta(days=1)
    tell("登園と降園を記録しています…")
    with owner.connect() as connection:
        mine = {uuid.UUID(name.rsplit(".", 1)[1]) for (name,) in connection.execute(_MINE)}
    for site in city.sites:
        _attend(site, mine, now)


def _dice(*about: object) -> random.Random:
    return random.Random(f"{SEED}|{'|'.join(map(str, about))}")  # noqa: S311 - invented lives


def _known_children(site: Site) -> set[uuid.UUID]:
    """Return the children whose pre-registration the facility has accepted."""
    staff = Actor(Role.STAFF, uuid.UUID(int=0), site.organisation_id)
    with acting_as(staff) as session:
        return set(
            session.scalars(
                select(Preregistration.child_id).where(
                    Preregistration.facility_id == site.facility_id,
                    Preregistration.state == PreregistrationState.ACCEPTED,
                )
            )
        )


def _book_day(
    city: City, site: Site, known: set[uuid.UUID], day: date, now: datetime
) -> Iterator[uuid.UUID]:
    index = city.sites.index(site)
    dice = _dice(index, day)
    homes = [home for home in city.homes if known.issuperset(home.child_ids)]
    dice.shuffle(homes)
    # Now and then everybody comes, so that the calendar has full days too.
    many = dice.random() < FULL_DAYS
    for home in homes if many else homes[: dice.randint(3, 6)]:
        start = dice.choice((time(8, 30), time(9), time(9, 30), time(10), time(13)))
        hours = dice.choice((3, 3, 4, 5, 7))
        if day.weekday() == SATURDAY:
            start, hours = time(8, 30), 3
        end = min(
            datetime.combine(day, start) + timedelta(hours=hours), datetime.combine(day, time(17))
        )
        when = min(now, at(day, time(20)) - timedelta(days=dice.randint(3, 12)))
        children = home.child_ids if dice.random() < TOGETHER else home.child_ids[:1]
        purpose = dice.choice(_PURPOSES)
        leaves = dice.random() < CANCELS
        hours_of_day = (start, end.time())
        yield from _book(home, site, children, day, hours_of_day, purpose, when, leaves)


def _book(
    home: Home,
    site: Site,
    children: tuple[uuid.UUID, ...],
    day: date,
    hours: tuple[time, time],
    purpose: UsePurpose,
    when: datetime,
    leaves: bool,  # noqa: FBT001 - thrown by the dice beside the others
) -> Iterator[uuid.UUID]:
    calls = home.user_id is None
    actor = (
        Actor(Role.STAFF, uuid.UUID(int=0), site.organisation_id)
        if calls
        else Actor(Role.GUARDIAN, home.user_id, family_id=home.family_id)
    )
    wish = Wish(
        programme_id=site.programme_id,
        family_id=home.family_id,
        child_ids=children,
        span=span_on(day, *hours),
        purpose=purpose,
        together=False,
        channel=Channel.PHONE if calls else Channel.WEB,
        received_at=when if calls else None,
    )
    try:
        with acting_as(actor), transaction() as session:
            placed = place_booking(session, wish, actor=actor, now=when)
            if leaves:
                cancel_booking(session, placed.group_id, actor=actor, now=when + timedelta(hours=1))
    except (Refusal, NoResultFound):
        return  # full, closed, too young, not known there: as in life
    yield from placed.bookings


def _attend(site: Site, mine: set[uuid.UUID], now: datetime) -> None:
    staff = Actor(Role.STAFF, uuid.UUID(int=0), site.organisation_id)
    with acting_as(staff) as session:
        due = session.scalars(
            select(Booking)
            .where(
                Booking.facility_id == site.facility_id,
                Booking.state.in_((BookingState.CONFIRMED, BookingState.ATTENDED)),
                Booking.starts_at < now,
            )
            .order_by(Booking.starts_at, Booking.id)
        ).all()
    for booking in due:
        if booking.id in mine:
            _one_stay(site, staff, booking, now)


def _one_stay(site: Site, staff: Actor, booking: Booking, now: datetime) -> None:
    dice = _dice("stay", booking.day, booking.starts_at, site.facility_id, booking.child_id)
    arrives = booking.starts_at + timedelta(minutes=dice.randint(-4, 12))
    departs = booking.ends_at + timedelta(minutes=dice.randint(-15, 4))
    fate = dice.random()
    try:
        with acting_as(staff), transaction() as session:
            where = (session, site.facility_id, booking.id)
            if booking.state is BookingState.CONFIRMED and fate < STAYS_AWAY:
                over = booking.ends_at + GRACE
                if over < now:
                    state = (
                        BookingState.NO_SHOW
                        if fate < WITHOUT_WORD
                        else BookingState.EXCUSED_ABSENCE
                    )
                    attendance.mark_absent(*where, state, actor=staff, now=over)
                return
            if booking.state is BookingState.CONFIRMED and arrives < now:
                attendance.arrive(*where, actor=staff, now=arrives)
            if max(departs, arrives) < now:
                attendance.depart(*where, actor=staff, now=max(departs, arrives))
    except Refusal:
        return  # somebody has recorded it otherwise; their word stands
