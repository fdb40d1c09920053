"""A stay decided again by other rules: what counts as a change, and what does not."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from portal.bookings.replaying import Turn, replayed, under
from portal.kernel.clock import JST
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts, Enrolment, Household
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import NO_END

NOW = datetime(2026, 11, 10, 9, tzinfo=JST)
CHILD = ChildFacts(uuid.UUID(int=1), date(2024, 5, 20), registered_until=NO_END)
FEE = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}}


def rules(**parts: Any) -> RulesDocument:
    return RulesDocument.model_validate(parts)


def stay(document: RulesDocument, **facts: Any) -> Case:
    return Case(
        document=document,
        calendar=FacilityCalendar(frozenset(range(7))),
        children=(CHILD,),
        span=Span(datetime(2026, 11, 18, 9, tzinfo=JST), datetime(2026, 11, 18, 12, tzinfo=JST)),
        received_at=NOW,
        **{"purpose": "respite", **facts},
    )


def test_the_same_rules_change_nothing() -> None:
    assert replayed(stay(rules()), rules(), now=NOW).turns == ()


@pytest.mark.parametrize(
    ("before", "after", "turn"),
    [
        ({}, {"units": {"grid_minutes": 30, "min_minutes": 240}}, Turn.REFUSED),
        ({}, {"allocation": {"method": "lottery"}}, Turn.OUTCOME),
        ({}, {"cancel": {"free_until": {"days": 1, "at": "17:00"}}}, Turn.DEADLINE),
    ],
)
def test_each_result_that_differs_is_told(
    before: dict[str, Any], after: dict[str, Any], turn: Turn
) -> None:
    assert turn in replayed(stay(rules(**before)), rules(**after), now=NOW).turns


OPENS_LATER = {"opens": {"kind": "rolling", "days": 3, "at": "09:00"}}
CLOSED_EARLIER = {"closes": {"days": 14, "at": "17:00"}}
LONGER = {"grid_minutes": 30, "min_minutes": 240}


@pytest.mark.proves("G7")
def test_a_booking_asked_for_at_another_time_is_no_refusal_of_the_stay() -> None:
    def turns(**after: Any) -> tuple[Turn, ...]:
        return replayed(stay(rules()), rules(**after), now=NOW).turns

    assert turns(booking_window=OPENS_LATER) == (Turn.EARLY,)
    assert turns(booking_window=CLOSED_EARLIER) == (Turn.LATE,)
    assert turns(booking_window=OPENS_LATER, units=LONGER) == (Turn.REFUSED,)


def late(percent: int, **free: Any) -> dict[str, Any]:
    half = {"kind": "percent", "percent": 50}
    steps = [{"until": {"days": 1, "at": "17:00"}, "fee": half}]
    last = {"kind": "percent", "percent": percent}
    free = free or {"days": 3, "at": "17:00"}
    return {"fee": FEE, "cancel": {"free_until": free, "tiers": steps, "late_fee": last}}


@pytest.mark.proves("G11")
def test_every_step_of_a_late_cancelling_is_compared() -> None:
    def turns(before: dict[str, Any], after: dict[str, Any]) -> tuple[Turn, ...]:
        return replayed(stay(rules(**before)), rules(**after), now=NOW).turns

    assert turns(late(100), late(80)) == (Turn.LATE_FEE,)
    assert turns(late(100), late(100)) == ()
    # An earlier end of the free time alone is told as that.
    assert turns(late(100), late(100, days=4)) == (Turn.DEADLINE,)
    free = {"fee": FEE, "cancel": {"free_until": {"days": 1, "at": "17:00"}}}
    assert turns({"fee": FEE}, free) == (Turn.DEADLINE,)


def test_what_stood_against_it_before_too_is_no_change() -> None:
    short = rules(units={"grid_minutes": 30, "min_minutes": 240})
    again = replayed(stay(short), short, now=NOW)
    assert again.after.reasons
    assert again.turns == ()


def test_what_staff_set_aside_and_nobody_asks_for_any_more_is_freed() -> None:
    short = rules(units={"grid_minutes": 30, "min_minutes": 240})
    aside = [BookingRefusal.TOO_SHORT]
    assert replayed(stay(short), rules(), now=NOW, set_aside=aside).turns == (Turn.FREED,)
    assert replayed(stay(short), rules(), now=NOW).turns == ()


def test_a_type_of_use_that_other_rules_do_not_name_becomes_one_counted_alike() -> None:
    types = [
        {"code": "a", "label": "理由A", "reports_as": "irregular_work"},
        {"code": "b", "label": "理由B", "reports_as": "respite"},
    ]
    named = rules(purposes={"types": types})
    assert under(stay(rules()), named).purpose == "b"
    assert under(stay(rules(), purpose="irregular_work"), named).purpose == "a"
    assert under(stay(rules(), purpose="a"), named).purpose == "a"
    assert replayed(stay(rules()), named, now=NOW).turns == ()


def test_what_nobody_has_told_yet_refuses_nothing_and_what_was_told_does() -> None:
    asking = rules(
        residence={"cities": ["みほん市"], "unknown": "refuse"},
        enrolment={"accepts": ["none"], "unknown": "refuse"},
    )
    assert replayed(stay(rules()), asking, now=NOW).against == ()
    elsewhere = stay(rules(), household=Household(city="となり市"))
    told = replace(elsewhere, children=(replace(CHILD, enrolment=Enrolment.LICENSED),))
    found = {reason.code for reason in replayed(told, asking, now=NOW).against}
    assert found == {BookingRefusal.NOT_RESIDENT, BookingRefusal.ENROLLED_ELSEWHERE}
