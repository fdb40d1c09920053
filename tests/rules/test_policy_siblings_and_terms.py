"""G21 and G25: brothers and sisters in one wish, and regular use by the term."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.kernel.errors import Reason
from portal.policies.calendar import Weekday
from portal.policies.decide import decide
from portal.policies.history import History, PastUse, UseState
from portal.policies.reasons import BookingRefusal
from portal.policies.regular import RegularRule, reasons_against_pattern, reasons_of_week
from portal.policies.siblings_rule import SiblingsRule, who_may_come
from portal.policies.window import WindowState
from tests.rules.policy_cases import FRIDAY, case, child, document, jst

R = BookingRefusal
A, B = uuid.UUID(int=1), uuid.UUID(int=2)
FULL_FOR_A = [Reason(R.TOO_OLD, {}, A)]


# --- siblings ---


def siblings(**written: Any) -> SiblingsRule:
    return SiblingsRule.model_validate(written)


@pytest.mark.parametrize(
    ("together", "options", "coming"),
    [
        ("all_or_none", (), ()),
        ("some_may_come", (), (B,)),
        ("family_chooses", (), ()),
        ("family_chooses", ("some_are_enough",), (B,)),
        ("all_or_none", ("some_are_enough",), ()),
    ],
)
def test_who_may_come_when_one_may_not(
    together: str, options: tuple[str, ...], coming: tuple[uuid.UUID, ...]
) -> None:
    rule = siblings(together=together)
    assert who_may_come(rule, (A, B), FULL_FOR_A, options) == coming
    assert who_may_come(rule, (A, B), (), options) == (A, B)
    # What speaks against the wish as a whole speaks against each.
    closed = [*FULL_FOR_A, Reason(R.NOT_OPEN_DAY)]
    assert who_may_come(rule, (A, B), closed, options) == ()


def test_without_a_rule_all_come_or_none() -> None:
    assert who_may_come(None, (A, B), FULL_FOR_A) == ()


def test_so_many_at_once() -> None:
    assert not list(siblings().reasons(9))
    assert not list(siblings(most=2).reasons(2))
    assert list(siblings(most=2).reasons(3)) == [Reason(R.TOO_MANY_SIBLINGS, {"most": 2})]


# --- regular use ---

AUTUMN = {
    "use_from": "2026-10-01",
    "use_until": "2026-12-31",
    "opens_on": "2026-08-01",
    "closes_on": "2026-08-19",
    "closes_at": "17:00",
    "drawn_on": "2026-08-20",
}
REGULAR = frozenset({"regular"})


def regular(**written: Any) -> RegularRule:
    return RegularRule.model_validate(written)


def codes(
    rule: RegularRule, day: date = FRIDAY, *, purpose: str | None = None, single: bool = False
) -> list[str]:
    options = frozenset[str]() if single else REGULAR
    return [reason.code.value for reason in rule.reasons(day, purpose, options)]


@pytest.mark.parametrize(
    ("use", "single", "found"),
    [
        ("both", True, []),
        ("both", False, []),
        ("regular_only", True, ["regular_use_only"]),
        ("regular_only", False, []),
        ("single_only", True, []),
        ("single_only", False, ["regular_use_not_offered"]),
    ],
)
def test_regular_and_single_use(use: str, *, single: bool, found: list[str]) -> None:
    assert codes(regular(use=use), single=single) == found


def test_regular_use_is_for_some_purposes_and_days_of_the_week() -> None:
    rule = regular(purposes=["irregular_work"], weekdays=["mon", "fri"])
    assert codes(rule, purpose="irregular_work") == []
    assert codes(rule, purpose="respite") == ["regular_use_not_offered"]
    (reason,) = rule.reasons(date(2026, 11, 19), "irregular_work", REGULAR)
    assert reason == Reason(R.REGULAR_WEEKDAY_NOT_OFFERED, {"weekdays": ("mon", "fri")})
    # None of it touches a single day.
    assert codes(rule, date(2026, 11, 19), purpose="respite", single=True) == []


def test_a_term_is_applied_for_in_its_own_time() -> None:
    """As at Koganei: by 17:00 on 19 August for October to December, drawn the next day."""
    window = regular(applications=[AUTUMN]).window(FRIDAY)
    assert window is not None
    assert (window.opens_at, window.closes_at) == (jst(2026, 8, 1), jst(2026, 8, 19, 17))
    assert window.state(jst(2026, 8, 19, 16, 59)) is WindowState.OPEN
    assert window.state(jst(2026, 8, 19, 17)) is WindowState.AFTER
    rule = regular(applications=[AUTUMN])
    assert rule.window(date(2027, 1, 1)) is None
    assert rule.window(date(2026, 12, 31)) == rule.window(date(2026, 10, 1)) == window
    until_midnight = regular(applications=[{**AUTUMN, "closes_at": "23:59"}]).window(FRIDAY)
    assert until_midnight is not None
    assert until_midnight.closes_at == jst(2026, 8, 20)


def test_terms_by_dates_are_those_and_no_others() -> None:
    rule = regular(term="dates", applications=[AUTUMN])
    assert codes(rule) == []
    assert codes(rule, date(2027, 1, 4)) == ["regular_term_not_offered"]
    assert codes(regular(applications=[AUTUMN]), date(2027, 1, 4)) == []


@pytest.mark.parametrize(
    ("days", "facts", "is_refused"),
    [
        ((16, 17), {}, False),  # Monday and Tuesday; the Friday is the third
        ((16, 17, 18), {}, True),
        ((16, 17, 20), {}, False),
        ((16, 17, 15), {}, False),  # the Sunday before
        ((16, 17, 22), {}, True),  # the Sunday after
        ((16, 17, 23), {}, False),  # the Monday after
        ((16, 17, 18), {"state": UseState.CANCELLED}, False),
        ((16, 17, 18), {"is_here": False}, False),
        ((16, 17, 18), {"is_same_programme": False}, False),
    ],
)
def test_a_regular_day_too_many_in_a_week(
    days: tuple[int, ...], facts: dict[str, Any], *, is_refused: bool
) -> None:
    uses = [PastUse(A, date(2026, 11, day), 180, **facts) for day in days]
    rule = regular(most_weekdays=3)
    found = list(reasons_of_week(rule, uses, FRIDAY, REGULAR))
    assert found == ([Reason(R.TOO_MANY_WEEKDAYS, {"most": 3})] if is_refused else [])
    assert not list(reasons_of_week(rule, uses, FRIDAY, frozenset()))
    assert not list(reasons_of_week(regular(), uses, FRIDAY, REGULAR))


def test_a_decision_keeps_the_number_of_weekdays() -> None:
    rules = document(regular={"most_weekdays": 2})
    past = History(tuple(PastUse(A, date(2026, 11, day), 180) for day in (16, 17)))
    both = (child(1), child(2))
    found = decide(case(rules, *both, history=past, options=REGULAR), now=jst(2026, 11, 10)).reasons
    assert found == (Reason(R.TOO_MANY_WEEKDAYS, {"most": 2}, A),)


def test_so_many_days_of_the_week() -> None:
    rule = regular(least_weekdays=2, most_weekdays=3)
    week = list(Weekday)
    found = [[r.code for r in reasons_against_pattern(rule, week[:n])] for n in (1, 2, 3, 4)]
    assert found == [[R.TOO_FEW_WEEKDAYS], [], [], [R.TOO_MANY_WEEKDAYS]]
    assert not list(reasons_against_pattern(rule, [Weekday.MON] * 4 + [Weekday.TUE]))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"least_weekdays": 3, "most_weekdays": 2}, "the least number of weekdays"),
        ({"least_weekdays": 2, "weekdays": ["mon"]}, "the least number of weekdays"),
        ({"term": "dates"}, "terms by dates need their dates"),
        ({"applications": [{**AUTUMN, "use_until": "2026-09-30"}]}, "days end after they begin"),
        ({"applications": [{**AUTUMN, "closes_on": "2026-07-31"}]}, "closes after it opens"),
        ({"applications": [{**AUTUMN, "drawn_on": "2026-08-18"}]}, "a draw comes after"),
    ],
)
def test_what_contradicts_itself_is_an_error(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        document(regular=written)
