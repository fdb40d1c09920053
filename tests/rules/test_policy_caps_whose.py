"""G6: whose stays count toward a cap, of which sort and state; what lies beyond it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.policies.cap_count import cap_notes, cap_reasons, caps_of, minutes_above
from portal.policies.facts import Household, Mark
from portal.policies.history import UseState
from portal.policies.notes import BookingNote
from tests.rules.cap_cases import (
    ONE,
    TWO,
    counted,
    days_a,
    is_allowed,
    november,
    plain,
    used,
    wish,
)
from tests.rules.policy_cases import (
    ASKED_AT,
    child,
    stay,
)


@pytest.mark.parametrize(
    ("facts", "counting"),
    [
        ({}, {"facility", "provider", "municipality", "everywhere"}),
        ({"is_here": False}, {"municipality", "everywhere"}),
        (
            {"is_here": False, "is_same_provider": True, "is_in_city": False},
            {"provider", "everywhere"},
        ),
        ({"is_here": False, "is_in_city": False}, {"everywhere"}),
        ({"is_here": False, "is_declared": True}, {"municipality", "everywhere"}),
        ({"is_same_programme": False}, set[str]()),
    ],
)
def test_where_stays_are_counted(facts: dict[str, Any], counting: set[str]) -> None:
    scopes = ("facility", "provider", "municipality", "everywhere")
    past = used(*november(2), **facts)
    found = {s for s in scopes if counted(days_a("month", 5, scope=s), past).used}
    assert found == counting


def test_other_programmes_and_what_a_family_told() -> None:
    past = used(*november(2), is_same_programme=False)
    assert counted(days_a("month", 5, all_programmes=True), past).used == 1
    told = used(*november(2), is_here=False, is_declared=True)
    cap = days_a("month", 5, scope="municipality")
    assert counted(cap, told).used == 1
    assert counted({**cap, "counts_declared": False}, told).used == 0


@pytest.mark.parametrize(
    ("state", "field", "usual"),
    [
        (UseState.CANCELLED, "counts_cancelled", 0),
        (UseState.CANCELLED_LATE, "counts_late_cancelled", 0),
        (UseState.NO_SHOW, "counts_no_show", 1),
    ],
)
def test_what_became_of_a_stay_counts_as_the_rule_says(
    state: UseState, field: str, usual: int
) -> None:
    past = used(*november(2), state=state)
    assert counted(days_a("month", 5), past).used == usual
    assert counted(days_a("month", 5, **{field: not usual}), past).used == 1 - usual


def test_a_child_has_its_own_count_and_a_household_one_for_all() -> None:
    past = [*used(*november(2, 3)), *used(*november(3, 4), child_id=TWO)]
    both = (child(1), child(2))
    each = caps_of(wish(days_a("month", 5), past, children=both), now=ASKED_AT)
    assert {use.child_id: float(use.used) for use in each} == {ONE: 2, TWO: 2}
    (home,) = caps_of(wish(days_a("month", 5, per="household"), past, children=both), now=ASKED_AT)
    assert (home.child_id, plain(home.used, home.this)) == (None, [3, 1])
    visits = {"metric": "visits", "amount": 9, "period": "month", "per": "household"}
    (home,) = caps_of(wish(visits, past, children=both), now=ASKED_AT)
    assert plain(home.used, home.this) == [4, 2]


# --- types of use, trials ---


def test_a_cap_is_for_some_purposes_and_counts_those() -> None:
    past = [*used(*november(2, 3), purpose="respite"), *used(*november(4), purpose="emergency")]
    cap = days_a("month", 2, purposes=["respite"])
    assert not is_allowed(cap, past, purpose="respite")
    assert is_allowed(cap, past, purpose="emergency")
    assert is_allowed({**cap, "amount": 3}, past, purpose="respite")
    assert not is_allowed(
        {**cap, "amount": 3, "counts_all_purposes": True}, past, purpose="respite"
    )


def test_urgent_use_may_go_on_beyond() -> None:
    past = [*used(*november(2, 3)), *used(*november(4), purpose="emergency")]
    cap = days_a("month", 2, except_purposes=["emergency"])
    assert not is_allowed(cap, past)
    assert is_allowed(cap, past, purpose="emergency")
    assert counted(cap, past).used == 2
    reasons = days_a("month", 0, reasons=["errand"], except_reasons=["birth"])
    assert not is_allowed(reasons, reason="errand")
    assert is_allowed(reasons, reason="birth")
    assert is_allowed(reasons)


def test_a_trial_may_use_up_a_cap_of_another_purpose() -> None:
    """As at Kobe: trial stays count as respite, whatever the child comes for later."""
    trials = used(*november(2, 3), is_trial=True, purpose="irregular_work")
    respite = days_a("month", 3, purposes=["respite"], trials="always")
    assert is_allowed(respite, [*trials], purpose="respite")
    assert not is_allowed(
        respite, [*trials, *used(*november(4), purpose="respite")], purpose="respite"
    )
    assert not is_allowed({**respite, "amount": 2}, trials, purpose="irregular_work", trial_part=1)
    work = days_a("month", 2, purposes=["irregular_work"])
    assert not is_allowed(work, trials, purpose="irregular_work")
    assert is_allowed({**work, "trials": "never"}, trials, purpose="irregular_work")


def test_trials_count_as_their_own_rule_says_unless_the_cap_says_more() -> None:
    trial = {"parts": [{"longest_minutes": 240}], "counts_toward_caps": False}
    kinds = {"steps": {"steps": [{"kind": "trial_care", "trial": trial}]}}
    past = used(*november(2), is_trial=True)
    assert counted(days_a("month", 5), past, kinds=kinds).used == 0
    assert counted(days_a("month", 5, trials="like_others"), past, kinds=kinds).used == 1
    assert not caps_of(wish(days_a("month", 5), past, kinds=kinds, trial_part=1), now=ASKED_AT)
    every = days_a("month", 5, counts_all_purposes=True)
    assert counted(every, past, kinds=kinds).used == 0


# --- beyond the cap ---


def test_an_extension_counts_once_it_was_granted_and_no_oftener_than_allowed() -> None:
    cap = days_a("fiscal_year", 2, extension=2, extensions=1)
    mark = Mark("extension", date(2026, 11, 1), date(2026, 11, 30))
    assert counted(cap).limit == 2
    assert counted(cap, household=Household(marks=(mark,))).limit == 4
    assert (
        counted(
            cap, household=Household(marks=(mark, mark)), children=(child(marks=(mark,)),)
        ).limit
        == 4
    )
    assert (
        counted(cap, household=Household(marks=(mark,)), span=stay(day=date(2026, 12, 1))).limit
        == 2
    )
    assert (
        counted({**cap, "extension_mark": "もう一度"}, household=Household(marks=(mark,))).limit
        == 2
    )


def test_beyond_a_cap_it_may_cost_more() -> None:
    cap = {"metric": "hours", "amount": 10, "period": "month", "on_breach": "surcharge"}
    past = used(*november(2), minutes=540)
    found = caps_of(wish(cap, past), now=ASKED_AT)
    assert not list(cap_reasons(found))
    assert [note.code for note in cap_notes(found)] == [BookingNote.ABOVE_CAP_RATE]
    assert minutes_above(found, 180) == {ONE: 120}
    assert minutes_above(
        caps_of(wish(cap, used(*november(2), minutes=900)), now=ASKED_AT), 180
    ) == {ONE: 180}
    assert minutes_above(caps_of(wish(cap), now=ASKED_AT), 180) == {}
    half = {
        "metric": "half_days",
        "amount": 1.5,
        "period": "month",
        "half_day_minutes": 60,
        "on_breach": "surcharge",
    }
    assert minutes_above(caps_of(wish(half, used(*november(2))), now=ASKED_AT), 181) == {ONE: 91}


def test_beyond_a_cap_staff_may_decide() -> None:
    cap = days_a("month", 1, on_breach="ask_staff")
    found = caps_of(wish(cap, used(*november(2))), now=ASKED_AT)
    assert not list(cap_reasons(found))
    assert [note.code for note in cap_notes(found)] == [BookingNote.CAP_NEEDS_STAFF]
    assert not list(cap_notes(caps_of(wish(cap), now=ASKED_AT)))


def test_room_is_found_on_the_next_open_day_or_never() -> None:
    week = days_a("week", 1)
    assert counted(week, used(*november(16))).next_on == date(2026, 11, 24)
    full = [*used(*november(16)), *used(*november(24)), *used(date(2026, 12, 1))]
    assert counted(week, full).next_on == date(2026, 12, 7)
    assert counted(days_a("month", 0)).next_on is None
    assert counted(days_a("whole_time", 1), used(*november(2))).next_on is None
