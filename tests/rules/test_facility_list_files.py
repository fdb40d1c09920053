"""Whole files: what is refused, and that nothing but a refusal ever comes out."""

import contextlib
import io
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.documents import i18n
from portal.documents.csv_files import csv_bytes
from portal.documents.wording import sentences
from portal.facilities.lists.columns import KORIYAMA, NATIONAL_2_1
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.reading import LARGEST_FILE, MOST_ROWS, read_limited
from portal.facilities.rules import ListRefusal
from portal.kernel.errors import Refusal
from tests.rules.facility_list_cases import (
    CITY,
    CITY_TEXT,
    national,
    refusal,
)


def workbook() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        # Without a date of its own it would bear the time, and two workers would collect two tests.
        archive.writestr(zipfile.ZipInfo("xl/workbook.xml"), "<workbook/>")
    return data.getvalue()


HEADER = CITY.split(b"\r\n")[0]
ROW = CITY.split(b"\r\n")[1]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", ListRefusal.NOT_A_TABLE, "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", ListRefusal.NOT_A_TABLE, "PNG"),
        (workbook(), ListRefusal.BROKEN_WORKBOOK, "Excel"),
        (workbook()[:60] + b"[Content_Types].xml", ListRefusal.BROKEN_WORKBOOK, "Excel"),
        (b'{"type": "FeatureCollection",\n"features": [{', ListRefusal.BROKEN_MAP, "GeoJSON"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", ListRefusal.NOT_A_TABLE, "ウェブページ"),
        (b'{"type": "Feature"}', ListRefusal.NOT_A_TABLE, "JSON"),
        (b"", ListRefusal.EMPTY, "1件も"),
        (b"\xef\xbb\xbf\r\n \r\n", ListRefusal.EMPTY, "1件も"),
        (HEADER + b"\r\n\r\n,,,\r\n", ListRefusal.EMPTY, "1件も"),
        (random.Random(1).randbytes(4096), ListRefusal.UNREADABLE_ENCODING, "1行目"),  # noqa: S311
        (HEADER + b"\n" + ROW[:-3] + b"\0\n", ListRefusal.UNREADABLE_ENCODING, "2行目"),
        (HEADER + b"\n" + ROW + b"\n\x81", ListRefusal.UNREADABLE_ENCODING, "3行目"),
        (CITY_TEXT.encode() + b"\xff", ListRefusal.UNREADABLE_ENCODING, "159行目"),
        (HEADER + b"\n" + "郡山".encode("euc_jp"), ListRefusal.UNREADABLE_ENCODING, "2行目"),
        ("Name\n芳賀保育所".encode("iso2022_jp"), ListRefusal.UNREADABLE_ENCODING, "2行目"),
        (CITY_TEXT.encode("utf-16-le"), ListRefusal.UNREADABLE_ENCODING, "行目"),
        (CITY_TEXT.encode("utf-16")[:-1], ListRefusal.UNREADABLE_ENCODING, "159行目"),
        (HEADER + b'\r\n"open' + ROW, ListRefusal.MALFORMED, "2行目"),
        (HEADER + b"\r\n" + ROW + b'\r\n"a"b,' + ROW, ListRefusal.MALFORMED, "3行目"),
        ("id,氏名\n1,佐藤\n".encode(), ListRefusal.UNKNOWN_COLUMNS, "「名称」"),
        (HEADER.replace(b"Label", b"Name") + b"\n" + ROW, ListRefusal.DUPLICATE_COLUMN, "「Name」"),
        (HEADER + b"\n" * (MOST_ROWS + 1), ListRefusal.TOO_MANY_ROWS, "20,000 行"),
        (b"," * (LARGEST_FILE + 1), ListRefusal.TOO_LARGE, "5 MB"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_a_sentence(data: bytes, code: ListRefusal, said: str) -> None:
    found, sentence = refusal(data)
    assert found is code
    assert said in sentence


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_a_sign_that_nobody_sees_costs_its_row_alone(encoding: str) -> None:
    data = CITY_TEXT.replace("大槻保育所", "大槻\x01保育所", 1).encode(encoding)
    parsed = read_list(data, "x.csv")
    (remark,) = parsed.refused
    assert (len(parsed.rows), remark.text) == (156, "大槻保育所")
    assert (remark.column, "見えない文字" in remark.reason_ja) == ("Name", True)


def test_another_list_of_the_same_series_is_refused_by_what_it_lacks() -> None:
    hospitals = national({}).decode("utf-8-sig").replace("受入年齢", "診療科目")
    code, said = refusal(hospitals.encode())
    assert code is ListRefusal.UNKNOWN_COLUMNS
    assert "「受入年齢」" in said
    assert "「NO」" not in said


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("wb") as file:
        file.truncate(1024**3)
    taken = 0

    class Counting(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            nonlocal taken
            data = super().read(min(size or 0, 70_000))
            taken += len(data)
            return data

    with Counting(huge) as stream:
        for source in (huge, stream):
            with pytest.raises(Refusal) as caught:
                read_limited(source)
            assert caught.value.codes == (ListRefusal.TOO_LARGE,)
    assert taken == LARGEST_FILE + 1


def test_a_stream_in_pieces_is_read_whole_and_a_missing_file_is_said(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(CITY)
    assert read_limited(path) == read_limited(io.BytesIO(CITY)) == CITY
    for wrong in (tmp_path, tmp_path / "none.csv", "nul\0name"):
        with pytest.raises(Refusal) as caught:
            read_limited(wrong)
        assert caught.value.codes == (ListRefusal.CANNOT_OPEN,)


def test_every_code_has_its_sentence() -> None:
    assert i18n.SOURCE_LANGUAGE == "ja"
    assert {sentences.key_of(code) for code in ListRefusal} <= sentences.known_codes()


_PIECES = (HEADER, ROW, b",", b'"', b"\r", b"\n", b"\xfb\xfc", "園".encode(), b"\0", b"\xff\xfe")
_pieces = st.lists(st.sampled_from(_PIECES) | st.binary(max_size=8)).map(b"".join)


@settings(deadline=None)
@given(_pieces)
@example(HEADER + b"\n" + b'"' + b"x" * 200_000)
def test_nothing_but_a_refusal_ever_comes_out(data: bytes) -> None:
    with contextlib.suppress(Refusal):
        parsed = read_list(data, "x.csv")
        assert len(parsed.rows) + len(parsed.refused_rows) >= 1


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), min_size=28, max_size=28))
def test_any_cells_at_all_are_taken_or_remarked(cells: list[str]) -> None:
    for shape in (KORIYAMA, NATIONAL_2_1):
        try:
            parsed = read_list(csv_bytes(shape.columns, [cells]).data, "x.csv")
        except Refusal:
            continue
        assert len(parsed.rows) + len(parsed.refused_rows) + len(parsed.blank_rows) == 1


# --- Encodings and line ends ---------------------------------------------------------------------
