"""What rules take for granted of whom nobody said more: the plainest, and never in her favour."""

from __future__ import annotations

import uuid

import pytest

from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelRule
from portal.policies.case import Case
from portal.policies.enrolment import EnrolmentRule
from portal.policies.exceptions import ExceptionsRule, set_aside
from portal.policies.facts import ChildFacts, GateAnswer, Mark
from portal.policies.fee import Fee
from portal.policies.history import History, PastUse, UseState
from portal.policies.laying import together
from portal.policies.promotion import Waiting
from portal.policies.residence import ResidenceRule
from portal.policies.standing import StepStanding, TrialStanding
from portal.policies.variants import Variant
from portal.policies.window import BookingWindow
from tests.rules.policy_cases import ASKED_AT, FRIDAY, WEEKDAYS, child, document, jst, stay

ONE = uuid.UUID(int=1)

pytestmark = pytest.mark.proves("R21")


def test_a_child_of_whom_nothing_is_known_has_done_and_agreed_to_nothing() -> None:
    found = ChildFacts(ONE, FRIDAY)
    assert not any(
        (found.has_application, found.family_agreed, found.facility_agreed, found.has_conditions)
    )
    assert not found.is_own_place_closed
    assert found.record_holds  # asked where the rules demand it alone
    assert {found.registered_from, found.registered_until, found.enrolment} == {None}
    assert (found.gates, found.marks) == ({}, ())
    assert found.steps == StepStanding()
    assert not any((found.steps.done, found.steps.ordered, found.steps.waived))
    assert found.trial == TrialStanding(next_part=1, is_ahead=False, is_paused=False)


def test_a_mark_was_shown_and_an_answer_was_not_confirmed() -> None:
    assert Mark("welfare").is_proven
    assert not GateAnswer(said=True, on=FRIDAY).is_confirmed


def test_a_stay_of_which_only_the_day_is_known_was_booked_here_in_this_programme() -> None:
    assert PastUse(ONE, FRIDAY, 180) == PastUse(
        ONE,
        FRIDAY,
        180,
        state=UseState.BOOKED,
        is_trial=False,
        is_here=True,
        is_same_programme=True,
        is_in_city=True,
        is_declared=False,
        is_same_provider=False,
    )
    assert History().registrations == 0


def test_a_wish_is_the_familys_own() -> None:
    wish = Case(document(), WEEKDAYS, (child(),), stay(), ASKED_AT)
    assert not any((wish.by_staff, wish.by_head, wish.on_the_spot))
    assert not any((wish.overruled, wish.options, wish.coupons))


def test_who_waits_has_no_class_of_priority_but_the_first() -> None:
    assert Waiting(ONE, (ONE,), ASKED_AT) == Waiting(ONE, (ONE,), ASKED_AT, rank=0, drawn=None)


def test_a_window_is_announced_and_a_calendar_rests_on_holidays() -> None:
    assert BookingWindow(None, ASKED_AT).is_announced
    assert FacilityCalendar(frozenset(range(7))).closed_on_holidays


@pytest.mark.proves("G4", "G26")
def test_discretion_is_the_heads_alone_and_asked_for() -> None:
    enrolled = EnrolmentRule.model_validate({"unknown": "refuse", "discretion": True})
    lives = ResidenceRule.model_validate(
        {"cities": ["松戸市"], "unknown": "refuse", "discretion": True}
    )
    wish = Case(document(), WEEKDAYS, (child(),), stay(), ASKED_AT)
    for found in (
        (enrolled.reasons(child(), None), enrolled.reasons(child(), None, by_head=True)),
        (
            lives.reasons(wish.household, None),
            lives.reasons(wish.household, None, by_head=True),
        ),
    ):
        usually, by_head = map(list, found)
        assert usually
        assert not by_head
    assert set_aside(ExceptionsRule(), frozenset(), by_staff=True) == frozenset()


@pytest.mark.proves("G11")
def test_cancelling_costs_for_one_child_where_no_number_is_said() -> None:
    flat = {"free_until": {"days": 1}, "late_fee": {"kind": "flat", "yen": 500}}
    rule = CancelRule.model_validate(flat)
    assert rule.late_yen(Fee(), stay()) == 500
    assert rule.late_yen(Fee(), stay(), children=3) == 1500
    late = jst(2026, 11, 20, 8)
    assert rule.yen_at(late, Fee(), stay(), WEEKDAYS).amount_yen == 500
    assert rule.yen_at(late, Fee(), stay(), WEEKDAYS, children=2).amount_yen == 1000


@pytest.mark.parametrize(("count", "most"), [(1, 1), (5, 5), (6, 2)])
def test_up_to_five_variants_of_one_kind_are_tried_in_all_ways(count: int, most: int) -> None:
    variants = [
        Variant.model_validate(
            {"name": str(n), "when": {"options": [f"o{n}"]}, "units": {"max_minutes": 60 + n}}
        )
        for n in range(count)
    ]
    assert max(len(each) for each in together(variants)) == most


def test_what_a_calendar_keeps_of_its_days_is_no_part_of_it() -> None:
    one, other = (FacilityCalendar(frozenset(range(5))) for _ in range(2))
    one.kept["days of"] = one
    assert one == other
    assert hash(one) == hash(other)
