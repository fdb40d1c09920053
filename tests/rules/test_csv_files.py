from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.documents.csv_files import GETA, Unwritable, as_it_was, csv_bytes, in_cp932, neutralised
from portal.facilities.lists.reading import read_table

DATA = Path(__file__).parents[1] / "data" / "facilities"
FORMULAS = json.loads((DATA / "csv_formula_cells.json").read_text("utf-8"))
NAMES = json.loads((DATA / "person_names.json").read_text("utf-8"))
HONEST = {"-1", "+81-24-944-3601"}
#: Signs after which Excel, LibreOffice or Google run what follows.
SIGNS = tuple("=+-@\t\r＝＋－＠")

cells = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t\r\n"))


def in_a_spreadsheet(data: bytes, encoding: str = "utf-8-sig") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), strict=True))


@pytest.mark.parametrize("cell", [*FORMULAS["payloadbox"], *FORMULAS["own_edge_cases"]])
def test_no_cell_reaches_a_spreadsheet_as_a_formula(cell: str) -> None:
    ((_, *_), (before, shown, after)) = in_a_spreadsheet(
        csv_bytes(("a", "b", "c"), [("x", cell, "y")]).data
    )
    assert (before, after) == ("x", "y")
    assert shown in {cell, f"'{cell}"}
    assert not shown.startswith(SIGNS) or cell in HONEST


@pytest.mark.parametrize(
    "cell",
    ["-1", "+5", "-1,234.5", "-3%", "+81-90-1234-5678", "−600円", "0249443601", "a=b", "ー", ""],
)
def test_honest_cells_stay_as_they_are(cell: str) -> None:
    assert neutralised(cell) == cell


@pytest.mark.parametrize(
    "cell", [" =1", "\u3000＝1", "\ufeff=1", "-1+cmd|'/C x'!A1", "+8-A1", "\n=1"]
)
def test_a_sign_behind_spaces_or_figures_is_still_a_formula(cell: str) -> None:
    assert neutralised(cell) == f"'{cell}"


@pytest.mark.proves("B59")
@settings(deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1)
    )
)
def test_what_is_written_is_read_back_cell_by_cell(table: list[list[str]]) -> None:
    assume(any(cell.strip() for row in table for cell in row))
    file = csv_bytes(table[0], table[1:])
    read = read_table(file.data, ",")
    assert [list(read.header), *(list(row.cells) for row in read.rows)] == [
        list(row) for row in table
    ]
    assert file.unwritable == ()


@given(cells | st.sampled_from([*FORMULAS["payloadbox"], *FORMULAS["own_edge_cases"]]))
@settings(deadline=None)
def test_the_mark_comes_off_again_exactly(cell: str) -> None:
    once = neutralised(cell)
    assert as_it_was(once) == cell
    assert as_it_was(neutralised(once)) == once
    assert in_cp932(in_cp932(cell)) == in_cp932(cell)


def test_names_come_back_exactly() -> None:
    names = [[name.get("surname") or "", name["given"], name.get("kana")] for name in NAMES]
    file = csv_bytes(("姓", "名", "カナ"), names)
    assert file.data.startswith(b"\xef\xbb\xbf")
    came_back = in_a_spreadsheet(file.data)[1:]
    # The last is called ＝ @一: a name that looks like a formula.
    assert came_back[:-1] == [[a, b, c or ""] for a, b, c in names[:-1]]
    assert came_back[-1] == ["'＝", "'@一", names[-1][2]]


def test_cp932_says_what_it_could_not_write() -> None:
    rows = [("髙﨑", "9:00〜12:00"), ("𠮷田", "①㈱"), ("葛\U000e0100城", None)]
    file = csv_bytes(("名前", "時間"), rows, "cp932")
    assert [one.shown for one in file.lost] == ["𠮷", "U+E0100"]
    assert file.unwritable == (
        Unwritable(3, "名前", "𠮷"),
        Unwritable(4, "名前", "\U000e0100"),
    )
    assert in_a_spreadsheet(file.data, "cp932")[1:] == [
        ["髙﨑", "9:00～12:00"],
        [f"{GETA}田", "①㈱"],
        [f"葛{GETA}城", ""],
    ]


def test_a_minus_that_windows_widens_is_no_formula_either() -> None:
    data = csv_bytes(("料金",), [("−600円",)], "cp932").data
    assert in_a_spreadsheet(data, "cp932")[1] == ["'－600円"]


def test_half_a_character_is_replaced_and_named() -> None:
    file = csv_bytes(("a",), [("x\ud842y",)])
    assert in_a_spreadsheet(file.data)[1] == [f"x{GETA}y"]
    assert [each.character for each in file.unwritable] == ["\ud842"]


def test_lines_end_as_excel_wants_and_a_lost_cell_is_the_callers_mistake() -> None:
    assert csv_bytes(("a", "b"), [(1, None)]).data == b"\xef\xbb\xbfa,b\r\n1,\r\n"
    with pytest.raises(ValueError, match="row 2"):
        csv_bytes(("a", "b"), [("only one",)])
