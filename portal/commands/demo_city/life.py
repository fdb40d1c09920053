"""Days in the demo's city: who books, comes, stays away. The same for the same seed and start.

Life touches only what it made itself: what a visitor of the demo entered stays as it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine, text

from portal.attendance.rules import WordKind
from portal.bookings.rules import BookingState
from portal.commands.demo_city.clients import busy_children, load_clients
from portal.commands.demo_city.courses import Course, Word, state_at
from portal.commands.demo_city.places import Place, load_places
from portal.commands.demo_city.planning import Client, PlannedStay, plan_day
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import Rows, settle_places
from portal.commands.demo_city.stay_rows import add_stay, course_of_stay, holds_place
from portal.commands.demo_city.trials import Trials, plan_trials
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import at
from portal.kernel.clock import today as local_today
from portal.policies.cancel import WaivedReason

#: How far ahead families have booked, and places are laid out.
AHEAD, LAID_OUT = timedelta(days=62), timedelta(days=130)
_FILL = text("SELECT count(*) FROM fill_pool_days(:facility, :first, :last)")
_DAY = timedelta(days=1)


def lay_out(city: City, today: date) -> None:
    """Lay out the days of all facilities, from the beginning until some months ahead."""
    for site in city.sites:
        director = Actor(Role.DIRECTOR, site.director_id, site.organisation_id)
        span = {"first": city.started_on, "last": today + LAID_OUT}
        with acting_as(director), transaction() as session:
            session.execute(_FILL, {"facility": site.facility_id, **span})


def live(
    admin: Engine,
    city: City,
    now: datetime,
    tell: Callable[[str], None],
    *,
    since: datetime | None = None,
) -> None:
    """Let families book from ``since`` (an earlier start) or the beginning until ``now``."""
    today = local_today(now)
    first, last = (local_today(since) if since else city.started_on), today + AHEAD
    sites = {site.facility_id: site for site in city.sites}
    ids = list(sites)
    with admin.begin() as connection:
        places = load_places(connection, ids, first, last, today)
        for place in places:
            place.load = sites[place.facility_id].load
        clients = load_clients(connection, ids, today, frozenset(city.featured))
        busy = busy_children(connection, first, last)
        month, rows = 0, Rows()
        trials, outcomes = Trials({}, {}), Rows()
        if since is None:  # later ones are for visitors of the demo to book
            trials = plan_trials(connection, outcomes, city, places, busy, now)
            clients = trials.later(clients)
        day = first
        while day <= last:
            if day.month != month:
                month = day.month
                tell(f"{day.year}年{day.month}月のくらしをつくっています…")
                rows.write(connection)
            for place in places:
                staff_id = sites[place.facility_id].staff_id
                stays = trials.stays.get((place.facility_id, day), [])
                stays += _booked(place, clients[place.facility_id], day, busy, city, now, since)
                for stay, course in _courses(stays, city, now):
                    if not holds_place(course, now):
                        _give_back(stay, busy)
                    add_stay(rows, stay, course, now, staff_id)
            day += _DAY
        rows.write(connection)
        outcomes.write(connection)
        settle_places(connection, ids, city.started_on, today + LAID_OUT)


def _booked(
    place: Place,
    clients: Sequence[Client],
    day: date,
    busy: set[tuple[uuid.UUID, date]],
    city: City,
    now: datetime,
    since: datetime | None,
) -> list[PlannedStay]:
    """Return the day's stays as they are booked by now.

    A whole day is planned, so that starts at different hours of a day agree; what lies in the rest
    of today is not booked yet.
    """
    midnight = at(local_today(now) + _DAY, time(0))
    # Nobody books a day that a typhoon has shut already.
    until = min(now, _shut_at(day)) if day == city.storm_on else now
    stays = []
    for stay in plan_day(place, clients, day, busy=busy, seed=city.seed, now=midnight, since=since):
        if stay.booked_at < until:
            stays.append(stay)
        else:
            _give_back(stay, busy)
    return stays


def _give_back(stay: PlannedStay, busy: set[tuple[uuid.UUID, date]]) -> None:
    for child in stay.children:
        pools = stay.place.pools_of(child.born_on, stay.span.day)
        stay.place.take(pools, stay.span.day, stay.cells, by=-1)
        busy.discard((child.child_id, stay.span.day))


def _courses(
    stays: Sequence[PlannedStay], city: City, now: datetime
) -> Iterable[tuple[PlannedStay, Course]]:
    courses = {stay.key: course_of_stay(stay) for stay in stays}
    if stays and stays[0].span.day == local_today(now):
        courses |= _lively(stays, courses, now)
    if stays and stays[0].span.day == city.storm_on:
        courses |= {stay.key: _storm(stay, courses[stay.key]) for stay in stays}
    return [(stay, courses[stay.key]) for stay in stays]


def _lively(
    stays: Sequence[PlannedStay], courses: Mapping[str, Course], now: datetime
) -> dict[str, Course]:
    """Let one child not have arrived yet, and another family have told that it comes later."""
    changed: dict[str, Course] = {}
    simple = [
        stay
        for stay in stays
        if courses[stay.key].arrived_at is not None and courses[stay.key].word is None
    ]
    since = [(now - stay.span.starts_at, stay) for stay in simple]
    missing = [s for ago, s in since if timedelta(minutes=32) < ago < timedelta(minutes=120)]
    for stay in [s for s in missing if s.span.ends_at > now][:1]:
        changed[stay.key] = Course(
            absent=(BookingState.NO_SHOW, stay.span.ends_at + timedelta(minutes=5))
        )
    to_come = [s for ago, s in since if timedelta(minutes=-150) < ago < timedelta(0)]
    for stay in [s for s in to_come if s.span.minutes > 60][:1]:  # noqa: PLR2004 - an hour
        expected_at = stay.span.starts_at + timedelta(minutes=30)
        told_at = min(now, stay.span.starts_at) - timedelta(minutes=25)
        changed[stay.key] = Course(
            word=Word(WordKind.LATE, told_at, "mail_link", expected_at),
            arrived_at=expected_at + timedelta(minutes=2),
            departed_at=stay.span.ends_at,
        )
    return changed


def _shut_at(day: date) -> datetime:
    """Return when it was decided that nothing opens on the day of the typhoon."""
    return at(day - _DAY, time(16, 30))


def _storm(stay: PlannedStay, course: Course) -> Course:
    """The evening before a typhoon the facility cancels what was still booked."""
    closed_at = _shut_at(stay.span.day)
    if state_at(course, closed_at) is not BookingState.CONFIRMED:
        return course
    return Course(
        cancelled_at=closed_at, cancelled_by_staff=True, because=WaivedReason.CLOSED_BY_FACILITY
    )
