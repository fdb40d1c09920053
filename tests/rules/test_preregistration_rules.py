"""What follows what in a pre-registration, and until when an acceptance holds."""

from __future__ import annotations

from datetime import date

import pytest

from portal.kernel.errors import Refusal
from portal.preregistration.rules import (
    LIVE,
    NEXT_STATE,
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
    accepted_until,
    advance,
    has_ended,
    possible,
)


@pytest.mark.parametrize("state", PreregistrationState)
@pytest.mark.parametrize("event", PreregistrationEvent)
def test_what_is_not_in_the_table_is_refused(
    state: PreregistrationState, event: PreregistrationEvent
) -> None:
    if (state, event) in NEXT_STATE:
        assert advance(state, event) is NEXT_STATE[state, event]
        assert event in possible(state)
        return
    with pytest.raises(Refusal) as refused:
        advance(state, event)
    assert refused.value.codes == (PreregistrationRefusal.NOT_POSSIBLE_NOW,)


def test_what_has_ended_stays_so_and_what_is_live_can_be_withdrawn() -> None:
    for state in PreregistrationState:
        assert bool(possible(state)) == (state in LIVE)
        assert (PreregistrationEvent.WITHDRAW in possible(state)) == (state in LIVE)


@pytest.mark.parametrize(
    ("on", "until"),
    [
        (date(2026, 4, 1), date(2027, 3, 31)),
        (date(2027, 3, 31), date(2027, 3, 31)),
        (date(2026, 12, 31), date(2027, 3, 31)),
    ],
)
def test_an_acceptance_holds_to_the_end_of_its_fiscal_year(on: date, until: date) -> None:
    assert accepted_until(on) == until
    assert not has_ended(PreregistrationState.ACCEPTED, until, until)
    assert has_ended(PreregistrationState.ACCEPTED, until, date(2027, 4, 1))
