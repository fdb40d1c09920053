from __future__ import annotations

from typing import Any

import pytest

from portal.office.rules_fields import place_on_page
from portal.office.rules_form import RulesForm, beyond_fields
from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.places import load_place, place_names
from tests.pages.rules_sent import sent, shown

#: One of each way in which a kind can be written.
DOCUMENTS = [
    *(load_template(name) for name in template_names()),
    RulesDocument(),
    RulesDocument.model_validate(
        {
            "age": {
                "min": {"unit": "class_age", "value": 1},
                "max": {"unit": "months", "value": 36},
                "reference": "first_of_month",
            },
            "booking_window": {"opens": {"kind": "half_month", "at": "10:00", "shift": "previous"}},
            "units": {"grid_minutes": 15},
            "cancel": {"free_until": {"days": 0, "at": "08:00"}, "waived": []},
        }
    ),
    RulesDocument.model_validate(
        {
            "booking_window": {
                "opens": {"kind": "rolling", "days": 16, "at": "00:00"},
                "closes": {"days": 3, "counting": "open"},
            },
            "texts": {"fee": "おつりの\nないように"},
        }
    ),
    RulesDocument.model_validate(
        {
            "registration": {
                "lead_days": 2,
                "validity": "months",
                "months": 6,
                "next_period_days": 12,
                "limit": 30,
                "answer_days": 5,
                "agreement": True,
                "renewal": {"days_before": 20, "confirm": ["record", "agreement"]},
            },
            "texts": {"illness": "37.5度から\nお休みです"},
        }
    ),
    RulesDocument.model_validate({"registration": {"validity": "none", "renewal": None}}),
]


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "document", [*DOCUMENTS, *map(load_place, place_names())], ids=lambda one: one.title or "-"
)
def test_a_document_comes_back_from_its_form_as_it_was(document: RulesDocument) -> None:
    came = sent(shown(document))
    assert came.validate(), came.errors
    assert came.document() == document


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ({"fee": {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}, "siblings": {}}}, True),
        ({"fee": {"tariff": {"kind": "day", "bands": [{"yen": 400}]}}}, True),
        (
            {
                "fee": {
                    "tariff": {"kind": "hourly", "bands": [{"yen": 400}]},
                    "surcharges": [{"kind": "extra", "label": "土曜", "yen": 500}],
                }
            },
            False,
        ),
        ({"cancel": {"free_until": {"weekday": "thu"}}}, False),
        ({"caps": [{"metric": "days", "amount": 14, "period": "term", "term_months": 3}]}, False),
        ({"no_show": {"consequences": [{"at_points": 2, "then": "warning"}]}}, False),
    ],
)
def test_rules_that_no_field_says_stand_as_text(written: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - a case
    document = RulesDocument.model_validate(written)
    assert beyond_fields(document) == (set() if fits else set(written))


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("[fee", "1行目："),
        ("[[caps]]\nmetric = 'days'\namount = 3\nperiod = 'month'\nlimit = 3", "5行目："),
        ("[age.min]\nunit = 'months'\nvalue = 6", "「だれが使えるか」は、上の欄にも"),
        (
            "[[caps]]\nmetric = 'visits'\namount = 3\nperiod = 'month'\nhalf_day_units = ['よる']",
            "5行目：",
        ),
    ],
)
def test_a_mistake_in_the_text_is_told_with_its_line(rest: str, said: str) -> None:
    form = RulesForm(formdata=None)
    form.show(load_template("half-day"))
    form.rest.data = rest
    assert form.document() is None
    assert any(said in message for message in form.rest.errors), form.rest.errors


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "junk", ["<b>", "９" * 40, "-1", "\x00", "1e9", "２５：７０", "💥" * 3000, "=1+1"]
)
def test_whatever_is_typed_ends_at_its_field(junk: str) -> None:
    form = RulesForm(formdata=None)
    form.show(load_template("half-day"))
    for field in form:
        if isinstance(field.data, str) and field.type in {"StringField", "TextAreaField"}:
            field.data = junk
    form.document()
    assert all(isinstance(message, str) for field in form for message in field.errors)
    assert form.lead_days.errors


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("typed", "at", "named"),
    [
        ({"tariff": "none"}, "tariff", "料金 1：何歳より下か"),
        ({"units_kind": "any"}, "units_kind", "何分きざみ"),
        ({"units_kind": "free"}, "units_kind", "きまった時間 1 の名前"),
        ({"cancel_kind": "none"}, "cancel_kind", "無料で取り消せるのは"),
        ({"opens_kind": "always"}, "opens_kind", "受付を始める時刻"),
        ({"closes_days": " "}, "closes_days", "しめきりの時刻"),
        ({"age_min_unit": ""}, "age_min_unit", "何歳から（数）"),
        ({"second_percent": "50"}, "siblings", "2人目を何％引くか"),
        ({"step_5_words": "午後に"}, "step_5_kind", "段階 6：保護者に伝えること"),
    ],
)
def test_what_a_choice_leaves_out_is_said_and_not_lost(
    typed: dict[str, str], at: str, named: str
) -> None:
    form = RulesForm(formdata=None)
    form.show(load_template("half-day"))
    assert form.document() is not None
    for name, value in typed.items():
        form[name].data = value
    assert form.document() is None
    assert any(named in message for message in form[at].errors), form.errors


@pytest.mark.usefixtures("bare")
def test_a_limit_without_what_it_counts_is_told_in_a_directors_words() -> None:
    form = RulesForm(formdata=None)
    form.show(load_template("hourly-standard"))
    form.cap_0_amount.data = "3"
    assert form.document() is None
    assert form.cap_0_metric.errors == ["上限1：何を数えるか：どれかをえらんでください"]


@pytest.mark.usefixtures("bare")
def test_parts_that_stand_as_text_are_known_by_the_names_of_their_fields() -> None:
    form = RulesForm(formdata=None)
    form.show(load_place("M03"))
    # Ages in years, as half of the places write them, have their field.
    assert (form.age_min.data, form.age_min_unit.data) == ("1", "years")
    assert form.kinds_in_text() == {}
    form.show(load_place("M10"))
    assert form.kinds_in_text() == {
        "age": "だれが使えるか",
        "registration": "事前登録",
        "units": "時間",
    }


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    ("rest", "said"),
    [
        ("[[caps]]\namount = 3\nperiod = 'month'", "caps[1]：metric が書かれていません"),
        ("[fee]\nage_basis = 'class_age'", "fee：tariff が書かれていません"),
    ],
)
def test_what_is_missing_in_the_text_is_named(rest: str, said: str) -> None:
    form = shown(RulesDocument())
    form.rest.data = rest
    assert form.document() is None
    assert any(said in message for message in form.rest.errors), form.rest.errors


@pytest.mark.usefixtures("bare")
def test_an_empty_number_is_told_as_missing() -> None:
    form = shown(RulesDocument())
    form["cap_0_metric"].data, form["cap_0_amount"].data = "days", ""
    assert form.document() is None
    assert "書かれていません" in form["cap_0_amount"].errors[0]
    form["cap_0_amount"].data = "三"
    assert form.document() is None
    assert "数字で書いてください" in form["cap_0_amount"].errors[-1]


@pytest.mark.usefixtures("bare")
def test_problems_stand_in_the_order_of_the_page() -> None:
    parts = [
        *("age_min", "opens_at", "grid_minutes", "tariff", "age_basis", "cap_0_amount"),
        *("late_percent", "tier_0_days", "text_fee", "rest", "in_force_from"),
    ]
    names = [field.name for field in shown(RulesDocument())]
    places = [names.index(name) for name in parts]
    assert places == sorted(places)
    assert {name for name in names if place_on_page(name) < 0} == {"once"}
