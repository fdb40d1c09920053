from __future__ import annotations

import csv
import io
import random
from datetime import time

import pytest

from portal.documents.csv_files import csv_bytes
from portal.facilities.lists.columns import KORIYAMA, NATIONAL_2_1, NATIONAL_4, SHAPES
from portal.facilities.lists.compare import ColumnChange, compare
from portal.facilities.lists.parsing import read_list
from portal.facilities.rules import FacilityKind
from tests.rules.facility_list_cases import (
    CITY,
    CITY_TEXT,
    PLAIN,
    STANDARD,
    city,
    national,
    only,
    open_data,
    stored,
)


def test_every_row_of_the_real_list_comes_in_with_every_cell_as_written() -> None:
    parsed = read_list(CITY, "koriyama_nurseryData.cp932.csv")
    written = list(csv.DictReader(io.StringIO(CITY_TEXT, newline="")))
    assert [row.raw for row in parsed.rows] == written
    assert [row.row_number for row in parsed.rows] == list(range(2, 159))
    assert (len(parsed.rows), parsed.refused, parsed.blank_rows) == (157, (), ())
    assert [row.name for row in parsed.rows] == [row["Name"] for row in written]
    assert sum("髙﨑" in (row.owner_name or "") for row in parsed.rows) == 64


def test_remarks_on_the_real_list_name_row_column_text_and_reason() -> None:
    remarks = read_list(CITY, "k.csv").remarks
    assert [(each.row, each.column, each.text) for each in remarks] == [
        (73, "TEL", "963-8035"),
        (74, "TEL", "963-8014"),
        (75, "TEL", "963-8836"),
        (83, "Open", "7:30※1号認定は8：30"),
        (83, "Close", "19:30※1号認定は13：30"),
        (97, "Close", "4:00"),
        (98, "Close", "4:00"),
    ]
    assert all(each.reason_ja.endswith(("。", "8:30", "13:30")) for each in remarks)


def test_places_that_the_city_does_not_publish_are_hidden() -> None:
    hidden = [row for row in read_list(CITY, "k.csv").rows if row.is_hidden]
    assert len(hidden) == 13
    assert {row.kind for row in hidden} == {"認可外保育所（非公開）"}
    assert {row.coarse_kind for row in hidden} == {FacilityKind.UNLICENSED}


def test_a_note_that_says_unpublished_hides_too_and_says_so() -> None:
    parsed = read_list(city(PLAIN | {"Memo": "住所は非公開"}), "k.csv")
    assert parsed.rows[0].is_hidden
    assert [each.column for each in parsed.remarks] == ["Memo"]


def test_one_real_row_means_what_it_says() -> None:
    row = read_list(CITY, "k.csv").rows[96]  # ユーパロ, open until 4:00
    assert (row.opens_at, row.closes_at, row.closes_next_day) == (time(7, 30), time(4), True)
    assert (row.opens_cell, row.closes_cell) == (15, 48)
    assert (row.age_from_months, row.age_until_years, row.capacity) == (6, None, 40)
    assert (row.has_temporary_care, row.has_extended_care) == (True, False)
    assert (row.phone, row.phones) == ("024-925-1539", ("024-925-1539",))
    assert row.building == "やまのいビル3F"
    assert row.key == "ユーパロ中町保育園\t郡山市中町11-5"


def test_both_byte_forms_of_the_ladder_taka_are_read() -> None:
    assert b"\xfb\xfc" in CITY
    as_python_writes = CITY.replace(b"\xfb\xfc", b"\xee\xe0")
    assert read_list(as_python_writes, "k.csv") == read_list(CITY, "k.csv")


# --- The national standard -----------------------------------------------------------------------


def test_our_columns_are_those_of_the_definition_book() -> None:
    assert NATIONAL_2_1.columns == tuple(each["項目名"] for each in STANDARD)
    assert KORIYAMA.columns == tuple(CITY_TEXT.splitlines()[0].split(","))
    assert NATIONAL_4.columns == tuple(
        each["項目名"] for each in csv.DictReader(open_data("columns_v4.csv").splitlines())
    )
    for shape in SHAPES:
        # HID stands in the maps of other cities alone.
        assert {*shape.marks, *shape.fields.values()} - {"HID"} <= set(shape.columns)


def test_the_example_of_the_definition_book_is_understood() -> None:
    row = only(national({"電話番号": "(024)924-2525"}))
    assert row.key == "011002\t0000000001"
    assert (row.name, row.name_kana, row.kind) == ("○○保育園", "○○ホイクエン", "認定公立保育所")
    assert (row.latitude, row.longitude) == (43.06431, 141.346814)
    assert (row.weekdays, row.capacity) == ((0, 1, 2, 3, 4), 45)
    assert (row.opens_minute, row.closes_minute) == (540, 1080)
    assert (row.age_from_text, row.age_from_months, row.age_until_text) == ("1歳", 12, None)
    assert (row.has_temporary_care, row.has_extended_care) == (True, None)
    assert (str(row.approved_on), row.phones) == ("2017-02-10", ("(024)924-2525",))


def test_columns_may_stand_in_any_order_with_others_among_them() -> None:
    header, *rows = csv.reader(io.StringIO(national({}).decode("utf-8-sig"), newline=""))
    order = random.Random(7).sample(range(len(header)), len(header))  # noqa: S311 - no secret
    shuffled = csv_bytes(
        ["病児保育", "", *(header[at] for at in order)],
        [["実施", "欄外", *(row[at] for at in order)] for row in rows],
    )
    row, before = only(shuffled.data), only(national({}))
    assert row.raw == dict(before.raw) | {"病児保育": "実施", "（2列目）": "欄外"}
    assert (row.key, row.name, row.weekdays) == (before.key, before.name, before.weekdays)


def test_without_a_number_name_and_address_are_the_key_and_a_remark_says_so() -> None:
    parsed = read_list(national({"NO": ""}, {"都道府県コード又は市区町村コード": "11002"}), "k.csv")
    assert [row.key for row in parsed.rows] == [
        "○○保育園\t北海道札幌市厚別区2-○-○",
        "011002\t0000000002",
    ]
    assert [
        each.row for each in parsed.remarks if each.column in {"NO", STANDARD[0]["項目名"]}
    ] == [2, 3]


# --- Rows not taken ------------------------------------------------------------------------------


@pytest.mark.proves("B57")
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_short_and_long_rows_are_named_whatever_the_delimiter(delimiter: str) -> None:
    lines = [row.replace(",", delimiter) for row in CITY_TEXT.split("\r\n")]
    lines[1] = lines[1].rpartition(delimiter)[0]
    lines[2] += delimiter + "余り"
    lines[3] += delimiter  # an empty cell behind the last column loses nothing
    parsed = read_list("\r\n".join(lines).encode("cp932"), "k.csv")
    assert parsed.refused_rows == (2, 3)
    assert "28列、この行は27列" in parsed.refused[0].reason_ja
    assert len(parsed.rows) == 155


def test_rows_without_name_or_address_are_refused_with_each_missing_column() -> None:
    parsed = read_list(city({"Add1": "　", "Type": "幼稚園"}, PLAIN), "k.csv")
    assert [(each.row, each.column) for each in parsed.refused] == [(2, "Name"), (2, "Add1")]
    assert len(parsed.rows) == 1


@pytest.mark.proves("B57")
def test_the_same_facility_twice_counts_once_and_never_by_guess() -> None:
    other = PLAIN | {"TEL": "000-0000"}
    same = read_list(city(PLAIN, PLAIN), "k.csv")
    assert (len(same.rows), same.refused_rows) == (1, (3,))
    differing = read_list(city(PLAIN, other, PLAIN), "k.csv")
    assert (differing.rows, differing.refused_rows) == ((), (2, 3, 4))
    assert "3行目" in differing.refused[0].reason_ja
    assert compare(differing, stored(same)).missing == ()
    assert differing.remarks == ()


def test_a_facility_whose_row_is_refused_is_not_called_missing() -> None:
    before = stored(read_list(national({}), "k.csv"))
    nameless = read_list(national({"名称": ""}, {}), "k.csv")
    assert nameless.refused_rows == (2,)
    assert compare(nameless, before).missing == ()


def test_every_row_is_taken_refused_or_blank() -> None:
    data = city(PLAIN, {}, PLAIN | {"Name": ""}) + b"\r\n" + city(PLAIN | {"Name": "別"})
    parsed = read_list(data, "k.csv")
    assert [row.row_number for row in parsed.rows] == [2, 7]
    assert (parsed.refused_rows, parsed.blank_rows) == ((4, 6), (3, 5))
    assert "列の名前" in parsed.refused[1].reason_ja


# --- Importing again -----------------------------------------------------------------------------


@pytest.mark.parametrize("data", [CITY, national({}, {"名称": "別の園"})])
def test_importing_twice_changes_nothing(data: bytes) -> None:
    parsed = read_list(data, "k.csv")
    first = compare(parsed, {})
    assert len(first.new) == len(parsed.rows)
    assert not first.changes_nothing
    again = compare(read_list(data, "k.csv"), stored(parsed))
    assert again.changes_nothing
    assert len(again.unchanged) == len(parsed.rows)


def test_a_preview_shows_each_changed_cell_and_what_the_list_no_longer_names() -> None:
    before = stored(read_list(CITY, "k.csv"))
    lines = CITY_TEXT.split("\r\n")
    lines[1] = lines[1].replace(",90,1歳,", ",91,２歳,")
    gone = lines.pop(2)
    preview = compare(read_list("\r\n".join(lines).encode("cp932"), "k.csv"), before)
    (changed,) = preview.changed
    assert changed.row.row_number == 2
    assert changed.changes == (
        ColumnChange("Full", "90", "91"),
        ColumnChange("AgeS", "1歳", "２歳"),
    )
    assert [key.split("\t")[0] for key in preview.missing] == [gone.split(",")[0]]
    assert (len(preview.unchanged), preview.new) == (155, ())


# --- Wrong files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_every_usual_encoding_and_line_end_gives_the_same_list(encoding: str, end: str) -> None:
    data = CITY_TEXT.replace("\r\n", end).encode(encoding)
    assert read_list(data, "k.csv").rows == read_list(CITY, "k.csv").rows


@pytest.mark.proves("B59")
@pytest.mark.parametrize("break_", ["\r", "\n", "\r\n", '","', "'", "\t", ";"])
def test_quotes_and_line_breaks_inside_a_cell_do_not_break_a_row(break_: str) -> None:
    row = only(city(PLAIN | {"Memo": f"あり{break_}土曜も", "Add2": "ﾋﾞﾙＢ"}))
    assert row.note == f"あり{break_}土曜も"
    assert row.building == "ﾋﾞﾙＢ"


def test_a_sign_of_the_citys_own_is_kept_and_remarked() -> None:
    parsed = read_list(city(PLAIN | {"Owner": "\ue000田"}), "k.csv")
    assert parsed.rows[0].owner_name == "\ue000田"
    assert "外字" in parsed.remarks[0].reason_ja


# --- Single cells --------------------------------------------------------------------------------
