"""Where a booking could be moved: the days and hours that have room for all its children."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.queries.lists import Group
from portal.documents.dates import written_span
from portal.documents.i18n import listed
from portal.kernel.clock import today
from portal.kernel.spans import cell_label
from portal.policies.decide import booking_window
from portal.policies.window import WindowState
from portal.slots.availability import Cells, first_reachable_cell, runs
from portal.slots.opening import open_days
from portal.slots.published import cells_by_day, published_place

#: How far ahead is looked, and how many days are shown.
_AHEAD = timedelta(days=28)
_MOST = 20


@dataclass(frozen=True, slots=True)
class FreeDay:
    """A day with the hours in which all children of a booking would have a place."""

    day: date
    hours: str


def free_days(session: Session, moving: Group, *, now: datetime) -> list[FreeDay]:
    """Return the next days that can be booked; what the booking itself holds counts as taken.

    Empty where the facility is published no longer.
    """
    on, count = today(now), len(moving.live)
    try:
        place = published_place(session, moving.first.facility_id, on=on)
    except NoResultFound:
        return []
    calendar = open_days(session, place.id, on).calendar
    by_age = [
        cells_by_day(session, place, age, on, on + _AHEAD)
        for age in {booking.class_age for booking in moving.live}
    ]
    rule = place.document.booking_window
    found: list[FreeDay] = []
    for day in sorted(set.intersection(*map(set, by_age))) if by_age else ():
        if booking_window(place.document, calendar, day).state(now) is not WindowState.OPEN:
            continue
        first = first_reachable_cell(now, rule.notice_minutes if rule else 0) if day == on else 0
        spans = runs(_least([cells[day] for cells in by_age]), first_cell=first, least=count)
        if spans:
            hours = [written_span(cell_label(start), cell_label(end)) for start, end in spans]
            found.append(FreeDay(day, listed(hours)))
        if len(found) == _MOST:
            break
    return found


def _least(days: list[Cells]) -> Cells:
    return tuple(
        None
        if any(free is None for free in cell)
        else min(free for free in cell if free is not None)
        for cell in zip(*days, strict=True)
    )
