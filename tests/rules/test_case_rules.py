"""The table of cases: no order of events ends one that somebody has to take over, or leaks."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.errors import Refusal
from portal.noshow.rules import (
    NEXT_STATE,
    OPEN,
    CaseEvent,
    CaseKind,
    CaseRefusal,
    CaseState,
    advance,
)
from portal.noshow.telling import NEEDED, Line, lines_of, may_be_told, told
from portal.noshow.words import event_words, state_chip, state_words
from portal.referrals.rules import Item

DOCS = Path(__file__).resolve().parents[2] / "docs" / "no-show.md"
_STEPS = st.lists(st.tuples(st.sampled_from(CaseEvent), st.booleans(), st.booleans()), max_size=30)
_ITEMS = st.frozensets(st.sampled_from(Item))
_WORDS = st.fixed_dictionaries({line: st.text(min_size=1, max_size=20) for line in Line})


@pytest.mark.proves("R17", "R22")
@given(_STEPS, st.sampled_from([CaseState.SUSPECTED, CaseState.CHECKED]))
def test_no_order_of_events_ends_a_case_that_somebody_must_take_over(
    steps: list[tuple[CaseEvent, bool, bool]], start: CaseState
) -> None:
    state, came, taken, told_at_all = start, False, False, False
    for event, may_share, _other in steps:
        try:
            after = advance(state, event, may_share=may_share, must_be_taken_over=True)
        except Refusal:
            continue
        came = came or event is CaseEvent.CHILD_ARRIVED
        taken = taken or event is CaseEvent.TAKE_OVER
        if event is CaseEvent.REPORT:
            assert may_share
            told_at_all = True
        if after is CaseState.CLOSED:
            # Either the child came, or somebody said how the support goes on.
            assert came or taken
        if after is CaseState.REPORTED:
            assert told_at_all
        assert state is not CaseState.CLOSED
        state = after


@given(_STEPS, st.booleans())
def test_nothing_happens_after_the_end(
    steps: list[tuple[CaseEvent, bool, bool]],
    must_be_taken_over: bool,  # noqa: FBT001 - drawn
) -> None:
    for event, may_share, _other in steps:
        with pytest.raises(Refusal):
            advance(
                CaseState.CLOSED,
                event,
                may_share=may_share,
                must_be_taken_over=must_be_taken_over,
            )


def test_every_state_can_be_reached_and_left() -> None:
    reached = {CaseState.SUSPECTED} | set(NEXT_STATE.values())
    assert reached == set(CaseState)
    assert {state for state, _event in NEXT_STATE} == OPEN


@pytest.mark.parametrize(("state", "event"), list(product(CaseState, CaseEvent)))
def test_what_the_table_does_not_know_is_refused(state: CaseState, event: CaseEvent) -> None:
    if (state, event) in NEXT_STATE:
        assert (
            advance(state, event, may_share=True, must_be_taken_over=False)
            is NEXT_STATE[state, event]
        )
    else:
        with pytest.raises(Refusal) as caught:
            advance(state, event, may_share=True, must_be_taken_over=False)
        assert caught.value.codes == (CaseRefusal.NOT_POSSIBLE_NOW,)


@pytest.mark.proves("R22")
@given(st.sampled_from(CaseKind), _ITEMS, _WORDS, st.booleans())
def test_a_receiver_sees_only_what_was_agreed_to(
    kind: CaseKind,
    items: frozenset[Item],
    words: dict[Line, str],
    knows_family: bool,  # noqa: FBT001 - drawn
) -> None:
    seen = told(kind, items, words, knows_family=knows_family)
    assert tuple(seen.lines) == lines_of(kind)
    for line, said in seen.lines.items():
        is_agreed = NEEDED[line] in items or (line is Line.WHO and knows_family)
        assert (said is not None) == is_agreed
        assert (line.value in seen.words) == is_agreed
    if may_be_told(kind, items):
        main = Line.NOTES if kind is CaseKind.WORRY else Line.WHAT
        assert seen.lines[main] == words[main]


def test_every_state_and_event_has_words() -> None:
    assert len({state_words(state) for state in CaseState}) == len(CaseState)
    assert all(state_chip(state) for state in CaseState)
    for kind in ("raised", "noticed", "alerted", "phone.not_reached", "overdue_answer_again"):
        assert event_words(kind) != kind


def test_the_table_in_the_docs_is_the_one_that_is_asked() -> None:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| `", "| state | what"))
    ]
    events = [_code(cell) for cell in rows[0][2:]]
    assert events == [event.value for event in CaseEvent]
    written = {
        (_code(row[0]), event): _code(cell)
        for row in rows[1:]
        for event, cell in zip(events, row[2:], strict=True)
        if "`" in cell
    }
    assert written == {
        (state.value, event.value): later.value for (state, event), later in NEXT_STATE.items()
    }
    assert {_code(row[0]): row[1] for row in rows[1:]} == {
        state.value: state_words(state) for state in CaseState
    }


def _code(cell: str) -> str:
    return cell.split("`")[1]
