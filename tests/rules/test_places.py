"""The ten places as documents: every case of them was counted by hand before it was tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal.rulebooks.contradictions import contradictions
from portal.rulebooks.describe import facts
from portal.rulebooks.files import read_document, write_document
from portal.rulebooks.places import load_place, place_names
from portal.rulebooks.trying.case_file import CaseFile
from portal.rulebooks.trying.read_cases import read_cases
from portal.rulebooks.trying.results import try_one

CASES = Path(__file__).parents[1] / "data" / "places"
NAMES = place_names()
FILES: dict[str, CaseFile] = {
    name: read_cases((CASES / f"{name}.cases.toml").read_bytes()) for name in NAMES
}


def test_there_are_ten_places() -> None:
    assert tuple(f"M{number:02d}" for number in range(1, 11)) == NAMES
    with pytest.raises(ValueError, match="no place 'M11'"):
        load_place("M11")


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, number) for name in NAMES for number in range(len(FILES[name].cases))],
)
def test_a_case_comes_out_as_counted(name: str, number: int) -> None:
    written = FILES[name].cases[number]
    tried = try_one(written, FILES[name], load_place(name))
    assert tried.differences == (), written.name


@pytest.mark.parametrize("name", NAMES)
def test_each_place_is_tried_from_both_sides(name: str) -> None:
    cases = FILES[name].cases
    allowed = [case.expect.allowed for case in cases]
    assert min(allowed.count(True), allowed.count(False)) >= 4
    assert len({case.name for case in cases}) == len(cases)
    assert all(case.expect.reasons for case in cases if case.expect.allowed is False)


@pytest.mark.parametrize("name", NAMES)
def test_a_place_is_said_in_words_and_written_as_it_was_read(name: str) -> None:
    document = load_place(name)
    assert read_document(write_document(document).encode()) == document
    assert facts(document)
    assert contradictions(document) == []
