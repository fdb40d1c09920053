from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.policies.calendar import SEARCH_DAYS, FacilityCalendar, closure
from portal.policies.deadlines import Deadline
from portal.policies.decide import booking_window
from portal.policies.document import RulesDocument
from portal.policies.window import BookingWindow, BookingWindowRule, WindowState
from tests.rules.policy_cases import (
    ANY_DAY,
    NEVER,
    WEEKDAYS,
    calendars,
    days,
    deadlines,
    document,
    documents,
    jst,
    moments,
)

BEFORE, OPEN, AFTER = WindowState


def window(day: date, calendar: FacilityCalendar = WEEKDAYS, **rule: Any) -> BookingWindow:
    return booking_window(document(booking_window=rule), calendar, day)


def test_m01_opens_on_the_15th_or_the_next_open_day() -> None:
    opens = {"kind": "monthly", "day": 15, "at": "09:00", "shift": "next"}
    closes = {"days": 1, "at": "24:00", "counting": "open"}
    # 15 November 2026 is a Sunday; the Monday after it is open.
    december = window(date(2026, 12, 21), opens=opens, closes=closes)
    assert december.opens_at == jst(2026, 11, 16, 9)
    # The day before Monday 21 December, closed days not counted, is the Friday.
    assert december.closes_at == jst(2026, 12, 19, 0)
    assert window(date(2026, 11, 2), opens=opens).opens_at == jst(2026, 10, 15, 9)


def test_m02_opens_a_month_before_at_noon_and_closes_three_days_before() -> None:
    shinmatsudo = FacilityCalendar(
        frozenset({1, 2, 3, 4, 5, 6}), closure(date(2026, 12, 29), date(2027, 1, 3)), frozenset()
    )
    rule: dict[str, Any] = {
        "opens": {"kind": "rolling", "months": 1, "at": "12:00"},
        "closes": {"days": 3, "shift": "previous"},
    }
    thursday = window(date(2026, 11, 19), shinmatsudo, **rule)
    assert thursday.opens_at == jst(2026, 10, 19, 12)
    # Three days before is a Monday, which is closed: the Sunday before it is the last day.
    assert thursday.closes_at == jst(2026, 11, 16, 0)
    assert window(date(2026, 11, 20), shinmatsudo, **rule).closes_at == jst(2026, 11, 18, 0)


def test_m06_requests_until_17_on_the_day_before() -> None:
    assert window(date(2026, 11, 20), closes={"days": 1, "at": "17:00"}).closes_at == jst(
        2026, 11, 19, 17
    )


def test_m08_rolls_from_16_to_3_days_before() -> None:
    opens, closes = {"kind": "rolling", "days": 16, "at": "00:00"}, {"days": 3}
    rolling = window(date(2026, 11, 20), opens=opens, closes=closes)
    assert rolling.opens_at == jst(2026, 11, 4)
    assert rolling.closes_at == jst(2026, 11, 18)
    assert rolling.state(jst(2026, 11, 17, 23, 59, 59)) is OPEN


@pytest.mark.proves("B63")
def test_half_months_open_on_the_1st_and_the_16th_or_the_day_before_a_holiday() -> None:
    rule: dict[str, Any] = {
        "opens": {"kind": "half_month", "at": "09:00", "shift": "previous"},
        "closes": {"days": 1, "at": "16:30"},
    }
    opened = {day: window(day, **rule).opens_at for day in (
        date(2026, 10, 15), date(2026, 10, 16), date(2026, 12, 31), date(2026, 12, 15),
    )}  # fmt: skip
    assert list(opened.values()) == [
        jst(2026, 9, 16, 9),
        jst(2026, 10, 1, 9),
        jst(2026, 12, 1, 9),
        jst(2026, 11, 16, 9),
    ]
    # 1 November 2026 is a Sunday: the Friday before.
    assert window(date(2026, 11, 30), **rule).opens_at == jst(2026, 10, 30, 9)
    assert window(date(2026, 11, 20), **rule).closes_at == jst(2026, 11, 19, 16, 30)
    assert window(date(2027, 1, 8), **rule).opens_at == jst(2026, 12, 16, 9)


@pytest.mark.proves("B24")
def test_two_days_ahead() -> None:
    days_asked = [date(2026, 10, 31) + timedelta(days=n) for n in range(4)]
    opens = {"kind": "rolling", "days": 2, "at": "00:00"}
    windows = [window(day, ANY_DAY, opens=opens) for day in days_asked]
    assert [w.state(jst(2026, 10, 31, 7)) for w in windows] == [OPEN, OPEN, OPEN, BEFORE]
    assert [w.state(jst(2026, 11, 1)) for w in windows] == [AFTER, OPEN, OPEN, OPEN]
    assert [w.state(jst(2026, 10, 31, 23, 59)) for w in windows] == [OPEN, OPEN, OPEN, BEFORE]


@pytest.mark.parametrize(
    ("day", "missing", "opens_at"),
    [
        (date(2026, 3, 31), "last_day", jst(2026, 2, 28, 9)),
        (date(2026, 3, 31), "first_of_next_month", jst(2026, 3, 1, 9)),
        (date(2026, 3, 28), "first_of_next_month", jst(2026, 2, 28, 9)),
        (date(2028, 3, 30), "last_day", jst(2028, 2, 29, 9)),
        (date(2026, 1, 31), "last_day", jst(2025, 12, 31, 9)),
    ],
)
def test_one_month_before_the_31st(day: date, missing: str, opens_at: datetime) -> None:
    opens = {"kind": "rolling", "months": 1, "at": "09:00", "when_day_is_missing": missing}
    assert window(day, ANY_DAY, opens=opens).opens_at == opens_at


def test_the_last_day_of_the_month_and_months_over_the_year() -> None:
    last = {"kind": "monthly", "day": "last", "months_before": 2, "at": "10:00"}
    assert window(date(2027, 1, 8), ANY_DAY, opens=last).opens_at == jst(2026, 11, 30, 10)
    first = {"kind": "monthly", "day": 1, "at": "10:00", "shift": "none"}
    assert window(date(2027, 1, 8), opens=first).opens_at == jst(2026, 12, 1, 10)


def test_without_rule_a_day_is_open_until_it_ends() -> None:
    assert booking_window(RulesDocument(), WEEKDAYS, date(2026, 11, 20)) == BookingWindow(
        None, jst(2026, 11, 21)
    )


def test_a_day_beyond_its_month_cannot_be_written() -> None:
    with pytest.raises(ValidationError):
        document(booking_window={"opens": {"kind": "monthly", "day": 31, "at": "09:00"}})
    for both in ({"days": 3, "months": 1}, {}):
        with pytest.raises(ValidationError, match="one of days, weeks or months"):
            document(booking_window={"opens": {"kind": "rolling", "at": "09:00", **both}})


@given(documents, calendars, days, moments)
def test_the_window_is_half_open(
    rules: RulesDocument, calendar: FacilityCalendar, day: date, moment: datetime
) -> None:
    whole = booking_window(rules, calendar, day)
    for some in (replace(whole, later=()), *whole.later):
        opens_at, closes_at = some.opens_at, some.closes_at
        assert closes_at <= jst(day.year, day.month, day.day) + timedelta(days=1)
        has_opened = some.is_announced and (opens_at is None or opens_at <= moment)
        assert (some.state(moment) is OPEN) is (has_opened and moment < closes_at)
        assert some.state(closes_at) is AFTER
        if opens_at is not None and opens_at < closes_at:
            assert some.state(opens_at) is OPEN
            assert some.state(opens_at - timedelta(microseconds=1)) is BEFORE


@given(deadlines.map(Deadline.model_validate), days, calendars)
def test_counting_open_days_is_never_later(
    some: Deadline, day: date, calendar: FacilityCalendar
) -> None:
    plain = Deadline(days=some.days, at=some.at)
    by_open_days = Deadline.model_validate({**plain.model_dump(), "counting": "open"})
    assert by_open_days.before(day, calendar) <= plain.before(day, calendar)


@given(days)
def test_a_facility_that_never_opens_is_no_endless_loop(day: date) -> None:
    assert NEVER.next_open_day(day) is NEVER.previous_open_day(day) is None
    assert NEVER.open_days_before(day, 3) is None
    assert NEVER.open_days_before(day, 0) == day
    rule = BookingWindowRule.model_validate(
        {
            "opens": {"kind": "monthly", "day": 1, "at": "09:00", "shift": "next"},
            "closes": {"days": 2, "counting": "open", "shift": "previous"},
        }
    )
    assert rule.window(day, NEVER).closes_at.date() == day - timedelta(days=1)


@given(calendars, days, st.integers(1, 5))
def test_open_days_counted_back_are_as_many(
    calendar: FacilityCalendar, day: date, count: int
) -> None:
    reached = calendar.open_days_before(day, count)
    if reached is not None:
        assert calendar.is_open(reached)
        assert calendar.open_days_between(reached, day - timedelta(days=1)) == count
        following = calendar.next_open_day(reached - timedelta(days=1))
        assert following == reached


@pytest.mark.proves("B18")
def test_a_closure_includes_both_ends() -> None:
    closed = FacilityCalendar(frozenset(range(7)), closure(date(2026, 6, 5), date(2026, 6, 7)))
    assert [closed.is_open(date(2026, 6, day)) for day in range(4, 9)] == [
        True, False, False, False, True,
    ]  # fmt: skip


def test_holidays_extra_days_and_closures() -> None:
    holiday, sunday = date(2026, 11, 23), date(2026, 11, 22)
    assert not WEEKDAYS.is_open(holiday)
    assert FacilityCalendar({0}, frozenset(), frozenset({holiday}), False).is_open(holiday)  # noqa: FBT003
    opened = FacilityCalendar({0}, extra_open_days=frozenset({sunday, holiday}))
    assert opened.is_open(sunday)
    assert opened.is_open(holiday)
    both = FacilityCalendar({0}, frozenset({sunday}), extra_open_days=frozenset({sunday}))
    assert not both.is_open(sunday)
    far = date(2026, 1, 1)
    rare = FacilityCalendar(set(), extra_open_days=frozenset({far + timedelta(days=SEARCH_DAYS)}))
    assert rare.next_open_day(far) == far + timedelta(days=SEARCH_DAYS)
    assert rare.next_open_day(far - timedelta(days=1)) is None


def test_days_before_a_new_facilitys_first_day_count_for_deadlines() -> None:
    first_day = date(2026, 11, 23)
    new = FacilityCalendar(open_weekdays=frozenset(range(5)), first_day=first_day)
    opens = {"kind": "rolling", "months": 2, "at": "09:00", "shift": "next"}
    closes = {"days": 2, "at": "17:00", "counting": "open"}
    care = window(date(2027, 1, 18), new, opens=opens, closes=closes)
    assert care.opens_at == jst(2026, 11, 18, 9), "a Wednesday, though nobody came then"
    early = window(date(2026, 11, 24), new, opens=opens, closes=closes)
    assert early.closes_at == jst(2026, 11, 20, 17), "two weekdays earlier"
    assert not new.is_open(date(2026, 11, 20))
    assert new.next_open_day(date(2026, 11, 1)) == first_day
