"""What a stay costs a family: surcharges, items, reductions, tickets, and overrun."""

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
    registration_fee,
    usual_fee,
    waiting_for_proof,
)
from portal.policies.decide import decide
from portal.policies.facts import Coupon, Household, Mark, Paper
from portal.policies.fee import Fee, FeeLabel, FeeRule
from portal.policies.history import History, PastUse, UseState
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
    stay,
)

ELDER, MIDDLE, BABY = (
    child(3, date(2021, 6, 1)),
    child(2, date(2023, 6, 1)),
    child(1, date(2025, 6, 1)),
)
HOURLY = {"kind": "hourly", "bands": [{"yen": 500}]}
DAY = {"kind": "day", "bands": [{"yen": 2400}]}


def wish(fee: dict[str, Any], *kids: Any, span: Span | None = None, **more: Any) -> Case:
    rules = document(fee={"tariff": HOURLY, **fee}, **more.pop("kinds", {}))
    return Case(rules, WEEKDAYS, kids or (child(),), span or stay(), ASKED_AT, **more)


def yen(fee: dict[str, Any], *kids: Any, span: Span | None = None, **more: Any) -> int:
    above = more.pop("above_cap", {})
    return charge(wish(fee, *kids, span=span, **more), above_cap=above).total_yen


def used(day: date = FRIDAY, minutes: int = 180, **more: Any) -> PastUse:
    return PastUse(child().child_id, day, minutes, **more)


# --- surcharges ---


@pytest.mark.parametrize(
    ("rule", "start", "end", "expected"),
    [
        ({"yen": 200, "unit_minutes": 60}, "08:00", "18:30", 11 * 500 + 200 + 400),
        ({"yen": 200, "unit_minutes": 30}, "08:00", "18:10", 11 * 500 + 400 + 600),
        ({"yen": 300}, "08:59", "17:00", 9 * 500 + 300),
        ({"yen": 300}, "09:00", "17:00", 8 * 500),
        # in place of the usual price: eight hours, and one before
        ({"yen": 800, "unit_minutes": 60, "instead": True}, "08:00", "17:00", 8 * 500 + 800),
        ({"yen": 800, "unit_minutes": 60, "instead": True}, "07:00", "08:00", 800),
        ({"yen": 800, "unit_minutes": 60, "instead": True}, "17:00", "19:00", 1600),
    ],
)
def test_outside_the_usual_hours(rule: dict[str, Any], start: str, end: str, expected: int) -> None:
    surcharge = {"kind": "outside_hours", "standard": {"from": "09:00", "until": "17:00"}, **rule}
    assert yen({"surcharges": [surcharge]}, span=stay(start, end)) == expected


def test_one_side_of_the_usual_hours() -> None:
    late = {"kind": "outside_hours", "yen": 100, "standard": {"until": "17:00"}}
    assert yen({"surcharges": [late]}, span=stay("07:00", "17:00")) == 5000
    assert yen({"surcharges": [late]}, span=stay("07:00", "18:00")) == 5600


@pytest.mark.parametrize(
    ("rule", "above", "expected"),
    [
        ({"yen": 800, "unit_minutes": 60}, 0, 1500),
        ({"yen": 800, "unit_minutes": 60}, 60, 2 * 500 + 800),
        ({"yen": 800, "unit_minutes": 60}, 999, 3 * 800),
        ({"yen": 800, "unit_minutes": 60, "instead": False}, 60, 3 * 500 + 800),
        ({"yen": 1000, "instead": False}, 180, 2500),
    ],
)
def test_what_lies_above_a_cap(rule: dict[str, Any], above: int, expected: int) -> None:
    fee = {"surcharges": [{"kind": "above_cap", **rule}]}
    assert yen(fee, above_cap={child().child_id: above}) == expected
    assert yen(fee, above_cap={None: above}) == expected  # a cap of the household


def test_more_for_some() -> None:
    outside = {"kind": "extra", "label": "市外", "when": {"options": ["walk_in"]}}
    assert yen({"surcharges": [{**outside, "yen": 500}]}) == 1500
    walk_in = frozenset({"walk_in"})
    assert yen({"surcharges": [{**outside, "yen": 500}]}, options=walk_in) == 2000
    hourly = {**outside, "yen": 100, "unit_minutes": 60}
    assert yen({"surcharges": [hourly]}, options=walk_in) == 1800
    assert yen({"surcharges": [{**outside, "percent": 50}]}, options=walk_in) == 2250


@pytest.mark.parametrize(
    ("rule", "minutes", "expected"),
    [
        ({"unit_minutes": 10}, 0, 0),
        ({"unit_minutes": 10}, 1, 100),
        ({"unit_minutes": 6}, 13, 300),
        ({"unit_minutes": 30, "grace_minutes": 10}, 10, 0),
        ({"unit_minutes": 30, "grace_minutes": 10}, 31, 200),
        ({"unit_minutes": 30, "grace_minutes": 10, "counted_from": "end_of_grace"}, 31, 100),
        ({"unit_minutes": None}, 95, 100),
    ],
)
def test_a_late_pick_up(rule: dict[str, Any], minutes: int, expected: int) -> None:
    booked = wish({"overrun": {"yen": 100, **rule}})
    span = booked.span
    actual = Span(span.starts_at, span.ends_at + timedelta(minutes=minutes))
    assert charge_actual(booked, actual).total_yen == 1500 + expected


def test_who_comes_early_pays_where_the_rules_say_so() -> None:
    for early_too, expected in ((False, 1500), (True, 1600)):
        booked = wish({"overrun": {"yen": 100, "early_too": early_too}})
        actual = Span(booked.span.starts_at - timedelta(minutes=20), booked.span.ends_at)
        assert charge_actual(booked, actual).total_yen == expected


@pytest.mark.parametrize(
    ("payment", "left", "expected"),
    [
        (None, "10:30", 1500),
        ({"on_early_pickup": "nothing"}, "10:30", 1500),
        ({"on_early_pickup": "recalculated"}, "10:30", 1000),
        ({"on_early_pickup": "recalculated"}, "12:20", 1500),
    ],
)
def test_an_early_pick_up(payment: dict[str, Any] | None, left: str, expected: int) -> None:
    booked = wish({}, kinds={"payment": payment})
    assert charge_actual(booked, stay("09:00", left)).total_yen == expected
    # A place is kept for who comes late.
    assert charge_actual(booked, stay("09:40", left)).total_yen == expected


# --- meals and the like ---


@pytest.mark.parametrize(
    ("item", "options", "expected"),
    [
        ({}, (), 300),
        ({"without_option": "own_lunch"}, ("own_lunch",), 0),
        ({"without_option": "own_lunch"}, (), 300),
        ({"with_option": "lunch"}, (), 0),
        ({"with_option": "lunch"}, ("lunch",), 300),
        ({"min_minutes": 180}, (), 300),
        ({"min_minutes": 181}, (), 0),
        ({"at": "12:00"}, (), 0),
        ({"at": "11:59"}, (), 300),
        ({"when": {"class_ages": [0]}}, (), 0),
    ],
)
def test_an_item_for_who_needs_it(
    item: dict[str, Any], options: tuple[str, ...], expected: int
) -> None:
    fee = {"per_use": [{"label": "給食", "yen": 300, **item}]}
    found = charge(wish(fee, options=frozenset(options)))
    assert (found.items_yen, found.care_yen) == (expected, 1500)


@pytest.mark.parametrize(
    ("per", "earlier", "expected"),
    [
        ("day", used(FRIDAY), 0),
        ("day", used(FRIDAY - timedelta(days=1)), 100),
        ("month", used(date(2026, 11, 1)), 0),
        ("month", used(date(2026, 11, 30)), 0),  # that one has paid it already
        ("month", used(date(2026, 10, 31)), 100),
        ("month", used(date(2025, 11, 20)), 100),  # the same month of another year
        ("month", used(date(2026, 11, 1), state=UseState.CANCELLED), 100),
        ("month", used(date(2026, 11, 1), is_here=False), 100),
        ("fiscal_year", used(date(2026, 4, 1)), 0),
        ("fiscal_year", used(date(2026, 3, 31)), 100),
        ("first_use", used(date(2024, 1, 1)), 0),
        ("first_use", None, 100),
        ("registration", None, 0),
        ("use", used(FRIDAY), 100),
    ],
)
def test_an_item_once_in_a_while(per: str, earlier: PastUse | None, expected: int) -> None:
    history = History((earlier,) if earlier else ())
    fee = {"items": [{"label": "連絡帳", "yen": 100, "per": per}]}
    assert charge(wish(fee, history=history)).items_yen == expected


def test_items_by_number_and_by_time() -> None:
    nappies = {"label": "おむつ", "yen": 10, "per": "count", "with_option": "nappies"}
    booked = wish({"items": [nappies]})
    assert charge(booked).items_yen == 0
    assert charge_actual(booked, booked.span, counts=["nappies:3"]).items_yen == 30
    by_time = {"label": "水分", "yen": 20, "per": "time", "unit_minutes": 60}
    assert charge(wish({"items": [by_time]})).items_yen == 60


def test_m08_what_is_paid_at_registration() -> None:
    fee = {
        "items": [
            {"label": "連絡帳", "yen": 160, "per": "registration"},
            {"label": "名札", "yen": 150, "per": "registration"},
        ]
    }
    booked = wish(fee)
    assert charge(booked).items_yen == 0
    assert registration_fee(booked.document.fee, child()).total_yen == 310
    assert registration_fee(None, child()).total_yen == 0


# --- reductions ---


def home(*marks: Mark, **more: Any) -> Household:
    return Household(marks=marks, **more)


WELFARE, EXEMPT = Mark("welfare"), Mark("tax_exempt")


@pytest.mark.parametrize(
    ("reduction", "marks", "expected"),
    [
        ({"marks": ["welfare"], "percent": 100}, [], 1500),
        ({"marks": ["welfare"], "percent": 100}, [WELFARE], 0),
        ({"marks": ["welfare", "tax_exempt"], "percent": 50}, [EXEMPT], 750),
        # M10: 60 yen an hour in place of 500
        ({"marks": ["tax_exempt"], "pays_yen": 60, "unit_minutes": 60}, [EXEMPT], 180),
        ({"marks": ["tax_exempt"], "pays_yen": 60}, [EXEMPT], 60),
        ({"marks": ["tax_exempt"], "pays_yen": 9999}, [EXEMPT], 1500),  # never more
        ({"marks": ["tax_exempt"], "off_yen": 200}, [EXEMPT], 1300),
        ({"marks": ["tax_exempt"], "off_yen": 200, "unit_minutes": 60}, [EXEMPT], 900),
        ({"marks": ["tax_exempt"], "off_yen": 9999}, [EXEMPT], 0),
        ({"marks": ["welfare"], "percent": 100}, [Mark("welfare", is_proven=False)], 1500),
        (
            {"marks": ["welfare"], "percent": 100, "needs_proof": False},
            [Mark("welfare", is_proven=False)],
            0,
        ),
        ({"marks": ["welfare"], "percent": 100}, [Mark("welfare", valid_from=FRIDAY)], 0),
        (
            {"marks": ["welfare"], "percent": 100},
            [Mark("welfare", valid_from=FRIDAY + timedelta(days=1))],
            1500,
        ),
        (
            {"marks": ["welfare"], "percent": 100},
            [Mark("welfare", valid_until=FRIDAY - timedelta(days=1))],
            1500,
        ),
        (
            {"marks": ["welfare"], "percent": 100, "retroactive": "month"},
            [Mark("welfare", valid_from=date(2026, 11, 30))],
            0,
        ),
        (
            {"marks": ["welfare"], "percent": 100, "retroactive": "month"},
            [Mark("welfare", valid_from=date(2026, 12, 1))],
            1500,
        ),
        (
            {"marks": ["welfare"], "percent": 100, "retroactive": "fiscal_year"},
            [Mark("welfare", valid_from=date(2027, 3, 31))],
            0,
        ),
        ({"percent": 100, "days": {"from": "2026-11-20", "until": "2026-11-20"}}, [], 0),
        ({"percent": 100, "days": {"from": "2026-11-21"}}, [], 1500),
        ({"percent": 100, "when": {"trial": True}}, [], 1500),
    ],
)
def test_who_pays_less(reduction: dict[str, Any], marks: list[Mark], expected: int) -> None:
    assert yen({"reductions": [reduction]}, household=home(*marks)) == expected


@pytest.mark.parametrize(
    ("tax_yen", "expected"), [(None, 1500), (77100, 750), (77101, 1500), (0, 750)]
)
def test_below_a_line_of_tax(tax_yen: int | None, expected: int) -> None:
    reduction = {"tax_below_yen": 77101, "percent": 50}
    assert yen({"reductions": [reduction]}, household=home(tax_yen=tax_yen)) == expected


def test_only_while_a_paper_holds() -> None:
    fee = {"reductions": [{"proof": "tax_certificate", "percent": 50}]}
    held = Paper("tax_certificate", date(2026, 11, 20), date(2026, 11, 20))
    gone = Paper("tax_certificate", date(2026, 4, 1), date(2026, 11, 19))
    other = Paper("receipt")
    for papers, expected in (((held,), 750), ((gone, other), 1500), ((), 1500)):
        assert yen(fee, household=home(papers=papers)) == expected


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
