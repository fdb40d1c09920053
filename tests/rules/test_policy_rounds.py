"""Rounds of booking that a stay comes too early for: nobody is told to wait for them."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from portal.policies.decide import decide
from portal.policies.looking import DayRules, by_web
from portal.policies.reasons import BookingRefusal
from portal.policies.window import WindowState
from tests.rules.policy_cases import ASKED_AT, WEEKDAYS, case, document, jst, stay

pytestmark = pytest.mark.proves("G7")

SAME_DAY = [
    {"name": "前もって", "closes": {"days": 3, "at": "17:00"}},
    {"name": "当日", "opens": {"kind": "rolling", "days": 0, "at": "08:30"}},
]


@pytest.mark.parametrize(
    ("start", "codes", "closes_at"),
    [
        ("09:30", [BookingRefusal.CLOSED_FOR_BOOKING], jst(2026, 12, 1, 17)),
        ("09:31", [BookingRefusal.NOT_YET_OPEN], jst(2026, 12, 4, 8, 31)),
    ],
)
def test_a_round_that_a_stay_comes_too_early_for_is_promised_to_nobody(
    start: str, codes: list[BookingRefusal], closes_at: datetime
) -> None:
    rules = document(booking_window={"notice_minutes": 60, "phases": SAME_DAY})
    wish = case(rules, span=stay(start, "12:00", day=date(2026, 12, 4)))
    found = decide(wish, now=jst(2026, 12, 1, 17))
    assert [reason.code for reason in found.reasons] == codes
    assert found.closes_at == closes_at
    seen = DayRules(rules, WEEKDAYS, wish.span.day, by_web(1))
    assert seen.state(jst(2026, 12, 1, 17)) is WindowState.BEFORE, "a later stay can be booked"
    states = {BookingRefusal.NOT_YET_OPEN: WindowState.BEFORE}
    assert seen.state(jst(2026, 12, 1, 17), wish.span) is states.get(codes[0], WindowState.AFTER)


def test_rounds_that_are_all_over_before_they_begin_are_told_as_they_are() -> None:
    rules = document(
        booking_window={"phases": [{**SAME_DAY[1], "closes": {"days": 1}}], "notice_minutes": 60}
    )
    (reason,) = decide(case(rules), now=ASKED_AT).reasons
    assert reason.code is BookingRefusal.NOT_YET_OPEN
