"""What documents ask of a home, wherever a rule stands; and months of days to tick."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.homes.asked import asked_by
from portal.policies.document import RulesDocument, load_template
from portal.policies.facts import GateAnswer
from portal.policies.needs import needs_home
from portal.uses.months import UseMonth, month_asked
from portal.uses.rules import EARLIEST, LATEST

ON = date(2026, 11, 23)
FEE = load_template("hourly-standard").model_dump(mode="json")["fee"]
WELFARE = {"label": "減免", "marks": ["welfare"], "percent": 100}


def rules(**parts: Any) -> RulesDocument:
    return RulesDocument.model_validate(parts)


@pytest.mark.parametrize(
    ("parts", "marks"),
    [
        ({"fee": FEE | {"reductions": [WELFARE]}}, {"welfare"}),
        (
            {
                "caps": [
                    {
                        "metric": "days",
                        "amount": 3,
                        "period": "month",
                        "extension": 1,
                        "extensions": 1,
                    }
                ]
            },
            {"extension"},
        ),
        ({"no_show": {"spared_marks": ["needs_support"]}}, {"needs_support"}),
        (
            {
                "fee": FEE,
                "variants": [
                    {
                        "name": "土曜",
                        "when": {"weekdays": ["sat"], "marks": ["student"]},
                        "fee": {"reductions": [WELFARE]},
                    }
                ],
            },
            {"student", "welfare"},
        ),
    ],
)
def test_circumstances_are_found_wherever_a_rule_names_them(
    parts: dict[str, Any], marks: set[str]
) -> None:
    document = rules(**parts)
    assert set(asked_by([document]).marks) == marks
    assert needs_home(document), "or no booking would ever read them"


def test_own_words_come_first_and_each_wording_once() -> None:
    own = {"gates": [{"code": "walks_alone", "label": "よちよち歩ける"}]}
    usual = {"gates": [{"code": "walks_alone"}]}
    asked = asked_by([rules(**own), rules(**usual), rules(**usual)])
    assert asked.gate_words("walks_alone") == ["よちよち歩ける", "ひとりで歩ける"]
    assert asked.gate_words("weaned") == ["離乳が終わっている"]


def test_questions_go_by_age_until_the_last_day_that_can_be_booked() -> None:
    gates = [
        {"code": "weaned", "from_months": 12},
        {"code": "drinks_from_bottle", "below_months": 12},
        {"code": "no_fever", "asked_at": "arrival"},
    ]
    asked = asked_by([rules(gates=gates)])

    def of(months: int, *, by_family: bool = True) -> list[str]:
        return asked.gates_for(ON - timedelta(days=months * 31), ON, by_family=by_family)

    assert of(2) == ["drinks_from_bottle"]
    assert of(8) == ["weaned", "drinks_from_bottle"], "one year old before the last day"
    assert of(14) == ["weaned"]
    assert of(14, by_family=False) == ["weaned", "no_fever"]
    assert asked.gates_for(None, ON, by_family=False) == []


@pytest.mark.parametrize(
    ("days_ago", "confirmed", "said", "settled"),
    [
        (0, True, True, True),
        (90, True, True, True),
        (91, True, True, False),
        (0, True, False, False),
        (0, False, True, False),
    ],
)
def test_a_confirmed_answer_is_settled_while_it_is_fresh(
    *, days_ago: int, confirmed: bool, said: bool, settled: bool
) -> None:
    asked = asked_by([rules(gates=[{"code": "weaned", "staff_confirm": True, "valid_days": 90}])])
    answer = GateAnswer(said=True, on=ON - timedelta(days=days_ago), is_confirmed=confirmed)
    assert asked.is_settled("weaned", answer, said=said, on=ON) is settled
    unasked = asked_by([rules(gates=[{"code": "weaned", "valid_days": 90}])])
    assert not unasked.is_settled("weaned", answer, said=said, on=ON), "younger is better"
    ageless = asked_by([rules(gates=[{"code": "weaned"}])])
    assert ageless.is_settled("weaned", answer, said=said, on=ON) is (confirmed and said)


def test_a_month_begins_on_sunday_and_has_all_its_days() -> None:
    month = UseMonth(date(2026, 11, 1), ON)
    weeks = month.weeks({date(2026, 11, 2)})
    assert all(len(week) == 7 for week in weeks)
    cells = [cell for week in weeks for cell in week if cell]
    assert [cell.day.day for cell in cells] == list(range(1, 31))
    assert [cell.day.day for cell in cells if cell.is_told] == [2]
    assert weeks[0][0] == cells[0], "1 November 2026 is a Sunday"


def test_months_end_where_no_day_can_be_told() -> None:
    month = UseMonth(ON.replace(day=1), ON)
    back, ahead = [month], [month]
    while (first := back[-1].previous) is not None:
        back.append(UseMonth(first, ON))
    while (first := ahead[-1].next) is not None:
        ahead.append(UseMonth(first, ON))
    assert back[-1].holds(ON - EARLIEST)
    assert ahead[-1].holds(ON + LATEST)
    assert any(day.is_open for day in back[-1].days(()))
    assert any(day.is_open for day in ahead[-1].days(()))
    assert month_asked(f"{back[-1].first:%Y-%m}", ON) == back[-1]


@pytest.mark.parametrize("odd", ["", "2026-13", "2026-1", "1900-01", "9999-12", "0000-01", "来月"])
def test_an_odd_month_is_this_one(odd: str) -> None:
    assert month_asked(odd, ON).first == ON.replace(day=1)
