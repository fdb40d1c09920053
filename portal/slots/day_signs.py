"""The sign of a day for a class: what is free, seen with the rules and the time. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from portal.kernel.clock import local_date, today
from portal.kernel.spans import CELLS
from portal.policies.blocks import minutes_of
from portal.policies.looking import ANYBODY, DayRules, Onlooker
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
_MOMENT = timedelta(microseconds=1)


def vacancy_on(
    place: Place,
    opening: OpenDays,
    cells: Cells | None,
    day: date,
    *,
    now: datetime,
    who: Onlooker = ANYBODY,
) -> tuple[Vacancy, WindowState]:
    """Return the sign of one day for the cells of a class, and where now lies in its window.

    Days that are not filled yet are closed or not to be booked yet, as the weekday says.

    Args:
        who: Whose rules hold: those of the class, or of certain children.
    """
    rules = DayRules(place.document_on(day), opening.calendar, day, who)
    return vacancy_by(rules, cells, now=now)


def vacancy_by(
    rules: DayRules, cells: Cells | None, *, now: datetime
) -> tuple[Vacancy, WindowState]:
    """Return the same by rules that are laid already."""
    state = WindowState.AFTER if rules.day < today(now) else rules.state(now)
    if cells is None:
        is_open = rules.days.is_open(rules.day)
        return Vacancy(Sign.NOT_NOW if is_open else Sign.CLOSED), state
    cells = within_hours(rules, cells)
    if any(cells) and not rules.lets_class_come():
        return Vacancy(Sign.NOT_NOW, is_for_others=True), state
    reachable = reachable_on(rules, now=now)
    return vacancy(cells, state, allowed=rules.stays, first_cell=reachable), state


def within_hours(rules: DayRules, cells: Cells) -> Cells:
    """Leave what lies in the opening hours of the rules; all of it where they say none."""
    for hours in rules.hours:
        spans = [(minutes_of(one.starts), minutes_of(one.ends)) for one in hours or ()]
        cells = tuple(
            free
            if any(first <= cell * _CELL and (cell + 1) * _CELL <= last for first, last in spans)
            else None
            for cell, free in enumerate(cells)
        )
    return cells


def bookable_cells(
    rules: DayRules, cells: Cells | None, *, now: datetime, by_staff: bool = False
) -> Cells:
    """Return what of a day counts for those who book: stays as the rules know them, from now on.

    Args:
        by_staff: They need no notice.
    """
    within = within_hours(rules, cells) if cells is not None else NOTHING
    return fitting(within, rules.stays, reachable_on(rules, now=now, by_staff=by_staff))


def reachable_on(rules: DayRules, *, now: datetime, by_staff: bool = False) -> int:
    """Return the first cell of a day in which a stay asked for now can begin; 48 where none."""
    notice = timedelta(minutes=0 if by_staff else rules.notice_minutes)
    # Asked for just so long before, a stay is late already.
    earliest = now + notice + (_MOMENT if notice else timedelta())
    if rules.day == local_date(earliest):
        return first_reachable_cell(earliest)
    return CELLS if rules.day < local_date(earliest) else 0
