"""G6: what counts toward a cap, in which period, and when there is room again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from portal.kernel.errors import Reason
from portal.policies.cap_count import cap_reasons
from portal.policies.history import UseState
from portal.policies.reasons import BookingRefusal
from tests.rules.cap_cases import (
    ONE,
    counted,
    days_a,
    is_allowed,
    november,
    plain,
    used,
)
from tests.rules.policy_cases import (
    FRIDAY,
    stay,
)

# --- what is counted ---


def test_exactly_the_limit_is_allowed_and_the_next_day_is_not() -> None:
    cap = days_a("month", 3, label="リフレッシュの上限")
    assert is_allowed(cap, used(*november(2, 4)))
    found = counted(cap, used(*november(2, 4, 6)))
    assert plain(found.used, found.this, found.limit, found.left) == [3, 1, 3, 0]
    assert (found.first, found.last) == (date(2026, 11, 1), date(2026, 11, 30))
    (reason,) = cap_reasons([found])
    assert reason == Reason(
        BookingRefusal.CAP_REACHED,
        {
            "cap": "リフレッシュの上限",
            "scope": "facility",
            "limit": (3, "days"),
            "used": (3, "days"),
            "period": ("month", date(2026, 11, 1), date(2026, 11, 30)),
            "next_on": date(2026, 12, 1),
        },
        ONE,
    )


def test_two_stays_of_a_day_are_one_day_and_two_visits() -> None:
    past = used(FRIDAY, *november(2))
    assert counted(days_a("month", 3), past).this == 0
    visits = counted({"metric": "visits", "amount": 3, "period": "month"}, past)
    assert plain(visits.used, visits.this) == [2, 1]


def test_half_days_weigh_half_by_length() -> None:
    cap = {"metric": "half_days", "amount": 2, "period": "month", "half_day_minutes": 240}
    past = [*used(*november(2), minutes=240), *used(*november(3), minutes=241)]
    found = counted(cap, past, span=stay("09:00", "13:00"))
    assert (found.used, found.this) == (Decimal("1.5"), Decimal("0.5"))
    assert is_allowed(cap, past, span=stay("09:00", "13:00"))
    assert not is_allowed(cap, past, span=stay("09:00", "13:30"))


def test_half_days_weigh_half_by_block_joined_ones_their_sum() -> None:
    blocks = [
        {"label": "1日", "starts": "07:30", "ends": "19:00"},
        {"label": "午前", "starts": "07:30", "ends": "12:30"},
        {"label": "午後", "starts": "13:00", "ends": "19:00"},
    ]
    kinds = {"units": {"blocks": blocks}}
    cap = {
        "metric": "half_days",
        "amount": 14,
        "period": "month",
        "half_day_units": ["午前", "午後"],
    }
    past = [
        *used(*november(2), unit="午前"),
        *used(*november(3), unit="1日"),
        *used(*november(4), unit="午前＋午後"),
        *used(*november(5, 5), unit="午後"),
    ]
    afternoon = counted(cap, past, kinds=kinds, span=stay("13:00", "19:00"))
    assert (afternoon.used, afternoon.this) == (Decimal("3.5"), Decimal("0.5"))
    assert counted(cap, past, kinds=kinds, span=stay("07:30", "19:00")).this == 1


def test_a_day_is_never_more_than_a_day_unless_stays_are_weighed_freely() -> None:
    halves = {"metric": "half_days", "amount": 9, "period": "month", "half_day_minutes": 200}
    thrice = used(*november(2, 2, 2))
    assert counted(halves, thrice).used == 1
    weighed = {
        "metric": "half_days",
        "amount": 9,
        "period": "month",
        "weights": [{"up_to_minutes": 120, "counts": 0}, {"up_to_minutes": 600, "counts": 1.5}],
    }
    assert counted(weighed, thrice).used == Decimal("4.5")
    # A stay that counts as nothing is held against nobody.
    assert is_allowed({**weighed, "amount": 1}, thrice, span=stay("09:00", "11:00"))


def test_weights_are_looked_up_by_unit_first_and_then_by_length() -> None:
    cap = {
        "metric": "visits",
        "amount": 9,
        "period": "month",
        "weights": [
            {"unit": "長い日", "counts": 2},
            {"up_to_minutes": 120, "counts": 0.5},
            {"up_to_minutes": 240, "counts": 1},
        ],
    }
    past = [
        *used(*november(2), minutes=60, unit="長い日"),
        *used(*november(3), minutes=120),
        *used(*november(4), minutes=121),
        *used(*november(5), minutes=500),
    ]
    assert counted(cap, past).used == Decimal("4.5")


def test_hours_are_counted_in_minutes_or_each_stay_rounded_up() -> None:
    past = [*used(*november(2), minutes=45), *used(*november(3), minutes=90)]
    hours = counted({"metric": "hours", "amount": 10, "period": "month"}, past)
    assert plain(hours.used, hours.this, hours.left) == [2.25, 3, 4.75]
    whole = {"metric": "hours_rounded_up", "amount": 10, "period": "month"}
    assert counted(whole, past).used == 3
    assert counted({**whole, "round_up_minutes": 30}, past).used == Decimal("2.5")
    assert counted(whole, past, span=stay("09:00", "09:30")).this == 1
    assert is_allowed({"metric": "hours", "amount": 3, "period": "day"})
    assert not is_allowed({"metric": "hours", "amount": 2.5, "period": "day"})


# --- days in a row ---

#: Wednesday to Friday, and the Monday and Tuesday after a closed weekend.
ROW = november(11, 12, 13)


@pytest.mark.parametrize(
    ("closed_days", "total"), [("not_counted", 4), ("counted", 6), ("end_the_run", 1)]
)
def test_days_in_a_row_over_a_closed_weekend(closed_days: str, total: int) -> None:
    cap = {"metric": "consecutive_days", "amount": 20, "closed_days": closed_days}
    found = counted(cap, used(*ROW), span=stay(day=date(2026, 11, 16)))
    assert found.used + found.this == total
    assert is_allowed({**cap, "amount": total}, used(*ROW), span=stay(day=date(2026, 11, 16)))
    assert not is_allowed(
        {**cap, "amount": total - 1}, used(*ROW), span=stay(day=date(2026, 11, 16))
    )


def test_an_open_day_without_use_ends_the_row() -> None:
    cap = {"metric": "consecutive_days", "amount": 3}
    assert is_allowed(cap, used(*november(16, 17, 18)), span=stay(day=FRIDAY))
    assert not is_allowed(cap, used(*november(17, 18, 19)), span=stay(day=FRIDAY))
    # The day between two rows makes one of them.
    around = used(*november(18, 19), *november(24))
    found = counted(cap, around, span=stay(day=FRIDAY))
    assert found.used + found.this == 4
    assert found.next_on == date(2026, 11, 25)  # that Friday stays free


def test_the_first_day_of_all_is_a_row_of_one() -> None:
    found = counted({"metric": "consecutive_days", "amount": 1})
    assert plain(found.used, found.this) == [0, 1]


def test_the_row_goes_on_until_a_day_of_rest() -> None:
    cap = {"metric": "consecutive_days", "amount": 2}
    found = counted(cap, used(*november(18, 19)), span=stay(day=FRIDAY))
    # Tuesday follows Friday over the weekend and a holiday, and Thursday was no rest.
    assert found.next_on == date(2026, 11, 24)


def test_days_from_the_first_one_of_a_cause() -> None:
    cap = {"metric": "days_from_first", "amount": 14, "per_cause": True}
    past = used(*november(9), cause="入院")
    assert is_allowed(cap, past, cause="入院", span=stay(day=date(2026, 11, 20)))
    assert is_allowed(cap, past, cause="別の入院", span=stay(day=date(2026, 12, 4)))
    assert not is_allowed(cap, past, cause="入院", span=stay(day=date(2026, 11, 24)))
    assert counted(cap, past, cause="入院", span=stay(day=date(2026, 11, 20))).this == 11


# --- causes, bookings ahead, registrations ---


def test_fourteen_days_for_each_cause() -> None:
    cap = {"metric": "days", "amount": 2, "per_cause": True}
    past = [*used(*november(2, 4), cause="a"), *used(*november(5), cause="b")]
    assert not is_allowed(cap, past, cause="a")
    assert is_allowed(cap, past, cause="b")
    last_year = used(date(2026, 3, 2), date(2026, 3, 3), cause="a")
    assert not is_allowed(cap, last_year, cause="a")
    assert is_allowed({**cap, "period": "fiscal_year"}, last_year, cause="a")


def test_one_cause_in_a_fiscal_year() -> None:
    cap = {"metric": "causes", "amount": 1, "period": "fiscal_year"}
    past = used(*november(2, 3), cause="a")
    assert is_allowed(cap, past, cause="a")
    assert not is_allowed(cap, past, cause="b")


def test_bookings_ahead() -> None:
    cap = {"metric": "upcoming_visits", "amount": 2}
    past = [
        *used(*november(2), state=UseState.ATTENDED),
        *used(*november(3)),  # over, though nobody wrote down what became of it
        *used(*november(10, 12)),
    ]
    assert not is_allowed(cap, past)
    assert is_allowed({**cap, "amount": 3}, past)
    assert counted(cap, past).next_on is None


def test_registrations_elsewhere() -> None:
    cap = {"metric": "registrations", "amount": 2}
    assert is_allowed(cap, registrations=2)
    assert not is_allowed(cap, registrations=3)
