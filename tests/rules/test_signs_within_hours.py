"""The calendar shows no place at hours that the rules close."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

import pytest

from portal.policies.calendar import FacilityCalendar
from portal.policies.looking import DayRules
from portal.slots.availability import Cells, Sign
from portal.slots.day_signs import bookable_cells, vacancy_on, within_hours
from portal.slots.opening import OpenDays
from portal.slots.published import FacilityShown, Place
from tests.rules.policy_cases import document, jst

FRIDAY, SATURDAY = date(2026, 11, 20), date(2026, 11, 21)
NOW = jst(2026, 11, 10)
DAILY = FacilityCalendar(frozenset(range(7)))
#: Two places from 8:00 to 19:00.
CELLS: Cells = tuple(2 if 16 <= cell < 38 else None for cell in range(48))
SPLIT = [
    {"weekdays": ["fri"], "starts": "08:30", "ends": "12:15"},
    {"weekdays": ["fri"], "starts": "15:00", "ends": "24:00"},
]


def place(**kinds: Any) -> Place:
    return Place(cast("FacilityShown", None), document(**kinds), ())


def open_cells(of: Place, day: date = FRIDAY) -> list[int]:
    found = within_hours(DayRules(of.document, DAILY, day), CELLS)
    return [cell for cell, free in enumerate(found) if free]


def test_cells_outside_the_hours_of_the_rules_offer_nothing() -> None:
    of = place(hours={"weekly": SPLIT})
    # The half hour that ends at 12:30 is not open to its end.
    assert open_cells(of) == [*range(17, 24), *range(30, 38)]
    assert open_cells(of, SATURDAY) == []
    assert open_cells(place()) == list(range(16, 38))
    assert open_cells(place(hours={"on_holidays": "open"})) == list(range(16, 38))


@pytest.mark.parametrize(("day", "sign"), [(FRIDAY, Sign.FREE), (SATURDAY, Sign.CLOSED)])
def test_a_day_that_the_rules_close_reads_as_closed(day: date, sign: Sign) -> None:
    of, opening = place(hours={"weekly": SPLIT}), OpenDays(DAILY, ())
    seen, _state = vacancy_on(of, opening, CELLS, day, now=NOW)
    assert seen.sign is sign
    unknown, _state = vacancy_on(of, opening, None, day, now=NOW)
    assert unknown.sign is (Sign.CLOSED if sign is Sign.CLOSED else Sign.NOT_NOW)


def test_what_can_be_booked_lies_within_the_hours() -> None:
    of = place(hours={"weekly": SPLIT})
    cells = bookable_cells(DayRules(of.document, DAILY, FRIDAY), CELLS, now=NOW)
    assert [cell for cell, free in enumerate(cells) if free] == open_cells(of)


@pytest.mark.parametrize(("minute", "first"), [(59, 18), (0, 19)])
def test_a_stay_is_late_when_its_notice_begins_to_count(minute: int, first: int) -> None:
    of = place(booking_window={"notice_minutes": 60})
    now = jst(2026, 11, 20, 8) if minute == 0 else jst(2026, 11, 20, 7, minute)
    rules = DayRules(of.document, DAILY, FRIDAY)
    cells = bookable_cells(rules, CELLS, now=now)
    assert next(cell for cell, free in enumerate(cells) if free) == first
