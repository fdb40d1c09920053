"""A director learns where the number of children in her rules is not what can be booked."""

from __future__ import annotations

from typing import Any

import pytest

from portal.policies.capacity import CapacityRule
from portal.rulebooks.promised_places import LaidOut, promised_places

ROOM = LaidOut(is_total=True, youngest_class=0, oldest_class=5, most=10, kept=1)
BABIES = LaidOut(is_total=False, youngest_class=0, oldest_class=0, most=2)
SMALL = LaidOut(is_total=False, youngest_class=0, oldest_class=1, most=4)


def told(pools: list[LaidOut], **rule: Any) -> list[str]:
    return promised_places(CapacityRule.model_validate(rule), pools)


@pytest.mark.parametrize(
    ("rule", "pools", "named"),
    [
        ({"total": 10}, [ROOM], []),
        ({"total": 12}, [ROOM], ["12人、予約枠は 10人"]),
        ({"total": 12, "about": True}, [ROOM], []),
        ({"total": 12, "places_from": "unused"}, [ROOM], []),
        ({"total": 12}, [], []),
        ({"parts": [{"classes": [0], "most": 2}]}, [ROOM, BABIES], []),
        ({"parts": [{"classes": [0], "most": 3}]}, [ROOM, BABIES], []),
        ({"parts": [{"classes": [0], "most": 1}]}, [ROOM, BABIES], ["0歳児クラス 1人まで"]),
        ({"parts": [{"classes": [0], "most": 2}]}, [ROOM], ["0歳児クラス 2人まで"]),
        ({"parts": [{"classes": [0], "most": 2, "strict": False}]}, [ROOM], []),
        # Babies and one-year-olds together: a pool of both holds them, and each of them.
        ({"parts": [{"classes": [0, 1], "most": 4}]}, [ROOM, SMALL], []),
        ({"parts": [{"classes": [1], "most": 4}]}, [ROOM, SMALL], []),
        ({"parts": [{"classes": [0, 1], "most": 4}]}, [ROOM, BABIES], ["0・1歳児クラス 4人まで"]),
        (
            {"total": 10, "parts": [{"classes": [0, 1], "share_percent": 50}]},
            [ROOM],
            ["全体の 50%（5人）まで"],
        ),
        # For every class: none has more than the room.
        ({"parts": [{"most": 10}]}, [ROOM], []),
        (
            {"parts": [{"most": 4}]},
            [ROOM, SMALL],
            [f"{age}歳児クラス 4人まで" for age in range(2, 6)],
        ),
        ({"kept": [{"places": 1, "kept_for": "referral"}]}, [ROOM], []),
        ({"kept": [{"places": 3, "kept_for": "referral"}]}, [ROOM], ["3人、予約枠では 1人"]),
        ({"kept": [{"places": 3, "kept_for": "walk_in"}]}, [ROOM], ["（3人）は、職員が"]),
    ],
)
def test_what_the_places_do_not_keep(
    rule: dict[str, Any], pools: list[LaidOut], named: list[str]
) -> None:
    found = told(pools, **rule)
    assert len(found) == len(named)
    assert all(words in sentence for words, sentence in zip(named, found, strict=True))


def test_two_rooms_are_counted_together() -> None:
    rooms = [
        LaidOut(is_total=True, youngest_class=0, oldest_class=2, most=4),
        LaidOut(is_total=True, youngest_class=3, oldest_class=5, most=6),
    ]
    assert told(rooms, total=10) == []
    assert told(rooms, total=10, parts=[{"classes": [0, 1, 2], "most": 4}]) == []
    assert told(rooms, parts=[{"classes": [2, 3], "most": 10}]) == []
    assert len(told(rooms, parts=[{"classes": [2, 3], "most": 9}])) == 1


def test_without_a_rule_there_is_nothing_to_say() -> None:
    assert promised_places(None, [ROOM]) == []
