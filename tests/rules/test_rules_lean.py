"""A document written out and read again is the same document, and says nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.files import read_document
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


def test_what_is_usual_is_not_written() -> None:
    written = write_toml(RulesDocument.model_validate({"cancel": {"free_until": {"days": 1}}}))
    assert written == "format = 1\n\n[cancel.free_until]\ndays = 1\n"
