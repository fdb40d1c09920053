"""What a file of cases says of the time after: cancelled, absent, picked up late."""

from __future__ import annotations

from typing import Any

import pytest

from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import WrongFile
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import Tried, try_one
from portal.rulebooks.trying.words import lines_of

pytestmark = pytest.mark.proves("G11", "G12", "G16")

RULES = """
[fee.tariff]
kind = "hourly"
bands = [{ yen = 500 }]
[fee.overrun]
yen = 200
unit_minutes = 30
grace_minutes = 10
[[fee.items]]
label = "おむつ"
yen = 20
per = "count"
with_option = "nappies"
[[fee.per_use]]
label = "給食"
yen = 300
at = "11:30"
[cancel]
free_until = { days = 3 }
tiers = [{ until = { days = 1 }, fee = { kind = "percent", percent = 50 } }]
late_fee = { kind = "percent", percent = 100, of = "total" }
waived = ["illness"]
"""
ABSENT = """
[no_show.fee]
percent = 80
"""
CASE = """
[[cases]]
name = "x"
now = "2026-11-20 10:00"
date = "2026-12-04"
from = "09:00"
to = "12:00"
children = [{ born = "2024-05-20" }, { born = "2023-05-20" }]
"""


def tried(then: str, rules: str = RULES, case: str = CASE) -> Tried:
    file = read_cases(f"{case}\n[cases.then]\n{then}\n".encode())
    return try_one(file.cases[0], file, read_document(rules.encode()))


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ('cancelled_at = "2026-12-01 23:59"', 0),
        ('cancelled_at = "2026-12-02 00:00"', 2 * 750),
        ('cancelled_at = "2026-12-03 23:59"', 2 * 750),
        ('cancelled_at = "2026-12-04 00:00"', 2 * 1800),
        ('cancelled_at = "2026-12-04 00:00"\nbecause = "illness"', 0),
        ('cancelled_at = "2026-12-04 00:00"\nbecause = "disaster"', 2 * 1800),
        ("absent = true", 2 * 1800),
        ('picked_up = "12:10"', 2 * 1800),
        ('picked_up = "12:11"', 2 * 2000),
        ('came = "10:00"\npicked_up = "12:00"', 2 * 1800),
        ('picked_up = "12:00"\ncounts = ["nappies:3"]', 2 * 1860),
    ],
)
def test_what_is_paid_for_what_became_of_a_stay(then: str, expected: int) -> None:
    found = tried(then)
    assert found.answer["then_yen"] == found.then_yen == expected
    assert f"    そのあと払う額 {expected:,}円" in list(lines_of(found))


def test_absence_goes_by_its_own_rule_where_there_is_one() -> None:
    assert tried("absent = true", RULES + ABSENT).then_yen == 2 * 1200


def test_without_a_rule_for_it_nothing_is_paid() -> None:
    plain = RULES[: RULES.index("[cancel]")]
    assert [
        tried(t, plain).then_yen for t in ("absent = true", 'cancelled_at = "2026-12-04 08:00"')
    ] == [
        0,
        0,
    ]


def test_it_is_held_to_what_was_expected() -> None:
    asked = "absent = true\n[cases.expect]\nthen_yen = 1"
    (wrong,) = tried(asked).differences
    assert (wrong.what, wrong.expected, wrong.found) == ("then_yen", 1, 3600)
    assert tried(asked.replace("= 1", "= 3600")).as_expected


def test_the_answer_has_the_lines_of_the_fee() -> None:
    answer: dict[str, Any] = tried("absent = true").answer
    assert [
        (line["code"], line["label"], line["child"], line["yen"]) for line in answer["fee_lines"]
    ] == [
        ("care_hourly", None, 2, 1500),
        ("per_use", "給食", 2, 300),
        ("care_hourly", None, 1, 1500),
        ("per_use", "給食", 1, 300),
    ]
    assert answer["notes"] == []


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("", "どれか1つ"),
        ('absent = true\npicked_up = "12:00"', "どれか1つ"),
        ('absent = true\nbecause = "illness"', "cancelled_at といっしょに"),
        ('absent = true\ncame = "09:00"', "picked_up といっしょに"),
        ('picked_up = "09:00"', "来た時刻より後に"),
    ],
)
def test_one_thing_becomes_of_a_stay(then: str, words: str) -> None:
    with pytest.raises(WrongFile) as caught:
        tried(then)
    assert words in caught.value.problems[0].words


def test_a_unit_does_not_say_when_somebody_came() -> None:
    case = CASE.replace('from = "09:00"\nto = "12:00"', 'unit = "午前"')
    with pytest.raises(WrongFile) as caught:
        tried('picked_up = "12:00"', case=case)
    assert "came を書いてください" in caught.value.problems[0].words


def test_what_is_paid_then_needs_something_that_happens() -> None:
    with pytest.raises(WrongFile) as caught:
        read_cases(f"{CASE}\n[cases.expect]\nthen_yen = 0\n".encode())
    assert "then を書いたとき" in caught.value.problems[0].words
