from __future__ import annotations

import json

import pytest

from portal.rulebooks.reference.page import reference
from tests.pages.visit import Visitor


@pytest.mark.parametrize("name", ["schema.json", "cases-schema.json"])
def test_anybody_can_have_the_schemas(visitor: Visitor, name: str) -> None:
    answer = visitor.get(f"/rules/{name}")
    assert answer.status == 200
    schema = json.loads(answer.html)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert schema["$id"] == f"/rules/{name}"


def test_anybody_can_have_the_reference_page(visitor: Visitor) -> None:
    answer = visitor.get("/rules/reference.md")
    assert answer.status == 200
    assert answer.html == reference()
