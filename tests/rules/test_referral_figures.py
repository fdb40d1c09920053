"""The way to the first use: whatever was sent, the sums agree and a family counts once."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.referrals import figures
from portal.referrals.figures import Sent
from portal.referrals.rules import WAY, ReferralState

FAMILIES = [uuid.UUID(int=number) for number in range(6)]
PLACES = [uuid.UUID(int=number) for number in range(100, 103)]
DAY = date(2026, 4, 1)


@st.composite
def sent(draw: st.DrawFn) -> Sent:
    first = DAY + timedelta(days=draw(st.integers(0, 300)))
    later = draw(st.sets(st.sampled_from(WAY[1:])))
    at = {step: first + timedelta(days=draw(st.integers(0, 90))) for step in later}
    return Sent(
        draw(st.sampled_from(FAMILIES)),
        draw(st.sampled_from(PLACES)),
        {ReferralState.SENT: first, **at},
        is_open=draw(st.booleans()),
    )


every = st.lists(sent(), max_size=20)


@pytest.mark.proves("R15")
@given(every)
def test_a_family_counts_once_and_everybody_stands_somewhere(some: list[Sent]) -> None:
    found = figures.figures(figures.ways(some))
    assert found.families == len({one.family_id for one in some})
    assert found.families == found.used + sum(count for _step, count in found.stops)
    counts = [count for _step, count in found.reached]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] == found.families


@pytest.mark.proves("R15")
@given(every)
def test_months_add_up_to_the_whole(some: list[Sent]) -> None:
    whole = figures.figures(figures.ways(some))
    months = figures.by_month(some)
    assert sum(each.families for each in months.values()) == whole.families
    assert sum(each.used for each in months.values()) == whole.used
    places = figures.by_place(some)
    cells = figures.by_place_and_month(some)
    for place, of in places.items():
        here = [each for (where, _month), each in cells.items() if where == place]
        assert sum(each.families for each in here) == of.families
        assert sum(each.used for each in here) == of.used


@pytest.mark.proves("R15")
def test_sent_twice_is_one_way_from_the_first_day_to_the_first_use() -> None:
    def once(days: int, used: int | None, *, is_open: bool) -> Sent:
        at = {ReferralState.SENT: DAY + timedelta(days=days)}
        if used is not None:
            at[ReferralState.USED] = DAY + timedelta(days=used)
        return Sent(FAMILIES[0], PLACES[0], at, is_open=is_open)

    found = figures.figures(
        figures.ways([once(0, None, is_open=False), once(35, 40, is_open=True)])
    )
    assert (found.families, found.used, found.median_days) == (1, 1, 40)
    assert found.stops_most is None
    stopped = figures.figures(figures.ways([once(0, None, is_open=False)]))
    assert stopped.stops_most is ReferralState.SENT
    assert stopped.median_days is None
