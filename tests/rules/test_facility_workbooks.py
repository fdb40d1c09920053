"""XLSX as cities really save it, and as nobody should."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from portal.documents.xlsx_files import Kind, shown, typed, xlsx_bytes
from portal.facilities.lists import workbook
from portal.facilities.lists.columns import KORIYAMA, NATIONAL_2_1
from portal.facilities.lists.compare import compare
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.rows import ParsedList
from portal.facilities.rules import ListRefusal
from tests.rules.facility_list_cases import STANDARD, refusal, stored

EXAMPLE = {each["項目名"]: each["記入例"] for each in STANDARD}
CODE = NATIONAL_2_1.columns[0]


def saved(book: openpyxl.Workbook) -> bytes:
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def sheet(*rows: dict[str, Any], above: int = 0, **formats: str) -> bytes:
    """A sheet with the example of the standard, and for each row what differs from it."""
    book = openpyxl.Workbook()
    page = book.worksheets[0]
    for _ in range(above):
        page.append(["子育て施設一覧（令和8年4月1日現在）"])
    page.append(list(NATIONAL_2_1.columns))
    for number, row in enumerate(rows, start=1):
        page.append(list((EXAMPLE | {"NO": f"{number:010}"} | row).values()))
        for column, number_format in formats.items():
            at = NATIONAL_2_1.columns.index(column) + 1
            page.cell(page.max_row, at).number_format = number_format
    return saved(book)


def changed(data: bytes, part: str, change: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()) if name == part else old.read(name))
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def said(parsed: ParsedList, column: str) -> str:
    return " ".join(each.reason_ja for each in parsed.remarks if each.column == column)


@pytest.mark.proves("R30")
def test_typed_cells_mean_what_the_sheet_shows() -> None:
    data = sheet(
        {
            "開始時間": time(7, 30),
            "終了時間": timedelta(hours=24),
            "認可等年月日": datetime(2017, 2, 10),  # noqa: DTZ001 - as openpyxl gives it
            "収容定員": 45.0,
            "緯度": 43.06431,
        },
        {"開始時間": "7:30※1号認定は8：30", "終了時間": "翌3:00", "認可等年月日": "令和3年4月1日"},
        {"電話番号": "011-000-0001\n011-000-0002", "名称_カナ": "ﾎｲｸｴﾝ", "収容定員": "４５人"},
        {"開始時間": datetime(1900, 1, 1, 9, 0), "認可等年月日": date(2021, 4, 1)},  # noqa: DTZ001
    )
    first, second, third, fourth = read_list(data, "x.xlsx").rows
    assert (first.opens_minute, first.closes_minute) == (450, 1440)
    assert (first.raw["開始時間"], first.raw["終了時間"]) == ("7:30", "24:00")
    assert (first.raw["認可等年月日"], first.capacity) == ("2017-02-10", 45)
    assert (second.opens_minute, second.closes_minute) == (450, 1620)
    assert second.approved_on == fourth.approved_on == date(2021, 4, 1)
    assert (third.phone, third.phones) == ("011-000-0001", ("011-000-0001", "011-000-0002"))
    assert (third.capacity, third.name_kana) == (45, "ホイクエン")
    assert fourth.raw["開始時間"] == "33:00"


def test_zeros_that_a_spreadsheet_took_off_are_put_back_or_told_of() -> None:
    parsed = read_list(sheet({CODE: 11002, "電話番号": 112112525, "NO": 7}, NO="0000000000"), "x")
    (row,) = parsed.rows
    assert (row.key, row.phones) == ("011002\t0000000007", ("0112112525",))
    assert "011002 と読みました" in said(parsed, CODE)
    assert "0112112525 と読みました" in said(parsed, "電話番号")


def test_a_title_merged_heads_and_merged_cells_are_understood_and_told_of() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet({}, {"団体名": None}, above=2)))
    page = book.worksheets[0]
    page.insert_rows(3)
    opens, closes = (NATIONAL_2_1.columns.index(name) + 1 for name in ("開始時間", "終了時間"))
    for column, name in enumerate(NATIONAL_2_1.columns, start=1):
        page.cell(3, column, name)
        if column not in {opens, closes}:
            page.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    page.cell(3, opens, "利用できる時間")
    page.merge_cells(start_row=3, end_row=3, start_column=opens, end_column=closes)
    owner = NATIONAL_2_1.columns.index("団体名") + 1
    page.merge_cells(start_row=5, end_row=6, start_column=owner, end_column=owner)
    parsed = read_list(saved(book), "x.xlsx")
    assert [row.row_number for row in parsed.rows] == [5, 6]
    assert [row.owner_name for row in parsed.rows] == ["○○市", "○○市"]
    assert "結合したセル" in said(parsed, "団体名")
    assert any("上にある" in each.reason_ja for each in parsed.remarks)


def test_formulas_give_the_value_of_the_file_or_are_named() -> None:
    data = sheet({"備考": "=1+1", "収容定員": "=40+5"}, {"備考": "=1+1"}, {"名称": '="園"'})
    with_value = changed(
        data, SHEET, lambda xml: xml.replace("<f>40+5</f><v />", "<f>40+5</f><v>45</v>")
    )
    assert with_value != data
    parsed = read_list(with_value, "x.xlsx")
    assert (parsed.rows[0].capacity, parsed.rows[0].note) == (45, None)
    assert "1個のセルは式です" in said(parsed, "収容定員")
    empty = [each.row for each in parsed.remarks if "ファイルにありません" in each.reason_ja]
    assert empty == [2, 3]
    assert parsed.refused_rows == (4,)
    assert any("式の結果" in each.reason_ja for each in parsed.refused)


@pytest.mark.parametrize("cell", ["=1+1", "#REF!"])
def test_a_cell_that_could_not_be_read_leaves_what_is_stored(cell: str) -> None:
    before = stored(
        read_list(sheet({"備考": "土曜は要相談", "電話番号": "024-000-0001"}), "x.xlsx")
    )
    parsed = read_list(sheet({"備考": cell, "電話番号": "024-000-0002"}), "x.xlsx")
    (changed_row,) = compare(parsed, before).changed
    assert [one.column for one in changed_row.changes] == ["電話番号"]
    assert (changed_row.row.note, changed_row.row.phone) == ("土曜は要相談", "024-000-0002")
    assert "今までの内容を残します" in said(parsed, "備考")


def test_furigana_errors_other_sheets_and_far_cells() -> None:
    book = openpyxl.load_workbook(io.BytesIO(sheet({"備考": "#REF!"})))
    book.create_sheet("注意", 0)["A1"] = "担当より"
    book.worksheets[1]["XFD1048576"] = "遠く"
    data = saved(book)
    phonetic = '<is><t>○○保育園</t><rPh sb="0" eb="1"><t>フリガナ</t></rPh></is>'
    data = changed(
        data,
        "xl/worksheets/sheet2.xml",
        lambda xml: re.sub(r'(r="E2"[^>]*>)<is>.*?</is>', rf"\1{phonetic}", xml),
    )
    assert b"rPh" in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet2.xml")
    parsed = read_list(data, "x.xlsx")
    (row,) = parsed.rows
    assert (row.name, row.note) == ("○○保育園", None)
    assert "エラー" in said(parsed, "備考")
    said_of_all = " ".join(each.reason_ja for each in (*parsed.remarks, *parsed.refused))
    assert "「注意」は読んでいません" in said_of_all
    assert "列より右" in said_of_all


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.proves("P8", "F16")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (sheet({})[:-200], ListRefusal.BROKEN_WORKBOOK),
        (changed(sheet({}), SHEET, lambda xml: BOMB + xml), ListRefusal.BROKEN_WORKBOOK),
        (changed(sheet({}), SHEET, lambda xml: xml[:-40]), ListRefusal.BROKEN_WORKBOOK),
        (changed(sheet({}), "xl/workbook.xml", lambda _: "<x/>"), ListRefusal.EMPTY),
        (
            changed(
                sheet({}),
                "xl/workbook.xml",
                lambda xml: (
                    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
                    + xml.replace("Sheet", "&e;")
                ),
            ),
            ListRefusal.BROKEN_WORKBOOK,
        ),
        (saved(openpyxl.Workbook()), ListRefusal.EMPTY),
        (xlsx_bytes("x", ("a", "b"), [("1", "2")]), ListRefusal.UNKNOWN_COLUMNS),
    ],
)
def test_a_workbook_that_is_no_list_is_refused_with_a_sentence(
    data: bytes, code: ListRefusal
) -> None:
    assert refusal(data)[0] is code


@pytest.mark.proves("F16", "P8")
def test_a_zip_bomb_is_refused_before_it_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/workbook.xml", "<workbook/>")
        for number in range(8):
            parts.writestr(f"xl/worksheets/sheet{number}.xml", b" " * 10_000_000)
    assert len(out.getvalue()) < 100_000
    opened: list[str] = []
    monkeypatch.setattr(workbook, "_cells_of", lambda *_: opened.append("unpacked"))
    code, sentence = refusal(out.getvalue())
    assert (code, opened) == (ListRefusal.TOO_LARGE_UNPACKED, [])
    assert "中身が大きすぎます" in sentence


def test_too_many_cells_or_rows_are_refused_while_counting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", 50)
    assert refusal(sheet({}))[0] is ListRefusal.TOO_LARGE_UNPACKED
    monkeypatch.undo()
    rows = "".join(f'<row r="{n}"><c r="A{n}" /></row>' for n in range(2, 20_010))
    many = changed(sheet({}), SHEET, lambda xml: xml.replace("</sheetData>", rows + "</sheetData>"))
    assert refusal(many)[0] is ListRefusal.TOO_MANY_ROWS


@settings(deadline=None)
@given(
    st.sampled_from(Kind),
    st.from_regex(r"[0-9:.\-]{0,12}", fullmatch=True) | st.times().map(lambda t: f"{t:%H:%M}"),
)
def test_a_typed_cell_shows_exactly_what_was_written(kind: Kind, text: str) -> None:
    assert shown(*typed(text, kind)) == text


def test_codes_and_phones_are_texts_and_times_are_times() -> None:
    header = ("市区町村コード", "電話番号", "開始時間", "終了時間", "日付", "定員", "名称")
    kinds = (Kind.TEXT, Kind.TEXT, Kind.TIME, Kind.TIME, Kind.DATE, Kind.NUMBER, Kind.TEXT)
    row = ("072036", "0249443601", "07:30", "28:00", "2017-02-10", "60", "=HYPERLINK(1)")
    page = openpyxl.load_workbook(io.BytesIO(xlsx_bytes("施設/一覧", header, [row], kinds))).active
    assert isinstance(page, Worksheet)
    cells = [cell.value for cell in page[2]]
    assert cells[:2] == ["072036", "0249443601"]
    assert cells[2:4] == [time(7, 30), timedelta(hours=28)]
    assert cells[4:6] == [datetime(2017, 2, 10), 60]  # noqa: DTZ001 - as openpyxl gives it
    last = page["G2"]
    assert (last.data_type, last.value, last.quotePrefix) == ("s", "=HYPERLINK(1)", True)
    assert (page.freeze_panes, page.print_title_rows, page.title) == ("A2", "$1:$1", "施設・一覧")
    assert (page.page_setup.orientation, page.page_setup.fitToWidth) == ("landscape", 1)
    assert all(6 <= dimension.width <= 46 for dimension in page.column_dimensions.values())


def test_the_same_table_gives_the_same_bytes() -> None:
    one, two = (xlsx_bytes("x", KORIYAMA.columns, []) for _ in range(2))
    assert one == two
