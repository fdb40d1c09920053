"""G10: joining and leaving a waitlist, the order of turns, and the rules asked again (trap 10)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from portal.kernel.errors import Reason
from portal.policies.decide import decide
from portal.policies.facts import ChildFacts
from portal.policies.history import History, PastUse
from portal.policies.promotion import Turn, Waiting, answer_until, in_order, turns
from portal.policies.reasons import BookingRefusal
from portal.policies.waitlist import (
    WaitlistRule,
    reasons_against_joining,
    reasons_against_withdrawing,
)
from tests.rules.policy_cases import FRIDAY, WEEKDAYS, case, child, document, jst, stay

R = BookingRefusal


def rule(**written: Any) -> WaitlistRule:
    return WaitlistRule.model_validate(written)


def waiting(number: int, children: int = 1, *, minute: int = 0, **more: Any) -> Waiting:
    ids = tuple(uuid.UUID(int=number * 10 + n) for n in range(children))
    return Waiting(uuid.UUID(int=number), ids, jst(2026, 11, 10, 9, minute), **more)


def anybody(_one: Waiting, _children: Sequence[uuid.UUID]) -> Collection[Reason]:
    return ()


def numbers(found: Sequence[Turn]) -> list[tuple[int, int]]:
    return [(turn.waiting.entry_id.int, len(turn.children)) for turn in found]


# --- joining and leaving ---


def joining(written: WaitlistRule | None, now: datetime, **more: int) -> list[BookingRefusal]:
    closes_at = jst(2026, 11, 19, 17)
    found = reasons_against_joining(written, stay(), WEEKDAYS, closes_at=closes_at, now=now, **more)
    return [BookingRefusal(reason.code) for reason in found]


def test_nobody_waits_where_there_is_no_list() -> None:
    assert joining(None, jst(2026, 11, 10)) == [R.NO_WAITLIST]


def test_one_can_wait_as_long_as_booking_is_open_or_as_the_rule_says() -> None:
    early, last = jst(2026, 11, 18, 16, 59), jst(2026, 11, 19, 17)
    assert joining(rule(), last - timedelta(seconds=1)) == []
    assert joining(rule(), last) == [R.WAITLIST_CLOSED]
    two_days = rule(join_until={"days": 2, "at": "17:00"})
    assert joining(two_days, early) == []
    assert joining(two_days, early + timedelta(minutes=1)) == [R.WAITLIST_CLOSED]
    # Never after the stay has begun, whatever the rule says.
    assert joining(rule(join_until={"days": 0, "at": "23:00"}), jst(2026, 11, 20, 9)) == [
        R.WAITLIST_CLOSED
    ]


def test_a_list_has_its_length_and_a_child_its_number_of_lists() -> None:
    short = rule(most_waiting=2, most_per_child=3)
    now = jst(2026, 11, 10)
    assert joining(short, now, waiting=1, lists_of_child=2) == []
    assert joining(short, now, waiting=2, lists_of_child=3) == [R.WAITLIST_FULL, R.TOO_MANY_WAITS]


def test_waiting_is_given_up_until_eight_on_the_day() -> None:
    written = rule(withdraw_until={"days": 0, "at": "08:00"})
    eight = jst(2026, 11, 20, 8)
    assert not [
        *reasons_against_withdrawing(written, stay(), WEEKDAYS, now=eight - timedelta(minutes=1))
    ]
    (reason,) = reasons_against_withdrawing(written, stay(), WEEKDAYS, now=eight)
    assert reason == Reason(R.WITHDRAWAL_CLOSED, {"until_at": eight})
    assert rule().withdraws_until(stay(), WEEKDAYS) == jst(2026, 11, 20, 9)


# --- the order ---


def test_who_asked_first_comes_first() -> None:
    late, early = waiting(1, minute=5), waiting(2, minute=1, rank=9, drawn=9)
    assert in_order(rule(), [late, early]) == [early, late]


def test_priority_comes_before_receipt() -> None:
    usual, first = waiting(1, minute=1, rank=1), waiting(2, minute=5, rank=0)
    assert in_order(rule(order="priority"), [usual, first]) == [first, usual]


def test_a_draw_comes_before_receipt_and_latecomers_behind_it() -> None:
    second, first = waiting(1, minute=1, drawn=2), waiting(2, minute=5, drawn=1)
    latecomer = waiting(3, minute=0)
    assert in_order(rule(order="lottery"), [latecomer, second, first]) == [
        first,
        second,
        latecomer,
    ]


def test_seven_places_for_ten_who_wait() -> None:
    ten = [waiting(number, minute=number) for number in range(1, 11)]
    found = turns(rule(), reversed(ten), 7, judge=anybody)
    assert numbers(found) == [(number, 1) for number in range(1, 8)]


# --- siblings as one ---


def test_a_family_of_two_keeps_its_turn_and_the_place_goes_on() -> None:
    two, one = waiting(1, 2, minute=1), waiting(2, minute=2)
    assert numbers(turns(rule(), [two, one], 1, judge=anybody)) == [(1, 0), (2, 1)]
    assert numbers(turns(rule(), [two, one], 2, judge=anybody)) == [(1, 2)]
    alone = rule(siblings_as_one=False)
    assert numbers(turns(alone, [two, one], 1, judge=anybody)) == [(1, 1)]


def test_one_of_two_may_not_come_any_more() -> None:
    two = waiting(1, 2)

    def judge(_one: Waiting, children: Sequence[uuid.UUID]) -> Collection[Reason]:
        return [Reason(R.TOO_OLD, {}, two.children[0])] if two.children[0] in children else []

    (turn,) = turns(rule(), [two], 5, judge=judge)
    assert (turn.children, [reason.code for reason in turn.reasons]) == ((), [R.TOO_OLD])
    (turn,) = turns(rule(siblings_as_one=False), [two], 5, judge=judge)
    assert turn.children == two.children[1:]


def test_what_speaks_against_the_wish_speaks_against_all() -> None:
    two = waiting(1, 2)

    def judge(_one: Waiting, _children: Sequence[uuid.UUID]) -> Collection[Reason]:
        return [Reason(R.CLOSED_FOR_BOOKING)]

    (turn,) = turns(rule(siblings_as_one=False), [two], 5, judge=judge)
    assert turn.children == ()


def test_all_are_told_at_once() -> None:
    three = [waiting(number, minute=number) for number in (1, 2, 3)]
    found = turns(rule(fills="notify_all"), three, 1, judge=anybody)
    assert numbers(found) == [(1, 1), (2, 1), (3, 1)]


# --- trap 10: the rules of the day on which the turn comes ---

JUDGED = document(
    age={"max": {"unit": "months", "value": 36}},
    registration={},
    caps=[{"metric": "days", "amount": 2, "period": "month"}],
    booking_window={"closes": {"days": 1, "at": "17:00"}},
)
#: Joined on the 10th, when everything was well.
NOW = jst(2026, 11, 19, 12)


def _history(*days: int) -> History:
    one = child().child_id
    return History(tuple(PastUse(one, date(2026, 11, day), 180) for day in days))


@pytest.mark.parametrize(
    ("facts", "history", "now", "code"),
    [
        ({}, _history(2), NOW, None),
        ({}, _history(2, 16), NOW, R.CAP_REACHED),
        ({"born": date(2023, 11, 20)}, _history(), NOW, R.TOO_OLD),
        ({"registered_until": date(2026, 11, 18)}, _history(), NOW, R.REGISTRATION_ENDED),
        ({}, _history(), jst(2026, 11, 19, 17), R.CLOSED_FOR_BOOKING),
    ],
)
def test_the_rules_are_asked_again_when_the_turn_comes(
    facts: dict[str, Any], history: History, now: datetime, code: BookingRefusal | None
) -> None:
    who: ChildFacts = child(**facts)
    first = Waiting(uuid.UUID(int=1), (who.child_id,), jst(2026, 11, 10))
    second = waiting(2, minute=9)

    def judge(one: Waiting, _children: Sequence[uuid.UUID]) -> Collection[Reason]:
        if one is second:
            return ()
        asked = case(JUDGED, who, span=stay(day=FRIDAY), received_at=now, history=history)
        return decide(asked, now=now).reasons

    found = turns(rule(fills="promote"), [second, first], 1, judge=judge)
    if code is None:
        assert numbers(found) == [(1, 1)]
        return
    assert [reason.code for reason in found[0].reasons] == [code]
    assert numbers(found) == [(1, 0), (2, 1)]


# --- offers ---


def test_an_offer_is_kept_as_long_as_the_rule_says_and_places_are_given() -> None:
    offered_at = jst(2026, 11, 20, 6)
    limit = jst(2026, 11, 20, 8)
    two_hours = rule(answer_minutes=120)
    assert answer_until(two_hours, offered_at=offered_at, fills_before=limit) == limit
    soon = rule(answer_minutes=30)
    assert answer_until(soon, offered_at=offered_at, fills_before=limit) == jst(2026, 11, 20, 6, 30)
    assert answer_until(rule(), offered_at=offered_at, fills_before=limit) == limit
    assert answer_until(rule(fills="promote"), offered_at=offered_at, fills_before=limit) is None
    until = rule(fills_until={"days": 0, "at": "08:00"})
    assert until.fills_before(stay(), WEEKDAYS) == limit


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"fills": "promote", "answer_minutes": 60}, "only an offer waits for an answer"),
        ({"waits_for": ["day", "day"]}, "each list stands once"),
    ],
)
def test_what_contradicts_itself_is_an_error(written: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**written)
