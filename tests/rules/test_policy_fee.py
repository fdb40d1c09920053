from __future__ import annotations

import json
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.kernel.spans import Span
from portal.policies.case import ChildFacts
from portal.policies.document import load_template
from portal.policies.fee import Fee, FeeLabel, FeeRule
from tests.rules.policy_cases import FRIDAY, child, children, fees, spans, stay

pytestmark = pytest.mark.proves("G16", "G17")

ELDER, YOUNGER = child(2, date(2022, 5, 20)), child(1, date(2025, 5, 20))


def hourly(yen: int, **more: Any) -> FeeRule:
    tariff = {"kind": "hourly", "bands": [{"yen": yen}], **more.pop("tariff", {})}
    return FeeRule.model_validate({"tariff": tariff, **more})


def half_day(half: int, day: int, minutes: int = 240, **more: Any) -> FeeRule:
    bands = [{"half_day_yen": half, "day_yen": day}]
    tariff = {"kind": "half_day", "half_day_minutes": minutes, "bands": bands}
    return FeeRule.model_validate({"tariff": tariff, **more})


def test_two_children_as_on_the_booking_page() -> None:
    rule = load_template("hourly-standard").fee
    assert rule is not None
    fee = rule.fee([YOUNGER, ELDER], stay())
    assert [(line.label_code, line.child_id.int, line.amount_yen) for line in fee.lines] == [
        (FeeLabel.CARE_HOURLY, 2, 900),
        (FeeLabel.PER_USE, 2, 300),
        (FeeLabel.CARE_HOURLY, 1, 1200),
        (FeeLabel.SIBLING_REDUCTION, 1, -600),
        (FeeLabel.PER_USE, 1, 300),
    ]
    assert (fee.total_yen, fee.care_yen, fee.for_child(YOUNGER.child_id).total_yen) == (
        2100,
        1500,
        900,
    )
    assert fee.lines[2].values == {"unit_yen": 400, "units": 3, "unit_minutes": 60}
    assert fee.lines[3].values == {"order": 2, "percent": 50}
    assert fee.lines[4].values == {"label": "給食とおやつ"}


@pytest.mark.parametrize(
    ("rule", "start", "end", "yen"),
    [
        (hourly(500), "10:00", "14:00", 2000),  # M02: 500 an hour
        (hourly(500), "10:00", "10:01", 500),  # a started hour
        (hourly(500), "10:00", "12:30", 1500),
        (half_day(1200, 2400), "09:00", "13:00", 1200),  # M03: up to 4 h half price
        (half_day(1200, 2400), "09:00", "13:01", 2400),
        (half_day(1500, 3000, 360), "07:30", "12:30", 1500),  # M04: morning
        (half_day(1500, 3000, 360), "13:00", "19:00", 1500),  # M04: afternoon
        (half_day(1500, 3000, 360), "07:30", "19:00", 3000),
        (half_day(500, 1000), "08:30", "12:30", 500),  # M05
        (hourly(200, tariff={"unit_minutes": 30}), "09:00", "10:15", 600),  # M08
        (hourly(300), "09:00", "10:30", 600),  # M10: 300 an hour
    ],
)
def test_prices_of_real_places(rule: FeeRule, start: str, end: str, yen: int) -> None:
    assert rule.fee([child()], stay(start, end)).total_yen == yen


@pytest.mark.parametrize(
    ("start", "end", "meals"),
    [
        ("07:30", "12:30", 1),
        ("13:00", "19:00", 0),
        ("07:30", "11:30", 0),
        ("07:30", "11:31", 1),
        ("11:30", "12:00", 1),
        ("11:31", "12:00", 0),
    ],
)
def test_m04_a_meal_for_who_is_there_at_mealtime(start: str, end: str, meals: int) -> None:
    rule = hourly(0, per_use=[{"label": "給食", "yen": 300, "at": "11:30"}])
    assert rule.fee([child()], stay(start, end)).total_yen == 300 * meals
    daily = hourly(0, per_use=[{"label": "おやつ", "yen": 100}])
    assert daily.fee([child()], stay(start, end)).total_yen == 100


M06 = [{"below_age": 1, "yen": 2900}, {"below_age": 3, "yen": 2500}, {"yen": 1500}]


@pytest.mark.parametrize(
    ("born", "by_class", "on_the_day"),
    [
        (date(2026, 4, 1), 2900, 2900),
        (date(2025, 4, 2), 2900, 2500),  # one year old, in the class of under-ones
        (date(2025, 4, 1), 2500, 2500),
        (date(2023, 4, 2), 2500, 1500),
        (date(2023, 4, 1), 1500, 1500),
        (date(2023, 11, 21), 2500, 2500),  # three tomorrow
        (date(2023, 11, 20), 2500, 1500),  # three today
    ],
)
def test_m06_m07_age_bands_by_1_april_or_by_the_day(
    born: date, by_class: int, on_the_day: int
) -> None:
    for basis, yen in (("class_age", by_class), ("on_the_day", on_the_day)):
        rule = hourly(0, tariff={"bands": M06, "unit_minutes": 1440}, age_basis=basis)
        assert rule.fee([child(born=born)], stay()).total_yen == yen


def test_a_fee_from_the_day_of_birth_on() -> None:
    born = [child(1, FRIDAY), child(2, FRIDAY + timedelta(days=1))]
    assert hourly(500).fee(born, stay()).total_yen == 1500


def test_second_half_third_free_and_broken_yen_to_the_family() -> None:
    rule = hourly(333, siblings={})
    kids = [child(n, date(2020 + n, 6, 1)) for n in (1, 2, 3, 4)]
    fee = rule.fee(kids, stay("09:00", "10:00"))
    assert [fee.for_child(kid.child_id).total_yen for kid in kids] == [333, 166, 0, 0]
    assert hourly(333).fee(kids, stay("09:00", "10:00")).total_yen == 4 * 333


@given(fees.map(FeeRule.model_validate), children, spans())
def test_the_order_of_asking_changes_nothing(
    rule: FeeRule, kids: tuple[ChildFacts, ...], span: Span
) -> None:
    twins = tuple(ChildFacts(kid.child_id, FRIDAY) for kid in kids)
    for group in (kids, twins):
        assert len({rule.fee(order, span) == rule.fee(group, span)
                    for order in permutations(group)}) == 1  # fmt: skip


@given(fees.map(FeeRule.model_validate), children, spans())
def test_no_fee_is_negative_and_lines_add_up(
    rule: FeeRule, kids: tuple[ChildFacts, ...], span: Span
) -> None:
    fee = rule.fee(kids, span)
    assert fee.total_yen == sum(line.amount_yen for line in fee.lines)
    for kid in kids:
        own = fee.for_child(kid.child_id)
        assert 0 <= own.care_yen <= own.total_yen
        assert bool(own.lines) is (kid.born_on <= span.day)
    assert Fee.from_json(json.loads(json.dumps(fee.as_json()))) == fee


@given(fees.map(FeeRule.model_validate), children, spans(), st.integers(1, 600))
def test_a_longer_stay_costs_no_less(
    rule: FeeRule, kids: tuple[ChildFacts, ...], span: Span, more: int
) -> None:
    longer_end = span.ends_at + timedelta(minutes=more)
    if longer_end.date() == span.day:
        longer = Span(span.starts_at, longer_end)
        assert rule.fee(kids, longer).total_yen >= rule.fee(kids, span).total_yen


@pytest.mark.parametrize(
    "bands",
    [
        [],
        [{"below_age": 3, "yen": 1}],
        [{"yen": 1}, {"yen": 2}],
        [{"yen": 1}, {"below_age": 3, "yen": 1}],
        [{"below_age": 3, "yen": 1}, {"below_age": 1, "yen": 1}, {"yen": 1}],
        [{"below_age": 3, "yen": 1}, {"below_age": 3, "yen": 1}, {"yen": 1}],
        [{"yen": -1}],
    ],
)
def test_bands_with_gaps_cannot_be_written(bands: list[dict[str, int]]) -> None:
    with pytest.raises(ValidationError):
        hourly(0, tariff={"bands": bands})


def test_a_day_cheaper_than_its_half_cannot_be_written() -> None:
    with pytest.raises(ValidationError, match="no less than half a day"):
        half_day(1000, 999)


@pytest.mark.parametrize("broken", [[{}], [{"values": 1, "amount_yen": 1}]])
def test_a_kept_fee_that_is_none_is_an_error(broken: list[dict[str, object]]) -> None:
    with pytest.raises((KeyError, TypeError)):
        Fee.from_json(broken)
