"""Whose list it is and which facility: code, number and prefecture in every row handed out."""

from __future__ import annotations

import io

import openpyxl
import pytest

from portal.documents.csv_files import csv_bytes
from portal.facilities.lists import exporting
from portal.facilities.lists.columns import KORIYAMA, NATIONAL_2_1, NATIONAL_4, Shape
from portal.facilities.lists.compare import Preview, compare
from portal.facilities.lists.exporting import ListTable, list_table
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.projecting import Body, Listed, project
from portal.facilities.lists.rows import ParsedList
from portal.facilities.lists.values import municipality_code
from portal.facilities.rules import names_a_ward, portal_number
from portal.kernel.municipalities import PREFECTURES, is_code, prefecture_of
from tests.rules.facility_list_cases import CITY as REAL
from tests.rules.facility_list_cases import DATA, city, national, stored

KORIYAMA_CITY = Body("072036", "郡山市")
CODE, NO = "都道府県コード又は市区町村コード", "NO"
#: Read from 2020 by anybody: capital, a ward, a town, the first and the last.
REAL_CODES = {
    "011002": "北海道",
    "072036": "福島県",
    "131016": "東京都",
    "075213": "福島県",
    "141003": "神奈川県",
    "431001": "熊本県",
    "472018": "沖縄県",
}


@pytest.mark.proves("R30")
def test_codes_that_there_are_can_be_and_others_cannot() -> None:
    assert {code: prefecture_of(code) for code in REAL_CODES} == REAL_CODES
    for code in REAL_CODES:
        others = [f"{code[:at]}{(int(code[at]) + 1) % 10}{code[at + 1 :]}" for at in range(6)]
        assert not any(map(is_code, others)), "one wrong figure is always seen"
    assert [is_code(text) for text in ("", "72036", "０７２０３６", "0720361", "abcdef")] == [
        False
    ] * 5
    assert (len(PREFECTURES), prefecture_of("480002")) == (47, None)


@pytest.mark.proves("R30")
@pytest.mark.parametrize(
    ("written", "value", "doubt"),
    [
        ("072036", "072036", None),
        ("０７２０３６", "072036", None),
        ("72036", "072036", "先頭の0"),
        ("07203", "072036", "検査数字をつけて 072036"),
        ("072037", "072037", "検査数字が合いません"),
        ("992036", "992036", "01から47まで"),
        ("郡山市", "郡山市", "6桁の数字ではありません"),
        ("不明", None, None),
    ],
)
def test_a_code_is_understood_or_told(written: str, value: str | None, doubt: str | None) -> None:
    understood = municipality_code(written)
    assert understood.value == value
    assert (doubt is None) == (understood.doubt is None)
    assert (doubt or "") in (understood.doubt or "")


@pytest.mark.proves("R30")
def test_a_bad_code_is_named_with_row_column_and_reason() -> None:
    parsed = read_list(national({}, {CODE: "072037"}, {CODE: "07203"}), "k.csv")
    (bad, short) = parsed.remarks
    assert (bad.row, bad.column, bad.text) == (3, CODE, "072037")
    assert "6桁目の検査数字" in bad.reason_ja
    assert (short.row, "072036 と読みました" in short.reason_ja) == (4, True)
    header = (*NATIONAL_4.columns,)
    row = {"名称": "園", "所在地_連結標記": "郡山市朝日1", "所在地_自治体コード": "123456"}
    data = csv_bytes(header, [[row.get(name, "") for name in header]]).data
    said = {(one.row, one.column) for one in read_list(data, "x").remarks}
    assert (2, "所在地_自治体コード") in said


def test_a_row_of_another_municipality_is_told() -> None:
    parsed = read_list(national({}), "k.csv")
    (said,) = compare(parsed, {}, body=KORIYAMA_CITY).remarks
    assert (said.row, said.column, said.text) == (2, CODE, "011002")
    assert "072036" in said.reason_ja
    assert compare(parsed, {}, body=Body("011002", "札幌市")).remarks == ()
    assert compare(parsed, {}).remarks == ()


def cells_of(table: ListTable) -> list[dict[str, str]]:
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


@pytest.mark.proves("R30")
@pytest.mark.parametrize("target", [NATIONAL_2_1, NATIONAL_4], ids=lambda shape: shape.code)
def test_every_row_says_whose_it_is(target: Shape) -> None:
    parsed = read_list(REAL, "k.csv")
    table = list_table(stored(parsed).values(), target, KORIYAMA_CITY)
    rows = cells_of(table)
    code, number = target.fields["municipality_code"], target.fields["number"]
    assert {row[code] for row in rows} == {"072036"}
    assert [row[number] for row in rows] == [portal_number(at) for at in range(1, 158)]
    prefecture = "都道府県名" if target is NATIONAL_2_1 else "所在地_都道府県"
    assert {row[prefecture] for row in rows} == {"福島県"}
    if target is NATIONAL_2_1:
        assert {row["市区町村名"] for row in rows} == {"郡山市"}
    else:
        assert {row["地方公共団体名"] for row in rows} == {"福島県郡山市"}
        assert {row["所在地_自治体コード"] for row in rows} == {"072036"}
        # Two addresses of the real list begin with the part of town.
        assert {row["所在地_市区町村"] for row in rows} == {"郡山市"}
    sheet = openpyxl.load_workbook(io.BytesIO(exporting.as_xlsx(table, "一覧"))).worksheets[0]
    typed = [
        (cell.value, cell.data_type, cell.number_format)
        for cell in (sheet.cell(2, table.header.index(name) + 1) for name in (code, number))
    ]
    assert typed == [("072036", "s", "@"), ("9000000001", "s", "@")]


def test_a_number_that_a_map_brings_is_kept() -> None:
    name = "sapporo_nurseryFacilities.geojson"
    parsed = read_list((DATA / name).read_bytes(), name)
    rows = cells_of(list_table(stored(parsed).values(), NATIONAL_4, Body("011002", "札幌市")))
    assert [row["ID"] for row in rows] == [row.raw["HID"] for row in parsed.rows]
    assert {row["所在地_都道府県"] for row in rows} == {"北海道"}
    # Sapporo has wards with codes of their own, which nobody told.
    assert {row["所在地_自治体コード"] for row in rows} == {""}


def test_nothing_is_invented_of_a_facility_elsewhere() -> None:
    far = Listed(KORIYAMA, {"Name": "園", "Add1": "須賀川市八幡町135"}, "9000000001")
    (row,) = cells_of(list_table([far], NATIONAL_4, KORIYAMA_CITY))
    assert (row["自治体コード"], row["地方公共団体名"]) == ("072036", "福島県郡山市")
    assert (row["所在地_都道府県"], row["所在地_自治体コード"]) == ("", "")
    (row,) = cells_of(list_table([far], NATIONAL_4))
    assert (row["自治体コード"], row["地方公共団体名"]) == ("", "須賀川市")
    told = Listed(
        NATIONAL_2_1, {"住所": "福島県郡山市朝日1", CODE: "011002", NO: "7"}, "9000000001"
    )
    (row,) = cells_of(list_table([told], NATIONAL_2_1, KORIYAMA_CITY))
    assert (row[CODE], row[NO], row["都道府県名"]) == ("011002", "7", "北海道")
    town = Listed(KORIYAMA, {"Name": "園", "Add1": "田村郡三春町大町1"})
    (row,) = cells_of(list_table([town], NATIONAL_4, Body("075213", "三春町")))
    assert (row["所在地_都道府県"], row["所在地_自治体コード"]) == ("福島県", "075213")
    assert [names_a_ward(text) for text in ("札幌市厚別区2", "郡山市朝日", "新宿区1")] == [
        *(True, False, False)
    ]


# --- A list of the standard without numbers, handed out and taken in again ------------------------


def unnumbered(*changes: dict[str, str]) -> ParsedList:
    """Three facilities of one name in three places, in columns of the standard, without NO."""
    plain: dict[str, str] = {CODE: "", NO: "", "都道府県名": "", "市区町村名": "", "URL": ""}
    rows = [plain | {"住所": f"郡山市朝日{at}"} for at in (1, 2, 3)]
    for row, change in zip(rows, changes, strict=False):
        row.update(change)
    return read_list(national(*rows), "x.csv")


def again(kept: dict[str, Listed], **changes: dict[str, str]) -> Preview:
    """What the file as handed out would do, with some cells of row ``r1`` to ``r3`` edited."""
    table = list_table(kept.values(), NATIONAL_2_1, KORIYAMA_CITY)
    rows = cells_of(table)
    for row, change in changes.items():
        rows[int(row[1:]) - 1] |= change
    data = csv_bytes(table.header, [list(row.values()) for row in rows]).data
    return compare(read_list(data, "again.csv"), kept, body=KORIYAMA_CITY)


@pytest.mark.proves("R30")
def test_what_an_export_filled_in_is_no_change() -> None:
    kept = stored(unnumbered())
    assert again(kept).changes_nothing
    assert len(again(kept).unchanged) == 3
    assert compare(unnumbered(), kept, body=KORIYAMA_CITY).changes_nothing


@pytest.mark.proves("R30")
def test_the_number_of_an_export_knows_the_facility_again() -> None:
    kept = stored(unnumbered())
    moved = again(kept, r2={"住所": "郡山市朝日22"}, r3={"名称": "新しい名前の園"})
    assert (moved.new, moved.missing, len(moved.unchanged)) == ((), (), 1)
    two, three = moved.changed
    assert [change.column for change in two.changes] == ["住所"]
    assert [change.column for change in three.changes] == ["名称"]
    assert two.row.key == "072036\t9000000002"
    # From now on the list has the number itself, and it stays the same.
    after = Listed(NATIONAL_2_1, two.row.raw, portal_number(2))
    assert project(after, NATIONAL_2_1, KORIYAMA_CITY)[NO] == "9000000002"
    # Name and address both new: a number alone is not believed.
    other = again(kept, r2={"住所": "郡山市朝日22", "名称": "別の園"})
    assert (len(other.new), len(other.missing)) == (1, 1)
    # Another city's number is not ours, whatever its figures.
    foreign = again(kept, r2={CODE: "011002", "住所": "郡山市朝日22"})
    assert len(foreign.new) == 1


@pytest.mark.proves("R30")
def test_a_number_is_never_lost_by_a_list_without_it() -> None:
    numbered = unnumbered({CODE: "072036", NO: "0000000007"})
    kept = stored(numbered)
    assert compare(unnumbered(), kept, body=KORIYAMA_CITY).changes_nothing
    preview = compare(unnumbered({"収容定員": "46"}), kept, body=KORIYAMA_CITY)
    (changed,) = preview.changed
    assert (changed.row.raw[NO], changed.row.raw[CODE]) == ("0000000007", "072036")
    assert changed.row.key == "072036\t0000000007"
    # Nor by a spreadsheet that took the zeros off.
    short = unnumbered({CODE: "72036", NO: "7"})
    assert compare(short, kept, body=KORIYAMA_CITY).changes_nothing
    # Two numbers are two facilities, even of one name in one place.
    second = compare(unnumbered({CODE: "072036", NO: "0000000008"}), kept, body=KORIYAMA_CITY)
    assert (len(second.new), len(second.missing)) == (1, 1)


def test_a_working_list_becomes_a_standard_one_by_its_number() -> None:
    """The city edits the v4 file of its map list and takes it in: the same facilities."""
    maps = stored(read_list(city({"Name": "園", "Add1": "郡山市朝日1"}), "k.csv"))
    (row,) = cells_of(list_table(maps.values(), NATIONAL_4, KORIYAMA_CITY))
    row |= {"名称": "あさひ園"}
    data = csv_bytes(tuple(row), [list(row.values())]).data
    preview = compare(read_list(data, "x"), {}, maps, KORIYAMA_CITY)
    (changed,) = preview.changed
    assert [(one.column, one.old, one.new) for one in changed.changes] == [
        ("名称", "園", "あさひ園")
    ]
    assert (preview.new, preview.unmatched) == ((), ())


def test_a_refused_row_is_there_also_for_what_other_lists_brought() -> None:
    maps = stored(read_list(city({"Name": "園", "Add1": "郡山市朝日1"}), "k.csv"))
    (row,) = cells_of(list_table(maps.values(), NATIONAL_4, KORIYAMA_CITY))
    other = row | {"収容定員": "9"}
    data = csv_bytes(tuple(row), [list(row.values()), list(other.values())]).data
    parsed = read_list(data, "x")
    assert (parsed.rows, parsed.refused_rows) == ((), (2, 3))
    assert compare(parsed, {}, maps, KORIYAMA_CITY).unmatched == ()
