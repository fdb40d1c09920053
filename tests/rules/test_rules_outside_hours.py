"""A director learns which stays of her rules no weekday is open for."""

from __future__ import annotations

import pytest

from portal.policies.units import UnitsRule
from portal.rulebooks.outside_hours import outside_hours

NINE_TO_FIVE = frozenset(range(18, 34))
WITH_LUNCH = NINE_TO_FIVE - {24, 25}
BLOCKS = [
    {"label": "午前", "starts": "08:30", "ends": "12:30"},
    {"label": "午後", "starts": "13:00", "ends": "17:00"},
]


@pytest.mark.parametrize(
    ("units", "week", "named"),
    [
        ({"blocks": BLOCKS}, [NINE_TO_FIVE] * 5, ["「午前」（8:30〜12:30）"]),
        (
            {"blocks": BLOCKS},
            [NINE_TO_FIVE, frozenset(range(17, 24))],
            ["「午前」（8:30〜12:30）"],
        ),
        ({"blocks": BLOCKS}, [NINE_TO_FIVE, frozenset(range(17, 25))], []),
        (
            {"blocks": [{"label": "昼", "starts": "11:00", "ends": "13:30"}]},
            [WITH_LUNCH],
            ["「昼」"],
        ),
        ({"blocks": [{"label": "昼", "starts": "13:00", "ends": "13:10"}]}, [WITH_LUNCH], []),
        ({"start_cells": [17, 18], "min_minutes": 60}, [NINE_TO_FIVE], ["8:30 から"]),
        ({"start_cells": [32, 33], "min_minutes": 60}, [NINE_TO_FIVE], ["16:30 から"]),
        ({"start_cells": [23], "min_minutes": 60}, [WITH_LUNCH], ["11:30 から"]),
        ({"min_minutes": 481}, [NINE_TO_FIVE], ["481分"]),
        ({"min_minutes": 480}, [NINE_TO_FIVE], []),
        ({}, [NINE_TO_FIVE], []),
        ({"blocks": BLOCKS}, [], []),
    ],
)
def test_what_fits_on_no_weekday_is_named(
    units: dict[str, object], week: list[frozenset[int]], named: list[str]
) -> None:
    found = outside_hours(UnitsRule.model_validate(units), week)
    assert len(found) == len(named)
    assert all(words in said for words, said in zip(named, found, strict=True))


def test_rules_without_a_shape_fit_everywhere() -> None:
    assert outside_hours(None, [NINE_TO_FIVE]) == []
