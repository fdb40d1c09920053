"""Prices in words, read as families read them: beside ``test_rules_of_money_described``."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pydantic import BaseModel

from portal.bookings.fee_words import fee_line_words
from portal.policies.fee import FEE_LABEL_WORDS, FeeLabel, FeeLine
from portal.policies.variants import VariantWhen
from portal.rulebooks.describe import fee_facts, from_price
from portal.rulebooks.words_cancel import cancel_facts
from portal.rulebooks.words_when import when_words
from tests.rules.money_words_cases import (
    ALL,
    BLOCKS,
    HOUR,
    RISING,
    STEPS,
    Written,
    said,
)
from tests.rules.policy_cases import document

#: ``kind`` is told by all that it brings; a ticket's code is for programs, families read its name.
NOT_SAID = {"kind", "code"}


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_field_is_looked_at(model: type[BaseModel]) -> None:
    _make, _base, fields = ALL[model]
    assert set(fields) == set(model.model_fields) - NOT_SAID


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model, (_make, _base, fields) in ALL.items() for name in fields],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_every_field_changes_the_words(model: type[BaseModel], name: str) -> None:
    make, base, fields = ALL[model]
    beside, change = fields[name]
    usual, changed = (said(document(**make({**base, **beside, **more}))) for more in ({}, change))
    assert usual != changed


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_field_tells_its_meaning_and_an_example(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples or name == "kind", name


def test_a_whole_table_as_it_would_stand_on_the_page() -> None:
    rules = document(
        purposes={"types": [{"code": "respite"}, {"code": "emergency"}]},
        fee={
            "tariff": {
                "kind": "steps",
                "bands": [
                    {"below_age": 3, "steps": STEPS, "then": {"yen": 350}},
                    {"steps": STEPS[:1]},
                ],
            },
            "surcharges": [
                {
                    "kind": "extra",
                    "label": "市外の方",
                    "percent": 50,
                    "when": {"residence": "non_resident"},
                }
            ],
            "overrun": {"label": "延長", "yen": 100, "unit_minutes": 10, "grace_minutes": 5},
            "per_use": [
                {"label": "給食", "yen": 300, "at": "11:30", "without_option": "own_lunch"}
            ],
            "items": [{"label": "名札", "yen": 150, "per": "registration"}],
            "reductions": [
                {
                    "label": "減免A",
                    "marks": ["welfare"],
                    "percent": 100,
                    "when": {"purposes": ["emergency"]},
                }
            ],
        },
    )
    assert [tuple(fact) for fact in fee_facts(rules.fee, rules.purposes)] == [
        ("0〜2歳児クラス", "2時間まで 800円、4時間まで 1,400円、それより長い分は1時間ごとに 350円"),
        ("3歳児クラスから", "2時間まで 800円、それより長くても同じ"),
        ("数え方", "はじまった分は1つと数えます。"),
        ("市外の方", "利用料の 50%を加えます。きまりの地域の外に住む方のときだけです。"),
        (
            "延長",
            (
                "予約の終わりよりおそいお迎えには、10分ごとに 100円がかかります。"
                "5分までは無料で、こえたら予約の時刻から数えます。"
            ),
        ),
        ("給食", "300円（11:30 にいるとき、「お弁当を持ってくる」を選ばないとき）"),
        ("名札", "150円（登録のときに1度。預かりの料金には入りません）"),
        (
            "減免A",
            (
                "生活保護を受けている世帯で、利用区分が緊急（通院・出産・介護など）のときは、利用料が無料です。"
                "園が証明を確かめてから引きます。前の利用にさかのぼっては引きません。"
            ),
        ),
    ]


def test_cancelling_in_full() -> None:
    rules = document(
        cancel={
            "free_until": {"days": 3},
            "tiers": [
                {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "percent", "percent": 50}}
            ],
            "late_fee": {"kind": "percent", "percent": 100, "of": "total"},
            "late_online": False,
            "waived": ["illness", "disaster"],
        }
    )
    assert rules.cancel is not None
    assert [tuple(fact) for fact in cancel_facts(rules.cancel)] == [
        (
            "取り消し",
            (
                "利用の3日前まで無料です。"
                "そのあと利用の前の日 17:00までは利用料の 50%がかかります。"
                "そのあとは料金の 100%がかかります"
            ),
        ),
        ("画面からの取り消し", "無料の期限のあとは、電話などで知らせてください"),
        (
            "料金がかからない取り消し",
            "おそい取り消しでも、お子さんや家族の病気・けが・災害や警報のときは、かかりません",
        ),
    ]


@pytest.mark.parametrize(
    ("tariff", "expected"),
    [
        (HOUR, "1時間 500円から"),
        ({"kind": "hourly", "unit_minutes": 30, "bands": [RISING]}, "30分 500円から"),
        ({"kind": "day", "bands": [{"yen": 2400}]}, "1日 2,400円から"),
        ({"kind": "steps", "bands": [{"steps": STEPS}]}, "2時間まで 800円から"),
        (
            {"kind": "packages", "bands": [{"packages": [{"minutes": 30, "yen": 200}]}]},
            "30分 200円から",
        ),
        (
            {
                "kind": "blocks",
                "blocks": BLOCKS[:1],
                "bands": [{"prices": [{"label": "午前", "yen": 1500}]}],
            },
            "午前 1,500円から",
        ),
    ],
)
def test_the_least_price_of_each_table(tariff: Written, expected: str) -> None:
    assert from_price(document(fee={"tariff": tariff}).fee) == expected


CONDITIONS: dict[str, Any] = {
    "weekdays": ["sat", "sun"],
    "holidays": False,
    "days": [{"from": "2026-12-29", "until": "2027-01-03"}],
    "months": [4],
    "purposes": ["respite"],
    "reasons": ["work"],
    "ages": {"from_months": 18, "below_months": 36},
    "class_ages": [0],
    "residence": "resident",
    "cities": ["松戸市"],
    "wards": ["中央区"],
    "circumstances": ["homecoming"],
    "enrolments": ["kindergarten"],
    "marks": ["welfare"],
    "channels": ["phone"],
    "options": ["own_lunch"],
    "first_use": True,
    "units": ["午前"],
    "starts": {"from": "08:00", "until": "09:00"},
    "length": {"from_minutes": 300},
    "trial": True,
    "min_children": 2,
}


def test_every_condition_has_words() -> None:
    assert set(CONDITIONS) == set(VariantWhen.model_fields)
    words = [
        when_words(VariantWhen.model_validate({name: value})) for name, value in CONDITIONS.items()
    ]
    assert all(words)
    assert len(set(words)) == len(words)
    together = when_words(VariantWhen.model_validate(CONDITIONS))
    assert all(each in together for each in words)


VALUES: dict[str, int | str] = {
    "unit_yen": 400,
    "units": 3,
    "unit_minutes": 30,
    "up_to_minutes": 120,
    "minutes": 240,
    "yen": 3000,
    "to_yen": 10,
    "part": 1,
    "order": 2,
    "count": 3,
    "label": "なまえ",
}


@pytest.mark.parametrize("label", FeeLabel)
def test_every_line_of_a_fee_has_words(label: FeeLabel) -> None:
    percent = {"percent": 50} if label is FeeLabel.SIBLING_REDUCTION else {}
    line = FeeLine(label, {**VALUES, **percent}, uuid.UUID(int=1), 100)
    assert fee_line_words(line)
    assert label in FEE_LABEL_WORDS


@pytest.mark.parametrize(
    ("label", "values", "expected"),
    [
        (FeeLabel.SURCHARGE, {"label": "時間外"}, "時間外"),
        (
            FeeLabel.SURCHARGE,
            {"label": "時間外", "unit_yen": 200, "units": 2, "unit_minutes": 60},
            "時間外（1時間 200円 × 2時間）",
        ),
        (FeeLabel.SURCHARGE, {"label": "土曜", "percent": 50}, "土曜（利用料の 50%）"),
        (FeeLabel.ITEM, {"label": "おむつ", "unit_yen": 10, "units": 3}, "おむつ（10円 × 3）"),
        (FeeLabel.REDUCTION, {"label": "減免A", "percent": 100}, "減免A（無料）"),
        (FeeLabel.REDUCTION, {"label": "減免A"}, "減免A"),
        (FeeLabel.ITEM_REDUCTION, {"label": "減免A"}, "減免A（食事などの分）"),
        (FeeLabel.COUPON, {"label": "利用券", "count": 2}, "利用券 2枚"),
        (FeeLabel.CARE_STEP, {"up_to_minutes": 120}, "2時間までの利用料"),
        (
            FeeLabel.CARE_PACKAGE,
            {"minutes": 240, "unit_yen": 1250, "units": 1},
            "4時間 1,250円 × 1",
        ),
        (FeeLabel.CARE_BLOCK, {"label": "午前"}, "午前の利用料"),
    ],
)
def test_lines_of_a_fee(label: FeeLabel, values: dict[str, int | str], expected: str) -> None:
    assert fee_line_words(FeeLine(label, values, uuid.UUID(int=1), 100)) == expected
