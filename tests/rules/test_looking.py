"""Whoever looks at a day sees what deciding will say, as far as anything is known of the wish."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.kernel.spans import cell_time, span_on
from portal.policies import matching
from portal.policies.age import AgeRule
from portal.policies.allocation import AllocationMethod
from portal.policies.case import Case
from portal.policies.class_births import births_let_in, births_of_class
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.looking import DayRules, Onlooker, age_rule_for, by_web, document_of_class
from portal.policies.matching import changed_by_time
from portal.policies.reasons import BookingRefusal
from portal.policies.regular import REGULAR
from portal.policies.window import WindowState
from tests.rules.policy_cases import (
    ANY_DAY,
    FRIDAY,
    WEEKDAYS,
    case,
    cases,
    child,
    document,
    jst,
    moments,
    stay,
)
from tests.rules.test_policy_properties import FEWER

pytestmark = pytest.mark.proves("R21")

R = BookingRefusal
SATURDAY, HOLIDAY = date(2026, 11, 21), date(2026, 11, 23)
NOW = jst(2026, 11, 10)
#: What the shape of a stay, or a closed day, is refused with.
OF_SHAPE = {
    R.OFF_GRID,
    R.TOO_SHORT,
    R.TOO_LONG,
    R.LENGTH_NOT_OFFERED,
    R.START_OFF_STEP,
    R.START_NOT_OFFERED,
    R.END_NOT_OFFERED,
    R.AFTERNOON_ONLY,
    R.NOT_A_BLOCK,
    R.OUTSIDE_HOURS,
    R.ARRIVAL_OUTSIDE_TIMES,
    R.PICK_UP_OUTSIDE_TIMES,
}
CLOSED = {R.NOT_OPEN_DAY, R.SUSPENDED}
OF_WINDOW = {R.NOT_YET_OPEN, R.CLOSED_FOR_BOOKING}


def rules(*variants: dict[str, Any], **kinds: Any) -> RulesDocument:
    named = [{"name": str(number), **each} for number, each in enumerate(variants)]
    return document(**kinds, variants=named)


def looked(found: RulesDocument, day: date = FRIDAY, who: Onlooker | None = None) -> DayRules:
    return DayRules(found, ANY_DAY, day, who or by_web(1))


def most(seen: DayRules) -> int:
    return seen.units.max_minutes if seen.units else 0


@FEWER
@given(cases(), moments, st.integers(0, 47), st.integers(1, 48))
def test_a_day_shows_a_stay_just_where_deciding_has_nothing_against_its_shape(
    wish: Case, now: datetime, start: int, length: int
) -> None:
    end = min(48, start + length)
    span = span_on(wish.span.day, cell_time(start), cell_time(end))
    wish = replace(wish, span=span, by_staff=False)
    seen = DayRules(wish.document, wish.calendar, span.day, Onlooker(case=wish))
    answer = decide(wish, now=now)
    codes = {reason.code for reason in answer.reasons}
    has_hours = all(each.hours is not None for each in seen.at(span))
    against = OF_SHAPE | CLOSED if has_hours else OF_SHAPE
    assume(has_hours or all(each.hours is None for each in seen.at(span)))
    assert (end in seen.stays[start]) is codes.isdisjoint(against)
    assert seen.cancel_until(span) == answer.cancel_until
    if not changed_by_time(wish.document, frozenset({"booking_window"})):
        assume(REGULAR not in wish.options)
        assert (seen.state(now) is WindowState.OPEN) is codes.isdisjoint(OF_WINDOW)


SHORT = {"units": {"max_minutes": 240}}
LONG = {"units": {"min_minutes": 60, "max_minutes": 480}}


@pytest.mark.parametrize(
    ("when", "holds_for"),
    [
        ({"weekdays": ["sat"]}, SATURDAY),
        ({"holidays": True}, HOLIDAY),
        ({"months": [12]}, date(2026, 12, 1)),
        ({"days": {"from": "2026-12-29", "until": "2027-01-03"}}, date(2026, 12, 29)),
    ],
)
def test_a_day_is_looked_at_whoever_looks(when: dict[str, Any], holds_for: date) -> None:
    found = rules({"when": when, **SHORT}, **LONG)
    for who in (Onlooker(), by_web(1), Onlooker(children=(child(),))):
        seen, usual = DayRules(found, WEEKDAYS, holds_for, who), DayRules(found, WEEKDAYS, FRIDAY)
        assert (most(seen), most(usual)) == (240, 480)
        assert max(seen.stays[18]) == 26


@pytest.mark.parametrize(
    ("when", "age", "holds"),
    [
        ({"class_ages": [1]}, 1, True),
        ({"class_ages": [1]}, 2, False),
        # Children of the class are 19 to 31 months old by now: all of them, or only some.
        ({"ages": {"from_months": 12}}, 1, True),
        ({"ages": {"below_months": 24}}, 1, False),
        ({"ages": {"from_months": 24}}, 1, False),
        # What nobody can know of a visitor.
        ({"class_ages": [1], "first_use": True}, 1, False),
        ({"residence": "non_resident"}, 1, False),
        ({"purposes": ["respite"]}, 1, False),
        ({"min_children": 2}, 1, False),
        ({"starts": {"from": "09:00"}}, 1, False),
        ({"channels": ["web"]}, 1, True),
        ({"channels": ["phone"]}, 1, False),
        ({"trial": False}, 1, True),
    ],
)
def test_a_class_is_known_and_the_rest_counts_as_not_so(
    when: dict[str, Any], age: int, *, holds: bool
) -> None:
    found = rules({"when": when, **SHORT}, residence={"cities": ["みほん市"]}, **LONG)
    assert most(looked(found, who=by_web(age))) == (240 if holds else 480)


def test_babies_too_young_to_come_say_nothing_about_their_class() -> None:
    of_babies = {"when": {"ages": {"from_months": 6}}, **SHORT}
    limit = {"min": {"unit": "months", "value": 6}}
    assert most(looked(rules(of_babies, **LONG), who=by_web(0))) == 480, "newborns may come"
    assert most(looked(rules(of_babies, age=limit, **LONG), who=by_web(0))) == 240


def test_who_is_let_in_lies_within_the_class() -> None:
    rule = document(
        age={"min": {"unit": "months", "value": 20}, "max": {"unit": "months", "value": 30}}
    ).age
    first, last = births_of_class(1, FRIDAY)
    eldest, youngest = births_let_in(rule, 1, FRIDAY)
    assert first < eldest < youngest < last
    assert rule
    day = timedelta(days=1)
    for born, comes in (
        (eldest, True),
        (eldest - day, False),
        (youngest, True),
        (youngest + day, False),
    ):
        assert (not rule.reasons(child().child_id, born, FRIDAY)) is comes


def test_a_time_once_chosen_is_looked_at() -> None:
    early = {"when": {"starts": {"until": "09:00"}}, "cancel": {"free_until": {"days": 7}}}
    usual = {"free_until": {"days": 1, "at": "17:00"}}
    seen = looked(rules(early, cancel=usual))
    assert seen.cancel_until(stay("08:00", "10:00")) == jst(2026, 11, 13, 17)
    assert seen.cancel_until(stay("09:00", "10:00")) == jst(2026, 11, 19, 17)


def test_stays_that_hold_for_some_hours_alone_are_shown_where_they_are() -> None:
    late = {"when": {"starts": {"from": "13:00"}}, **SHORT}
    seen = looked(rules(late, **LONG))
    assert max(seen.stays[18]) == 18 + 16
    assert max(seen.stays[26]) == 26 + 8
    assert not seen.reasons_of_shape(stay("09:00", "17:00"))
    assert {reason.code for reason in seen.reasons_of_shape(stay("13:00", "18:00"))} == {R.TOO_LONG}


def test_the_doors_are_shut_to_stays_that_deciding_would_refuse() -> None:
    hours = {
        "weekly": [
            {"weekdays": ["fri"], "starts": "08:00", "ends": "12:00"},
            {"weekdays": ["fri"], "starts": "12:00", "ends": "18:00"},
        ],
        "arrivals": [{"starts": "08:30", "ends": "10:00"}, {"starts": "13:00", "ends": "13:00"}],
    }
    seen = looked(document(hours=hours))
    assert [cell for cell, ends in enumerate(seen.stays) if ends] == [17, 18, 19, 20, 26]
    assert max(seen.stays[20]) == 24, "a stay lies in one of the hours"


def test_brothers_and_sisters_are_shown_what_all_of_them_may_have() -> None:
    found = rules(
        {"when": {"class_ages": [0]}, **SHORT, "booking_window": {"notice_minutes": 600}}, **LONG
    )
    baby = child(2, date(2026, 4, 10))
    both = looked(found, who=Onlooker(children=(child(), baby)))
    assert len(both.documents) == 2
    assert max(both.stays[18]) == 26
    assert both.notice_minutes == 600
    assert max(looked(found, who=Onlooker(children=(child(),))).stays[18]) == 34


def tariff(yen: int) -> dict[str, Any]:
    return {"tariff": {"kind": "hourly", "bands": [{"yen": yen}]}}


def test_each_child_costs_what_the_rules_laid_for_it_say() -> None:
    found = rules(
        {"when": {"class_ages": [0]}, "fee": tariff(700)},
        {"when": {"weekdays": ["sat"]}, "fee": tariff(1000)},
        fee={**tariff(300), "siblings": {"second_percent": 50}},
    )
    baby, span = child(2, date(2026, 4, 10)), stay("09:00", "10:00")
    [fee] = looked(found, who=Onlooker(children=(child(), baby))).fees(span)
    asked = case(found, child(), baby, span=span, calendar=ANY_DAY)
    assert fee == decide(asked, now=NOW).fee
    assert fee.total_yen == 300 + 350
    saturday = stay("09:00", "10:00", SATURDAY)
    assert {f.total_yen for f in looked(found, SATURDAY, by_web(1)).fees(saturday)} == {1000}
    assert {f.total_yen for f in looked(found, who=by_web(0)).fees(span)} == {700}


def test_prices_that_go_by_the_day_are_told() -> None:
    surcharge = {"label": "土曜", "when": {"weekdays": ["sat"]}, "yen": 200}
    of_home = {"label": "市外", "when": {"first_use": True}, "yen": 900}
    found = document(fee={**tariff(300), "items": [surcharge, of_home]})
    span = stay("09:00", "10:00", SATURDAY)
    assert looked(found, SATURDAY).fees(span)[0].total_yen == 500
    assert looked(found).fees(stay("09:00", "10:00"))[0].total_yen == 300


@pytest.mark.parametrize(
    ("kinds", "code"),
    [
        ({}, None),
        ({"allocation": {"method": AllocationMethod.STAFF_APPROVAL}}, R.DECIDED_BY_PEOPLE),
        ({"allocation": {"method": AllocationMethod.LOTTERY}}, R.DECIDED_BY_PEOPLE),
        (
            {"purposes": {"types": [{"code": "respite", "approved_by": "city"}]}},
            R.DECIDED_BY_PEOPLE,
        ),
        (
            {
                "purposes": {
                    "types": [
                        {"code": "respite", "approved_by": "city"},
                        {"code": "work", "label": "仕事"},
                    ]
                }
            },
            None,
        ),
        ({"channels": {"ways": [{"channel": "phone"}]}}, R.CHANNEL_NOT_OFFERED),
        ({"channels": {"ways": [{"channel": "phone"}, {"channel": "web"}]}}, None),
        (
            {"booking_window": {"phases": [{"name": "一次", "allocation": "lottery"}]}},
            R.DECIDED_BY_PEOPLE,
        ),
        (
            {"booking_window": {"phases": [{"name": "一次", "channels": ["phone"]}]}},
            R.CHANNEL_NOT_OFFERED,
        ),
    ],
)
def test_where_nobody_books_by_the_web_the_day_says_so(
    kinds: dict[str, Any], code: BookingRefusal | None
) -> None:
    reason = looked(document(**kinds)).against_booking(NOW)
    assert (reason.code if reason else None) is code


def test_classes_are_parted_by_rules_of_their_own() -> None:
    found = rules({"when": {"class_ages": [5]}, **SHORT}, {"when": {"weekdays": ["sun"]}, **SHORT})
    laid = [document_of_class(found, FRIDAY, age) for age in range(6)]
    assert len({id(each) for each in laid[:5]}) == 1
    assert laid[5] is not laid[4]


def test_a_month_lays_each_set_of_variants_once(monkeypatch: pytest.MonkeyPatch) -> None:
    found = rules(
        {"when": {"weekdays": ["sat"]}, **SHORT},
        {"when": {"class_ages": [1]}, "cancel": {"free_until": {"days": 3}}},
        {"when": {"starts": {"from": "13:00"}, "weekdays": ["mon"]}, **SHORT},
        **LONG,
    )
    made: list[tuple[int, ...]] = []
    lay = matching._lay

    def counted(of: RulesDocument, which: tuple[int, ...]) -> RulesDocument:
        made.append(which)
        return lay(of, which)

    monkeypatch.setattr(matching, "_lay", counted)
    for _again in range(2):
        for day in (date(2026, 11, 1) + timedelta(days=n) for n in range(30)):
            seen = looked(found, day)
            assert seen.stays
            assert seen.state(NOW)
    assert sorted(made) == [(0, 1), (1,), (1, 2)]


def test_of_a_class_the_stays_are_shown_that_each_of_its_children_may_have() -> None:
    afternoons = {"starts": {"from": "13:00"}}
    found = rules(
        {"when": {"ages": {"from_months": 24}, **afternoons}, "units": {"max_minutes": 120}},
        {"when": afternoons, "units": {"max_minutes": 180}},
        **LONG,
    )
    ends = looked(found).stays[26]  # the eldest of the class are two, the youngest not yet
    assert max(ends) - 26 == 6, "the limit that holds for all of them, and not of some alone"


def test_where_no_child_of_a_class_may_come_the_whole_class_is_meant() -> None:
    too_young = AgeRule.model_validate({"min": {"unit": "months", "value": 90}})
    too_old = AgeRule.model_validate({"max": {"unit": "months", "value": 3}})
    for rule in (too_young, too_old):
        assert births_let_in(rule, 1, FRIDAY) == births_of_class(1, FRIDAY)


def test_a_child_is_told_from_when_by_the_rule_of_its_age() -> None:
    from_one = {"min": {"unit": "months", "value": 12}}
    found = rules({"when": {"class_ages": [0]}, "age": from_one})
    assert age_rule_for(found, date(2026, 4, 10), FRIDAY) == document(age=from_one).age
    assert age_rule_for(found, date(2024, 5, 20), FRIDAY) is None
    assert age_rule_for(found, date(2027, 1, 10), FRIDAY) is None, "not born yet"
