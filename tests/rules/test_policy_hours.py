"""Opening days and hours: each line is a rule as a place publishes it, counted by hand."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest
from pydantic import ValidationError

from portal.documents.wording.sentences import help_for, sentence
from portal.kernel.errors import Reason
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window, cancel_fee, decide
from portal.policies.fee import Fee
from portal.policies.hours import HoursRule, open_days
from portal.policies.notes import NOTE_VALUES, BookingNote
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import ANY_DAY, WEEKDAYS, case, document, jst, stay

R = BookingRefusal
#: Autumn 2026: 3 November is a Tuesday, the 23rd a Monday; 22 September is one between two others.
HOLIDAYS = frozenset(
    {
        date(2026, 9, 21),
        date(2026, 9, 22),
        date(2026, 9, 23),
        date(2026, 11, 3),
        date(2026, 11, 23),
    }
)
EVERY_DAY = FacilityCalendar(frozenset(range(7)), holidays=HOLIDAYS)
MON_TO_FRI = ["mon", "tue", "wed", "thu", "fri"]
WEEK = {"weekdays": MON_TO_FRI, "starts": "08:30", "ends": "17:00"}


def hours(**rule: Any) -> HoursRule:
    return HoursRule.model_validate(rule)


def open_in(
    month: int,
    rule: HoursRule,
    calendar: FacilityCalendar = EVERY_DAY,
    *,
    year: int = 2026,
    days: int = 30,
) -> list[int]:
    laid = open_days(rule, calendar)
    return [day for day in range(1, days + 1) if laid.is_open(date(year, month, day))]


def found(
    rule: HoursRule,
    start: str = "09:00",
    end: str = "12:00",
    day: date = date(2026, 11, 20),
    calendar: FacilityCalendar = EVERY_DAY,
) -> list[Reason]:
    return list(rule.reasons(stay(start, end, day), calendar))


def test_weekly_hours_say_which_days_are_open_whatever_the_calendar_has() -> None:
    saturdays = {"weekdays": ["sat"], "nth": [1, 3], "starts": "08:30", "ends": "12:30"}
    rule = hours(weekly=[{**WEEK, "weekdays": ["mon"]}, saturdays])
    # Mondays but the holiday, the first and the third Saturday.
    assert open_in(11, rule, WEEKDAYS) == [2, 7, 9, 16, 21, 30]
    assert open_in(11, hours(weekly=[{**WEEK, "weekdays": ["sun"]}])) == [1, 8, 15, 22, 29]
    last = hours(weekly=[{**WEEK, "weekdays": ["sat"], "nth": ["last", 5]}])
    assert open_in(11, last) == [28]
    assert open_in(10, last, days=31) == [31]


def test_without_weekly_hours_the_calendar_says_it() -> None:
    assert open_in(11, hours(), WEEKDAYS) == open_in(11, HoursRule(), WEEKDAYS)
    laid = open_days(hours(), WEEKDAYS)
    every = [date(2026, 11, day) for day in range(1, 31)]
    assert [laid.is_open(day) for day in every] == [WEEKDAYS.is_open(day) for day in every]
    assert open_days(None, WEEKDAYS) is WEEKDAYS
    assert open_days(rule := hours(), laid := open_days(rule, WEEKDAYS)) is laid


def test_the_second_wednesday_is_closed_each_month() -> None:
    rule = hours(weekly=[WEEK], closed_weekdays=[{"weekday": "wed", "nth": [2, "last"]}])
    closed = set(open_in(11, hours(weekly=[WEEK]))) - set(open_in(11, rule))
    assert closed == {11, 25}


@pytest.mark.parametrize(
    ("on_holiday", "closed"),
    [
        # Mondays are closed. The 23rd is a holiday.
        ("closed", {2, 9, 16, 23, 30}),
        ("open", {2, 9, 16, 30}),
        ("next_day", {2, 9, 16, 24, 30}),
    ],
)
def test_a_closed_weekday_that_is_a_holiday(on_holiday: str, closed: set[int]) -> None:
    monday = {"weekday": "mon", "on_holiday": on_holiday}
    rule = hours(closed_weekdays=[monday], on_holidays="open")
    assert set(range(1, 31)) - set(open_in(11, rule)) == closed
    # Where holidays are closed, such a Monday is open all the same; the 3rd is not.
    as_usual = hours(closed_weekdays=[monday])
    assert set(range(1, 31)) - set(open_in(11, as_usual)) == closed | {3}


def test_the_next_day_is_the_next_that_is_no_holiday() -> None:
    rule = hours(closed_weekdays=[{"weekday": "mon", "on_holiday": "next_day"}], on_holidays="open")
    # Monday 21 to Wednesday 23 September are holidays: Thursday is closed instead.
    assert set(range(1, 31)) - set(open_in(9, rule)) == {7, 14, 24, 28}


@pytest.mark.parametrize(
    ("rule", "open_holidays"),
    [
        ({"weekly": [WEEK]}, []),
        ({"weekly": [WEEK], "on_holidays": "closed"}, []),
        ({"weekly": [WEEK], "on_holidays": "open"}, [3, 23]),
        # Hours for holidays open every one of them, Mondays too.
        (
            {
                "weekly": [{**WEEK, "weekdays": ["tue"]}],
                "holiday_hours": [{"starts": "09:00", "ends": "12:00"}],
            },
            [3, 23],
        ),
    ],
)
def test_holidays(rule: dict[str, Any], open_holidays: list[int]) -> None:
    assert [day for day in open_in(11, hours(**rule)) if day in {3, 23}] == open_holidays


def test_a_calendar_that_keeps_holidays_keeps_them_unless_the_rule_says_more() -> None:
    working = FacilityCalendar(frozenset(range(7)), holidays=HOLIDAYS, closed_on_holidays=False)
    assert 23 in open_in(11, hours(weekly=[WEEK]), working)
    assert 23 not in open_in(11, hours(weekly=[WEEK], on_holidays="closed"), working)


def test_the_year_end_and_other_days_of_every_year() -> None:
    rule = hours(
        closed_each_year=[
            {"from": "12-29", "until": "01-03"},
            {"from": "08-13", "until": "08-15"},
            {"from": "02-29", "until": "02-29"},
        ]
    )
    assert open_in(12, rule, ANY_DAY, days=31) == list(range(1, 29))
    assert open_in(1, rule, ANY_DAY, year=2027, days=5) == [4, 5]
    assert open_in(8, rule, ANY_DAY, days=17) == [*range(1, 13), 16, 17]
    assert open_in(2, rule, ANY_DAY, year=2028, days=29) == list(range(1, 29))


def test_a_season_has_hours_of_its_own() -> None:
    summer = {
        "from": "07-21",
        "until": "08-31",
        "weekly": [{"weekdays": ["mon"], "starts": "09:00", "ends": "15:00"}],
    }
    rule = hours(weekly=[WEEK], seasons=[summer])
    assert open_in(8, rule, ANY_DAY, days=31) == [3, 10, 17, 24, 31]
    assert [r.code for r in found(rule, "08:30", "12:00", date(2026, 8, 3))] == [R.OUTSIDE_HOURS]
    assert not found(rule, "08:30", "12:00", date(2026, 7, 20), ANY_DAY)


def test_single_days_win_over_everything_but_a_pause() -> None:
    rule = hours(
        weekly=[WEEK],
        closed_each_year=[{"from": "11-01", "until": "11-05"}],
        days=[
            {"from": "2026-11-10", "closed": True},
            {"from": "2026-11-03", "hours": [{"starts": "10:00", "ends": "12:00"}]},
            {"from": "2026-11-21", "until": "2026-11-22"},
            {"from": "2026-11-27", "until": "2026-11-28"},
        ],
        suspended=[{"from": "2026-11-26"}],
    )
    assert open_in(11, rule) == [3, 6, 9, 11, 12, 13, 16, 17, 18, 19, 20, 21, 22, 24, 25]
    assert not found(rule, "10:00", "12:00", date(2026, 11, 3))
    assert [r.code for r in found(rule, "09:00", "12:00", date(2026, 11, 3))] == [R.OUTSIDE_HOURS]
    assert not found(rule, "05:00", "23:00", date(2026, 11, 21)), "open, and no hours are said"


def test_days_of_the_calendar_win_over_the_rule() -> None:
    calendar = FacilityCalendar(
        frozenset(range(5)),
        closed_days=frozenset({date(2026, 11, 20)}),
        extra_open_days=frozenset({date(2026, 11, 21), date(2026, 11, 23)}),
        holidays=HOLIDAYS,
    )
    rule = hours(weekly=[WEEK], closed_each_year=[{"from": "11-23", "until": "11-23"}])
    open_ones = open_in(11, rule, calendar)
    assert 20 not in open_ones
    assert {21, 23} <= set(open_ones)
    assert not found(rule, "06:00", "20:00", date(2026, 11, 21), calendar)
    outside = found(rule, "06:00", "20:00", date(2026, 11, 23), calendar)
    assert [r.code for r in outside] == [R.OUTSIDE_HOURS], "a Monday has its usual hours"


SPLIT = [
    {"weekdays": MON_TO_FRI, "starts": "08:30", "ends": "12:30"},
    {"weekdays": MON_TO_FRI, "starts": "15:00", "ends": "17:00"},
]


@pytest.mark.parametrize(
    ("start", "end", "is_taken"),
    [
        ("08:30", "12:30", True),
        ("15:00", "17:00", True),
        ("08:00", "12:30", False),
        ("08:30", "13:00", False),
        ("12:00", "15:30", False),  # not over the gap
        ("13:00", "14:00", False),
        ("16:00", "17:30", False),
    ],
)
def test_a_stay_lies_in_one_part_of_a_split_day(start: str, end: str, is_taken: bool) -> None:  # noqa: FBT001 - a table
    reasons = found(hours(weekly=SPLIT), start, end)
    assert [reason.code for reason in reasons] == ([] if is_taken else [R.OUTSIDE_HOURS])
    for reason in reasons:
        parts = ((time(8, 30), time(12, 30)), (time(15), time(17)))
        assert reason.values == {"on": date(2026, 11, 20), "hours": parts}
        assert sentence(reason, today=date(2026, 11, 1)) == (
            "11月20日（金）の預かりは、8:30〜12:30、15:00〜17:00 です"
        )


def test_hours_until_midnight() -> None:
    rule = hours(weekly=[{**WEEK, "ends": "24:00"}])
    assert not list(rule.reasons(stay("20:00", "00:00"), EVERY_DAY))


def test_a_closed_day_tells_the_next_open_one() -> None:
    (reason,) = found(hours(weekly=[WEEK]), day=date(2026, 11, 21))
    assert reason.code is R.NOT_OPEN_DAY
    # Sunday, and Monday is a holiday.
    assert reason.values == {"on": date(2026, 11, 21), "next_open_on": date(2026, 11, 24)}


def test_a_pause_is_told_with_its_end_and_its_words() -> None:
    rule = hours(
        suspended=[{"from": "2026-09-01", "until": "2027-03-31", "message": "建物の工事のため"}]
    )
    for day, is_open in (
        (date(2026, 8, 31), True),
        (date(2026, 9, 1), False),
        (date(2027, 3, 31), False),
        (date(2027, 4, 1), True),
    ):
        assert open_days(rule, ANY_DAY).is_open(day) is is_open
    (reason,) = found(rule)
    assert reason.code is R.SUSPENDED
    assert sentence(reason) == ("2027年3月31日（水）まで、預かりを休んでいます（建物の工事のため）")
    assert help_for(reason)
    (open_end,) = found(hours(suspended=[{"from": "2026-09-01"}]))
    assert open_end.values == {"on": date(2026, 11, 20), "until_on": None, "message": None}
    assert sentence(open_end) == "この日は、預かりを休んでいます"


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        ("08:30", "15:00", []),
        ("10:00", "17:00", []),  # both ends are in
        ("10:30", "15:00", [R.ARRIVAL_OUTSIDE_TIMES]),
        ("08:00", "15:00", [R.ARRIVAL_OUTSIDE_TIMES]),
        ("09:00", "14:30", [R.PICK_UP_OUTSIDE_TIMES]),
        ("11:00", "18:00", [R.ARRIVAL_OUTSIDE_TIMES, R.PICK_UP_OUTSIDE_TIMES]),
    ],
)
def test_children_come_and_go_at_certain_times(
    start: str, end: str, codes: list[BookingRefusal]
) -> None:
    rule = hours(
        arrivals=[
            {"starts": "08:30", "ends": "10:00"},
            {"starts": "13:00", "ends": "13:00", "weekdays": ["mon"]},
        ],
        pick_ups=[{"starts": "15:00", "ends": "17:00", "weekdays": MON_TO_FRI}],
    )
    reasons = found(rule, start, end)
    assert [reason.code for reason in reasons] == codes
    for reason in reasons:
        assert sentence(reason) in {
            "登園できるのは、8:30〜10:00 です",
            "お迎えできるのは、15:00〜17:00 です",
        }
    assert not found(rule, "13:00", "15:00", date(2026, 11, 16), ANY_DAY)
    assert not found(rule, "09:00", "10:00", date(2026, 11, 21), ANY_DAY), "a Saturday"


def test_a_day_that_opens_only_for_enough_children_is_told_and_not_refused() -> None:
    needed = {"weekdays": ["sat"], "at_least": 3, "decided": {"days": 3, "at": "17:00"}}
    rule = hours(needs_children=[needed])
    saturday = stay(day=date(2026, 11, 21))
    assert not list(rule.reasons(saturday, ANY_DAY))
    (note,) = rule.notes(saturday, ANY_DAY)
    assert note.values == {"at_least": 3, "decided_at": jst(2026, 11, 18, 17)}
    assert set(note.values) == NOTE_VALUES[BookingNote.OPENS_IF_ENOUGH]
    assert sentence(note, today=date(2026, 11, 1)) == (
        "予約が3人になると開きます。11月18日（水）17:00 に決まります"
    )
    assert not list(rule.notes(stay(), ANY_DAY))


def test_deadlines_and_openings_are_counted_with_the_rules_days() -> None:
    """The facility's own calendar is open every day; the rules close on Wednesdays."""
    rules = document(
        hours={"closed_weekdays": [{"weekday": "wed"}]},
        booking_window={
            "opens": {"kind": "monthly", "day": 18, "at": "09:00", "shift": "next"},
            "closes": {"days": 1, "counting": "open"},
        },
        cancel={"free_until": {"days": 1, "counting": "open", "at": "17:00"}},
    )
    wish = case(rules, span=stay(day=date(2026, 12, 10)), calendar=ANY_DAY)
    decision = decide(wish, now=jst(2026, 11, 20))
    assert not decision.reasons
    # 18 November and 9 December are Wednesdays.
    assert decision.opens_at == jst(2026, 11, 19, 9)
    assert decision.closes_at == jst(2026, 12, 9)
    assert decision.cancel_until == jst(2026, 12, 8, 17)
    window = booking_window(rules, ANY_DAY, date(2026, 12, 10))
    assert (window.opens_at, window.closes_at) == (decision.opens_at, decision.closes_at)
    free = cancel_fee(rules, ANY_DAY, wish.span, fee=Fee(), now=jst(2026, 12, 1))
    assert free.until == decision.cancel_until
    closed = case(rules, span=stay(day=date(2026, 12, 9)), calendar=ANY_DAY)
    codes = [reason.code for reason in decide(closed, now=jst(2026, 11, 20)).reasons]
    assert codes == [R.NOT_OPEN_DAY]


def test_a_variant_says_hours_of_its_days_and_deadlines_stay_as_usual() -> None:
    rules = document(
        hours={"weekly": [WEEK, {"weekdays": ["sat"], "starts": "08:30", "ends": "17:00"}]},
        booking_window={"closes": {"days": 1, "counting": "open"}},
        variants=[
            {
                "name": "土曜日",
                "when": {"weekdays": ["sat"]},
                "hours": {"weekly": [{"weekdays": ["sat"], "starts": "09:00", "ends": "12:00"}]},
            }
        ],
    )
    saturday = case(rules, span=stay("09:00", "13:00", date(2026, 11, 21)), calendar=EVERY_DAY)
    decision = decide(saturday, now=jst(2026, 11, 16))
    assert [reason.code for reason in decision.reasons] == [R.OUTSIDE_HOURS]
    assert decision.closes_at == jst(2026, 11, 21), "Friday is an open day"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"weekly": [{**WEEK, "ends": "08:30"}]}, "hours end after they begin"),
        ({"arrivals": [{"starts": "10:00", "ends": "09:00"}]}, "hours end after they begin"),
        ({"days": [{"from": "2026-11-02", "until": "2026-11-01"}]}, "days end after they begin"),
        ({"suspended": [{"from": "2026-11-02", "until": "2026-11-01"}]}, "days end after"),
        (
            {
                "days": [
                    {
                        "from": "2026-11-02",
                        "closed": True,
                        "hours": [{"starts": "09:00", "ends": "12:00"}],
                    }
                ]
            },
            "a closed day has no hours",
        ),
        (
            {"on_holidays": "closed", "holiday_hours": [{"starts": "09:00", "ends": "12:00"}]},
            "a closed day has no hours",
        ),
        ({"closed_each_year": [{"from": "02-30", "until": "03-01"}]}, "is written 12-29"),
        ({"closed_each_year": [{"from": "W1-01", "until": "03-01"}]}, "should match pattern"),
        ({"closed_each_year": [{"from": "13-01", "until": "03-01"}]}, "should match pattern"),
        ({"weekly": [{**WEEK, "weekdays": []}]}, "at least 1"),
        ({"weekly": [{**WEEK, "nth": [6]}]}, "less than or equal to 5"),
    ],
)
def test_what_contradicts_itself_is_told(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        hours(**rule)
