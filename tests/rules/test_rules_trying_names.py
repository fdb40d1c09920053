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
        ('coupons = ["first"]', "ご家庭が持っていません"),
        ('now = "2027-11-01 09:00"', "利用日より後"),
        ('child = { born = "2027-05-20" }', "born（生まれた日）が、利用日より後"),
    ],
)
def test_a_name_that_the_rules_never_ask_for_is_told(written: str, said: str) -> None:
    (warning,) = unknown_names(cases(f'[[cases]]\nname = "朝"\n{written}\n'), rules(NAMED))
    assert warning.startswith("ケース「朝」：")
    assert said in warning


def test_a_name_that_stands_twice_is_told_and_an_expected_answer_is_not() -> None:
    (warning,) = unknown_names(cases('[[cases]]\nname = "朝"\n' * 2), rules(NAMED))
    assert "同じ名前のケース" in warning
    late = 'now = "2027-11-01 09:00"\nexpect.reasons = ["closed_for_booking"]\n'
    assert unknown_names(cases('[[cases]]\nname = "朝"\n' + late), rules(NAMED)) == []


OF_USE = """
[purposes]
types = [{ code = "respite" }, { code = "emergency" }]
reasons = [{ code = "errand", label = "用事", type = "respite" }]
"""


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('purpose = "respit"', "purpose の「respit」は、きまりのどこにもありません。「respite」の"),
        ('reason = "erand"', "reason の「erand」は、きまりのどこにもありません。「errand」の"),
        (
            'history = [{ date = "2026-11-05", hours = 1, purpose = "emergancy" }]',
            "purpose の「emergancy」は、きまりのどこにもありません。「emergency」の",
        ),
        ('household = { papers = ["employmentcertificate"] }', "「employment_certificate」の"),
    ],
)
def test_types_reasons_and_papers_that_no_rule_knows_are_told(written: str, said: str) -> None:
    (warning,) = unknown_names(cases(f'[[cases]]\nname = "朝"\n{written}\n'), rules(OF_USE))
    assert said in warning


def test_whoever_expects_a_use_to_be_refused_has_meant_its_name() -> None:
    meant = '[[cases]]\nname = "x"\npurpose = "other"\nexpect.reasons = ["purpose_not_offered"]\n'
    assert unknown_names(cases(meant), rules(OF_USE)) == []
    fine = '[[cases]]\nname = "x"\nreason = "errand"\nhousehold.papers = ["illness"]\n'
    assert [said for said in unknown_names(cases(fine), rules(OF_USE)) if "reason" in said] == []
    usual = '[[cases]]\nname = "x"\npurpose = "irregular_work"\n'
    assert unknown_names(cases(usual), rules(NAMED)) == []


def test_each_name_is_told_with_the_line_it_stands_in() -> None:
    written = """
[defaults]
now = "2026-11-10 09:00"
date = "2026-11-20"
from = "09:00"
to = "12:00"
child = { born = "2024-05-20", marks = ["walfare"] }

[[cases]]
name = "x"
options = [
  "lunch",
  "lanch",
]
"""
    told = unknown_names(cases(written, defaults=""), rules(NAMED), written.encode())
    assert [said.split("：")[0] for said in told] == ["7行目", "13行目"]


def test_names_that_the_rules_ask_for_are_not_told() -> None:
    fine = """
[[cases]]
name = "x"
by = "staff"
overruled = ["too_young"]
options = ["lunch:2", "regular"]
coupons = ["first"]
child = { marks = ["welfare"], gates = { weaned = true } }
household.circumstances = ["homecoming"]
household.marks = ["welfare"]
household.coupons = [{ code = "first", left = 1 }]
"""
    assert unknown_names(cases(fine), rules(NAMED)) == []
    # Those of variants count too.
    laid = '[[variants]]\nname = "x"\nwhen = { marks = ["student"] }\n[variants.age]\n'
    student = '[[cases]]\nname = "x"\nhousehold = { marks = ["student"] }\n'
    assert unknown_names(cases(student), rules(laid)) == []
