"""The limit on contacts as properties: whatever came before, no window ever holds too many."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from portal.contacts.rules import (
    ContactChannel,
    ContactPolicy,
    Wishes,
    next_advance_at,
    next_contact_at,
    strictest,
)
from portal.kernel.clock import JST

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
moments = some.integers(0, 90 * 24 * 60).map(lambda minutes: BEGIN + timedelta(minutes=minutes))
policies = some.builds(
    ContactPolicy,
    most_in_window=some.integers(1, 5),
    window=some.integers(1, 40).map(lambda count: timedelta(days=count)),
    least_gap=some.integers(0, 24 * 9).map(lambda count: timedelta(hours=count)),
    quiet_from=some.sampled_from([time(17), time(20), time(21, 30)]),
    quiet_until=some.sampled_from([time(6), time(8), time(9, 30)]),
)
channels = some.sampled_from(ContactChannel)
wishes = some.builds(
    Wishes,
    channels=some.frozensets(channels, max_size=3),
    not_before=some.none() | some.integers(0, 90).map(lambda n: date(2026, 11, 1) + timedelta(n)),
    stops=some.booleans(),
)


def is_quiet(moment: datetime, policy: ContactPolicy) -> bool:
    local = moment.astimezone(JST).time()
    return local < policy.quiet_until or local >= policy.quiet_from


@pytest.mark.proves("R20")
@given(policy=policies, tries=some.lists(moments, max_size=40))
def test_no_window_ever_holds_too_many_and_no_two_stand_too_near(
    policy: ContactPolicy, tries: list[datetime]
) -> None:
    made: list[datetime] = []
    for now in sorted(tries):
        if next_contact_at(made, policy, now=now) == now:
            made.append(now)
    for first in made:
        inside = [each for each in made if first <= each < first + policy.window]
        assert len(inside) <= policy.most_in_window
    assert all(b - a >= policy.least_gap for a, b in pairwise(made))
    assert not any(is_quiet(each, policy) for each in made)


@pytest.mark.proves("R20")
@given(policy=policies, earlier=some.lists(moments, max_size=10), now=moments)
def test_the_moment_given_is_itself_allowed(
    policy: ContactPolicy, earlier: list[datetime], now: datetime
) -> None:
    allowed = next_contact_at(earlier, policy, now=now)
    assert allowed >= now
    assert next_contact_at(earlier, policy, now=allowed) == allowed


@pytest.mark.proves("R20")
@given(
    policy=policies,
    earlier=some.lists(moments, max_size=10),
    now=moments,
    later=some.integers(0, 60 * 24 * 30).map(lambda minutes: timedelta(minutes=minutes)),
)
def test_waiting_never_makes_it_less_allowed(
    policy: ContactPolicy, earlier: list[datetime], now: datetime, later: timedelta
) -> None:
    from_now = next_contact_at(earlier, policy, now=now)
    waited = next_contact_at(earlier, policy, now=now + later)
    assert waited == from_now if now + later <= from_now else waited >= from_now


@pytest.mark.proves("R20")
@given(policy=policies, earlier=some.lists(moments, max_size=10), now=moments)
def test_one_contact_more_never_opens_anything_sooner(
    policy: ContactPolicy, earlier: list[datetime], now: datetime
) -> None:
    for left_out in range(len(earlier)):
        fewer = earlier[:left_out] + earlier[left_out + 1 :]
        assert next_contact_at(fewer, policy, now=now) <= next_contact_at(earlier, policy, now=now)


@pytest.mark.proves("R20")
@given(every=some.lists(policies, min_size=1, max_size=3), earlier=some.lists(moments), now=moments)
def test_of_several_cities_every_limit_is_kept(
    every: list[ContactPolicy], earlier: list[datetime], now: datetime
) -> None:
    allowed = next_contact_at(earlier, strictest(every), now=now)
    for policy in every:
        assert next_contact_at(earlier, policy, now=allowed) == allowed


@pytest.mark.proves("R20")
@given(policy=policies, wish=wishes, channel=channels, earlier=some.lists(moments), now=moments)
def test_wishes_are_kept(
    policy: ContactPolicy,
    wish: Wishes,
    channel: ContactChannel,
    earlier: list[datetime],
    now: datetime,
) -> None:
    allowed = next_advance_at(earlier, policy, wish, channel, now=now)
    if wish.stops or (wish.channels and channel not in wish.channels):
        assert allowed is None
        return
    assert allowed is not None
    assert allowed >= next_contact_at(earlier, policy, now=now)
    if wish.not_before is not None:
        assert allowed.astimezone(JST).date() >= wish.not_before


@pytest.mark.proves("R20")
@pytest.mark.parametrize(
    ("at", "allowed"),
    [
        (datetime(2026, 11, 24, 19, 59, tzinfo=JST), datetime(2026, 11, 24, 19, 59, tzinfo=JST)),
        (datetime(2026, 11, 24, 20, 0, tzinfo=JST), datetime(2026, 11, 25, 8, 0, tzinfo=JST)),
        (datetime(2026, 11, 24, 22, 59, tzinfo=UTC), datetime(2026, 11, 25, 8, 0, tzinfo=JST)),
        (datetime(2026, 11, 24, 23, 0, tzinfo=UTC), datetime(2026, 11, 25, 8, 0, tzinfo=JST)),
    ],
    ids=["just before the evening", "evening", "before eight in Japan", "eight in Japan"],
)
def test_quiet_hours_are_those_of_japan(at: datetime, allowed: datetime) -> None:
    assert next_contact_at((), ContactPolicy(), now=at) == allowed


@given(policy=policies)
def test_settings_keep_a_policy_as_it_is(policy: ContactPolicy) -> None:
    assert ContactPolicy.of({"contact": policy.as_settings()}) == policy
