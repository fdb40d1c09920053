"""A document written out and read again is the same document, and says nothing twice."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import HealthCheck, given, settings

from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.files import read_document
from portal.rulebooks.kinds import KINDS, TITLES_OF_THE_DOCUMENT
from portal.rulebooks.lean import lean, write_toml
from portal.rulebooks.places import load_place, place_names
from tests.rules.policy_cases import documents


@pytest.mark.parametrize("name", template_names())
def test_templates_come_back(name: str) -> None:
    document = load_template(name)
    assert read_document(write_toml(document).encode()) == document


@pytest.mark.parametrize("name", place_names())
def test_places_come_back(name: str) -> None:
    document = load_place(name)
    assert read_document(write_toml(document).encode()) == document


@given(documents)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_document_comes_back(document: RulesDocument) -> None:
    assert RulesDocument.model_validate(lean(document)) == document
    assert RulesDocument.model_validate(tomllib.loads(write_toml(document))) == document


def test_what_is_usual_is_not_written() -> None:
    written = write_toml(RulesDocument.model_validate({"cancel": {"free_until": {"days": 1}}}))
    assert written == "format = 1\n\n# 取り消し\n[cancel]\nfree_until = { days = 1 }\n"


def test_kinds_stand_in_the_order_of_the_reference_under_their_names() -> None:
    written = write_toml(load_place("M10"))
    known = [*(kind.title for kind in KINDS), *TITLES_OF_THE_DOCUMENT.values()]
    found = [line.removeprefix("# ") for line in written.splitlines() if line.startswith("# ")]
    assert len(found) > 10
    assert found == [title for title in known if title in found]


def test_a_limit_is_read_from_its_name_on() -> None:
    written = write_toml(load_place("M03"))
    limit = written.split("[[caps]]\n")[3].split("\n\n")[0].splitlines()
    assert [line.split(" = ")[0] for line in limit] == [
        *("label", "metric", "amount", "period", "scope", "purposes", "trials")
    ]
    assert "amount = 7" in limit
    assert 'purposes = ["respite"]' in limit


def test_what_stands_in_no_order_is_written_in_that_of_its_list() -> None:
    written = write_toml(load_template("municipal-strict"))
    assert "start_cells = [18, 20, 22, 26]" in written
    assert 'waived = ["illness", "disaster", "closed_by_facility"]' in written


def test_what_is_too_long_for_a_line_comes_back_too() -> None:
    long = "とても長い名前の持ち物です" * 8
    document = RulesDocument.model_validate(
        {
            "day_of_use": {"belongings": [{"name": long[:40], "note": long[:90]}, {"name": "水"}]},
            "texts": {"summary": f'{long}\n# 料金\n[fee]\n"{long}" \\', "fee": "a = [\n  b,\n]"},
        }
    )
    written = write_toml(document)
    assert read_document(written.encode()) == document
    assert max(map(len, written.splitlines())) < 200
