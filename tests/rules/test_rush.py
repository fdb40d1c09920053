"""What a rush reads alike is read once; below a rush everything is read anew."""

from __future__ import annotations

import pytest

from portal.bookings.queries import rush


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rush, "monotonic", clock)
    return clock


def test_only_from_the_sixth_asking_within_a_second_is_an_old_answer_given(clock: Clock) -> None:
    answers = iter(range(100))
    ask = rush.ReadOnceInARush[int]()
    assert [ask("a", lambda: next(answers)) for _ in range(8)] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert ask("b", lambda: next(answers)) == 5
    clock.now += 1.0
    assert ask("a", lambda: next(answers)) == 6


def test_a_slow_trickle_is_always_read_anew(clock: Clock) -> None:
    answers = iter(range(100))
    ask = rush.ReadOnceInARush[int]()
    for expected in range(20):
        clock.now += 0.3
        assert ask("a", lambda: next(answers)) == expected
