"""The sign of a day for a class: what is free, seen with the time to book it. Pure."""

from __future__ import annotations

from datetime import date, datetime

from portal.kernel.clock import today
from portal.policies.decide import booking_window
from portal.policies.window import WindowState
from portal.slots.availability import Cells, Sign, Vacancy, first_reachable_cell, vacancy
from portal.slots.opening import OpenDays
from portal.slots.published import Place


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
        is_open = opening.calendar.is_open(day)
        return Vacancy(Sign.NOT_NOW if is_open else Sign.CLOSED), state
    rule = place.document.booking_window
    reachable = 0
    if day == today(now):
        reachable = first_reachable_cell(now, rule.notice_minutes if rule else 0)
    return vacancy(cells, state, first_cell=reachable), state
