"""Ways to release days, and phases: rules as places publish them, counted by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window, decide
from portal.policies.reasons import BookingRefusal
from portal.policies.window import BookingWindow, BookingWindowRule, WindowState
from tests.rules.policy_cases import ANY_DAY, NEVER, WEEKDAYS, case, document, jst, stay

pytestmark = pytest.mark.proves("G7")

BEFORE, OPEN, AFTER = WindowState
#: Saturdays too; 23 November 2026 is a Monday and a holiday, 3 November a Tuesday and one.
SIX_DAYS = FacilityCalendar(
    frozenset(range(6)), holidays=frozenset({date(2026, 11, 3), date(2026, 11, 23)})
)
WEEK_FROM_SUNDAY = {"kind": "weekly", "week_starts": "sun"}


def window(day: date, calendar: FacilityCalendar = WEEKDAYS, **rule: Any) -> BookingWindow:
    return booking_window(document(booking_window=rule), calendar, day)


def opened(opens: dict[str, Any], day: date, calendar: FacilityCalendar = ANY_DAY) -> datetime:
    opens_at = window(day, calendar, opens={"at": "09:00", **opens}).opens_at
    assert opens_at is not None
    return opens_at


@pytest.mark.parametrize(
    ("opens", "day", "expected"),
    [
        # The second Monday of the month before.
        ({"kind": "monthly", "nth": 2, "weekday": "mon"}, (2026, 12, 5), (2026, 11, 9)),
        ({"kind": "monthly", "nth": "last", "weekday": "sun"}, (2026, 12, 5), (2026, 11, 29)),
        # November 2026 has four Fridays: the fifth is the last.
        ({"kind": "monthly", "nth": 5, "weekday": "fri"}, (2026, 12, 5), (2026, 11, 27)),
        ({"kind": "monthly", "nth": 5, "weekday": "mon"}, (2026, 12, 5), (2026, 11, 30)),
        # Quarters from April: October to December open on 1 September.
        ({"kind": "term", "day": 1}, (2026, 10, 1), (2026, 9, 1)),
        ({"kind": "term", "day": 1}, (2026, 12, 31), (2026, 9, 1)),
        ({"kind": "term", "day": 1}, (2027, 1, 1), (2026, 12, 1)),
        ({"kind": "term", "day": 20, "months_before": 2}, (2027, 2, 3), (2026, 11, 20)),
        ({"kind": "term", "months": 6, "day": "last"}, (2027, 3, 31), (2026, 9, 30)),
        ({"kind": "term", "months": 12, "day": 1}, (2027, 3, 31), (2026, 3, 1)),
        # Two months at once, from odd ones; the same month is possible too.
        (
            {"kind": "term", "months": 2, "first_month": 5, "day": 1, "months_before": 0},
            (2026, 12, 31),
            (2026, 11, 1),
        ),
        # Whole weeks on the Monday, or the Thursday, before; weeks from Sunday.
        ({"kind": "weekly", "weekday": "mon"}, (2026, 11, 22), (2026, 11, 9)),
        ({"kind": "weekly", "weekday": "thu", "weeks_before": 2}, (2026, 11, 16), (2026, 11, 5)),
        (
            {"kind": "weekly", "weekday": "mon", "week_starts": "sun"},
            (2026, 11, 22),
            (2026, 11, 16),
        ),
        ({"kind": "weekly", "weekday": "sun", "week_starts": "sun"}, (2026, 11, 21), (2026, 11, 8)),
        # The same weekday, two weeks before.
        ({"kind": "rolling", "weeks": 2}, (2026, 11, 20), (2026, 11, 6)),
        # Other halves of the month: the 10th for the first, the 25th of the month before.
        (
            {"kind": "half_month", "first_half_day": 10},
            (2026, 11, 15),
            (2026, 10, 10),
        ),
        (
            {"kind": "half_month", "second_half_day": 25, "second_half_months_before": 1},
            (2026, 11, 16),
            (2026, 10, 25),
        ),
        ({"kind": "half_month", "second_half_from": 11}, (2026, 11, 11), (2026, 11, 1)),
    ],
)
def test_where_no_day_is_closed(
    opens: dict[str, Any], day: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    assert opened(opens, date(*day)) == jst(*expected, 9)


@pytest.mark.parametrize(
    ("opens", "day", "expected"),
    [
        # The third open day of November: Monday 2, Wednesday 4, Thursday 5.
        ({"kind": "monthly", "day": 3, "counting": "open"}, (2026, 12, 1), (2026, 11, 5)),
        ({"kind": "monthly", "day": "last", "counting": "open"}, (2026, 12, 1), (2026, 11, 30)),
        # The first weekday, though the facility is open on Saturday the 1st of August.
        ({"kind": "monthly", "day": 1, "counting": "weekdays"}, (2026, 9, 1), (2026, 8, 3)),
        ({"kind": "monthly", "day": 1, "counting": "open"}, (2026, 9, 1), (2026, 8, 1)),
        # Ten open days before: Sundays and both holidays are no days.
        ({"kind": "rolling", "days": 10, "counting": "open"}, (2026, 11, 14), (2026, 11, 2)),
        ({"kind": "rolling", "days": 10, "counting": "weekdays"}, (2026, 11, 14), (2026, 10, 30)),
        # Trap 1: Saturday 15 August is open, no weekday: where it moves is a rule of its own.
        ({"kind": "monthly", "day": 15, "shift": "next"}, (2026, 9, 1), (2026, 8, 15)),
        (
            {"kind": "monthly", "day": 15, "shift": "next", "shift_to": "weekdays"},
            (2026, 9, 1),
            (2026, 8, 17),
        ),
        (
            {"kind": "monthly", "day": 15, "shift": "previous", "shift_to": "weekdays"},
            (2026, 9, 1),
            (2026, 8, 14),
        ),
    ],
)
def test_counted_by_open_days_or_weekdays(
    opens: dict[str, Any], day: tuple[int, int, int], expected: tuple[int, int, int]
) -> None:
    assert opened(opens, date(*day), SIX_DAYS) == jst(*expected, 9)


@pytest.mark.parametrize(
    ("opens_shift", "closes_shift", "opens_at", "closes_at"),
    [
        # Care on Friday 18 December; 15 November and 13 December are Sundays.
        ("next", "previous", jst(2026, 11, 16, 9), jst(2026, 12, 12)),
        ("previous", "next", jst(2026, 11, 13, 9), jst(2026, 12, 15)),
        ("none", "previous", jst(2026, 11, 15, 9), jst(2026, 12, 12)),
        ("next", "none", jst(2026, 11, 16, 9), jst(2026, 12, 14)),
    ],
)
def test_trap_1_opening_and_closing_shift_apart(
    opens_shift: str, closes_shift: str, opens_at: datetime, closes_at: datetime
) -> None:
    found = window(
        date(2026, 12, 18),
        opens={"kind": "monthly", "day": 15, "at": "09:00", "shift": opens_shift},
        closes={"days": 5, "shift": closes_shift},
    )
    assert (found.opens_at, found.closes_at) == (opens_at, closes_at)


@pytest.mark.parametrize("days_of_nothing", [WEEKDAYS, NEVER])
def test_a_month_without_open_days_is_counted_by_the_calendar(
    days_of_nothing: FacilityCalendar,
) -> None:
    opens = {"kind": "monthly", "day": 3, "counting": "open"}
    expected = {id(WEEKDAYS): jst(2026, 10, 5, 9), id(NEVER): jst(2026, 10, 3, 9)}
    assert opened(opens, date(2026, 11, 20), days_of_nothing) == expected[id(days_of_nothing)]


ANNOUNCED = {
    "kind": "announced",
    "periods": [
        {
            "from": "2026-10-01",
            "until": "2026-12-31",
            "opens_at": "2026-09-15 09:00",
            "closes_at": "2026-09-25T17:00",
        },
        {"from": "2027-01-01", "until": "2027-03-31", "opens_at": "2026-12-15 09:00"},
    ],
}


def test_announced_days_open_and_close_when_announced() -> None:
    found = window(date(2026, 10, 1), opens=ANNOUNCED)
    assert (found.opens_at, found.closes_at) == (jst(2026, 9, 15, 9), jst(2026, 9, 25, 17))
    assert window(date(2026, 12, 31), opens=ANNOUNCED).closes_at == jst(2026, 9, 25, 17)
    later = window(date(2027, 3, 31), opens=ANNOUNCED, closes={"days": 1})
    assert (later.opens_at, later.closes_at) == (jst(2026, 12, 15, 9), jst(2027, 3, 31))


@pytest.mark.parametrize("day", [date(2026, 9, 30), date(2027, 4, 1)])
def test_a_day_that_nobody_announced_is_not_open_yet(day: date) -> None:
    found = window(day, opens=ANNOUNCED)
    assert not found.is_announced
    assert found.opens_at is None
    assert found.state(jst(2026, 9, 20)) is BEFORE
    assert found.state(jst(2027, 4, 2)) is AFTER
    wish = case(document(booking_window={"opens": ANNOUNCED}), span=stay(day=day), calendar=ANY_DAY)
    (reason,) = decide(wish, now=jst(2026, 9, 20)).reasons
    assert reason.code is BookingRefusal.NOT_YET_OPEN
    assert reason.values == {"on": day, "opens_at": None}


def test_an_announced_period_may_have_no_end_and_a_zone() -> None:
    period = {"from": "2027-04-01", "opens_at": "2027-03-01T00:00:00Z"}
    opens = {"kind": "announced", "periods": [period]}
    assert window(date(2031, 1, 1), opens=opens).opens_at == jst(2027, 3, 1, 9)


PHASES = [
    {
        "name": "一次受付",
        "opens": {"kind": "monthly", "day": 18, "at": "09:00"},
        "closes": {"day_of_month": 24, "months_before": 1},
        "allocation": "lottery",
        "channels": ["web", "post"],
    },
    {
        "name": "空きの受付",
        "opens": {"kind": "monthly", "day": 1, "months_before": 0, "at": "10:00"},
        "closes": {"days": 1, "at": "17:00"},
    },
]


def test_a_collection_and_what_is_left_over() -> None:
    found = window(date(2026, 12, 15), phases=PHASES)
    states = [
        (jst(2026, 11, 18, 8, 59), BEFORE),
        (jst(2026, 11, 18, 9), OPEN),
        (jst(2026, 11, 24, 23, 59), OPEN),
        (jst(2026, 11, 25), BEFORE),  # between the two: the next one is to come
        (jst(2026, 12, 1, 9, 59), BEFORE),
        (jst(2026, 12, 1, 10), OPEN),
        (jst(2026, 12, 14, 16, 59), OPEN),
        (jst(2026, 12, 14, 17), AFTER),
    ]
    assert [found.state(moment) for moment, _state in states] == [
        state for _moment, state in states
    ]
    assert found.at(jst(2026, 11, 25)).opens_at == jst(2026, 12, 1, 10)
    names = [
        phase.name if (phase := found.at(moment).phase) else None
        for moment in (jst(2026, 11, 1), jst(2026, 12, 2), jst(2026, 12, 20))
    ]
    assert names == ["一次受付", "空きの受付", "空きの受付"]


def test_a_decision_tells_the_phase_of_the_moment() -> None:
    wish = case(document(booking_window={"phases": PHASES}), span=stay(day=date(2026, 12, 15)))
    first = decide(wish, now=jst(2026, 11, 20))
    assert (first.opens_at, first.closes_at) == (jst(2026, 11, 18, 9), jst(2026, 11, 25))
    assert not first.reasons
    (reason,) = decide(wish, now=jst(2026, 11, 27)).reasons
    assert reason.code is BookingRefusal.NOT_YET_OPEN
    assert reason.values["opens_at"] == jst(2026, 12, 1, 10)
    (reason,) = decide(wish, now=jst(2026, 12, 14, 18)).reasons
    assert reason.values == {"on": date(2026, 12, 15), "closed_at": jst(2026, 12, 14, 17)}


@pytest.mark.parametrize(("channel", "is_taken"), [("web", True), ("phone", False), (None, True)])
def test_a_phase_takes_its_own_ways_only(channel: str | None, is_taken: bool) -> None:  # noqa: FBT001 - a table
    rules = document(booking_window={"phases": PHASES})
    wish = case(rules, span=stay(day=date(2026, 12, 15)), channel=channel)
    codes = [reason.code for reason in decide(wish, now=jst(2026, 11, 20)).reasons]
    assert codes == ([] if is_taken else [BookingRefusal.CHANNEL_NOT_OFFERED])
    assert not decide(wish, now=jst(2026, 12, 2)).reasons


def test_some_places_open_later() -> None:
    late = [
        {"places": 3, "opens": {"kind": "rolling", "weeks": 1, "at": "09:00"}},
        {"places": 1, "opens": {"kind": "rolling", "days": 0, "at": "08:30"}},
    ]
    rule = BookingWindowRule.model_validate({"late_release": late})
    day = date(2026, 11, 20)

    def places(moment: datetime, total: int = 10) -> int:
        return rule.places_open(total, day, WEEKDAYS, moment)

    assert places(jst(2026, 11, 13, 8, 59)) == 6
    assert places(jst(2026, 11, 13, 9)) == 9
    assert places(jst(2026, 11, 20, 8, 30)) == 10
    assert places(jst(2026, 11, 1), total=2) == 0


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"opens": {"kind": "monthly"}}, "either day, or nth and weekday"),
        ({"opens": {"kind": "monthly", "nth": 2}}, "either day, or nth and weekday"),
        ({"opens": {"kind": "monthly", "nth": 2, "weekday": "mon", "day": 3}}, "either day"),
        ({"opens": {"kind": "monthly", "day": 3, "weekday": "mon"}}, "either day"),
        ({"opens": {"kind": "rolling", "weeks": 2, "days": 3}}, "one of days, weeks or months"),
        ({"phases": PHASES, "closes": {"days": 1}}, "phases stand instead"),
        (
            {"opens": {**ANNOUNCED, "periods": [*ANNOUNCED["periods"], ANNOUNCED["periods"][1]]}},
            "periods overlap",
        ),
        (
            {
                "opens": {
                    "kind": "announced",
                    "periods": [
                        {"from": "2026-01-01", "opens_at": "2025-12-01"},
                        {"from": "2026-04-01", "until": "2026-06-30", "opens_at": "2026-03-01"},
                    ],
                }
            },
            "periods overlap",
        ),
    ],
)
def test_what_contradicts_itself_is_told(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        BookingWindowRule.model_validate(rule)


@pytest.mark.parametrize(
    "period",
    [
        {"from": "2026-04-02", "until": "2026-04-01", "opens_at": "2026-03-01"},
        {"from": "2026-04-01", "opens_at": "2026-03-01", "closes_at": "2026-03-01"},
    ],
)
def test_an_announcement_ends_after_it_begins(period: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="after"):
        BookingWindowRule.model_validate({"opens": {"kind": "announced", "periods": [period]}})


def test_a_month_opens_at_midnight_where_no_hour_is_said_and_hours_may_be_short() -> None:
    assert window(date(2026, 12, 1), opens={"kind": "monthly", "day": 1}).opens_at == jst(
        2026, 11, 1
    )
    rule = BookingWindowRule.model_validate({"closes": {"days": 1, "at": "9:00"}})
    assert rule.closes is not None
    assert rule.closes.at == "09:00"


@pytest.mark.parametrize(
    ("usual", "anew", "expected"),
    [
        (
            {"opens": {"kind": "rolling", "days": 16, "at": "09:00"}},
            {"opens": {"months": 2}},
            jst(2026, 9, 20, 9),
        ),
        (
            {"opens": {"kind": "monthly", "day": 15, "months_before": 2, "at": "09:00"}},
            {"opens": {"nth": 1, "weekday": "mon"}},
            jst(2026, 9, 7, 9),
        ),
        (
            {"opens": {"kind": "term", "day": 15, "at": "09:00"}},
            {"opens": {"months": 6}},
            jst(2026, 9, 15, 9),
        ),
    ],
)
def test_a_variant_may_say_the_day_in_another_way(
    usual: dict[str, Any], anew: dict[str, Any], expected: datetime
) -> None:
    friday = {"name": "金曜日", "when": {"weekdays": ["fri"]}, "booking_window": anew}
    rules = document(booking_window=usual, variants=[friday])
    assert booking_window(rules, ANY_DAY, date(2026, 11, 20)).opens_at == expected


def test_a_variant_may_say_another_deadline() -> None:
    usual = {"closes": {"day_of_month": 20, "months_before": 2, "at": "17:00"}}
    friday = {
        "name": "金曜日",
        "when": {"weekdays": ["fri"]},
        "booking_window": {"closes": {"days": 3}},
    }
    rules = document(booking_window=usual, variants=[friday])
    assert booking_window(rules, ANY_DAY, date(2026, 11, 20)).closes_at == jst(2026, 11, 17, 17)
    assert booking_window(rules, ANY_DAY, date(2026, 11, 19)).closes_at == jst(2026, 9, 20, 17)


def test_booking_a_stay_closes_with_its_window_or_for_its_notice() -> None:
    window_rule = {"closes": {"days": 0, "at": "12:00"}, "notice_minutes": 30}
    rules = document(booking_window=window_rule)
    for start, closes_at in (("09:00", jst(2026, 11, 20, 8, 30)), ("14:00", jst(2026, 11, 20, 12))):
        wish = case(rules, span=stay(start, "15:00"))
        assert decide(wish, now=jst(2026, 11, 20, 7)).closes_at == closes_at
