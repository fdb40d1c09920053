"""Late cancelling by hand: tiers, what they cost, who has to call, shortening, and runs of days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.policies.cancel import CancelRule
from portal.policies.cancelling import cancel_fee, reasons_against_cancelling
from portal.policies.charging import usual_fee
from portal.policies.fee import Fee
from portal.policies.reasons import BookingRefusal
from tests.rules.any_rule import any_rule
from tests.rules.policy_cases import WEEKDAYS, child, document, jst, moments, spans, stay

FEE = {
    "tariff": {"kind": "hourly", "bands": [{"yen": 400}]},
    "per_use": [{"label": "給食", "yen": 300}],
}
TIERED = {
    "free_until": {"days": 3},
    "tiers": [
        {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "percent", "percent": 30}},
        {"until": {"days": 0, "at": "08:00"}, "fee": {"kind": "percent", "percent": 50}},
    ],
    "late_fee": {"kind": "percent", "percent": 100, "of": "total"},
}


def costs(rule: dict[str, Any], now: datetime, start: str = "09:00", end: str = "12:00") -> int:
    rules, span = document(fee=FEE, cancel=rule), stay(start, end)
    fee = usual_fee(rules, [child()], span)
    return cancel_fee(rules, WEEKDAYS, span, fee=fee, now=now).amount_yen


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (jst(2026, 11, 17, 23, 59), 0),
        (jst(2026, 11, 18), 360),
        (jst(2026, 11, 19, 16, 59), 360),
        (jst(2026, 11, 19, 17), 600),
        (jst(2026, 11, 20, 7, 59), 600),
        (jst(2026, 11, 20, 8), 1500),
    ],
)
def test_one_tier_follows_on_the_other(now: datetime, expected: int) -> None:
    assert costs(TIERED, now) == expected


@pytest.mark.parametrize(
    ("late_fee", "expected"),
    [
        ({"kind": "none"}, 0),
        ({"kind": "items"}, 300),
        ({"kind": "booked_hours", "yen": 200}, 800),  # three hours and a half
        ({"kind": "booked_hours", "yen": 200, "unit_minutes": 30}, 1400),
        ({"kind": "booked_hours", "yen": 200, "max_yen": 500}, 500),
        ({"kind": "flat", "yen": 500}, 500),
    ],
)
def test_what_a_late_one_costs(late_fee: dict[str, Any], expected: int) -> None:
    rule = {"free_until": {"days": 1}, "late_fee": late_fee}
    assert costs(rule, jst(2026, 11, 20, 8), "09:00", "12:30") == expected


def test_booked_hours_are_paid_for_each_child() -> None:
    rules = document(
        cancel={"free_until": {"days": 1}, "late_fee": {"kind": "booked_hours", "yen": 200}}
    )
    now = jst(2026, 11, 20, 8)
    found = cancel_fee(rules, WEEKDAYS, stay(), fee=Fee(), now=now, children=2)
    assert found.amount_yen == 1200


@pytest.mark.parametrize(
    ("rule", "until"),
    [
        ({"free_until_minutes_before": 1440}, jst(2026, 11, 19, 9)),
        ({"free_until_minutes_before": 60, "free_until": {"days": 1}}, jst(2026, 11, 20)),
        ({"free_until_minutes_before": 1440, "free_until": {"days": 0}}, jst(2026, 11, 19, 9)),
        ({}, jst(2026, 11, 20, 9)),
    ],
)
def test_free_until_so_long_before_the_start(rule: dict[str, Any], until: datetime) -> None:
    found = cancel_fee(document(cancel=rule), WEEKDAYS, stay(), fee=Fee(), now=until)
    assert found == (0, True, until)


@pytest.mark.parametrize(
    ("day", "until"),
    [
        (date(2026, 11, 20), jst(2026, 11, 19, 15)),  # a Friday: the day before
        (date(2026, 11, 16), jst(2026, 11, 13, 12)),  # a Monday, first of its week: Friday noon
        # The Monday is a holiday, so Tuesday is the first: Friday of the week before again.
        (date(2026, 11, 24), jst(2026, 11, 20, 12)),
        (date(2026, 11, 25), jst(2026, 11, 24, 15)),
        # Shut over the new year: the first day of the week is the Monday, five open days before.
        (date(2027, 1, 4), jst(2026, 12, 28, 12)),
    ],
)
def test_trap_6_the_first_open_day_of_a_week_has_a_deadline_of_its_own(
    day: date, until: datetime
) -> None:
    free_until = {
        "days": 1,
        "at": "15:00",
        "first_of_week": {"days": 1, "counting": "open", "at": "12:00"},
    }
    rules = document(cancel={"free_until": free_until})
    found = cancel_fee(rules, WEEKDAYS, stay(day=day), fee=Fee(), now=jst(2026, 11, 1))
    assert found.until == until


@pytest.mark.parametrize(
    ("rule", "until"),
    [
        ({"free_until": {"days": 3}, "late_online": False}, jst(2026, 11, 18)),
        ({"free_until": {"days": 1}, "online_until": {"days": 5}}, jst(2026, 11, 16)),
        ({"free_until": {"days": 5}, "online_until_minutes_before": 120}, jst(2026, 11, 20, 7)),
        ({"free_until": {"days": 5}}, None),
    ],
)
def test_after_its_own_deadline_by_phone_only(rule: dict[str, Any], until: datetime | None) -> None:
    rules = document(cancel=rule)
    assert rules.cancel is not None
    assert rules.cancel.online_ends_at(stay(), WEEKDAYS) == until
    if until is None:
        assert not reasons_against_cancelling(rules, WEEKDAYS, stay(), now=jst(2026, 11, 20, 8, 59))
        return
    before = until - timedelta(seconds=1)
    assert not reasons_against_cancelling(rules, WEEKDAYS, stay(), now=before)
    (reason,) = reasons_against_cancelling(rules, WEEKDAYS, stay(), now=until)
    assert reason.code is BookingRefusal.CANCEL_BY_PHONE_ONLY
    assert reason.values == {"until_at": until}
    assert not reasons_against_cancelling(rules, WEEKDAYS, stay(), now=until, by_staff=True)


@pytest.mark.parametrize(
    ("more", "now", "expected"),
    [
        ({}, jst(2026, 11, 20, 8), 0),
        ({"shortening": "as_cancel"}, jst(2026, 11, 18), 0),
        ({"shortening": "as_cancel"}, jst(2026, 11, 20, 8), 400),  # half of two hours
        ({"shortening": "not_possible"}, jst(2026, 11, 20, 8), 0),
        (
            {"shortening": "as_cancel", "late_fee": {"kind": "flat", "yen": 5000}},
            jst(2026, 11, 20, 8),
            800,  # never more than the stay would have cost
        ),
        (
            {"shortening": "as_cancel", "late_fee": {"kind": "booked_hours", "yen": 100}},
            jst(2026, 11, 20, 8),
            200,
        ),
    ],
)
def test_shortening(more: dict[str, Any], now: datetime, expected: int) -> None:
    late_fee = {"kind": "percent", "percent": 50}
    rules = document(fee=FEE, cancel={"free_until": {"days": 1}, "late_fee": late_fee, **more})
    long, short = stay("09:00", "14:00"), stay("09:00", "12:00")
    was, becomes = (usual_fee(rules, [child()], span) for span in (long, short))
    assert rules.cancel is not None
    assert rules.cancel.shortening_yen(now, was, becomes, (long, short), WEEKDAYS) == expected
    assert rules.cancel.shortening_yen(now, becomes, was, (short, long), WEEKDAYS) == 0


def test_a_cancelled_day_takes_the_rest_of_its_run() -> None:
    booked = [date(2026, 11, day) for day in (18, 19, 20, 24, 26)]
    rule = CancelRule(ends_run=True)
    # Weekend and holiday do not break the run; the day without a booking does.
    assert rule.falls_away(date(2026, 11, 19), booked, WEEKDAYS) == (
        date(2026, 11, 20),
        date(2026, 11, 24),
    )
    assert rule.falls_away(date(2026, 11, 26), booked, WEEKDAYS) == ()
    assert CancelRule().falls_away(date(2026, 11, 19), booked, WEEKDAYS) == ()


@pytest.mark.parametrize(
    "tier",
    [
        {"fee": {"kind": "none"}},
        {"until": {"days": 1}, "until_minutes_before": 60, "fee": {"kind": "none"}},
        {"until": {"days": 1}},
    ],
)
def test_a_tier_has_one_limit_and_a_price(tier: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(cancel={"tiers": [tier]})


@given(any_rule(CancelRule), spans(), moments, st.integers(0, 5000))
def test_no_rule_takes_money_before_its_deadline_nor_gives_any(
    written: dict[str, Any] | None, span: Any, now: datetime, care_yen: int
) -> None:
    if written is None:
        return
    rule = CancelRule.model_validate(written)
    tariff = {"kind": "day", "bands": [{"yen": care_yen}]}
    fee = usual_fee(document(fee={**FEE, "tariff": tariff}), [child(born=span.day)], span)
    found = rule.yen_at(now, fee, span, WEEKDAYS)
    assert found.until is not None
    assert found.until <= span.starts_at
    assert found.is_late is (now >= found.until)
    assert found.amount_yen >= 0
    assert found.is_late or found.amount_yen == 0
    assert rule.late_yen(fee, span) >= 0
