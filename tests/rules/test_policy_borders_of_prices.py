"""Borders of prices, limits and times that small mistakes cross unseen; beside those of days."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.cancel import CancelRule
from portal.policies.cancelling import late_steps
from portal.policies.cap_periods import ALWAYS, CapPeriod, Days, PeriodRule
from portal.policies.charging import charge, charge_actual, usual_fee
from portal.policies.decide import decide
from portal.policies.facts import Coupon, Household, Mark
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.policies.history import History, PastUse
from portal.policies.hours import HoursRule
from portal.policies.matching import changed_by_time, document_for
from portal.policies.needs import history_days, needs_history, needs_home
from portal.policies.noshow_count import no_show_fee
from portal.policies.packages import Package, cheapest
from portal.policies.priced import PricedStay
from portal.policies.proofs import ProofRule
from portal.policies.regular import TermApplication
from portal.policies.steps import TrialPart
from tests.rules.policy_cases import ASKED_AT, FRIDAY, WEEKDAYS, case, child, document, stay
from tests.rules.test_policy_charging import BABY, HOURLY, MIDDLE, home, wish, yen

# --- prices ---


@pytest.mark.proves("G16", "G17")
def test_of_the_second_child_the_meals_are_reduced_too_where_everything_is() -> None:
    meal = {"label": "給食", "yen": 301}
    for of, items in (("total", 301 + 150), ("care", 2 * 301)):  # a broken yen goes to the family
        found = charge(wish({"siblings": {"of": of}, "per_use": [meal]}, MIDDLE, BABY))
        assert (found.care_yen, found.items_yen) == (1500 + 750, items)
        assert found.total_yen == sum(line.amount_yen for line in found.lines)


@pytest.mark.proves("G16")
def test_nobody_who_only_asks_for_a_price_is_above_a_cap() -> None:
    above = {"kind": "above_cap", "yen": 800, "unit_minutes": 60}
    rules = document(fee={"tariff": HOURLY, "surcharges": [above]})
    found = usual_fee(rules, [MIDDLE], stay())
    assert [line.label_code for line in found.lines] == [FeeLabel.CARE_HOURLY]


@pytest.mark.proves("G16")
def test_a_line_says_what_one_of_it_costs_only_where_it_is_counted() -> None:
    per = {"use": None, "time": 3, "count": 2}
    for how, units in per.items():
        item = {"label": "おむつ", "yen": 10, "per": how}
        found = charge(wish({"items": [item]}, MIDDLE, options=frozenset({"おむつ:2"})))
        line = next(each for each in found.lines if each.label_code is FeeLabel.ITEM)
        assert (line.values.get("unit_yen"), line.values.get("units")) == (units and 10, units)


@pytest.mark.proves("G18")
def test_an_hour_is_worth_nothing_where_an_hour_less_costs_as_much() -> None:
    half_days = {"kind": "half_day", "half_day_minutes": 300}
    bands = [{"half_day_yen": 1000, "day_yen": 2000}]
    ticket = {"coupons": [{"code": "t", "label": "利用券", "minutes": 60}]}
    household = Household(coupons=(Coupon("t", 9),))
    fee = ticket | {"tariff": half_days | {"bands": bands}}
    assert yen(fee, household=household, coupons=("t",)) == 1000


@pytest.mark.proves("G16")
def test_a_surcharge_of_nothing_costs_nothing() -> None:
    assert yen({"surcharges": [{"kind": "extra", "label": "土曜", "yen": 0}]}) == 1500


@pytest.mark.proves("G11")
def test_where_no_rule_speaks_of_cancelling_it_costs_nothing() -> None:
    assert late_steps(wish({}), decide(wish({}), now=ASKED_AT).fee, now=ASKED_AT) == ()


@pytest.mark.proves("G16")
@pytest.mark.parametrize(
    ("starts", "minutes", "expected"), [("09:00", 180, "09:00"), ("21:00", 240, "20:00")]
)
def test_a_stay_before_began_as_this_one_does_or_when_it_must(
    starts: str, minutes: int, expected: str
) -> None:
    before = FRIDAY - timedelta(days=2)
    then = PricedStay(stay(starts, "22:00")).then(PastUse(MIDDLE.child_id, before, minutes))
    assert then
    assert (then.span.starts_at, then.span.minutes) == (
        stay(expected, "23:30", before).starts_at,
        minutes,
    )


@pytest.mark.proves("G17", "G12")
def test_a_price_of_nothing_is_nothing() -> None:
    assert yen({"reductions": [{"label": "減免", "pays_yen": 0}]}) == 0
    rule = document(no_show={"fee": {"yen": 0}}).no_show
    assert no_show_fee(rule, charge(wish({})), 2) == 0


@pytest.mark.proves("G17")
def test_a_mark_counts_on_its_last_day() -> None:
    fee = {"reductions": [{"marks": ["welfare"], "percent": 100}]}
    for last, expected in ((FRIDAY, 0), (FRIDAY - timedelta(days=1), 1500)):
        assert yen(fee, household=home(Mark("welfare", valid_until=last))) == expected


@pytest.mark.proves("G17")
@pytest.mark.parametrize(
    ("amount", "said"), [({"percent": 50}, {"percent": 50}), ({"off_yen": 100}, {})]
)
def test_the_line_of_a_reduction_says_the_share_where_it_is_one(
    amount: dict[str, int], said: dict[str, int]
) -> None:
    (line,) = (
        each
        for each in charge(wish({"reductions": [{"label": "減免", **amount}]})).lines
        if each.label_code is FeeLabel.REDUCTION
    )
    assert line.values == {"label": "減免", **said}


@pytest.mark.proves("G16")
def test_the_usual_price_is_paid_as_long_as_a_minute_of_it_is_left() -> None:
    above = {"kind": "above_cap", "yen": 800, "unit_minutes": 60, "instead": True}
    asked = wish({"surcharges": [above]}, MIDDLE)
    for minutes, paid in ((180, 3 * 800), (179, 3 * 800 + 500), (120, 2 * 800 + 500)):
        assert charge(asked, above_cap={MIDDLE.child_id: minutes}).total_yen == paid


@pytest.mark.proves("G16")
def test_of_two_ways_at_one_price_the_one_with_fewer_parts_is_told() -> None:
    hour, two = Package(minutes=60, yen=100), Package(minutes=120, yen=200)
    assert cheapest((hour, two), 120) == ((two, 1),)
    assert cheapest((hour, two), 180) == ((two, 1), (hour, 1))
    blocks = [
        {"label": "午前", "starts": "09:00", "ends": "12:00"},
        {"label": "午後", "starts": "12:00", "ends": "17:00"},
        {"label": "1日", "starts": "09:00", "ends": "17:00"},
    ]
    prices = [{"label": "午前", "yen": 1}, {"label": "午後", "yen": 2}, {"label": "1日", "yen": 3}]
    tariff = {"kind": "blocks", "blocks": blocks, "bands": [{"prices": prices}]}
    day = usual_fee(document(fee={"tariff": tariff}), [MIDDLE], stay("09:00", "17:00"))
    assert [line.values["label"] for line in day.lines] == ["1日"]


@pytest.mark.proves("G23")
def test_who_comes_early_and_leaves_on_time_pays_for_what_was_booked() -> None:
    booked = wish({}, kinds={"payment": {"on_early_pickup": "recalculated"}})
    for left, paid in (("12:00", 1500), ("11:30", 1500), ("10:59", 1500), ("10:30", 1000)):
        assert charge_actual(booked, stay("08:30", left)).total_yen == paid


@pytest.mark.proves("G11")
@pytest.mark.parametrize(("less", "late", "pays"), [(0, 500, 0), (1, 500, 1), (2, 1, 1)])
def test_making_a_stay_shorter_costs_up_to_the_last_yen_that_it_saves(
    less: int, late: int, pays: int
) -> None:
    fee = {"kind": "flat", "yen": late}
    rule = CancelRule.model_validate({"late_fee": fee, "shortening": "as_cancel"})

    def of(amount: int) -> Fee:
        return Fee((FeeLine(FeeLabel.CARE_HOURLY, {}, MIDDLE.child_id, amount),))

    spans = (stay("09:00", "12:00"), stay("09:00", "11:00"))
    now = stay().starts_at
    assert rule.shortening_yen(now, of(1000), of(1000 - less), spans, WEEKDAYS) == pays
    assert rule.shortening_yen(now, of(1000 - less), of(1000), spans[::-1], WEEKDAYS) == 0


@pytest.mark.proves("G11")
def test_what_cancelling_would_cost_from_the_start_on_is_not_told() -> None:
    tier = {"until_minutes_before": 0, "fee": {"kind": "percent", "percent": 20}}
    late = {"kind": "percent", "percent": 100}
    cancel = {"free_until": {"days": 1}, "tiers": [tier], "late_fee": late}
    asked = wish({}, kinds={"cancel": cancel})
    assert [step.amount_yen for step in late_steps(asked, charge(asked), now=ASKED_AT)] == [300]


@pytest.mark.proves("G16")
@pytest.mark.parametrize("broken", [{"values": 1}, {"amount_yen": "1"}, {"amount_yen": None}])
def test_a_kept_line_is_read_whole_or_not_at_all(broken: dict[str, object]) -> None:
    (line,) = charge(wish({})).as_json()
    assert Fee.from_json([line])
    with pytest.raises(TypeError, match="not a fee line"):
        Fee.from_json([{**line, **broken}])


# --- days ---


@pytest.mark.proves("G2")
def test_a_variant_by_age_holds_from_the_day_of_birth() -> None:
    babies = {"name": "0歳", "when": {"ages": {"below_months": 12}}}
    rules = document(
        units={"max_minutes": 480}, variants=[{**babies, "units": {"max_minutes": 240}}]
    )
    longest = []
    for born in (FRIDAY, FRIDAY + timedelta(days=1)):
        units = document_for(case(rules), child(born=born)).units
        longest.append(units.max_minutes if units else None)
    assert longest == [240, 480]


@pytest.mark.proves("G6")
def test_days_from_the_first_hold_both_the_first_and_the_last() -> None:
    past = History((PastUse(child().child_id, date(2026, 11, 9), 180, cause="入院"),))
    for amount, is_allowed in ((12, True), (11, False)):
        cap = {"metric": "days_from_first", "amount": amount, "per_cause": True}
        wished = case(document(caps=[cap]), cause="入院", history=past)
        assert (not decide(wished, now=ASKED_AT).reasons) is is_allowed


_A_YEAR, _EVER = 366, 366 * 7
_FIRST, _SATURDAY = {"first_use": True}, {"weekdays": ["sat"]}
_LATER = {"kind": "extra", "label": "加算", "yen": 100}
_TICKET = {"code": "ticket", "label": "利用券", "yen": 800}


@pytest.mark.proves("G6")
@pytest.mark.parametrize(
    ("kinds", "days"),
    [
        ({}, _A_YEAR),
        ({"caps": [{"metric": "days", "amount": 3, "period": "month"}]}, _A_YEAR),
        ({"caps": [{"metric": "days", "amount": 3, "period": "month", "per_cause": True}]}, _EVER),
        ({"caps": [{"metric": "consecutive_days", "amount": 3}]}, _EVER),
        ({"caps": [{"metric": "days", "amount": 3, "period": "registration"}]}, _EVER),
        ({"units": {"max_minutes": 480, "first_visit": {"max_minutes": 120}}}, _EVER),
        ({"units": {"max_minutes": 480}}, _A_YEAR),
        ({"variants": [{"name": "土曜", "when": {"weekdays": ["sat"]}}]}, _EVER),
        ({"fee": {"tariff": HOURLY}}, _A_YEAR),
        ({"fee": {"tariff": HOURLY, "reductions": [{"percent": 50}]}}, _EVER),
        ({"fee": {"tariff": HOURLY, "items": [{"label": "保険", "yen": 100}]}}, _EVER),
        ({"fee": {"tariff": HOURLY, "surcharges": [{**_LATER, "when": _SATURDAY}]}}, _A_YEAR),
        ({"fee": {"tariff": HOURLY, "surcharges": [{**_LATER, "when": _FIRST}]}}, _EVER),
        ({"fee": {"tariff": HOURLY, "coupons": [{**_TICKET, "when": _FIRST}]}}, _EVER),
        ({"fee": {"tariff": HOURLY, "siblings": {"when": _FIRST}}}, _EVER),
        ({"fee": {"tariff": HOURLY, "overrun": {"yen": 100, "when": _FIRST}}}, _EVER),
    ],
)
def test_stays_are_read_as_far_back_as_the_rules_count(kinds: dict[str, Any], days: int) -> None:
    first, last = history_days(document(**kinds), FRIDAY)
    assert (FRIDAY - first, last - FRIDAY) == (timedelta(days=days), timedelta(days=_A_YEAR))


@pytest.mark.proves("G17")
@pytest.mark.parametrize(
    ("fee", "history", "home_of"),
    [
        ({}, False, False),
        ({"siblings": {}}, False, False),
        ({"siblings": {"order_by": "preschoolers"}}, False, True),
        ({"siblings": {"when": _SATURDAY}}, False, True),
        ({"siblings": {"when": _FIRST}}, True, True),
        ({"overrun": {"yen": 100}}, False, False),
        ({"overrun": {"yen": 100, "when": {"marks": ["welfare"]}}}, False, True),
        ({"overrun": {"yen": 100, "when": _FIRST}}, True, True),
    ],
)
def test_what_prices_ask_of_a_family_is_read(
    fee: dict[str, Any], *, history: bool, home_of: bool
) -> None:
    rules = document(fee={"tariff": HOURLY, **fee})
    assert (needs_history(rules), needs_home(rules)) == (history, home_of)


@pytest.mark.proves("G6")
def test_a_limit_between_dates_holds_on_both_and_on_no_other_day() -> None:
    first, last = date(2026, 10, 1), date(2026, 12, 31)
    rule = PeriodRule(period=CapPeriod.DATES, first_day=first, last_day=last)
    inside = [day for day in (first, last) if rule.days_around(day) == Days(first, last)]
    assert inside == [first, last]
    assert rule.days_around(first - timedelta(days=1)) is None
    assert rule.days_around(last + timedelta(days=1)) is None
    assert FRIDAY in ALWAYS


# --- times ---


@pytest.mark.proves("G20")
@pytest.mark.parametrize(
    ("ends_by", "cell"), [(None, 48), ("12:00", 24), ("12:29", 24), ("12:30", 25), ("12:59", 25)]
)
def test_a_part_of_trial_care_ends_by_the_half_hour_before_its_limit(
    ends_by: str | None, cell: int
) -> None:
    part = TrialPart(longest_minutes=120, ends_by=ends_by)
    assert part.last_cell == cell


@pytest.mark.proves("G20")
def test_the_first_half_hour_of_a_day_is_a_stay() -> None:
    assert TrialPart(longest_minutes=30, ends_by="00:30").last_cell == 1
    with pytest.raises(ValidationError, match="ends before any stay"):
        TrialPart(longest_minutes=30, ends_by="00:29")


def application(**written: Any) -> TermApplication:
    days = {"use_from": date(2026, 10, 1), "use_until": date(2026, 12, 31)}
    the_day = {"opens_on": date(2026, 8, 19), "closes_on": date(2026, 8, 19)}
    return TermApplication.model_validate({**days, **the_day, **written})


@pytest.mark.proves("G25")
def test_an_application_of_no_length_is_refused_and_one_of_a_minute_is_not() -> None:
    assert application(opens_at="09:00", closes_at="09:01")
    with pytest.raises(ValidationError, match="closes after it opens"):
        application(opens_at="09:00", closes_at="09:00")


@pytest.mark.proves("G13")
def test_the_name_of_a_closure_is_that_of_the_day_before_that_of_the_season() -> None:
    rule = HoursRule.model_validate(
        {
            "days": [
                {"from": FRIDAY, "closed": True, "name": "園の行事"},
                {"from": date(2026, 8, 14), "name": "お盆の預かり"},
            ],
            "closed_each_year": [{"from": "08-13", "until": "08-15", "name": "お盆"}],
        }
    )
    days = (FRIDAY, date(2026, 8, 13), date(2026, 8, 14), date(2026, 8, 16))
    assert [rule.closure_on(day) for day in days] == ["園の行事", "お盆", None, None]


# --- papers ---


@pytest.mark.proves("G5")
def test_papers_are_called_by_their_names_and_any_paper_as_such() -> None:
    named = ProofRule(kinds=("employment_certificate", "診断書"))
    assert named.paper == "就労証明書」か「診断書"
    assert ProofRule().paper == "理由がわかる書類"


# --- what changes by the time of day, and which variants are tried together ---


@pytest.mark.proves("R21")
@pytest.mark.parametrize(
    ("when", "is_by_time"),
    [({"weekdays": ["sat"]}, False), ({"starts": {"from": "12:00"}}, True)],
)
def test_variants_change_a_kind_by_time_only_where_their_conditions_do(
    when: dict[str, Any], *, is_by_time: bool
) -> None:
    rules = document(variants=[{"name": "A", "when": when, "units": {"max_minutes": 240}}])
    assert changed_by_time(rules, frozenset({"units"})) is is_by_time
    assert not changed_by_time(rules, frozenset({"fee"}))
