"""Whose turn it is, until when, what may follow what, and what must stand before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.documents.wording.sentences import key_of, known_codes
from portal.kernel.errors import Refusal
from portal.referrals.rules import (
    NEEDED_ITEMS,
    NEXT_STATE,
    OPEN,
    SAID_BY,
    WAY,
    Item,
    Outcome,
    ReferralEvent,
    ReferralRefusal,
    ReferralSource,
    ReferralState,
    Side,
    Stage,
    Todo,
    Urgency,
    advance,
    days_waiting,
    is_overdue,
    possible,
    reasons_against_sending,
    turn_after,
)
from portal.referrals.words import (
    event_words,
    outcome_words,
    source_words,
    stage_words,
    state_kind,
    state_words,
    todo_words,
    urgency_words,
)

DOCS = Path(__file__).parents[2] / "docs/referrals.md"
DAY = date(2026, 11, 16)
ALL_THERE = {
    "has_guide_tick": True,
    "has_consent": True,
    "is_told": True,
    "has_ground": False,
    "children": 1,
    "consented": list(NEEDED_ITEMS),
    "filled": list(NEEDED_ITEMS),
}


@pytest.mark.proves("R15")
@given(
    some.sampled_from(sorted(OPEN)),
    some.sampled_from(list(Urgency)),
    some.none() | some.dates(date(2026, 1, 1), date(2027, 12, 31)),
    some.none() | some.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_every_open_referral_has_somebody_whose_turn_it_is(
    state: ReferralState, urgency: Urgency, target_on: date | None, told_until: date | None
) -> None:
    turn = turn_after(state, DAY, urgency=urgency, target_on=target_on, told_until=told_until)
    assert turn is not None
    assert turn.by >= DAY
    assert not is_overdue(state, turn.by, None, today=turn.by)
    assert is_overdue(state, turn.by, None, today=turn.by + timedelta(days=1))


@pytest.mark.proves("R15")
def test_urgent_ones_are_answered_the_same_day() -> None:
    for state in (ReferralState.SENT, ReferralState.RECEIVED):
        turn = turn_after(state, DAY, urgency=Urgency.URGENT, told_until=DAY + timedelta(days=9))
        assert turn is not None
        assert turn.by == DAY


@pytest.mark.proves("R13", "R15")
def test_contact_comes_by_the_day_that_the_family_was_told() -> None:
    told = DAY + timedelta(days=8)
    turn = turn_after(ReferralState.RECEIVED, DAY, urgency=Urgency.NORMAL, told_until=told)
    assert turn is not None
    assert (turn.side, turn.what, turn.by) == (Side.RECEIVER, Todo.CONTACT, told)


@pytest.mark.proves("R15")
@pytest.mark.parametrize("state", sorted(OPEN))
def test_not_used_by_the_day_aimed_at_it_is_overdue(state: ReferralState) -> None:
    assert is_overdue(state, DAY + timedelta(days=5), DAY, today=DAY + timedelta(days=1))
    assert not is_overdue(state, DAY + timedelta(days=5), DAY, today=DAY)


def test_what_is_over_is_never_overdue_but_a_refusal_waits_for_the_sender() -> None:
    past = DAY - timedelta(days=30)
    over = set(ReferralState) - OPEN - {ReferralState.REFUSED}
    assert not any(is_overdue(state, past, past, today=DAY) for state in over)
    assert is_overdue(ReferralState.REFUSED, past, None, today=DAY)
    assert not is_overdue(ReferralState.REFUSED, DAY, past, today=DAY)
    turn = turn_after(ReferralState.REFUSED, DAY, urgency=Urgency.NORMAL)
    assert turn is not None
    assert (turn.side, turn.what) == (Side.SENDER, Todo.DECIDE)
    assert days_waiting(past, today=DAY) == 30


def test_a_family_never_goes_back_on_its_way() -> None:
    for (state, event), later in NEXT_STATE.items():
        if state in WAY and later in WAY:
            assert WAY.index(state) < WAY.index(later), (state, event)
    closed = {ReferralState.CLOSED, ReferralState.PASSED_ON, ReferralState.RECALLED}
    for state, event in product(closed, ReferralEvent):
        with pytest.raises(Refusal):
            advance(state, event)


def test_only_the_sender_takes_back_and_only_the_receiver_says_what_it_did() -> None:
    assert SAID_BY.keys() == set(ReferralEvent)
    assert ReferralEvent.RECALL in possible(ReferralState.SENT, Side.SENDER)
    assert possible(ReferralState.SENT, Side.RECEIVER) >= {
        ReferralEvent.RECEIVE,
        ReferralEvent.REFUSE,
    }
    assert possible(ReferralState.SENT, Side.SENDER) == {
        ReferralEvent.RECALL,
        ReferralEvent.CLOSE,
        ReferralEvent.HAND_ON,
    }


@pytest.mark.proves("R8", "R11", "R12", "R13")
@pytest.mark.parametrize(
    ("missing", "code"),
    [
        ({"has_guide_tick": False}, ReferralRefusal.NO_GUIDE_TICK),
        ({"has_consent": False}, ReferralRefusal.NO_CONSENT),
        ({"is_told": False}, ReferralRefusal.NOT_TOLD),
        ({"children": 0}, ReferralRefusal.NO_CHILD),
        ({"consented": [Item.NAME_AND_PHONE]}, ReferralRefusal.NEEDED_ITEM_MISSING),
        ({"filled": [Item.CHILDREN]}, ReferralRefusal.NEEDED_ITEM_MISSING),
    ],
)
def test_each_thing_that_is_missing_keeps_it_here(
    missing: dict[str, object], code: ReferralRefusal
) -> None:
    assert reasons_against_sending(**ALL_THERE) == ()  # type: ignore[arg-type]
    assert reasons_against_sending(**{**ALL_THERE, **missing}) == (code,)  # type: ignore[arg-type]


def test_a_released_ground_stands_for_both_records() -> None:
    ground = {"has_consent": False, "is_told": False, "has_ground": True}
    assert reasons_against_sending(**{**ALL_THERE, **ground}) == ()  # type: ignore[arg-type]


def test_everything_that_is_shown_has_words() -> None:
    pairs: tuple[tuple[Callable[..., str], Iterable[object]], ...] = (
        (stage_words, Stage),
        (urgency_words, Urgency),
        (state_words, ReferralState),
        (state_kind, ReferralState),
        (todo_words, Todo),
        (outcome_words, Outcome),
        (source_words, ReferralSource),
    )
    for words, codes in pairs:
        assert all(words(code) for code in codes)
    assert len({event_words(event) for event in ReferralEvent}) == len(ReferralEvent)
    assert {key_of(code) for code in ReferralRefusal} <= known_codes()


def test_the_table_in_the_docs_is_the_one_that_is_asked() -> None:
    lines = DOCS.read_text(encoding="utf-8").splitlines()
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith(("| `", "| state"))
    ]
    events = rows[0][3:]
    written = {
        (row[0], event): later
        for row in rows[1:]
        for event, later in zip(events, row[3:], strict=True)
        if later
    }
    assert written == {
        (state.value, event.value): later.value for (state, event), later in NEXT_STATE.items()
    }
    assert {row[0]: row[1] for row in rows[1:]} == {
        state.value: state_words(state) for state in ReferralState
    }
