"""Every value of every example made wrong in every way: a place, and words that name a remedy."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile
from portal.rulebooks.reading.written import read_written
from portal.rulebooks.reference.page import example_names, text_of
from portal.rulebooks.trying.build import NoSuchBlock
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import try_all

WRONG: tuple[Any, ...] = (
    None,
    "",
    "x",
    "x" * 3000,
    -7,
    10**7,
    1.25,
    True,
    [],
    ["x"],
    [[]],
    {},
    {"x": 1},
)
#: Said where nothing better is known; nobody can work with it.
EMPTY_WORDS = ("書き方を確かめてください。", "この書き方どうしが合いません")


def places(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    inside = dict(enumerate(content)) if isinstance(content, list) else content
    for key, inner in inside.items() if isinstance(inside, dict) else ():
        yield from places(inner, (*path, key))


def with_value(content: Any, path: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(content)
    node = changed
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    return changed


def problems_of(data: bytes) -> list[FileProblem]:
    try:
        read_document(data)
    except WrongFile as wrong:
        return wrong.problems
    return []


@pytest.mark.parametrize("name", [*example_names(), "variants", "whole"])
def test_a_wrong_value_is_answered_with_a_remedy(name: str) -> None:
    written = text_of(f"examples/{name}.toml").encode()
    content = read_written(written, longest=10**6).content
    told = set()
    for path in places(content):
        for value in WRONG:
            data = json.dumps(with_value(content, path, value), indent=1).encode()
            lines = data.count(b"\n") + 1
            told |= {
                (path, repr(value)[:20], one.where, one.words if 1 <= one.line <= lines else "")
                for one in problems_of(data)
            }
    empty = {one for one in told if one[3].startswith(EMPTY_WORDS) or not one[3].strip()}
    assert empty == set()
    assert told


def tried(data: bytes) -> list[FileProblem]:
    document = read_document(text_of("examples/whole.toml").encode())
    try:
        assert try_all(read_cases(data), document)
    except WrongFile as wrong:
        return wrong.problems
    except NoSuchBlock:
        return []
    return []


def test_a_wrong_value_in_a_case_is_answered_with_a_remedy_or_decided() -> None:
    written = text_of("examples/whole.cases.toml").encode()
    content = read_written(written, longest=10**6).content
    told = set()
    for path in places(content):
        for value in (*WRONG, "2026-11-10", "09:00", "24:00"):
            data = json.dumps(with_value(content, path, value), indent=1).encode()
            told |= {(path, repr(value)[:20], one.words) for one in tried(data)}
    assert {one for one in told if one[2].startswith(EMPTY_WORDS) or not one[2].strip()} == set()
    assert told
