"""What a stay costs a family: surcharges, items, reductions, tickets, and overrun."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.kernel.spans import Span
from portal.policies.case import Case
from portal.policies.charging import (
    charge,
    charge_actual,
    registration_fee,
)
from portal.policies.facts import Household, Mark, Paper
from portal.policies.history import History, PastUse, UseState
from tests.rules.policy_cases import (
    ASKED_AT,
    FRIDAY,
    WEEKDAYS,
    child,
    document,
    jst,
    stay,
)

pytestmark = pytest.mark.proves("G16", "G17", "G18")

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


TRIAL: dict[str, Any] = {"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 210}]}}
NAP = {"label": "布団", "yen": 300, "per": "month"}
LAST_WEEK = date(2026, 11, 13)


@pytest.mark.parametrize(
    ("item", "earlier", "expected"),
    [
        ({"min_minutes": 180}, used(LAST_WEEK, 120), 300),
        ({"min_minutes": 180}, used(LAST_WEEK, 180), 0),
        ({"at": "11:30"}, used(LAST_WEEK, 60, starts_at=jst(2026, 11, 13, 9)), 300),
        ({"at": "11:30"}, used(LAST_WEEK, 180, starts_at=jst(2026, 11, 13, 9)), 0),
        ({"at": "11:30"}, used(LAST_WEEK, 60), 0),  # nobody knows when that was
        ({"when": {"purposes": ["a"]}}, used(LAST_WEEK, purpose="b"), 300),
        ({"when": {"purposes": ["a"]}}, used(LAST_WEEK, purpose="a"), 0),
        ({"when": {"weekdays": ["fri"]}}, used(date(2026, 11, 12)), 300),
        ({"when": {"trial": False}}, used(LAST_WEEK, is_trial=True), 300),
        ({"with_option": "nap"}, used(LAST_WEEK, options=frozenset()), 300),
        ({"with_option": "nap"}, used(LAST_WEEK, options=frozenset({"nap"})), 0),
        ({"with_option": "nap"}, used(LAST_WEEK), 0),  # nobody knows what was chosen
        ({}, used(LAST_WEEK, 24 * 60), 0),
        ({}, used(LAST_WEEK, 0, starts_at=jst(2026, 11, 13, 23, 59)), 0),
    ],
)
def test_a_stay_that_did_not_need_an_item_has_not_paid_it(
    item: dict[str, Any], earlier: PastUse, expected: int
) -> None:
    asked: dict[str, Any] = {"options": frozenset({"nap"}), "purpose": "a"}
    asked["history"] = History((earlier,))
    assert charge(wish({"items": [NAP | item]}, **asked)).items_yen == expected


@pytest.mark.parametrize(("fee", "expected"), [("usual", 0), ("free", 300)])
def test_trial_care_pays_what_is_due_once_only_where_it_pays_like_any_stay(
    fee: str, expected: int
) -> None:
    trial = {**TRIAL["trial"], "fee": fee}
    kinds = {"steps": {"steps": [{**TRIAL, "trial": trial}]}}
    history = History((used(LAST_WEEK, is_trial=True),))
    found = charge(wish({"items": [NAP]}, history=history, kinds=kinds))
    assert found.items_yen == expected


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
