"""G6: in which time caps count, and what contradicts itself."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.cap_count import cap_reasons, caps_of
from portal.policies.history import History
from tests.rules.cap_cases import (
    counted,
    days_a,
    is_allowed,
    november,
    used,
)
from tests.rules.policy_cases import (
    ANY_DAY,
    ASKED_AT,
    FRIDAY,
    WEEKDAYS,
    case,
    child,
    document,
    jst,
    stay,
)

pytestmark = pytest.mark.proves("G6")


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ({"period": "day"}, FRIDAY, FRIDAY, FRIDAY),
        ({"period": "week"}, FRIDAY, date(2026, 11, 16), date(2026, 11, 22)),
        ({"period": "week"}, date(2026, 11, 22), date(2026, 11, 16), date(2026, 11, 22)),
        (
            {"period": "week", "week_starts": "sun"},
            date(2026, 11, 22),
            date(2026, 11, 22),
            date(2026, 11, 28),
        ),
        ({"period": "week", "week_starts": "sun"}, FRIDAY, date(2026, 11, 15), date(2026, 11, 21)),
        ({"period": "month"}, date(2028, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (
            {"period": "term", "term_months": 3},
            date(2027, 1, 5),
            date(2027, 1, 1),
            date(2027, 3, 31),
        ),
        ({"period": "term", "term_months": 4}, FRIDAY, date(2026, 8, 1), date(2026, 11, 30)),
        ({"period": "half_year"}, date(2027, 3, 31), date(2026, 10, 1), date(2027, 3, 31)),
        ({"period": "half_year"}, date(2026, 9, 30), date(2026, 4, 1), date(2026, 9, 30)),
        ({"period": "fiscal_year"}, date(2027, 3, 31), date(2026, 4, 1), date(2027, 3, 31)),
        ({"period": "calendar_year"}, FRIDAY, date(2026, 1, 1), date(2026, 12, 31)),
        (
            {"period": "dates", "first_day": "2026-11-20", "last_day": "2026-11-20"},
            FRIDAY,
            FRIDAY,
            FRIDAY,
        ),
        ({"period": "whole_time"}, FRIDAY, None, None),
    ],
)
def test_periods(period: dict[str, Any], day: date, first: date | None, last: date | None) -> None:
    cap = {"metric": "days", "amount": 5, **period}
    found = counted(cap, span=stay(day=day), calendar=ANY_DAY)
    assert (found.first, found.last) == (first, last)
    if first and last:
        inside = used(first, last, first - timedelta(days=1), last + timedelta(days=1))
        assert counted(cap, inside, span=stay(day=day)).used == len({first, last})


def test_outside_its_dates_a_cap_does_not_hold() -> None:
    cap = {
        "metric": "days",
        "amount": 0,
        "period": "dates",
        "first_day": "2026-11-01",
        "last_day": "2026-11-19",
    }
    assert not is_allowed(cap, span=stay(day=date(2026, 11, 19)))
    assert is_allowed(cap, span=stay(day=FRIDAY))


def test_the_time_of_a_registration() -> None:
    cap = days_a("registration", 2)
    here = child(1, registered_from=date(2026, 11, 3), registered_until=date(2027, 3, 31))
    assert is_allowed(cap, used(*november(2, 3)), children=(here,))
    assert not is_allowed(cap, used(*november(3, 4)), children=(here,))


def test_any_thirty_days_in_a_row() -> None:
    cap = {"metric": "days", "amount": 2, "period": "running_days", "running_days": 30}
    day = stay(day=FRIDAY)
    # 22 October and 20 November lie within thirty days, 21 October and 20 November do not.
    assert not is_allowed(cap, used(date(2026, 10, 22), date(2026, 11, 5)), span=day)
    assert is_allowed(cap, used(date(2026, 10, 21), date(2026, 11, 5)), span=day)
    # Bookings after the day count too, but only those that share a window with the others.
    assert not is_allowed(cap, used(date(2026, 11, 5), date(2026, 12, 4)), span=day)
    assert is_allowed(cap, used(date(2026, 11, 5), date(2026, 12, 5)), span=day)
    found = counted(cap, used(date(2026, 10, 22), date(2026, 11, 5)), span=day)
    assert found.next_on == date(2026, 11, 24)  # the weekend and a holiday are closed


@pytest.mark.parametrize(
    ("more", "day", "limit"),
    [
        ({}, FRIDAY, 12),  # 3 a week over 30 days: 12.86
        ({"average_rounding": "up"}, FRIDAY, 13),
        ({"average_rounding": "nearest"}, FRIDAY, 13),
        ({}, date(2026, 12, 4), 13),  # over 31 days: 13.29
        ({"average_rounding": "nearest"}, date(2026, 12, 4), 13),
        ({"period": "running_days", "running_days": 28}, FRIDAY, 12),
        ({"period": "half_year"}, FRIDAY, 78),  # 182 days
    ],
)
def test_three_a_week_on_average(more: dict[str, Any], day: date, limit: int) -> None:
    cap = {"metric": "days", "amount": 3, "period": "month", "weekly_average": True, **more}
    assert counted(cap, span=stay(day=day)).limit == limit


# --- two at once, and what contradicts itself ---


def test_two_caps_hold_at_once_and_both_speak() -> None:
    rules = document(caps=[days_a("week", 3), days_a("month", 4)])
    past = History(tuple(used(*november(2, 16, 17, 18))))
    found = caps_of(case(rules, history=past), now=ASKED_AT)
    assert [reason.values["limit"] for reason in cap_reasons(found)] == [(3, "days"), (4, "days")]


@pytest.mark.parametrize(
    ("cap", "message"),
    [
        ({"metric": "days", "amount": 3}, "a cap needs a period"),
        (
            {"metric": "half_days", "amount": 3, "period": "month"},
            "half days need a length or units",
        ),
        (days_a("month", 3, half_day_minutes=200), "only half days and stays are weighed"),
        (days_a("month", 2.25), "an amount goes in halves, hours in whole minutes"),
        (days_a("term", 2), "a term has its number of months, and no other period has"),
        (days_a("term", 2, term_months=5), "terms fill the fiscal year"),
        (
            days_a("month", 2, running_days=30),
            "running days have their number, and no other period has",
        ),
        (
            days_a("dates", 2, first_day="2026-11-02"),
            "dates have a first and a last day, and no other period has",
        ),
        (
            days_a("dates", 2, first_day="2026-11-02", last_day="2026-11-01"),
            "days end after they begin",
        ),
        (days_a("week", 2, weekly_average=True), "a weekly average is over a longer period"),
        (
            {"metric": "causes", "amount": 1, "period": "month", "weekly_average": True},
            "a weekly average is of days, stays or hours",
        ),
        (days_a("month", 2, extensions=1), "an extension has an amount and a number"),
        (
            days_a("month", 2, purposes=["a"], except_purposes=["a"]),
            "a cap is for a purpose or not for it",
        ),
        (
            {"metric": "visits", "amount": 2, "period": "day", "weights": [{"counts": 1}]},
            "a weight is for a unit or for a length",
        ),
        (
            {
                "metric": "visits",
                "amount": 2,
                "period": "day",
                "weights": [{"unit": "a", "counts": 0.3}],
            },
            "counts go in halves",
        ),
    ],
)
def test_what_contradicts_itself_is_an_error(cap: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        document(caps=[cap])


@pytest.mark.parametrize(
    ("cap", "message"),
    [
        (days_a("month", 2, first_day="2026-11-02"), "dates have a first and a last day"),
        (days_a("month", 2, last_day="2026-11-02"), "dates have a first and a last day"),
        (days_a("month", 2, term_months=3), "a term has its number of months"),
        (days_a("running_days", 2), "running days have their number"),
        (days_a("month", 2, extension=1.25, extensions=1), "an amount goes in halves"),
        (days_a("month", 2, extension=1), "an extension has an amount and a number"),
        (days_a("month", 2, reasons=["a"], except_reasons=["a"]), "a cap is for a purpose or not"),
        ({"metric": "hours", "amount": 0.01, "period": "day"}, "hours in whole minutes"),
        (
            {
                "metric": "visits",
                "amount": 2,
                "period": "day",
                "weights": [{"unit": "a", "up_to_minutes": 60, "counts": 1}],
            },
            "a weight is for a unit or for a length",
        ),
    ],
)
def test_what_is_half_said_is_an_error(cap: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        document(caps=[cap])


def test_hours_go_to_the_minute() -> None:
    quarter = {"metric": "hours", "amount": 0.25, "period": "day"}
    assert is_allowed(quarter, span=stay("09:00", "09:15"))
    assert not is_allowed(quarter, span=stay("09:00", "09:16"))


def test_the_amount_is_written_out_as_a_plain_number() -> None:
    rules = document(
        caps=[days_a("month", 14), {"metric": "hours", "amount": 1.5, "period": "day"}]
    )
    amounts = [cap["amount"] for cap in rules.model_dump(mode="json")["caps"]]
    assert amounts == [14, 1.5]
    assert type(rules).model_validate_json(rules.model_dump_json()) == rules


def test_bookings_late_in_the_evening_count_in_their_local_day() -> None:
    cap = {"metric": "upcoming_visits", "amount": 1}
    past = used(date(2026, 11, 11))
    late = jst(2026, 11, 11, 23, 59)
    assert counted(cap, past, now=late).used == 1
    assert counted(cap, past, now=late + timedelta(minutes=1)).used == 0


def test_the_calendar_of_the_facility_ends_a_row() -> None:
    cap = {"metric": "consecutive_days", "amount": 2, "closed_days": "counted"}
    past = used(*november(13))
    assert not is_allowed(cap, past, calendar=WEEKDAYS, span=stay(day=date(2026, 11, 16)))
    assert is_allowed(cap, past, calendar=ANY_DAY, span=stay(day=date(2026, 11, 16)))


def test_a_limit_and_what_is_added_to_it_may_end_in_a_half() -> None:
    (cap,) = document(caps=[days_a("month", 2.5, extension=0.5, extensions=1)]).caps
    assert [cap.limit_steps(extended, None) for extended in (0, 1)] == [5, 6]
