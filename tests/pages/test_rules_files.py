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


def test_it_is_read_as_a_page_by_its_kinds_in_japanese_alone(visitor: Visitor) -> None:
    page = visitor.get("/rules/reference", headers={"Accept-Language": "en"})
    assert page.status == 200
    assert '<html lang="ja"' in page.html
    assert "日本語" not in page.html.split("<main")[0], "no switch that would change nothing"
    for words in ("目次", "G6 利用の上限", "断る理由の符号", "説明のファイル（Markdown）"):
        assert words in page.text
    assert 'href="#断る理由の符号"' in page.html
    assert "Notes in English" not in page.text
