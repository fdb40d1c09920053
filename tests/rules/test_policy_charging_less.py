"""What makes a stay cheaper, and what is charged later: beside ``test_policy_charging``."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from portal.kernel.clock import at
from portal.kernel.spans import Span
from portal.policies.case import Case
from portal.policies.charging import (
    charge,
    charge_actual,
    usual_fee,
    waiting_for_proof,
)
from portal.policies.decide import decide
from portal.policies.facts import Coupon, Household, Mark
from portal.policies.fee import Fee, FeeLabel, FeeRule
from portal.policies.history import History
from portal.policies.payment import PaymentRule
from tests.rules.any_rule import any_rule
from tests.rules.policy_cases import (
    ASKED_AT,
    FRIDAY,
    WEEKDAYS,
    child,
    children,
    document,
    spans,
)
from tests.rules.test_policy_charging import (
    BABY,
    DAY,
    ELDER,
    MIDDLE,
    WELFARE,
    home,
    used,
    wish,
    yen,
)

pytestmark = pytest.mark.proves("G16", "G17", "G18")


def test_only_some_types_of_use() -> None:
    """M03: free on welfare for work and emergencies, not for respite."""
    reduction = {"marks": ["welfare"], "percent": 100, "when": {"purposes": ["emergency"]}}
    for purpose, expected in (("emergency", 0), ("respite", 1500), (None, 1500)):
        found = yen({"reductions": [reduction]}, household=home(WELFARE), purpose=purpose)
        assert found == expected


@pytest.mark.parametrize(
    ("within", "days", "expected"),
    [
        ("ever", [date(2025, 1, 1)], 0),
        ("ever", [date(2025, 1, 1), date(2026, 4, 1)], 1500),
        ("fiscal_year", [date(2025, 1, 1), date(2026, 4, 1)], 0),
        ("fiscal_year", [date(2026, 4, 1), date(2026, 5, 1)], 1500),
        ("month", [date(2026, 10, 1), date(2026, 11, 1)], 0),
        ("month", [date(2026, 11, 1), date(2026, 11, 2)], 1500),
    ],
)
def test_the_first_two_are_free(within: str, days: list[date], expected: int) -> None:
    history = History(tuple(used(day) for day in days))
    reduction = {"percent": 100, "first_uses": 2, "within": within}
    assert yen({"reductions": [reduction]}, history=history) == expected


TWO = [{"label": "A", "percent": 50}, {"label": "B", "off_yen": 1000}]


@pytest.mark.parametrize(
    ("combining", "expected"),
    [("best", 500), ("first", 750), ("stack", 0)],  # 1,500 − 750, then 1,000 of what is left
)
def test_which_of_two_counts(combining: str, expected: int) -> None:
    assert yen({"reductions": TWO, "combining": combining}) == expected


def test_the_order_of_stacking_changes_the_price() -> None:
    fee: dict[str, Any] = {"combining": "stack", "siblings": {}, "reductions": [TWO[1]]}
    kids = (MIDDLE, BABY)
    fee["reductions"] = [{"off_yen": 300}]
    assert yen(fee, *kids) == 1200 + (1500 - 750 - 300)
    assert yen({**fee, "siblings_last": True}, *kids) == 1200 + (1500 - 300) // 2


@pytest.mark.parametrize(
    ("of", "care", "items"),
    [("base", 1500 + 200 - 750, 300), ("care", 850, 300), ("total", 850, 150)],
)
def test_what_is_reduced(of: str, care: int, items: int) -> None:
    fee = {
        "surcharges": [{"kind": "extra", "label": "土曜", "yen": 200}],
        "per_use": [{"label": "給食", "yen": 300}],
        "reductions": [{"percent": 50, "of": of}],
    }
    found = charge(wish(fee))
    assert (found.care_yen, found.items_yen) == (care, items)


def test_yen_off_everything_is_taken_from_care_before_meals() -> None:
    fee = {
        "per_use": [{"label": "給食", "yen": 300}],
        "reductions": [{"off_yen": 1600, "of": "total"}],
    }
    found = charge(wish(fee))
    assert (found.care_yen, found.items_yen) == (0, 200)
    assert [line.label_code for line in found.lines] == [
        FeeLabel.CARE_HOURLY,
        FeeLabel.REDUCTION,
        FeeLabel.PER_USE,
        FeeLabel.ITEM_REDUCTION,
    ]


@pytest.mark.parametrize(
    ("siblings", "known", "kids", "expected"),
    [
        ({}, (), (MIDDLE, BABY), [1500, 750]),
        ({}, (ELDER.born_on,), (MIDDLE, BABY), [1500, 750]),  # counted in the booking alone
        ({"order_by": "preschoolers"}, (ELDER.born_on,), (MIDDLE, BABY), [750, 0]),
        ({"order_by": "preschoolers"}, (ELDER.born_on, MIDDLE.born_on), (BABY,), [0]),
        ({"order_by": "preschoolers"}, (BABY.born_on,), (MIDDLE,), [1500]),
        # at school already: counts no longer
        ({"order_by": "preschoolers"}, (date(2020, 4, 1),), (BABY,), [1500]),
        ({"order_by": "preschoolers"}, (date(2020, 4, 2),), (BABY,), [750]),
        ({"order_by": "preschoolers"}, (date(2026, 11, 21),), (BABY,), [1500]),  # not yet born
        ({"youngest_first": True}, (), (MIDDLE, BABY), [750, 1500]),
        ({"order_by": "preschoolers"}, (BABY.born_on,) * 2, (BABY,), [1500]),  # a twin at home
    ],
)
def test_the_order_among_brothers_and_sisters(
    siblings: dict[str, Any], known: tuple[date, ...], kids: tuple[Any, ...], expected: list[int]
) -> None:
    found = charge(wish({"siblings": siblings}, *kids, household=home(preschoolers=known)))
    assert [found.for_child(kid.child_id).total_yen for kid in kids] == expected


def test_twins_stand_in_one_order_each_time() -> None:
    twins = child(5, BABY.born_on), child(4, BABY.born_on)
    for pair in (twins, twins[::-1]):
        found = charge(wish({"siblings": {}}, *pair))
        assert [line.child_id.int for line in found.lines if line.amount_yen < 0] == [5]


def test_what_a_proof_would_take_off_is_known() -> None:
    unproven = home(Mark("welfare", is_proven=False))
    fee = {"reductions": [{"label": "減免A", "marks": ["welfare"], "percent": 100}]}
    assert waiting_for_proof(wish(fee, household=unproven)) == ((child().child_id, "減免A"),)
    assert waiting_for_proof(wish(fee, household=home(WELFARE))) == ()
    assert waiting_for_proof(wish(fee)) == ()


# --- tickets ---


def tickets(left: int = 9, **more: Any) -> Household:
    return Household(coupons=(Coupon("t", left, **more),))


def ticket(**more: Any) -> dict[str, Any]:
    return {"coupons": [{"code": "t", "label": "利用券", **more}]}


@pytest.mark.parametrize(
    ("rule", "spent", "left", "expected"),
    [
        ({"pays_all": True}, 1, 9, 0),
        ({"pays_all": True}, 0, 9, 1500),
        ({"pays_all": True}, 1, 0, 1500),
        ({"yen": 400}, 1, 9, 1100),
        ({"yen": 400}, 3, 9, 300),
        ({"yen": 400}, 9, 9, 0),  # no change given
        ({"yen": 400}, 3, 2, 700),
        ({"yen": 400, "most_per_use": 1}, 3, 9, 1100),
        ({"minutes": 60}, 1, 9, 1000),
        ({"minutes": 60}, 9, 9, 0),
        ({"minutes": 60, "when": {"class_ages": [5]}}, 9, 9, 1500),
    ],
)
def test_what_tickets_pay(rule: dict[str, Any], spent: int, left: int, expected: int) -> None:
    found = yen(ticket(**rule), household=tickets(left), coupons=("t",) * spent)
    assert found == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ({"valid_from": FRIDAY, "valid_until": FRIDAY}, 0),
        ({"valid_from": FRIDAY + timedelta(days=1)}, 1500),
        ({"valid_until": FRIDAY - timedelta(days=1)}, 1500),
        ({"child_id": child().child_id}, 0),
        ({"child_id": child(7).child_id}, 1500),
    ],
)
def test_which_tickets_may_be_spent(held: dict[str, Any], expected: int) -> None:
    found = yen(ticket(pays_all=True), household=tickets(1, **held), coupons=("t",))
    assert found == expected


def test_brothers_and_sisters_share_the_tickets_of_the_family() -> None:
    found = charge(wish(ticket(pays_all=True), MIDDLE, BABY, household=tickets(1), coupons=("t",)))
    assert [found.for_child(kid.child_id).total_yen for kid in (MIDDLE, BABY)] == [0, 1500]
    own = Household(coupons=(Coupon("t", 1), Coupon("t", 1, child_id=MIDDLE.child_id)))
    found = charge(wish(ticket(pays_all=True), MIDDLE, BABY, household=own, coupons=("t",)))
    assert found.total_yen == 0  # its own first, so that the other is left


def test_tickets_are_spent_in_the_order_in_which_they_are_given() -> None:
    hour = {"code": "h", "label": "1時間券", "minutes": 60}
    money = {"code": "m", "label": "500円券", "yen": 600}
    held = Household(coupons=(Coupon("h", 1), Coupon("m", 1)))
    for rules in ([hour, money], [money, hour]):
        found = [
            charge(wish({"coupons": rules}, household=held, coupons=given)).lines
            for given in (("h", "m"), ("m", "h"))
        ]
        # An hour of three costs 500; of what 600 yen have left, it is worth a third.
        assert [sum(line.amount_yen for line in lines) for lines in found] == [400, 600]
        assert [
            [line.values["code"] for line in lines if "code" in line.values] for lines in found
        ] == [
            ["h", "m"],
            ["m", "h"],
        ]


def test_tickets_for_meals_too_and_not_beside_a_reduction() -> None:
    meal: dict[str, Any] = {"per_use": [{"label": "給食", "yen": 300}]}
    spend: dict[str, Any] = {"household": tickets(), "coupons": ("t",) * 9}
    assert yen(ticket(pays_all=True) | meal, **spend) == 300
    found = charge(wish(ticket(yen=1700, of="total", most_per_use=1) | meal, **spend))
    assert (found.care_yen, found.items_yen) == (0, 100)
    reduced = meal | {"reductions": [{"percent": 50}]}
    assert yen(ticket(pays_all=True, with_reductions=False) | reduced, **spend) == 1050
    assert yen(ticket(pays_all=True) | reduced, **spend) == 300
    # Minutes pay for the time alone, not for what comes on top of it.
    saturday = {"surcharges": [{"kind": "extra", "label": "土曜", "yen": 1500}]}
    assert yen(ticket(minutes=60, most_per_use=1) | saturday, **spend) == 1000 + 1500
    assert yen(ticket(minutes=60) | saturday, **spend) == 1500
    reduced_saturday = saturday | {"reductions": [{"percent": 50}]}
    assert yen(ticket(minutes=60, most_per_use=1) | reduced_saturday, **spend) == 500 + 750
    # Half the price is worth half the hour.
    assert yen(ticket(minutes=60, most_per_use=1) | reduced, **spend) == 500 + 300


# --- rounding, the whole ---


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        ({}, 1030),
        ({"mode": "up"}, 1040),
        ({"mode": "nearest"}, 1040),
        ({"to_yen": 100, "mode": "nearest"}, 1000),
        ({"to_yen": 1000, "mode": "up"}, 2000),
    ],
)
def test_rounding_of_the_care_fee(rounding: dict[str, Any], expected: int) -> None:
    fee = {"tariff": {"kind": "day", "bands": [{"yen": 1035}]}, "rounding": rounding}
    assert yen(fee) == expected


def test_the_decision_tells_the_same_fee() -> None:
    fee = {"reductions": [{"marks": ["welfare"], "percent": 100}], "tariff": DAY}
    asked = wish(fee, household=home(WELFARE))
    assert decide(asked, now=ASKED_AT).fee == charge(asked)
    assert charge(asked).total_yen == 0
    assert usual_fee(asked.document, asked.children, asked.span).total_yen == 2400


def test_paid_by_the_month_or_on_the_day() -> None:
    for rule, due in (
        ({"when": "next_month", "due_day": "last"}, date(2026, 12, 31)),
        ({"when": "next_month", "due_day": "last", "due_shift": "previous"}, date(2026, 12, 28)),
        ({"when": "next_month", "due_day": 20, "due_shift": "next"}, date(2026, 12, 21)),
        ({"when": "next_month"}, None),
        ({"when": "drop_off"}, FRIDAY),
        ({"when": "booking"}, None),
    ):
        assert PaymentRule.model_validate(rule).due_on(FRIDAY, WEEKDAYS) == due


@pytest.mark.parametrize(
    "fee",
    [
        {"reductions": [{}]},
        {"reductions": [{"percent": 50, "off_yen": 1}]},
        {"reductions": [{"percent": 50, "unit_minutes": 60}]},
        {"surcharges": [{"kind": "extra", "label": "A"}]},
        {"surcharges": [{"kind": "extra", "label": "A", "yen": 1, "percent": 1}]},
        {"surcharges": [{"kind": "extra", "label": "A", "percent": 1, "unit_minutes": 60}]},
        ticket(),
        ticket(yen=1, minutes=60),
        ticket(minutes=60, of="total"),
        {"coupons": [*ticket(yen=1)["coupons"], *ticket(yen=2)["coupons"]]},
    ],
)
def test_money_that_contradicts_itself_cannot_be_written(fee: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        wish(fee)


@pytest.mark.parametrize(
    "payment", [{"due_day": 10}, {"when": "pick_up", "invoice_day": 1}, {"methods": ["cash"] * 2}]
)
def test_payment_that_contradicts_itself_cannot_be_written(payment: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PaymentRule.model_validate(payment)


households = st.builds(
    Household,
    marks=st.lists(
        st.builds(Mark, st.sampled_from(["welfare", "tax_exempt", "extension"])), max_size=3
    ).map(tuple),
    tax_yen=st.none() | st.integers(0, 100_000),
    coupons=st.lists(
        st.builds(Coupon, st.sampled_from(["ticket", "welfare"]), st.integers(0, 3)), max_size=3
    ).map(tuple),
    preschoolers=st.lists(st.dates(date(2019, 1, 1), date(2028, 12, 31)), max_size=4).map(tuple),
)


@settings(deadline=None, max_examples=50)
@given(any_rule(FeeRule), children, spans(), households, st.integers(0, 600), st.integers(0, 120))
def test_lines_add_up_and_nothing_falls_below_nothing(
    written: dict[str, Any] | None,
    kids: Any,
    span: Span,
    household: Household,
    above: int,
    late: int,
) -> None:
    if written is None:
        return
    rule = FeeRule.model_validate(written)
    asked = Case(
        document().model_copy(update={"fee": rule}),
        WEEKDAYS,
        kids,
        span,
        ASKED_AT,
        household=household,
        coupons=("ticket", "welfare", "ticket"),
        options=frozenset({"own_lunch", "ticket:2"}),
    )
    fee = charge(asked, above_cap={kids[0].child_id: above})
    assert fee.total_yen == sum(line.amount_yen for line in fee.lines)
    assert fee.total_yen == fee.care_yen + fee.items_yen
    for kid in kids:
        own = fee.for_child(kid.child_id)
        assert own.care_yen >= 0
        assert own.items_yen >= 0
        if kid.born_on > span.day:
            assert own.lines == ()
    assert Fee.from_json(json.loads(json.dumps(fee.as_json()))) == fee
    latest = span.ends_at + timedelta(minutes=late)
    if latest <= at(span.day + timedelta(days=1), time(0)):
        longer = charge_actual(asked, Span(span.starts_at, latest)).total_yen
        assert longer >= charge(asked).total_yen
