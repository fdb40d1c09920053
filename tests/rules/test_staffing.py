"""Staff needed by class age: dated ratios, roundings, at least two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from portal.slots.rules import PoolKind
from portal.slots.staffing import Advice, Rounding, advice, fullest, standard_on

TODAY = standard_on(date(2026, 11, 22))


@dataclass(frozen=True)
class Pool:
    kind: PoolKind
    youngest_class: int
    oldest_class: int


@pytest.mark.parametrize(
    ("children", "needed"),
    [
        ({}, 0),
        ({1: 0}, 0),
        ({1: 1}, 2),  # never fewer than two
        ({0: 6}, 2),
        ({0: 7}, 2),  # 2.3
        ({0: 8}, 3),  # 2.6
        ({0: 3, 1: 6, 3: 15, 4: 25}, 4),
        ({0: 1, 1: 6, 2: 6}, 2),  # 0.3 + 1.0 + 1.0 = 2.3
        ({0: 2, 1: 11}, 2),  # 0.6 + 1.8 = 2.4
        ({0: 2, 1: 12}, 3),  # 0.6 + 2.0 = 2.6
        ({0: 5, 1: 5}, 2),  # 1.6 + 0.8 = 2.4: tenths are cut off, not rounded
    ],
)
def test_shares_are_cut_to_tenths_and_their_sum_is_rounded(
    children: dict[int, int], needed: int
) -> None:
    assert TODAY.needed(children) == needed


def test_half_a_person_counts_upwards() -> None:
    assert TODAY.needed({1: 15}) == 3  # 2.5


def test_a_city_may_count_every_started_person() -> None:
    strict = replace(TODAY, rounding=Rounding.SUM_UP)
    assert strict.needed({0: 7}) == 3
    assert strict.needed({0: 9}) == 3, "three thirds are one, not a hair more"
    assert strict.needed({0: 5, 1: 8}) == 3  # 1.67 + 1.33: exactly three


def test_ratios_of_four_and_five_changed_in_2024() -> None:
    before, after = standard_on(date(2024, 3, 31)), standard_on(date(2024, 4, 1))
    assert (before.needed({4: 75}), after.needed({4: 75})) == (3, 3)
    assert (before.needed({4: 90}), after.needed({4: 90})) == (3, 4)
    assert (before.needed({3: 60}), after.needed({3: 60})) == (3, 4)


@pytest.mark.parametrize(
    ("on_duty", "needed", "expected"),
    [
        (3, 2, Advice.ENOUGH),
        (2, 2, Advice.TIGHT),
        (1, 2, Advice.SHORT),
        (0, 0, Advice.ENOUGH),
    ],
)
def test_exactly_enough_leaves_nobody_to_spare(on_duty: int, needed: int, expected: Advice) -> None:
    assert advice(on_duty, needed) is expected


def test_the_fullest_day_is_full_of_the_youngest() -> None:
    total, babies = Pool(PoolKind.TOTAL, 0, 5), Pool(PoolKind.AGE_BAND, 0, 0)
    assert fullest([(total, 6), (babies, 2)]) == {0: 2, 1: 4, 2: 0, 3: 0, 4: 0, 5: 0}
    assert fullest([(babies, 2)]) == {}
