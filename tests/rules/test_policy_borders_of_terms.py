"""Borders of registrations, stops, limits and late cancelling that small mistakes cross unseen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.age import AgeRule
from portal.policies.cancelling import late_steps
from portal.policies.cap_count import cap_reasons
from portal.policies.charging import charge
from portal.policies.class_births import births_let_in, births_of_class
from portal.policies.facts import Mark
from portal.policies.history import UseState
from portal.policies.looking import DayRules, by_web
from portal.policies.noshow_count import NoShowStanding
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import RegistrationRule
from portal.policies.steps import TrialPart, TrialRule
from portal.policies.units import UnitsRule
from portal.policies.waitlist import WaitlistRule, reasons_against_joining
from tests.rules.cap_cases import counted, days_a, november, plain, used
from tests.rules.policy_cases import ANY_DAY, ASKED_AT, FRIDAY, WEEKDAYS, document, jst, stay
from tests.rules.test_policy_charging import HOURLY, home, wish, yen
from tests.rules.test_policy_no_shows import POINTS, absences, standing

R = BookingRefusal


# --- registrations ---


@pytest.mark.proves("G19")
@pytest.mark.parametrize(
    ("on", "last"),
    [
        (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 9, 30)),
        (date(2026, 9, 30), date(2026, 9, 30)),
        (date(2026, 10, 1), date(2027, 3, 31)),
        (date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_half_years_begin_in_april_and_october(on: date, last: date) -> None:
    rule = RegistrationRule.model_validate({"validity": "half_year", "next_period_days": 0})
    assert rule.until(on, None) == last


# --- prices ---


@pytest.mark.proves("G17")
@pytest.mark.parametrize(
    ("retroactive", "first"), [("month", date(2026, 11, 1)), ("fiscal_year", date(2026, 4, 1))]
)
def test_what_goes_back_begins_with_the_first_day(retroactive: str, first: date) -> None:
    fee = {"reductions": [{"marks": ["welfare"], "percent": 100, "retroactive": retroactive}]}
    household = home(Mark("welfare", valid_from=date(2026, 11, 30)))
    assert yen(fee, household=household, span=stay(day=first)) == 0
    day_before = date.fromordinal(first.toordinal() - 1)
    assert yen(fee, household=household, span=stay(day=day_before)) == 1500


@pytest.mark.proves("G17")
def test_a_share_of_the_price_without_surcharges_is_taken_of_what_is_left_of_it() -> None:
    half = {"percent": 50, "of": "base"}
    fee = {
        "surcharges": [{"kind": "extra", "label": "土曜", "yen": 200}],
        "reductions": [{**half, "label": "A"}, {**half, "label": "B"}],
        "combining": "stack",
    }
    assert yen(fee) == 1700 - 750 - 375


@pytest.mark.proves("G17")
def test_where_care_is_free_meals_are_reduced_all_the_same() -> None:
    fee = {
        "per_use": [{"label": "給食", "yen": 300}],
        "reductions": [
            {"label": "A", "percent": 100},
            {"label": "B", "percent": 50, "of": "total"},
        ],
        "combining": "stack",
    }
    found = charge(wish(fee))
    assert (found.care_yen, found.items_yen) == (0, 150)


# --- classes ---


@pytest.mark.proves("G2")
def test_a_rule_that_lets_all_of_a_class_come_lets_no_child_of_the_next_come() -> None:
    all_may = AgeRule.model_validate({"min": {"unit": "months", "value": 6}})
    whole = (date(2024, 4, 2), date(2025, 4, 1))
    assert births_of_class(1, FRIDAY) == births_let_in(all_may, 1, FRIDAY) == whole


# --- times ---


@pytest.mark.proves("R21")
def test_stays_by_rules_of_their_time_end_where_those_rules_let_them() -> None:
    afternoon = {"name": "午後", "when": {"starts": {"from": "12:00"}}}
    rules = document(
        units={"min_minutes": 60, "max_minutes": 480},
        variants=[{**afternoon, "units": {"max_minutes": 240}}],
    )
    seen = DayRules(rules, ANY_DAY, FRIDAY, by_web(1)).stays
    assert [seen[start] for start in (18, 24, 40)] == [
        tuple(range(20, 35)),  # 9:00: one to eight hours
        tuple(range(26, 33)),  # 12:00: one to four
        tuple(range(42, 49)),  # 20:00: to midnight
    ]


@pytest.mark.proves("G20")
def test_trial_care_has_ten_parts_at_most() -> None:
    assert len(TrialRule(parts=(TrialPart(longest_minutes=60),) * 10).parts) == 10
    with pytest.raises(ValidationError, match="at most 10"):
        TrialRule(parts=(TrialPart(longest_minutes=60),) * 11)


@pytest.mark.proves("G20")
def test_trial_care_offers_the_starts_before_its_end() -> None:
    assert TrialPart(longest_minutes=60).as_units().start_cells is None
    early = TrialPart(longest_minutes=60, ends_by="12:00").as_units()
    assert early.start_cells == frozenset(range(24))


# --- limits ---


@pytest.mark.proves("G6")
def test_what_was_told_is_counted_only_where_the_limit_says_so() -> None:
    told = used(*november(2, 4), is_declared=True)
    for counts, days in ((False, 0), (True, 2)):
        cap = days_a("month", 3, counts_declared=counts)
        assert plain(counted(cap, told).used) == [days]


@pytest.mark.proves("G6")
@pytest.mark.parametrize(
    ("written", "period"),
    [
        ({"metric": "days", "period": "whole_time"}, None),
        ({"metric": "consecutive_days"}, None),
        (
            {"metric": "days", "period": "month"},
            ("month", date(2026, 11, 1), date(2026, 11, 30)),
        ),
    ],
)
def test_a_refusal_names_the_days_of_its_limit_where_it_has_a_first_and_a_last(
    written: dict[str, Any], period: object
) -> None:
    (reason,) = cap_reasons([counted({**written, "amount": 0})])
    assert reason.values["period"] == period


@pytest.mark.proves("G14")
@pytest.mark.parametrize("length", [60, 240])
def test_the_shortest_and_the_longest_stay_are_of_an_offered_length_too(length: int) -> None:
    rule = UnitsRule(min_minutes=60, max_minutes=240, lengths=(120,))
    ends = f"{9 + length // 60:02d}:00"
    assert [each.code for each in rule.reasons(stay("09:00", ends))] == [R.LENGTH_NOT_OFFERED]


@pytest.mark.proves("G10")
def test_nobody_else_waits_where_no_number_is_said() -> None:
    rule = WaitlistRule.model_validate({"most_waiting": 1, "most_per_child": 1})
    limits: dict[str, Any] = {"closes_at": jst(2026, 11, 19, 17), "now": ASKED_AT}
    assert not list(reasons_against_joining(rule, stay(), WEEKDAYS, **limits))
    both = reasons_against_joining(rule, stay(), WEEKDAYS, **limits, waiting=1, lists_of_child=1)
    assert [each.code for each in both] == [R.WAITLIST_FULL, R.TOO_MANY_WAITS]


# --- absences ---


@pytest.mark.proves("G12")
def test_a_stop_ends_the_day_before_care_begins_again() -> None:
    past = absences(date(2026, 6, 1), date(2026, 6, 2))
    (reason,) = standing(POINTS, past).reasons
    assert reason.values == {"last_on": date(2026, 12, 2), "from_on": date(2026, 12, 3)}
    for_good = {"points_kept": "always", "consequences": [{"at_points": 1, "then": "refuse"}]}
    (reason,) = standing(for_good, past).reasons
    assert reason.values == {"last_on": None, "from_on": None}


@pytest.mark.proves("G12")
def test_who_was_never_absent_has_no_points() -> None:
    assert NoShowStanding() == standing(POINTS, absences(date(2026, 6, 1), state=UseState.ATTENDED))
    assert NoShowStanding().points == Decimal(0)


# --- late cancelling ---


@pytest.mark.proves("G11")
def test_each_moment_at_which_cancelling_costs_another_amount_is_told_once() -> None:
    tiers = [
        {"until": {"days": 1, "at": "12:00"}, "fee": {"kind": "percent", "percent": 20}},
        {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "flat", "yen": 300}},
    ]
    cancel = {
        "free_until": {"days": 2, "at": "17:00"},
        "tiers": tiers,
        "late_fee": {"kind": "percent", "percent": 100},
    }
    asked = wish({"tariff": HOURLY}, kinds={"cancel": cancel})
    found = late_steps(asked, charge(asked), now=ASKED_AT)
    # 20 % of 1,500 yen are 300: the flat 300 of the afternoon are nothing new.
    assert [(step.from_at, step.amount_yen) for step in found] == [
        (jst(2026, 11, 18, 17), 300),
        (jst(2026, 11, 19, 17), 1500),
    ]
    late = late_steps(asked, charge(asked), now=jst(2026, 11, 19, 18))
    assert [(step.from_at, step.amount_yen) for step in late] == [(jst(2026, 11, 19, 18), 1500)]
    assert late_steps(wish({}), charge(asked), now=ASKED_AT) == ()
