"""Whoever writes a case is told of names that the rules never ask for."""

from __future__ import annotations

import pytest

from portal.rulebooks.trying.unknown_names import unknown_names
from tests.rules.test_rules_trying import cases, rules

NAMED = """
[residence]
cities = ["A市"]
others = [{ circumstance = "homecoming" }]
[[gates]]
code = "weaned"
[fee.tariff]
kind = "hourly"
bands = [{ yen = 500 }]
[[fee.reductions]]
marks = ["welfare"]
percent = 100
[[fee.coupons]]
code = "first"
label = "はじめての券"
pays_all = true
[[fee.items]]
label = "お昼"
yen = 300
with_option = "lunch"
"""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('household = { marks = ["welfar"] }', "「welfare」のことですか"),
        ('child = { marks = ["walfare"] }', "「welfare」のことですか"),
        ('household = { circumstances = ["homecomming"] }', "「homecoming」のことですか"),
        ("child = { gates = { weened = true } }", "「weaned」のことですか"),
        ('options = ["lanch:2"]', "「lunch」のことですか"),
        ('coupons = ["zzzzz"]', "つづりを確かめてください"),
        ('overruled = ["too_young"]', "by を staff か head に"),
    ],
)
def test_a_name_that_the_rules_never_ask_for_is_told(written: str, said: str) -> None:
    (warning,) = unknown_names(cases(f'[[cases]]\nname = "朝"\n{written}\n'), rules(NAMED))
    assert warning.startswith("ケース「朝」：")
    assert said in warning


def test_names_that_the_rules_ask_for_are_not_told() -> None:
    fine = """
[[cases]]
name = "x"
by = "staff"
overruled = ["too_young"]
options = ["lunch:2", "regular"]
coupons = ["first"]
child = { marks = ["welfare"], gates = { weaned = true } }
household = { circumstances = ["homecoming"], marks = ["welfare"] }
"""
    assert unknown_names(cases(fine), rules(NAMED)) == []
    # Those of variants count too.
    laid = '[[variants]]\nname = "x"\nwhen = { marks = ["student"] }\n[variants.age]\n'
    student = '[[cases]]\nname = "x"\nhousehold = { marks = ["student"] }\n'
    assert unknown_names(cases(student), rules(laid)) == []
