"""Every list there is: each row taken or told of, and the way out and in again gives the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.facilities.lists import exporting
from portal.facilities.lists.ages import last_age, starting_age
from portal.facilities.lists.columns import BY_CODE, KORIYAMA, NATIONAL_2_1, SHAPES, Shape
from portal.facilities.lists.compare import compare
from portal.facilities.lists.exporting import ListTable, list_table
from portal.facilities.lists.hours import clock
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.projecting import Body, Listed
from portal.facilities.lists.rows import ParsedList
from portal.facilities.lists.table import Counted
from portal.facilities.lists.values import Understood, capacity, flag, phones
from tests.rules.facility_list_cases import DATA, STANDARD, national, stored

CODE = "072036"
CITY = Body(CODE, "郡山市")
FILES = {
    "koriyama_nurseryData.cp932.csv": 157,
    "koriyama_nurseryFacilities.geojson": 157,
    "sapporo_nurseryFacilities.geojson": 528,
    "yokohama_kanazawa_nurseryFacilities.geojson": 57,
}
WAYS: dict[str, Callable[[ListTable], bytes]] = {
    "csv": lambda table: exporting.as_csv(table).data,
    "cp932": lambda table: exporting.as_csv(table, "cp932").data,
    "xlsx": lambda table: exporting.as_xlsx(table, "施設の一覧"),
    "geojson": exporting.as_geojson,
}
TARGETS = {shape.code: shape for shape in SHAPES}


@cache
def read(name: str) -> ParsedList:
    return read_list((DATA / name).read_bytes(), name)


def listed(parsed: ParsedList) -> list[Listed]:
    return list(stored(parsed).values())


def came_back(parsed: ParsedList, table: ListTable) -> list[tuple[str, ...]]:
    return [tuple(row.raw.get(name, "") for name in table.header) for row in parsed.rows]


@pytest.mark.proves("R30")
@pytest.mark.parametrize(("name", "rows"), FILES.items())
def test_every_row_of_every_list_is_taken_or_told_of(name: str, rows: int) -> None:
    parsed = read(name)
    if name.endswith("geojson"):
        assert len(json.loads((DATA / name).read_bytes())["features"]) == rows
        assert parsed.counted is Counted.FEATURES
    taken, refused = len(parsed.rows), len(parsed.refused_rows)
    print(f"{name}: {taken} taken, {refused} refused, {len(parsed.remarks)} remarks")  # noqa: T201 - the counts are the point
    assert (taken + refused, refused, parsed.blank_rows) == (rows, 0, ())
    numbers = {row.row_number for row in parsed.rows}
    assert all(one.row in numbers and one.column and one.reason_ja for one in parsed.remarks)
    assert all(row.name.strip() and row.address.strip() and row.latitude for row in parsed.rows)
    assert len({row.key for row in parsed.rows}) == rows


def test_every_cell_of_a_map_is_kept_as_written() -> None:
    name = "sapporo_nurseryFacilities.geojson"
    written = json.loads((DATA / name).read_bytes(), parse_int=str, parse_float=str)["features"]
    for row, feature in zip(read(name).rows, written, strict=True):
        properties = {k.replace("Shanai", "ShaNai"): v for k, v in feature["properties"].items()}
        assert row.raw == {column: cell or "" for column, cell in properties.items()}
    first = read(name).rows[0]
    assert (first.address, first.building) == ("札幌市中央区南11条西10丁目1番3号", None)
    assert (first.age_from_months, first.age_until_years, first.key) == (22, 5, "\t1001")


def test_the_same_city_as_table_and_as_map_changes_nothing_but_what_only_one_tells() -> None:
    table, layer = (read(name) for name in list(FILES)[:2])
    preview = compare(layer, stored(table))
    assert (preview.changes_nothing, len(preview.unchanged)) == (True, 157)
    (said,) = [remark for remark in preview.remarks if remark.row == 0]
    assert (said.column, "今までの内容を残します" in said.reason_ja) == ("Owner", True)


def test_no_spelling_of_the_three_cities_is_lost() -> None:
    """What is no value has a sentence; what is neither would be gone."""
    spellings = json.loads((DATA / "distinct_values.json").read_text("utf-8"))
    silent = {"", "NA", "ー"}
    readers: dict[str, Callable[[str], Understood[Any]]] = {
        **dict.fromkeys(("Open", "Close"), clock),
        "AgeS": starting_age,
        "AgeE": last_age,
        "Full": capacity,
        **dict.fromkeys(("Extra", "Temp", "Night", "Holiday", "H24"), flag),
    }
    unread = []
    for column, read_cell in readers.items():
        for text in spellings[column]:
            understood = read_cell(text)
            assert understood.value is not None or understood.doubt or text in silent, text
            unread += [(column, text)] if understood.value is None and text not in silent else []
    assert unread == [("AgeE", "学童"), *(("Extra", text) for text in "1234")]
    for shape in spellings["TEL_shape"]:
        number = shape.replace("9", "0", 1)
        assert phones(number).value == (() if shape == "999-9999" else (number,))
        assert phones(number).doubt is None or shape == "999-9999"


@pytest.mark.proves("R30")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", FILES)
def test_out_and_in_again_gives_the_same_rows(name: str, target: str, way: str) -> None:
    before, shape = read(name), TARGETS[target]
    table = list_table(listed(before), shape, CITY)
    after = read_list(WAYS[way](table), "again")
    assert (after.shape, len(after.rows), after.refused) == (target, FILES[name], ())
    lost = exporting.as_csv(table, "cp932").unwritable if way == "cp932" else ()
    differing = [
        cell
        for was, now in zip(table.rows, came_back(after, table), strict=True)
        for cell in zip(table.header, was, now, strict=True)
        if cell[1] != cell[2]
    ]
    # Sapporo's addresses of pages have 17 times a sign that CP932 lacks; each is named.
    assert [cell[0] for cell in differing] == [each.column for each in lost]
    for old, new in zip(before.rows, after.rows, strict=True):
        for what in (
            *("name", "address", "building", "latitude", "longitude", "phones", "capacity"),
            *("age_from_days", "age_from_months", "age_from_is_class", "age_until_years"),
            *("opens_minute", "closes_minute", "has_temporary_care", "is_hidden", "kind"),
        ):
            assert getattr(old, what) == getattr(new, what), (old.name, what)
    same_shape = target == before.shape
    preview = compare(
        after,
        stored(before) if same_shape else {},
        None if same_shape else stored(before),
        CITY,
    )
    assert (preview.changes_nothing, len(preview.unchanged)) == (True, FILES[name])


def test_a_standard_is_written_by_its_book() -> None:
    parsed = read("koriyama_nurseryData.cp932.csv")
    table = list_table(listed(parsed), NATIONAL_2_1, CITY)
    cells = {row[4]: dict(zip(table.header, row, strict=True)) for row in table.rows}
    late = cells["ユーパロ中町保育園"]
    assert (late["開始時間"], late["終了時間"]) == ("07:30", "28:00")
    noted = next(row for row in cells.values() if row["利用可能日時特記事項"])
    assert (noted["開始時間"], noted["終了時間"]) == ("07:30", "19:30")
    assert noted["利用可能日時特記事項"] == "開始時間※1号認定は8：30。終了時間※1号認定は13：30"
    otsuki = cells["大槻保育所"]
    assert (otsuki["受入年齢"], otsuki["一時預かりの有無"]) == ("6か月から5歳", "無")
    assert (otsuki["都道府県コード又は市区町村コード"], otsuki["市区町村名"]) == (CODE, "郡山市")
    two = Listed(KORIYAMA, {"Name": "園", "Add1": "市", "TEL": "024-000-0001、024-000-0002"})
    (row,) = list_table([two], NATIONAL_2_1).rows
    named = dict(zip(NATIONAL_2_1.columns, row, strict=True))
    assert (named["電話番号"], named["備考"]) == ("024-000-0001", "電話：024-000-0002")


def test_a_no_without_its_zeros_is_the_same_facility() -> None:
    before = read_list(national({"NO": "0000000007"}), "x")
    after = read_list(
        national({"NO": "7", "都道府県コード又は市区町村コード": "11002", "収容定員": "46"}), "x"
    )
    preview = compare(after, stored(before))
    (changed,) = preview.changed
    assert changed.stored_key == "011002\t0000000007"
    assert preview.new == ()
    assert preview.missing == ()


FORMULAS = json.loads((DATA / "csv_formula_cells.json").read_text("utf-8"))
HOSTILE = [*FORMULAS["payloadbox"], *FORMULAS["own_edge_cases"], "_x000D_", "#N/A", "''=1", "024"]
#: What can stand in a stored cell: lists with other signs are refused or rid of them.
text_of_a_cell = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n"), max_size=12
)
hostile = st.sampled_from(HOSTILE) | text_of_a_cell
SOURCES = {
    "koriyama": KORIYAMA.columns,
    "national-2.1": tuple(each["項目名"] for each in STANDARD),
}


@pytest.mark.proves("B59", "P8")
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_hostile_cells_come_back_to_the_letter_in_every_format(data: st.DataObject) -> None:
    source: Shape = BY_CODE[data.draw(st.sampled_from(sorted(SOURCES)))]
    raw = {column: data.draw(hostile) for column in SOURCES[source.code]}
    out_and_in(source, raw)


@example({"Memo": "=1+1", "Owner": "\r=cmd", "AgeS": "1歳-2歳", "AgeE": "～", "Open": "7:30"})
@example({"Memo": "x" * 40_000})
@given(st.dictionaries(st.sampled_from(KORIYAMA.columns), hostile, max_size=3))
@settings(deadline=None, max_examples=30)
def test_a_few_hostile_cells_too(cells: dict[str, str]) -> None:
    out_and_in(KORIYAMA, dict.fromkeys(KORIYAMA.columns, "") | cells)


def out_and_in(source: Shape, raw: dict[str, str]) -> None:
    raw[source.fields["name"]] = f"園{raw[source.fields['name']]}"
    raw[source.fields["address"]] = f"郡山市朝日{raw[source.fields['address']]}"
    for target in SHAPES:
        table = list_table([Listed(source, raw)], target)
        for way in ("csv", "xlsx", "geojson"):
            after = read_list(WAYS[way](table), "again")
            assert after.refused == ()
            long = any(len(cell) > 32_000 for cell in raw.values()) and way == "xlsx"
            assert came_back(after, table) == list(table.rows) or long, (way, target.code)
