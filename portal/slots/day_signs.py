"""The sign of a day for a class: what is free, seen with the rules and the time. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.kernel.clock import local_date, today
from portal.kernel.spans import CELLS
from portal.policies.blocks import minutes_of
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window
from portal.policies.matching import calendar_for, document_on
from portal.policies.units import stays
from portal.policies.window import WindowState
from portal.slots.availability import (
    NOTHING,
    Cells,
    Sign,
    Vacancy,
    first_reachable_cell,
    fitting,
    vacancy,
)
from portal.slots.opening import OpenDays
from portal.slots.published import Place

#: Minutes of a cell.
_CELL = 30


def vacancy_on(
    place: Place, opening: OpenDays, cells: Cells | None, day: date, *, now: datetime
) -> tuple[Vacancy, WindowState]:
    """Return the sign of one day for the cells of a class, and where now lies in its window.

    Days that are not filled yet are closed or not to be booked yet, as the weekday says.
    """
    state = booking_window(place.document, opening.calendar, day).state(now)
    if day < today(now):
        state = WindowState.AFTER
    if cells is None:
        is_open = calendar_for(place.document, opening.calendar).is_open(day)
        return Vacancy(Sign.NOT_NOW if is_open else Sign.CLOSED), state
    cells = within_hours(place, opening.calendar, cells, day)
    units = document_on(place.document, opening.calendar, day).units
    allowed, reachable = stays(units), reachable_on(place, day, now=now)
    return vacancy(cells, state, allowed=allowed, first_cell=reachable), state


def within_hours(place: Place, calendar: FacilityCalendar, cells: Cells, day: date) -> Cells:
    """Leave what lies in the opening hours of the rules; all of it where they say none."""
    rule = document_on(place.document, calendar, day).hours
    hours = rule.hours_on(day, calendar) if rule is not None else None
    if hours is None:
        return cells
    spans = [(minutes_of(one.starts), minutes_of(one.ends)) for one in hours]
    return tuple(
        free
        if any(first <= cell * _CELL and (cell + 1) * _CELL <= last for first, last in spans)
        else None
        for cell, free in enumerate(cells)
    )


def bookable_cells(
    place: Place,
    cells: Cells | None,
    day: date,
    *,
    now: datetime,
    by_staff: bool = False,
    calendar: FacilityCalendar | None = None,
) -> Cells:
    """Return what of a day counts for those who book: stays as the rules know them, from now on.

    Args:
        by_staff: They need no notice.
        calendar: The facility's days; without it the hours of the rules are not looked at.
    """
    first_cell = reachable_on(place, day, now=now, by_staff=by_staff)
    units = place.document.units
    if calendar is not None:
        units = document_on(place.document, calendar, day).units
        cells = within_hours(place, calendar, cells, day) if cells is not None else None
    return fitting(cells or NOTHING, stays(units), first_cell)


def reachable_on(place: Place, day: date, *, now: datetime, by_staff: bool = False) -> int:
    """Return the first cell of a day in which a stay asked for now can begin; 48 where none."""
    rule = None if by_staff else place.document.booking_window
    earliest = now + timedelta(minutes=rule.notice_minutes if rule else 0)
    if day == local_date(earliest):
        return first_reachable_cell(earliest)
    return CELLS if day < local_date(earliest) else 0
