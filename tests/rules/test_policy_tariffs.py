"""Prices of care by hand: rates that change, steps, packages, blocks, and whose row it is."""

from __future__ import annotations

from datetime import date
from itertools import combinations_with_replacement
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.kernel.age import class_age
from portal.policies.age import AgeRule
from portal.policies.charging import usual_fee
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import FeeLabel
from portal.policies.fee_ages import AgeBasis, months_for_price
from portal.policies.packages import Package, cheapest
from tests.rules.policy_cases import FRIDAY, child, document, stay

pytestmark = pytest.mark.proves("G16")


def yen(tariff: dict[str, Any], start: str, end: str, *, of: ChildFacts | None = None) -> int:
    return usual_fee(document(fee={"tariff": tariff}), [of or child()], stay(start, end)).total_yen


RISING = {"kind": "hourly", "bands": [{"yen": 500, "then": [{"after_minutes": 240, "yen": 800}]}]}


@pytest.mark.parametrize(
    ("end", "marginal", "whole_stay"),
    [
        ("12:00", 1500, 1500),
        ("13:00", 2000, 2000),  # exactly four hours: the rate before
        ("13:01", 2800, 4000),
        ("15:00", 3600, 4800),
    ],
)
def test_trap_7_a_rate_that_changes_with_length_read_both_ways(
    end: str, marginal: int, whole_stay: int
) -> None:
    assert yen(RISING, "09:00", end) == marginal
    assert yen({**RISING, "rate_change": "whole_stay"}, "09:00", end) == whole_stay


def test_minutes_that_are_not_counted_make_the_others_no_dearer() -> None:
    rule = {**RISING, "rate_change": "whole_stay", "grace_minutes": 10}
    for end, expected in (("13:00", 2000), ("13:10", 2000), ("13:11", 4000)):
        assert yen(rule, "09:00", end) == expected


def test_each_rate_is_a_line_of_its_own() -> None:
    fee = usual_fee(document(fee={"tariff": RISING}), [child()], stay("09:00", "15:00"))
    assert [(one.values["unit_yen"], one.values["units"]) for one in fee.lines] == [
        (500, 4),
        (800, 2),
    ]


@pytest.mark.parametrize(
    ("more", "end", "expected"),
    [
        ({"min_minutes": 120}, "10:00", 1000),
        ({"min_minutes": 120}, "12:00", 1500),
        ({"grace_minutes": 10}, "10:10", 500),
        ({"grace_minutes": 10}, "10:11", 1000),
        ({"grace_minutes": 10}, "09:05", 500),  # the first unit is always paid
        ({"bands": [{"yen": 500, "max_yen": 1200}]}, "13:00", 1200),
        ({"bands": [{"yen": 500, "min_yen": 800}]}, "10:00", 800),
        ({"bands": [{"yen": 500, "min_yen": 800}]}, "11:00", 1000),
    ],
)
def test_least_and_greatest(more: dict[str, Any], end: str, expected: int) -> None:
    assert yen({"kind": "hourly", "bands": [{"yen": 500}], **more}, "09:00", end) == expected


STEPS = [
    {"up_to_minutes": 120, "yen": 800},
    {"up_to_minutes": 180, "yen": 1100},
    {"up_to_minutes": 240, "yen": 1400},
]


@pytest.mark.parametrize(
    ("end", "then", "flat"),
    [
        ("09:30", 800, 800),
        ("11:00", 800, 800),
        ("11:01", 1100, 1100),
        ("13:00", 1400, 1400),
        ("13:01", 1750, 1400),
        ("15:30", 1400 + 3 * 350, 1400),
    ],
)
def test_a_table_by_length_and_what_lies_beyond_it(end: str, then: int, flat: int) -> None:
    band: dict[str, Any] = {"steps": STEPS}
    assert yen({"kind": "steps", "bands": [band]}, "09:00", end) == flat
    band |= {"then": {"unit_minutes": 60, "yen": 350}}
    assert yen({"kind": "steps", "bands": [band]}, "09:00", end) == then


M08 = [
    {"minutes": 30, "yen": 200},
    {"minutes": 240, "yen": 1250},
    {"minutes": 480, "yen": 2500},
]


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("09:30", 200),
        ("12:00", 1200),
        ("12:30", 1250),  # seven half hours would be 1,400
        ("13:30", 1450),
        ("17:00", 2500),
        ("16:00", 2450),  # 4 h 1,250 and six half hours; the day would be 2,500
    ],
)
def test_m08_half_hours_half_days_and_days_as_it_is_cheapest(end: str, expected: int) -> None:
    assert yen({"kind": "packages", "bands": [{"packages": M08}]}, "09:00", end) == expected


@given(
    st.lists(
        st.builds(
            Package,
            minutes=st.sampled_from([30, 45, 60, 90, 120]),
            yen=st.integers(0, 3000),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    st.integers(1, 240),
)
def test_packages_are_the_cheapest_that_hold_the_stay(
    packages: tuple[Package, ...], minutes: int
) -> None:
    found = cheapest(packages, minutes)
    assert sum(package.minutes * count for package, count in found) >= minutes
    costs = [
        sum(package.yen for package in some)
        for size in range(1, 9)
        for some in combinations_with_replacement(packages, size)
        if sum(package.minutes for package in some) >= minutes
    ]
    assert sum(package.yen * count for package, count in found) == min(costs)


BLOCKS = [
    {"label": "午前", "starts": "08:30", "ends": "12:30"},
    {"label": "午後", "starts": "13:00", "ends": "17:00"},
    {"label": "1日", "starts": "08:30", "ends": "17:00"},
]
PRICES = [
    {"label": "午前", "yen": 1500},
    {"label": "午後", "yen": 1300},
    {"label": "1日", "yen": 2500},
]


@pytest.mark.parametrize(
    ("start", "end", "labels"),
    [
        ("08:30", "12:30", ["午前"]),
        ("13:00", "17:00", ["午後"]),
        ("08:30", "17:00", ["1日"]),  # cheaper than both halves
        ("09:00", "11:00", ["午前"]),
        ("10:00", "15:00", ["1日"]),
        ("07:00", "08:00", []),
    ],
)
def test_blocks_joined_as_it_is_cheapest(start: str, end: str, labels: list[str]) -> None:
    rules = document(
        units={"blocks": BLOCKS}, fee={"tariff": {"kind": "blocks", "bands": [{"prices": PRICES}]}}
    )
    fee = usual_fee(rules, [child()], stay(start, end))
    assert [line.values["label"] for line in fee.lines] == labels


def test_joined_blocks_are_added_where_no_day_is_sold() -> None:
    tariff = {"kind": "blocks", "blocks": BLOCKS[:2], "bands": [{"prices": PRICES[:2]}]}
    assert yen(tariff, "08:30", "17:00") == 2800
    assert yen(tariff, "12:30", "13:00") == 0  # the pause belongs to none


@pytest.mark.parametrize("units", [None, {"blocks": BLOCKS[:2]}])
def test_a_price_of_a_block_that_is_not_there_cannot_be_written(units: object) -> None:
    tariff = {"kind": "blocks", "bands": [{"prices": PRICES}]}
    with pytest.raises(ValidationError, match="units does not have"):
        document(units=units, fee={"tariff": tariff})


@pytest.mark.parametrize(
    ("limits", "start", "end", "expected"),
    [
        ({"border": "12:30"}, "08:30", "12:30", 1500),
        ({"border": "12:30"}, "12:30", "19:00", 1500),  # longer than a morning, half a day still
        ({"border": "12:30"}, "12:00", "13:00", 3000),
        ({"border": "12:30", "half_day_minutes": 240}, "12:30", "19:00", 3000),
    ],
)
def test_half_a_day_by_a_border(
    limits: dict[str, Any], start: str, end: str, expected: int
) -> None:
    bands = [{"half_day_yen": 1500, "day_yen": 3000}]
    assert yen({"kind": "half_day", "bands": bands, **limits}, start, end) == expected


# --- whose row ---

BORN = date(2023, 11, 20)  # three on the day of care
BANDS = [{"below_age": 3, "yen": 2500}, {"yen": 1500}]


@pytest.mark.parametrize(
    ("basis", "reading", "born", "expected"),
    [
        ("class_age", "birthday", BORN, 2500),
        ("on_the_day", "birthday", BORN, 1500),
        ("on_the_day", "birthday", date(2023, 11, 21), 2500),
        ("on_the_day", "day_before", date(2023, 11, 21), 1500),  # three today, by law
        ("on_the_day", "day_before", date(2023, 11, 22), 2500),
        ("month_start", "birthday", BORN, 2500),
        ("month_start", "birthday", date(2023, 11, 1), 1500),
        ("fiscal_year_start", "birthday", date(2023, 4, 1), 1500),
        ("fiscal_year_start", "birthday", date(2023, 4, 2), 2500),
        ("fiscal_year_start", "day_before", date(2023, 4, 2), 1500),
        ("registration_day", "birthday", date(2023, 6, 1), 1500),
        ("registration_day", "birthday", date(2023, 6, 2), 2500),
    ],
)
def test_the_age_that_picks_the_row(basis: str, reading: str, born: date, expected: int) -> None:
    fee = {
        "age_basis": basis,
        "age_reading": reading,
        "tariff": {"kind": "day", "bands": BANDS},
    }
    of = child(born=born, registered_from=date(2026, 6, 1))
    assert usual_fee(document(fee=fee), [of], stay()).total_yen == expected


def test_trap_3_three_ages_of_one_child() -> None:
    """Who may come, what it costs and which class it is in go by three different days."""
    age = AgeRule.model_validate(
        {"max": {"unit": "months", "value": 36}, "reference": "fiscal_year_start"}
    )
    baby = child(born=BORN)
    fee = {"age_basis": "on_the_day", "tariff": {"kind": "day", "bands": BANDS}}
    assert age.reasons(baby.child_id, BORN, FRIDAY) == []  # two on 1 April: it may come
    assert usual_fee(document(fee=fee), [baby], stay()).total_yen == 1500  # three on the day
    assert class_age(BORN, FRIDAY) == 2  # and in the class of two


def test_rows_by_months() -> None:
    bands = [{"below_months": 18, "yen": 900}, {"below_age": 3, "yen": 700}, {"yen": 500}]
    fee = {"age_basis": "on_the_day", "tariff": {"kind": "day", "bands": bands}}
    for born, expected in (
        (date(2025, 5, 21), 900),
        (date(2025, 5, 20), 700),
        (date(2023, 11, 20), 500),
    ):
        assert usual_fee(document(fee=fee), [child(born=born)], stay()).total_yen == expected


@pytest.mark.parametrize("basis", AgeBasis)
def test_before_birth_a_child_is_nought(basis: AgeBasis) -> None:
    unborn = child(born=date(2027, 1, 1), registered_from=date(2026, 12, 1))
    assert months_for_price(basis, unborn, FRIDAY) == 0


@pytest.mark.parametrize(
    "tariff",
    [
        {"kind": "half_day", "bands": [{"half_day_yen": 1, "day_yen": 1}]},
        {"kind": "hourly", "grace_minutes": 60, "bands": [{"yen": 1}]},
        {"kind": "hourly", "bands": [{"yen": 1, "min_yen": 2, "max_yen": 1}]},
        {"kind": "hourly", "bands": [{"below_age": 1, "below_months": 12, "yen": 1}, {"yen": 1}]},
        {
            "kind": "hourly",
            "bands": [
                {"yen": 1, "then": [{"after_minutes": 9, "yen": 1}, {"after_minutes": 9, "yen": 2}]}
            ],
        },
        {"kind": "steps", "bands": [{"steps": []}]},
        {"kind": "steps", "bands": [{"steps": STEPS[::-1]}]},
        {"kind": "packages", "bands": [{"packages": []}]},
        {"kind": "blocks", "blocks": BLOCKS, "bands": [{"prices": PRICES[:2]}]},
        {"kind": "blocks", "blocks": BLOCKS, "bands": [{"prices": [*PRICES, PRICES[0]]}]},
        {
            "kind": "blocks",
            "blocks": BLOCKS,
            "bands": [{"below_age": 3, "prices": PRICES}, {"prices": PRICES[:2]}],
        },
    ],
)
def test_tables_that_contradict_themselves_cannot_be_written(tariff: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        document(fee={"tariff": tariff})


def test_a_document_without_fee_costs_nothing() -> None:
    assert usual_fee(RulesDocument(), [child()], stay()).lines == ()
    assert FeeLabel.CARE_DAY in {
        line.label_code
        for line in usual_fee(
            document(fee={"tariff": {"kind": "day", "bands": [{"yen": 1}]}}), [child()], stay()
        ).lines
    }
