"""G12: what a day costs on which nobody came or told, and what follows when it happens again."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.facts import Household, Mark
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.policies.history import History, PastUse, UseState
from portal.policies.noshow_count import NoShowStanding, no_show_fee, no_show_standing
from portal.policies.noshow_rule import NoShowRule
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import case, child, document, stay

ONE = child(1).child_id
TWO = child(2).child_id
JUNE_10 = date(2026, 6, 10)
NO_SHOW, LATE = UseState.NO_SHOW, UseState.CANCELLED_LATE

#: 1 point for a no-show, 0.5 for a late word; 2 points: half a year without care.
POINTS: dict[str, Any] = {
    "late_cancel_points": 0.5,
    "points_kept": "months",
    "points_months": 6,
    "consequences": [{"at_points": 2, "then": "refuse", "months": 6}],
}


def absences(*days: date, state: UseState = NO_SHOW, **facts: Any) -> list[PastUse]:
    facts.setdefault("child_id", ONE)
    return [PastUse(day=day, minutes=180, state=state, **facts) for day in days]


def standing(
    rule: dict[str, Any],
    past: list[PastUse],
    day: date = JUNE_10,
    *,
    asked_on: date | None = None,
    **more: Any,
) -> NoShowStanding:
    rules = document(no_show=rule)
    children = more.pop("children", (child(),))
    asked = case(rules, *children, span=stay(day=day), history=History(tuple(past)), **more)
    return no_show_standing(rules.no_show, asked, children[0], asked_on=asked_on or JUNE_10)


def stopped_until(rule: dict[str, Any], past: list[PastUse], **more: Any) -> object:
    (reason,) = standing(rule, past, **more).reasons
    assert (reason.code, reason.child_id) == (BookingRefusal.NO_SHOW_STOP, ONE)
    return reason.values["last_on"]


def test_two_points_stop_care_for_six_months() -> None:
    twice = absences(date(2026, 5, 1), date(2026, 5, 20))
    assert standing(POINTS, twice[:1]).reasons == ()
    assert stopped_until(POINTS, twice) == date(2026, 11, 20)
    last, after = date(2026, 11, 20), date(2026, 11, 21)
    assert stopped_until(POINTS, twice, day=last) == last
    found = standing(POINTS, twice, day=after)
    assert (found.reasons, found.notes) == ((), ())
    # The day itself and those before it were not stopped yet.
    assert standing(POINTS, twice, day=date(2026, 5, 20)).reasons == ()


def test_a_late_word_is_half_a_point_and_a_timely_one_none() -> None:
    past = [
        *absences(date(2026, 5, 1)),
        *absences(date(2026, 5, 10), state=LATE),
        *absences(date(2026, 5, 12), state=UseState.CANCELLED),
    ]
    found = standing(POINTS, past)
    assert (found.points, found.reasons) == (Decimal("1.5"), ())
    assert stopped_until(POINTS, [*past, *absences(date(2026, 5, 20), state=LATE)])
    assert standing({**POINTS, "cancel_points": 0.5}, past).reasons


def test_points_are_forgotten_after_their_months() -> None:
    # 10 December to 10 June is six months, 9 December is one day more.
    assert standing(POINTS, absences(date(2025, 12, 10), JUNE_10), date(2026, 6, 11)).reasons
    assert not standing(POINTS, absences(date(2025, 12, 9), JUNE_10), date(2026, 6, 11)).reasons
    year = {**POINTS, "points_kept": "fiscal_year", "points_months": None}
    assert not standing(year, absences(date(2026, 3, 31), date(2026, 4, 1))).reasons
    assert standing(year, absences(date(2026, 4, 1), date(2026, 4, 2))).reasons
    always = {**POINTS, "points_kept": "always", "points_months": None}
    assert standing(always, absences(date(2024, 1, 9), date(2026, 4, 2))).reasons


@pytest.mark.parametrize(
    ("length", "last"),
    [
        ({"months": 1}, date(2026, 2, 28)),  # from the last day of January
        ({"days": 14}, date(2026, 2, 14)),
        ({"until_fiscal_year_end": True}, date(2026, 3, 31)),
        ({"months": 1, "begins": "next_month"}, date(2026, 2, 28)),
        ({"months": 6, "begins": "next_month"}, date(2026, 7, 31)),
        ({}, date(2026, 3, 31)),  # as long as the points count
    ],
)
def test_how_long_care_stops(length: dict[str, Any], last: date) -> None:
    rule = {"consequences": [{"at_points": 1, "then": "refuse", **length}]}
    past = absences(date(2026, 1, 31))
    assert stopped_until(rule, past, day=date(2026, 2, 10)) == last


def test_a_stop_without_length_lasts_as_long_as_its_points() -> None:
    rule = {**POINTS, "consequences": [{"at_points": 1, "then": "refuse"}]}
    assert stopped_until(rule, absences(date(2026, 5, 7))) == date(2026, 11, 7)


def test_until_staff_lift_it() -> None:
    rule = {"points_kept": "always", "consequences": [{"at_points": 1, "then": "refuse"}]}
    (reason,) = standing(rule, absences(date(2024, 1, 9))).reasons
    assert reason.values == {"last_on": None, "from_on": None}


def test_a_stop_from_next_month_leaves_the_rest_of_this_one() -> None:
    rule = {
        "consequences": [{"at_points": 1, "then": "refuse", "months": 2, "begins": "next_month"}]
    }
    past = absences(date(2026, 5, 7))
    assert not standing(rule, past, date(2026, 5, 31)).reasons
    assert stopped_until(rule, past, day=date(2026, 6, 1)) == date(2026, 7, 31)
    assert not standing(rule, past, date(2026, 8, 1)).reasons


@pytest.mark.parametrize(
    ("stops", "use_in", "asked_in", "is_stopped"),
    [
        ("use", True, False, True),
        ("use", False, True, False),
        ("booking", True, False, False),
        ("booking", False, True, True),
        ("both", True, False, True),
        ("both", False, True, True),
        ("both", False, False, False),
    ],
)
def test_what_is_stopped(stops: str, *, use_in: bool, asked_in: bool, is_stopped: bool) -> None:
    rule = {"consequences": [{"at_points": 1, "then": "refuse", "days": 30, "stops": stops}]}
    inside, outside = date(2026, 5, 20), date(2026, 7, 1)
    found = standing(
        rule,
        absences(date(2026, 5, 1)),
        inside if use_in else outside,
        asked_on=inside if asked_in else outside,
    )
    assert bool(found.reasons) is is_stopped


def test_the_strictest_speaks_and_the_longest_stop() -> None:
    steps = [
        {"at_points": 1, "then": "warning"},
        {"at_points": 2, "then": "ask_staff"},
        {"at_points": 3, "then": "refuse", "months": 1},
        {"at_points": 3, "then": "refuse", "months": 3},
    ]
    days = [date(2026, 5, n) for n in (1, 2, 3)]
    said = [standing({"consequences": steps}, absences(*days[:n])) for n in (1, 2, 3)]
    assert [note.code for each in said for note in each.notes] == [
        BookingNote.NO_SHOW_WARNING,
        BookingNote.NO_SHOW_TALK,
    ]
    assert [reason.values["last_on"] for each in said for reason in each.reasons] == [
        date(2026, 8, 3)
    ]


def test_who_has_support_is_looked_after_and_not_punished() -> None:
    past = absences(date(2026, 5, 1), date(2026, 5, 2))
    talk = [BookingNote.NO_SHOW_TALK]
    for more in (
        {"on_the_spot": True},
        {"household": Household(marks=(Mark("referred"),))},
        {"children": (child(marks=(Mark("needs_support"),)),)},
    ):
        found = standing(POINTS, past, **more)
        assert found.reasons == ()
        assert [note.code for note in found.notes] == talk
    over = Household(marks=(Mark("referred", valid_until=date(2026, 6, 9)),))
    assert standing(POINTS, past, household=over).reasons
    warned = {"consequences": [{"at_points": 1, "then": "warning"}]}
    assert standing(warned, past, on_the_spot=True).notes == ()


def test_whose_absences_and_where() -> None:
    once = {"consequences": [{"at_points": 1, "then": "refuse", "months": 3}]}
    day = date(2026, 5, 1)
    sister = absences(day, child_id=TWO)
    assert not standing(once, sister).reasons
    assert standing({**once, "per": "household"}, sister).reasons
    elsewhere = absences(day, is_here=False)
    assert not standing(once, elsewhere).reasons
    city = {**once, "scope": "municipality"}
    assert standing(city, elsewhere).reasons
    assert not standing(city, absences(day, is_here=False, is_declared=True)).reasons
    other = absences(day, is_same_programme=False)
    assert not standing(once, other).reasons
    assert standing({**once, "all_programmes": True}, other).reasons
    assert not standing(once, absences(day, state=UseState.ATTENDED)).reasons


def test_the_fee_of_a_day_on_which_nobody_came() -> None:
    fee = Fee(
        (
            FeeLine(FeeLabel.CARE_DAY, {}, uuid.UUID(int=1), 2001),
            FeeLine(FeeLabel.PER_USE, {"label": "給食"}, uuid.UUID(int=1), 300),
        )
    )
    assert no_show_fee(NoShowRule(), fee, 2) is None
    assert no_show_fee(None, fee, 2) is None
    for written, yen in (
        ({"yen": 500}, 1000),
        ({"percent": 50}, 1000),
        ({"percent": 100, "of_total": True}, 2301),
    ):
        assert no_show_fee(NoShowRule.model_validate({"fee": written}), fee, 2) == yen


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"points_kept": "months"}, "points kept for months have their number"),
        ({"points_months": 3}, "points kept for months have their number"),
        ({"points": 0.3}, "points go in halves"),
        ({"consequences": [{"at_points": 0, "then": "refuse"}]}, "points go in halves"),
        (
            {"consequences": [{"at_points": 1, "then": "refuse", "months": 1, "days": 3}]},
            "a consequence has one length",
        ),
        ({"fee": {}}, "a fee is so many yen or a percentage"),
        ({"fee": {"yen": 1, "percent": 1}}, "a fee is so many yen or a percentage"),
    ],
)
def test_what_contradicts_itself_is_an_error(rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        document(no_show=rule)
