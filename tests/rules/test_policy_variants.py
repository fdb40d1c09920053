from __future__ import annotations

import gc
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies import matching
from portal.policies.document import RulesDocument
from portal.policies.facts import Enrolment, Household, Mark
from portal.policies.history import History, PastUse, UseState
from portal.policies.matching import (
    CONDITIONS,
    document_for,
    document_on,
    documents_for,
    variants_that_hold,
)
from portal.policies.variants import VariantWhen
from tests.rules.policy_cases import FRIDAY, WEEKDAYS, case, child, document, stay

SATURDAY = date(2026, 11, 21)
HOLIDAY = date(2026, 11, 23)
USUAL: dict[str, Any] = {
    "residence": {"cities": ["松戸市"]},
    "units": {
        "min_minutes": 60,
        "max_minutes": 480,
        "blocks": [{"label": "午前", "starts": "09:00", "ends": "12:00"}],
    },
    "fee": {
        "tariff": {"kind": "hourly", "bands": [{"below_age": 3, "yen": 500}, {"yen": 300}]},
        "siblings": {"second_percent": 50},
    },
}
OTHER = {"units": {"max_minutes": 240}}


def rules(*variants: dict[str, Any]) -> RulesDocument:
    named = [{"name": str(number), **each} for number, each in enumerate(variants)]
    return document(**USUAL, variants=named)


def errors(*variants: dict[str, Any]) -> list[tuple[Any, ...]]:
    with pytest.raises(ValidationError) as caught:
        rules(*variants)
    return [each["loc"] for each in caught.value.errors()]


def most(found: RulesDocument) -> int:
    assert found.units
    return found.units.max_minutes


def test_only_what_differs_is_written_and_the_rest_stays() -> None:
    laid = document_on(rules({"when": {"weekdays": ["sat"]}, **OTHER}), WEEKDAYS, SATURDAY)
    assert laid.units
    assert (laid.units.min_minutes, laid.units.max_minutes) == (60, 240)
    assert laid.fee == document(**USUAL).fee
    assert not laid.variants


def test_without_a_variant_that_holds_it_is_the_document_itself() -> None:
    usual = rules({"when": {"weekdays": ["sat"]}, **OTHER})
    assert document_on(usual, WEEKDAYS, FRIDAY) is usual
    assert document_for(case(usual), child()) is usual


def test_a_list_is_replaced_as_a_whole_and_a_table_of_another_kind_too() -> None:
    flat = {"kind": "half_day", "half_day_minutes": 240,
            "bands": [{"half_day_yen": 900, "day_yen": 1800}]}  # fmt: skip
    usual = rules(
        {"when": {"months": [11]}, "fee": {"tariff": {"bands": [{"yen": 700}]}}},
        {"when": {"weekdays": ["sat"]}, "fee": {"tariff": flat}},
    )
    friday, saturday = (document_on(usual, WEEKDAYS, day).fee for day in (FRIDAY, SATURDAY))
    assert friday
    assert saturday
    assert friday.tariff.kind == "hourly"
    assert [band.below_age for band in friday.tariff.bands] == [None]
    assert saturday.tariff.kind == "half_day"
    assert saturday.siblings == friday.siblings


def test_the_later_of_two_wins() -> None:
    november, saturday = {"when": {"months": [11]}}, {"when": {"weekdays": ["sat"]}}
    short, shorter = {"units": {"max_minutes": 240}}, {"units": {"max_minutes": 120}}
    first = rules({**november, **short}, {**saturday, **shorter})
    assert [most(document_on(first, WEEKDAYS, day)) for day in (FRIDAY, SATURDAY)] == [240, 120]
    other = rules({**saturday, **shorter}, {**november, **short})
    assert most(document_on(other, WEEKDAYS, SATURDAY)) == 240


def test_leaving_out_takes_a_kind_or_a_part_of_it_and_writing_it_anew_replaces_all() -> None:
    when = {"when": {"months": [11]}}

    def on(variant: dict[str, Any]) -> RulesDocument:
        return document_on(rules({**when, **variant}), WEEKDAYS, FRIDAY)

    assert on({"leaves_out": ["fee"]}).fee is None
    part = on({"leaves_out": ["fee.siblings"]}).fee
    assert part
    assert part.siblings is None
    assert part.tariff
    anew = on({"leaves_out": ["units"], "units": {"grid_minutes": 15}}).units
    assert anew
    assert (anew.min_minutes, anew.blocks) == (0, ())


@pytest.mark.parametrize(
    ("variants", "places"),
    [
        ([{"when": {}}], [("variants", 0, "when")]),
        ([{"when": {"weekdays": []}}], [("variants", 0, "when")]),
        ([{"when": {"weekday": ["sat"]}}], [("variants", 0, "when", "weekday")]),
        ([{"when": {"weekdays": ["saturday"]}}], [("variants", 0, "when", "weekdays", 0)]),
        ([{"when": {"days": {"from": "2026-12-02", "until": "2026-12-01"}}}],
         [("variants", 0, "when", "days", 0)]),
        ([{"when": {"ages": {"from_months": 12, "below_months": 12}}}],
         [("variants", 0, "when", "ages")]),
        ([{"when": {"starts": {"from": "12:00", "until": "12:00"}}}],
         [("variants", 0, "when", "starts")]),
        ([{"when": {"length": {"from_minutes": 60, "below_minutes": 60}}}],
         [("variants", 0, "when", "length")]),
        ([{"when": {"trial": True}, "unit": {}}], [("variants", 0, "unit")]),
        ([{"when": {"trial": True}, "title": "別"}], [("variants", 0, "title")]),
        ([{"when": {"trial": True}, "leaves_out": ["cap"]}], [("variants", 0, "leaves_out")]),
        ([{"when": {"trial": True}, "leaves_out": ["fee.sibling"]}],
         [("variants", 0, "leaves_out")]),
        ([{"when": {"trial": True}, "units": {"max_minutes": 30}}], [("variants", 0, "units")]),
    ],
)  # fmt: skip
def test_a_mistake_is_named_at_its_place(
    variants: list[dict[str, Any]], places: list[tuple[Any, ...]]
) -> None:
    assert errors(*variants) == places


def test_two_that_contradict_are_a_mistake_only_where_both_can_hold() -> None:
    short = {"units": {"max_minutes": 90}}
    long = {"units": {"min_minutes": 100}}
    november, saturday = {"months": [11]}, {"weekdays": ["sat"]}
    assert errors({"when": november, **short}, {"when": saturday, **long}) == [
        ("variants", 1, "units")
    ]
    assert rules({"when": november, **short}, {"when": {"months": [12]}, **long})
    assert rules({"when": {"trial": True}, **short}, {"when": {"trial": False}, **long})


def test_where_three_contradict_unseen_the_others_answer() -> None:
    variants = [{"when": {"months": [11]}, "units": {"grid_minutes": 30}} for _ in range(5)]
    short = {"when": {"weekdays": ["sat"]}, "units": {"max_minutes": 90}}
    usual = rules(*variants, short)
    late = usual.variants[1].model_copy()
    broken = RulesDocument.model_construct(**{**dict(usual), "variants": (
        *usual.variants, late.model_copy(update={"units": {"min_minutes": 100}}),
    )})  # fmt: skip
    found = document_on(broken, WEEKDAYS, SATURDAY).units
    assert found
    assert (found.min_minutes, found.max_minutes) == (60, 90)


def test_a_document_reads_back_as_it_was_written() -> None:
    usual = rules(
        {"when": {"days": {"from": date(2026, 12, 1)}, "starts": {"until": "09:00"}}, **OTHER},
        {"when": {"ages": {"below_months": 12}}, "leaves_out": ["units"],
         "age": {"born_from": date(2024, 4, 2)}},
    )  # fmt: skip
    written = usual.model_dump(mode="json")
    assert written["variants"][0]["when"] == {
        "days": [{"from": "2026-12-01", "until": None}],
        "starts": {"from": None, "until": "09:00"},
    }
    assert written["variants"][1]["age"] == {"born_from": "2024-04-02"}
    assert RulesDocument.model_validate(written) == usual
    assert RulesDocument.model_validate_json(usual.model_dump_json()) == usual


HOME = Household(
    city="松戸市", ward="中央区", circumstances=frozenset({"homecoming"}),
    marks=(Mark("welfare", FRIDAY, FRIDAY),),
)  # fmt: skip
KID = child(1, date(2024, 5, 20), enrolment=Enrolment.KINDERGARTEN, marks=(Mark("twin"),))
WISH = case(
    rules(), KID, child(2), household=HOME, purpose="respite", reason="rest", channel="phone",
    options=frozenset({"own_lunch"}),
)  # fmt: skip
#: Condition → a value that is met by ``WISH`` for ``KID``, and one that is not.
MET: list[tuple[str, Any, Any]] = [
    ("weekdays", ["thu", "fri"], ["sat"]),
    ("holidays", False, True),
    ("days", {"from": "2026-11-20", "until": "2026-11-20"}, {"from": "2026-11-21"}),
    ("days", [{"until": "2026-11-19"}, {"from": "2026-11-20"}], {"until": "2026-11-19"}),
    ("months", [11], [12]),
    ("purposes", ["emergency", "respite"], ["emergency"]),
    ("reasons", ["rest"], ["work"]),
    ("ages", {"from_months": 30, "below_months": 31}, {"from_months": 31}),
    ("ages", {"below_months": 31}, {"below_months": 30}),
    ("class_ages", [1], [2]),
    ("residence", "resident", "non_resident"),
    ("cities", ["松戸市"], ["柏市"]),
    ("wards", ["中央区"], ["北区"]),
    ("circumstances", ["homecoming"], ["juror"]),
    ("enrolments", ["kindergarten"], ["none"]),
    ("marks", ["welfare"], ["tax_exempt"]),
    ("marks", ["twin"], ["tax_exempt"]),
    ("channels", ["phone"], ["web"]),
    ("options", ["own_lunch", "walk_in"], ["walk_in"]),
    ("first_use", True, False),
    ("units", ["午前"], ["午後"]),
    ("starts", {"from": "09:00", "until": "09:30"}, {"until": "09:00"}),
    ("starts", {"from": "08:00"}, {"from": "09:30"}),
    ("length", {"from_minutes": 180, "below_minutes": 181}, {"below_minutes": 180}),
    ("length", {"below_minutes": 181}, {"from_minutes": 181}),
    ("trial", False, True),
    ("min_children", 2, 3),
]
OF_THE_DAY = {"weekdays", "holidays", "days", "months"}


@pytest.mark.parametrize(("name", "met", "unmet"), MET)
def test_each_condition_holds_and_fails(name: str, met: Any, unmet: Any) -> None:
    for value, expected in ((met, True), (unmet, False)):
        usual = rules({"when": {name: value}, **OTHER})
        wish = replace(WISH, document=usual)
        assert (document_for(wish, KID) is not usual) is expected
        assert variants_that_hold(wish, KID) == (("0",) if expected else ())
        on_the_calendar = document_on(usual, WEEKDAYS, FRIDAY) is not usual
        assert on_the_calendar is (expected and name in OF_THE_DAY)


def test_every_condition_is_looked_at() -> None:
    assert set(CONDITIONS) == set(VariantWhen.model_fields)
    assert {name for name, _met, _unmet in MET} == set(CONDITIONS)


def test_all_conditions_must_hold() -> None:
    usual = rules({"when": {"weekdays": ["fri"], "purposes": ["emergency"]}, **OTHER})
    assert document_for(replace(WISH, document=usual), KID) is usual


def test_a_mark_holds_on_its_days_only() -> None:
    usual = rules({"when": {"marks": ["welfare"]}, **OTHER})
    late = replace(WISH, document=usual, span=stay(day=date(2026, 11, 24)))
    assert document_for(late, KID) is usual


def test_where_nobody_knows_where_a_family_lives_it_lives_nowhere() -> None:
    for value in ("resident", "non_resident"):
        usual = rules({"when": {"residence": value}, **OTHER})
        assert document_for(case(usual), KID) is usual
        anywhere = usual.model_copy(update={"residence": None})
        assert document_for(replace(WISH, document=anywhere), KID) is anywhere


def test_a_holiday_is_known_from_the_calendar() -> None:
    usual = rules({"when": {"holidays": True}, **OTHER})
    assert document_on(usual, WEEKDAYS, HOLIDAY) is not usual


def test_first_use_looks_at_stays_here_before_this_one() -> None:
    usual = rules({"when": {"first_use": True}, **OTHER})

    def is_first(*uses: PastUse) -> bool:
        wish = replace(WISH, document=usual, history=History(uses))
        return document_for(wish, KID) is not usual

    before = PastUse(KID.child_id, date(2026, 11, 19), 60)
    assert not is_first(before)
    assert not is_first(replace(before, state=UseState.ATTENDED))
    assert is_first(replace(before, state=UseState.CANCELLED))
    assert is_first(replace(before, state=UseState.NO_SHOW))
    assert is_first(replace(before, is_here=False))
    assert is_first(replace(before, child_id=child(7).child_id))
    assert is_first(replace(before, day=FRIDAY))
    earlier = stay("08:00", "09:00").starts_at
    assert not is_first(replace(before, day=FRIDAY, starts_at=earlier))
    assert is_first(replace(before, day=FRIDAY, starts_at=stay("09:00").starts_at))


def test_each_child_has_the_rules_laid_for_it() -> None:
    usual = rules({"when": {"class_ages": [0]}, **OTHER})
    baby, other = child(2, date(2026, 5, 20)), child(3)
    groups = documents_for(replace(WISH, document=usual, children=(KID, baby, other)))
    assert [(most(found), len(kids)) for found, kids in groups] == [(480, 2), (240, 1)]
    assert groups[1][1] == (baby,)


def test_what_is_laid_is_made_once_and_goes_with_its_document() -> None:
    usual = rules({"when": {"weekdays": ["sat"]}, **OTHER})
    laid = document_on(usual, WEEKDAYS, SATURDAY)
    assert document_on(usual, WEEKDAYS, SATURDAY) is laid
    other = usual.model_copy(update={"variants": ()})
    assert document_on(other, WEEKDAYS, SATURDAY) is other
    key = id(usual)
    assert key in matching._PLANS
    del usual, laid
    gc.collect()
    assert key not in matching._PLANS
