"""What rules say at an interview, where nobody may read what a family told of its home."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.policies.decide import decide
from portal.policies.decision import Decision
from portal.policies.facts import Enrolment, GateAnswer, Household
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import ASKED_AT, case, child, document

ASKS = document(
    residence={"cities": ["松戸市"], "unknown": "refuse"},
    enrolment={"accepts": ["none"], "unknown": "refuse"},
    gates=[{"code": "walks", "label": "ひとりで歩けますか"}],
    purposes={
        "types": [
            {
                "code": "respite",
                "label": "リフレッシュ",
                "proof": {"kinds": ["employment_certificate"]},
            }
        ]
    },
)
LEFT = {
    BookingRefusal.NOT_RESIDENT,
    BookingRefusal.ENROLLED_ELSEWHERE,
    BookingRefusal.GATE_UNANSWERED,
    BookingRefusal.PROOF_MISSING,
}


def asked(*children: Any, **more: Any) -> Decision:
    wish = case(ASKS, *(children or (child(),)), purpose="respite", **more)
    return decide(wish, now=ASKED_AT)


@pytest.mark.proves("R14", "G4", "G5")
def test_what_nobody_may_read_at_an_interview_is_left_to_the_facility() -> None:
    found = asked(on_the_spot=True)
    assert found.reasons == ()
    assert {reason.code for reason in found.left_to_facility} == LEFT
    assert found.left_to_facility == found.overruled


@pytest.mark.proves("R14", "G4", "G5")
def test_it_stands_against_whoever_can_say_it() -> None:
    for more in ({}, {"by_staff": True}):
        found = asked(**more)
        assert {reason.code for reason in found.reasons} == LEFT
        assert found.left_to_facility == ()


@pytest.mark.proves("R14", "G4")
@pytest.mark.parametrize(
    "home", [Household(city="柏市"), Household(ward="中央区"), Household(prefecture="千葉県")]
)
def test_a_home_that_is_known_to_lie_elsewhere_is_refused_there_too(home: Household) -> None:
    found = asked(on_the_spot=True, household=home)
    assert [reason.code for reason in found.reasons] == [BookingRefusal.NOT_RESIDENT]


@pytest.mark.proves("R14", "G3", "G4")
def test_what_is_known_of_one_child_is_said_of_that_child_alone() -> None:
    no = {"walks": GateAnswer(said=False, on=date(2026, 11, 1))}
    one, two = child(1, enrolment=Enrolment.LICENSED, gates=no), child(2)
    found = asked(one, two, on_the_spot=True)
    assert {(reason.code, reason.child_id) for reason in found.reasons} == {
        (BookingRefusal.ENROLLED_ELSEWHERE, one.child_id),
        (BookingRefusal.GATE_NOT_MET, one.child_id),
    }
    of_two = {reason.code for reason in found.left_to_facility if reason.child_id == two.child_id}
    assert of_two == {BookingRefusal.ENROLLED_ELSEWHERE, BookingRefusal.GATE_UNANSWERED}
