"""What a terminal says of tried cases: whose line it is, what it is for, what was set aside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from portal.policies.cap_count import CapUse
from portal.policies.caps import CapRule
from portal.policies.registration import NO_END
from portal.rulebooks.files import read_document
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import try_all
from portal.rulebooks.trying.words import cap_words, lines_of, of_child

RULES = """
[booking_window]
closes = { days = 1, at = "17:00" }
[[gates]]
code = "no_fever"
asked_at = "arrival"
[fee]
tariff = { kind = "hourly", bands = [{ yen = 500 }] }
siblings = {}
per_use = [{ label = "給食", yen = 300, at = "11:30" }]
"""
WISH = """
[defaults]
date = "2026-12-04"
from = "9:00"
to = "12:00"
[[cases]]
name = "two"
now = "2026-12-03 10:00"
children = [{ name = "姉", born = "2022-01-01" }, { name = "弟", born = "2025-01-01" }]
[[cases]]
name = "one"
now = "2026-12-03 10:00"
children = [{ name = "姉", born = "2022-01-01" }]
[[cases]]
name = "late"
by = "staff"
now = "2026-12-04 08:00"
overruled = ["closed_for_booking"]
children = [{ born = "2022-01-01" }]
"""


@pytest.fixture
def told() -> list[list[str]]:
    cases, rules = read_cases(WISH.encode()), read_document(RULES.encode())
    return [[line.strip() for line in lines_of(tried)] for tried in try_all(cases, rules)]


@pytest.mark.proves("R6")
def test_of_several_children_each_note_and_line_says_whose_it_is(told: list[list[str]]) -> None:
    two, one, _late = told
    note = "当日の朝に「熱がない」を確かめます"
    assert [line for line in two if note in line] == [
        f"おしらせ：姉：{note}",
        f"おしらせ：弟：{note}",
    ]
    assert f"おしらせ：{note}" in one
    assert "弟　きょうだい割引（2人目） −750円" in two
    assert "姉　時間ごとの利用料（1時間 500円 × 3） 1,500円" in two
    assert "1回ごとの実費：給食 300円" in one
    assert of_child("弟さんは、まだ利用できません", "弟さん") == "弟さんは、まだ利用できません"


@pytest.mark.proves("R6", "G26")
def test_what_staff_set_aside_is_said(told: list[list[str]]) -> None:
    late = told[2]
    assert "予約できます" in late
    aside = [line for line in late if line.startswith("特別に認めました：")]
    assert len(aside) == 1
    assert "closed_for_booking、G7" in aside[0]


@pytest.mark.proves("R6", "G6")
@pytest.mark.parametrize(
    ("cap", "days", "said"),
    [
        (
            {"metric": "hours", "period": "month"},
            (date(2026, 12, 1), date(2026, 12, 31)),
            "上限3時間（12月1日から12月31日まで）",
        ),
        (
            {"metric": "days", "period": "registration", "label": "登録"},
            (date(2026, 4, 1), NO_END),
            "上限「登録」3日（2026年4月1日から）",
        ),
        (
            {"metric": "days", "period": "fiscal_year"},
            (date(2026, 4, 1), date(2027, 3, 31)),
            "上限3日（2026年4月1日から2027年3月31日まで）",
        ),
        (
            {"metric": "days", "period": "running_days", "running_days": 10},
            (date(2026, 12, 1), date(2026, 12, 19)),
            "上限3日（続く10日間ごと。12月1日から12月19日までを調べました）",
        ),
        (
            {"metric": "causes", "period": "day"},
            (date(2026, 12, 1), date(2026, 12, 1)),
            "上限3つ",
        ),
    ],
)
def test_what_is_left_of_a_cap_is_told_in_its_own_unit_and_days(
    cap: dict[str, Any], days: tuple[date, date], said: str
) -> None:
    rule = CapRule.model_validate({"amount": 3, **cap})
    use = CapUse(rule, None, *days, used=Decimal(0), this=Decimal("1.5"), limit=Decimal(3))
    head, _, amounts = cap_words(use).partition("のうち、")
    assert head == said
    if cap["metric"] == "hours":
        assert amounts == "これまで 0時間、今回 1時間30分、残り 1時間30分"


def test_without_a_rule_for_fees_the_answer_says_so(told: list[list[str]]) -> None:
    cases = read_cases(WISH.encode())
    free = try_all(cases, read_document(RULES.partition("[fee]")[0].encode()))
    assert "    料金 0円（料金のきまりがありません）" in lines_of(free[1])
    assert "料金 1,800円" in told[1]
