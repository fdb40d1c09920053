"""Kind G15: totals, parts, staff and kept places; all limits hold at once."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.capacity import CapacityRule
from portal.rulebooks.words_shape import capacity_words

pytestmark = pytest.mark.proves("G15")


def rule(**fields: Any) -> CapacityRule:
    return CapacityRule.model_validate(fields)


TEN = {
    "total": 10,
    "parts": [{"classes": [0], "most": 2}, {"classes": [0, 1], "share_percent": 50}],
    "staffing": {
        "ratios": [{"classes": [0], "children": 3}, {"classes": [1, 2], "children": 6}],
        "least_staff": 2,
    },
}


@pytest.mark.parametrize(
    ("present", "on_duty", "exceeded"),
    [
        ({0: 2, 1: 3, 2: 5}, None, ()),
        ({0: 2, 1: 3, 2: 6}, None, ("total",)),
        ({0: 3, 1: 2}, None, ("part:0",)),
        ({0: 2, 1: 4}, None, ("part:0,1",)),
        ({0: 3, 1: 3, 2: 5}, None, ("total", "part:0", "part:0,1")),
        # 2/3 + 3/6 = 1 1/6: two persons. 2/3 + 8/6 = 2 exactly: still two.
        ({0: 2, 1: 3}, 2, ()),
        ({0: 2, 1: 3, 2: 5}, 2, ()),
        # 2/3 + 8/6 with one more of six: two and a sixth.
        ({0: 2, 1: 3, 2: 6}, 2, ("total", "staff")),
        # Never fewer than two, but nobody where there are no children.
        ({5: 1}, 1, ("staff",)),
        ({0: 0}, 0, ()),
    ],
)
def test_all_limits_hold_at_once(
    present: dict[int, int], on_duty: int | None, exceeded: tuple[str, ...]
) -> None:
    assert rule(**TEN).exceeded(present, on_duty=on_duty) == exceeded


def test_a_part_without_classes_holds_for_each_class() -> None:
    asked = rule(total=9, parts=[{"most": 3}])
    assert asked.exceeded({0: 3, 1: 3, 2: 3}) == ()
    assert asked.exceeded({0: 4, 1: 3}) == ("part:",)


def test_who_is_not_there_fills_no_part() -> None:
    assert rule(parts=[{"classes": [0], "most": 0}]).exceeded({1: 3}) == ()


def test_limits_may_be_as_high_as_the_whole_and_times_may_touch() -> None:
    assert rule(
        total=3,
        parts=[{"classes": [0], "most": 3}],
        kept=[{"places": 3, "kept_for": "walk_in"}],
        bands=[
            {"from": "08:00", "until": "09:00", "total": 1},
            {"from": "09:00", "until": "10:00", "total": 2},
        ],
    ).bands


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"parts": [{"classes": [0]}]}, "a number or a share"),
        ({"total": 9, "parts": [{"most": 1, "share_percent": 5}]}, "a number or a share"),
        ({"parts": [{"classes": [0], "share_percent": 50}]}, "needs a total"),
        ({"total": 2, "parts": [{"classes": [0], "most": 3}]}, "no more than the whole"),
        ({"total": 2, "kept": [{"places": 3, "kept_for": "walk_in"}]}, "than there is"),
        ({"about": True}, "needs a number"),
        ({"parts": [{"classes": [0, 0], "most": 3}]}, "stands once"),
        ({"bands": [{"from": "09:00", "until": "09:00", "total": 1}]}, "after it starts"),
        (
            {
                "bands": [
                    {"from": "09:00", "until": "12:00", "total": 1},
                    {"from": "08:00", "until": "09:30", "total": 1},
                ]
            },
            "do not overlap",
        ),
    ],
)
def test_what_contradicts_itself(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**fields)


def test_everything_the_rule_says_is_in_its_words() -> None:
    asked = rule(
        **TEN,
        about=True,
        per="day",
        places_from="unused",
        set_anew="monthly",
        shared_with=["こども誰でも通園"],
        may_refuse_below=True,
        bands=[{"from": "08:00", "until": "09:00", "total": 3}],
        kept=[
            {"places": 3, "kept_for": "walk_in", "until_days_before": 1, "until_time": "09:00"},
            {"places": 1, "kept_for": "other", "label": "市の会議に出る人"},
        ],
    )
    assert [tuple(fact) for fact in capacity_words(asked)] == [
        (
            "人数",
            (
                "1日に約10人までです。園の定員のうち、空いている人数（余裕活用型）です。"
                "月ごとに決め直します。こども誰でも通園と、同じ人数をいっしょに使います。"
                "お子さんのようすや人数によって、満員でなくても受けられないことがあります。"
            ),
        ),
        ("クラスごとの人数", "0歳児クラス 2人まで、0・1歳児クラス 全体の半分まで"),
        ("時間ごとの人数", "8:00〜9:00 は 3人まで"),
        (
            "とっておく人数",
            (
                "当日の申し込みのために、3人分をとっておきます。"
                "空いていれば、利用の前の日 9:00 から、だれでも使えます。"
                "市の会議に出る人のために、1人分をとっておきます。"
            ),
        ),
        (
            "職員の人数",
            (
                "0歳児クラスは、職員1人で 3人までです。1・2歳児クラスは、職員1人で 6人までです。"
                "職員は、いつも 2人より少なくなりません。"
            ),
        ),
    ]
    assert capacity_words(rule(per="hour"))[0].text == (
        "日や時間によって違います。1時間ごとに数えます。"
    )
    loose = rule(total=10, parts=[{"classes": [0], "most": 2, "strict": False}])
    assert capacity_words(loose)[1].text == "0歳児クラス 2人まで（原則）"
