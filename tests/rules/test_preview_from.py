"""Days of a month before rules begin, and from then on."""

from __future__ import annotations

from datetime import date

import pytest

from portal.rulebooks.preview import PreviewDay, begun_on

pytestmark = pytest.mark.proves("G13")

DAYS = [date(2026, 12, n) for n in (9, 10, 11)]
NEW = [PreviewDay(day, is_open=True, rounds=(), cancel_until=None, hours=()) for day in DAYS]
OLD = [PreviewDay(day, is_open=False) for day in DAYS]


def test_the_first_day_is_one_of_the_new_rules() -> None:
    assert begun_on(NEW, OLD, DAYS[1]) == (OLD[0], NEW[1], NEW[2])
    assert begun_on(NEW, OLD, DAYS[0]) == tuple(NEW)


def test_where_nothing_held_before_no_day_can_be_booked_till_then() -> None:
    first, *rest = begun_on(NEW, None, DAYS[1])
    assert first == PreviewDay(DAYS[0], is_open=True)
    assert first.rounds == ()
    assert rest == NEW[1:]
