from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import pytest

from portal.policies.document import RulesDocument
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.files import read_document
from portal.rulebooks.kinds import KINDS, OF_THE_DOCUMENT
from portal.rulebooks.never_admits import never_admits
from portal.rulebooks.reference.codes import reason_codes
from portal.rulebooks.reference.page import example_names, reference, text_of
from portal.rulebooks.reference.words_of_types import meanings_of, toml_value, type_words
from portal.rulebooks.schema import cases_schema, rules_schema
from portal.rulebooks.shapes import Model, fields_of, models_in
from portal.rulebooks.trying.case_file import CaseFile
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import try_all

PAGE = Path(__file__).parents[2] / "docs/rules-reference.md"
TODAY = date(2026, 11, 24)
#: Explained elsewhere on the page: as a table of its own.
TOLD_BY_CODES = {BookingRefusal}


def models(root: Model, found: dict[Model, None] | None = None) -> dict[Model, None]:
    found = {} if found is None else found
    if root not in found:
        found[root] = None
        for info in fields_of(root).values():
            for inner in models_in(info.annotation):
                models(inner, found)
    return found


ALL_MODELS = [*models(RulesDocument), *models(CaseFile)]


def enums(annotation: Any) -> Iterator[type[Enum]]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        yield annotation
    for inner in get_args(annotation):
        yield from enums(inner)


def test_the_page_in_the_docs_is_the_one_that_the_models_make() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == reference(), "run: portal rules reference > docs/rules-reference.md"


@pytest.mark.parametrize("model", [m for m in ALL_MODELS if m not in {RulesDocument, CaseFile}])
def test_every_field_says_what_it_means_and_gives_an_example(model: Model) -> None:
    silent = [
        name
        for name, info in fields_of(model).items()
        if name not in {"kind", "when"} and not (info.description and info.examples)
    ]
    assert silent == []


@pytest.mark.parametrize("model", ALL_MODELS)
def test_every_choice_says_what_it_means(model: Model) -> None:
    asked = {enum for info in fields_of(model).values() for enum in enums(info.annotation)}
    assert [enum for enum in asked - TOLD_BY_CODES if set(meanings_of(enum)) != set(enum)] == []


def test_every_part_of_a_document_belongs_to_a_kind() -> None:
    told = [field for kind in KINDS for field in kind.fields] + list(OF_THE_DOCUMENT)
    assert sorted(told) == sorted(RulesDocument.model_fields)
    assert [kind.number for kind in KINDS] == [f"G{n}" for n in range(1, 30)]


def test_every_kind_that_is_written_has_an_example() -> None:
    without = {"G29"}  # stands outside the document
    assert set(example_names()) == {kind.number for kind in KINDS} - without


@pytest.mark.parametrize("name", [*example_names(), "variants", "whole"])
def test_an_example_is_a_document_that_admits_somebody(name: str) -> None:
    document = read_document(text_of(f"examples/{name}.toml").encode())
    assert never_admits(document, today=TODAY) == []
    kind = next((kind for kind in KINDS if kind.number == name), None)
    said = document.model_fields_set
    assert kind is None or said & set(kind.fields or {"fee"})


def test_what_the_example_expects_comes_out() -> None:
    document = read_document(text_of("examples/whole.toml").encode())
    results = try_all(read_cases(text_of("examples/whole.cases.toml").encode()), document)
    assert [(one.written.name, one.differences) for one in results if one.differences] == []
    assert all(one.as_expected for one in results)


@pytest.mark.parametrize("text", ["beginning", "cases"])
def test_what_the_texts_show_can_be_read(text: str) -> None:
    shown = re.findall(r"```toml\n(.*?)```", text_of(f"texts/{text}.md"), re.DOTALL)
    assert shown
    for written in shown:
        read = read_cases if text == "cases" else read_document
        assert read(written.encode())


def test_every_code_has_its_row() -> None:
    rows = reason_codes()
    assert [code for code in BookingRefusal if f"| `{code.value}` |" not in rows] == []


def test_the_page_tells_form_range_and_unit() -> None:
    fields = fields_of(RulesDocument)["booking_window"]
    window = models_in(fields.annotation)[0]
    assert "単位：分" in type_words("notice_minutes", fields_of(window)["notice_minutes"])
    assert "| `at` |" in reference()
    assert '時刻 "09:00"' in reference()
    assert '月日 "12-29"' in reference()


def test_a_link_of_the_page_leads_to_a_heading() -> None:
    page = reference()
    headings = {line.lstrip("# ").lower() for line in page.splitlines() if line.startswith("####")}
    wanted = set(re.findall(r"\]\(#([a-z0-9_]+)\)", page))
    assert wanted - headings == set()
    titles = [line for line in page.splitlines() if line.startswith("####")]
    assert len(titles) == len(set(titles))


def test_values_are_shown_as_toml_has_them() -> None:
    shown = toml_value({"days": 1, "at": "17:00", "late": True, "for": ["mon"]})
    assert shown == '{ days = 1, at = "17:00", late = true, for = ["mon"] }'


def test_the_schemas_can_be_written_and_name_the_kinds() -> None:
    schema = rules_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["properties"]["caps"]["x-kind"] == "G6"
    assert "required" not in cases_schema()["$defs"]["WrittenCase"]


@pytest.mark.parametrize(
    "said",
    [
        '`on_holiday = "next_day"` は、祝日の `on_holidays = "closed"` に勝ちます',
        "### try で確かめられないもの",
        "`others` で使える方（里帰り・市内に勤める方など）も、住まいは `non_resident` です",
        '`before = "acceptance"` の段階は、登録を承諾する前に見ます',
        "ご家庭はウェブで予約できません。電話や窓口で申し込み",
        "1つの符号が券1枚です",
        "始まる前に終わる回",
    ],
)
def test_what_a_table_cannot_say_stands_in_japanese(said: str) -> None:
    assert said in reference()


def test_every_note_belongs_to_a_kind_of_the_page() -> None:
    names = {
        path.stem for path in (PAGE.parents[1] / "portal/rulebooks/reference/texts/notes").iterdir()
    }
    assert names <= {kind.number for kind in KINDS}
    assert all(text_of(f"texts/notes/{name}.md") in reference() for name in names)


def test_a_closed_weekday_that_moves_opens_the_holiday_as_the_page_says() -> None:
    document = read_document(
        b'[hours]\non_holidays = "closed"\n'
        b'closed_weekdays = [{ weekday = "tue", nth = [1], on_holiday = "next_day" }]\n'
    )
    cases = read_cases(
        b'[defaults]\nnow = "2026-10-20 09:00"\nfrom = "09:00"\nto = "12:00"\n'
        b'child = { born = "2024-05-20" }\n'
        b'[[cases]]\nname = "holiday"\ndate = "2026-11-03"\n'
        b'[[cases]]\nname = "the day after"\ndate = "2026-11-04"\n'
    )
    told = [tried.answer["reasons"] for tried in try_all(cases, document)]
    assert told == [[], ["not_open_day"]]
