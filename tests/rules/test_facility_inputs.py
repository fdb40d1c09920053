"""Difficult readings and addresses in a list: all come in, and go out as they came."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from portal.facilities.lists.columns import KORIYAMA, NATIONAL_4
from portal.facilities.lists.exporting import as_geojson, as_xlsx, list_table
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.projecting import Listed
from portal.facilities.lists.values import full_width_kana
from tests.rules.facility_list_cases import city

INPUTS = Path(__file__).parents[1] / "data" / "inputs"
PAIRS = json.loads((INPUTS / "ja_normalization_pairs.json").read_text("utf-8"))
ADDRESSES = [
    *(INPUTS / "addresses_difficult.txt").read_text("utf-8").splitlines(),
    *(
        row["住所"]
        for row in csv.DictReader(io.StringIO((INPUTS / "addresses_sample.csv").read_text("utf-8")))
    ),
]


@pytest.mark.parametrize(("written", "normal"), [(p["input"], p["expected"]) for p in PAIRS])
def test_readings_are_made_whole(written: str, normal: str) -> None:
    assert full_width_kana(written) == normal


@pytest.mark.proves("R30")
def test_every_address_comes_in_and_goes_out_as_written() -> None:
    rows = [
        {"Name": f"園{number}", "Add1": address}
        for number, address in enumerate(filter(str.strip, ADDRESSES))
    ]
    empty = dict.fromkeys(KORIYAMA.columns, "")
    assert len(rows) > 200
    table = list_table((Listed(KORIYAMA, empty | row) for row in rows), NATIONAL_4)
    for data in (as_xlsx(table, "x"), as_geojson(table)):
        parsed = read_list(data, "x")
        assert [one.address for one in parsed.rows] == [row["Add1"] for row in rows]
    assert read_list(city(*rows[:3]), "x").rows[0].address == rows[0]["Add1"]
