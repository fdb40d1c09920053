"""Until when: days, days of the month, days of the week, and what the first day of a week has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.calendar import FacilityCalendar, Weekday
from portal.policies.deadlines import Deadline
from tests.rules.policy_cases import ANY_DAY, NEVER, WEEKDAYS, jst

#: Closed on Mondays, open at the weekend.
TUESDAY_TO_SUNDAY = FacilityCalendar(
    frozenset(range(1, 7)), holidays=frozenset({date(2026, 11, 23)}), closed_on_holidays=False
)


def limit(
    day: tuple[int, int, int], calendar: FacilityCalendar = WEEKDAYS, **rule: Any
) -> datetime:
    return Deadline.model_validate(rule).before(date(*day), calendar)


def test_half_past_two_means_half_past_two_and_23_59_the_whole_day() -> None:
    assert limit((2026, 11, 20), days=3, at="23:59") == jst(2026, 11, 18)
    assert limit((2026, 11, 20), days=3, at="23:58") == jst(2026, 11, 17, 23, 58)
    assert limit((2026, 11, 20), days=0, at="08:00") == jst(2026, 11, 20, 8)


@pytest.mark.parametrize(
    ("counting", "calendar", "expected"),
    [
        # Two days before Wednesday 25 November; the 23rd is a Monday and a holiday.
        ("calendar", WEEKDAYS, jst(2026, 11, 23, 17)),
        ("open", WEEKDAYS, jst(2026, 11, 20, 17)),
        ("weekdays", WEEKDAYS, jst(2026, 11, 20, 17)),
        # Open on Sunday 22 and closed on Mondays: the Tuesday, the Sunday.
        ("open", TUESDAY_TO_SUNDAY, jst(2026, 11, 22, 17)),
        ("weekdays", TUESDAY_TO_SUNDAY, jst(2026, 11, 20, 17)),
        ("weekdays", NEVER, jst(2026, 11, 23, 17)),
    ],
)
def test_days_are_counted_as_the_rule_says(
    counting: str, calendar: FacilityCalendar, expected: datetime
) -> None:
    assert limit((2026, 11, 25), calendar, days=2, at="17:00", counting=counting) == expected


@pytest.mark.parametrize(
    ("rule", "day", "expected"),
    [
        ({"day_of_month": 20}, (2026, 12, 1), jst(2026, 11, 21)),
        ({"day_of_month": 20}, (2026, 12, 31), jst(2026, 11, 21)),
        ({"day_of_month": "last", "months_before": 2}, (2027, 1, 8), jst(2026, 12, 1)),
        ({"day_of_month": 10, "months_before": 0}, (2026, 11, 20), jst(2026, 11, 11)),
        # 20 September 2026 is a Sunday, in a run of holidays that nobody told the calendar of.
        ({"day_of_month": 20, "shift": "previous"}, (2026, 10, 5), jst(2026, 9, 19)),
        ({"day_of_month": 20, "shift": "next", "at": "09:00"}, (2026, 10, 5), jst(2026, 9, 21, 9)),
        ({"weekday": "thu", "at": "12:00"}, (2026, 11, 20), jst(2026, 11, 12, 12)),
        ({"weekday": "thu", "weeks_before": 0}, (2026, 11, 20), jst(2026, 11, 20)),
        ({"weekday": "sun", "week_starts": "sun"}, (2026, 11, 22), jst(2026, 11, 16)),
        ({"weekday": "sun"}, (2026, 11, 22), jst(2026, 11, 16)),
        # Monday 23 November is a holiday: the week's first open day is the Tuesday.
        ({"weekday": "first_open", "weeks_before": 0}, (2026, 11, 27), jst(2026, 11, 25)),
        ({"weekday": "last_open", "at": "10:00"}, (2026, 11, 27), jst(2026, 11, 20, 10)),
    ],
)  # fmt: skip
def test_a_day_of_the_month_or_of_the_week(
    rule: dict[str, Any], day: tuple[int, int, int], expected: datetime
) -> None:
    assert limit(day, **rule) == expected


def test_a_week_without_open_days_gives_its_outermost_day() -> None:
    assert limit((2026, 11, 27), NEVER, weekday="first_open") == jst(2026, 11, 17)
    assert limit((2026, 11, 27), NEVER, weekday="last_open") == jst(2026, 11, 23)


FIRST = {"days": 1, "at": "17:00", "first_of_week": {"days": 3, "at": "15:00"}}


@pytest.mark.parametrize(
    ("day", "calendar", "expected"),
    [
        # Monday is the first day of its week: the Friday before, at three.
        ((2026, 11, 16), WEEKDAYS, jst(2026, 11, 13, 15)),
        ((2026, 11, 17), WEEKDAYS, jst(2026, 11, 16, 17)),
        # After the holiday it is the Tuesday; the clock would say "the day before".
        ((2026, 11, 24), WEEKDAYS, jst(2026, 11, 21, 15)),
        # A site closed on Mondays starts each week on Tuesday.
        ((2026, 11, 17), TUESDAY_TO_SUNDAY, jst(2026, 11, 14, 15)),
        ((2026, 11, 18), TUESDAY_TO_SUNDAY, jst(2026, 11, 17, 17)),
        ((2026, 11, 16), ANY_DAY, jst(2026, 11, 13, 15)),
    ],
)
def test_trap_6_the_first_day_of_a_week_is_the_facilitys(
    day: tuple[int, int, int], calendar: FacilityCalendar, expected: datetime
) -> None:
    assert limit(day, calendar, **FIRST) == expected


def test_weeks_may_begin_on_sunday() -> None:
    assert limit((2026, 11, 22), ANY_DAY, **FIRST, week_starts="sun") == jst(2026, 11, 19, 15)
    assert limit((2026, 11, 23), ANY_DAY, **FIRST, week_starts="sun") == jst(2026, 11, 22, 17)
    assert ANY_DAY.is_first_of_week(date(2026, 11, 22), Weekday.SUN)
    assert not ANY_DAY.is_first_of_week(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"at": "17:00"}, "one of days, day_of_month or weekday"),
        ({"days": 1, "weekday": "mon"}, "one of days, day_of_month or weekday"),
        ({"days": 1, "months_before": 1}, "months_before belongs"),
        ({"days": 1, "weeks_before": 1}, "weeks_before belongs"),
        ({**FIRST, "first_of_week": FIRST}, "no other of its own"),
    ],
)
def test_a_deadline_says_its_day_in_one_way(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Deadline.model_validate(rule)
