from __future__ import annotations

import contextlib
import csv
import io
import random
import zipfile
from collections.abc import Sequence
from datetime import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from portal.documents import i18n
from portal.documents.csv_files import csv_bytes
from portal.documents.wording import sentences
from portal.facilities.lists import ages, values
from portal.facilities.lists.columns import KORIYAMA, NATIONAL_2_1
from portal.facilities.lists.compare import ColumnChange, compare
from portal.facilities.lists.hours import hours
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.reading import LARGEST_FILE, MOST_ROWS, read_limited
from portal.facilities.lists.rows import FacilityRow, ParsedList
from portal.facilities.rules import FacilityKind, ListRefusal, coarse_kind
from portal.kernel.errors import Refusal

DATA = Path(__file__).parents[1] / "data" / "facilities"
CITY = (DATA / "koriyama_nurseryData.cp932.csv").read_bytes()
CITY_TEXT = CITY.decode("cp932")
STANDARD = list(csv.DictReader((DATA / "columns_v2_1.csv").read_text("utf-8").splitlines()))
PLAIN = {"Name": "ひばり園", "Add1": "郡山市朝日一丁目1-1"}


def refusal(data: bytes) -> tuple[ListRefusal, str]:
    """The code, and what people read: it must be a sentence whatever the code."""
    with pytest.raises(Refusal) as caught:
        read_list(data, "list.csv")
    (reason,) = caught.value.reasons
    said = sentences.sentence(reason)
    assert said.endswith("。")
    assert "{" not in said
    assert sentences.help_for(reason) is not None
    assert isinstance(reason.code, ListRefusal)
    return reason.code, said


def city(*rows: dict[str, str], also: Sequence[str] = ()) -> bytes:
    header = (*KORIYAMA.columns, *also)
    return csv_bytes(header, [[row.get(c, "") for c in header] for row in rows], "cp932").data


def national(*changes: dict[str, str]) -> bytes:
    """The example of the definition book, once for each change, with a NO of its own."""
    header = [each["項目名"] for each in STANDARD]
    example_row = {each["項目名"]: each["記入例"] for each in STANDARD}
    rows = [example_row | {"NO": f"{n:010}"} | change for n, change in enumerate(changes, 1)]
    return csv_bytes(header, [[row[c] for c in header] for row in rows]).data


def only(data: bytes) -> FacilityRow:
    parsed = read_list(data, "list.csv")
    assert parsed.refused == ()
    (row,) = parsed.rows
    return row


def stored(parsed: ParsedList) -> dict[str, dict[str, str]]:
    return {row.key: dict(row.raw) for row in parsed.rows}


# --- The real list -------------------------------------------------------------------------------


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
    for shape in (NATIONAL_2_1, KORIYAMA):
        assert {*shape.marks, *shape.fields.values()} <= set(shape.columns)


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
        "11002\t0000000002",
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


def workbook() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return data.getvalue()


HEADER = CITY.split(b"\r\n")[0]
ROW = CITY.split(b"\r\n")[1]


@pytest.mark.parametrize(
    ("data", "code", "said"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", ListRefusal.NOT_A_TABLE, "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", ListRefusal.NOT_A_TABLE, "PNG"),
        (workbook(), ListRefusal.NOT_A_TABLE, "Excel"),
        (b"\xef\xbb\xbf <!DOCTYPE html>", ListRefusal.NOT_A_TABLE, "ウェブページ"),
        (b'{"type": "FeatureCollection"}', ListRefusal.NOT_A_TABLE, "JSON"),
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


@pytest.mark.parametrize(
    ("opens", "closes", "minutes", "doubts"),
    [
        ("7:30", "19:30", (450, 1170), (False, False)),
        ("７：２０", "19時20分", (440, 1160), (False, False)),
        ("7:30※1号認定は8：30", "19:30※1号認定は13：30", (450, 1170), (True, True)),
        ("0:00", "24:00", (0, 1440), (False, False)),
        ("9:00:00", "0:00", (540, 1440), (False, False)),
        ("8:00", "翌3:00", (480, 1620), (False, False)),
        ("8:00", "27:00", (480, 1620), (False, False)),
        ("8:00", "4:00", (480, 1680), (False, True)),
        ("", "18:00", (None, 1080), (False, False)),
        ("7:30 8:30", "9:60", (None, None), (True, True)),
        ("翌1:00", "翌24:00", (None, None), (True, True)),
        ("7:30～19:30", "夕方", (None, None), (True, True)),
    ],
)
def test_hours(
    opens: str, closes: str, minutes: tuple[int | None, int | None], doubts: tuple[bool, bool]
) -> None:
    read = hours(opens, closes)
    assert (read.opens.value, read.closes.value) == minutes
    assert (bool(read.opens.doubt), bool(read.closes.doubt)) == doubts


@pytest.mark.parametrize(
    ("text", "days", "months", "doubted"),
    [
        ("57日", 57, None, False),
        ("生後57日から", 57, None, False),
        ("産休あけ", 57, None, True),
        ("産休明け", 57, None, True),
        ("3か月", None, 3, False),
        ("３ヶ月", None, 3, False),
        ("0歳", None, 0, False),
        ("1歳10か月", None, 22, False),
        ("2歳半", None, 30, False),
        ("3歳児", None, 36, True),
    ],
)
def test_starting_ages(text: str, days: int | None, months: int | None, *, doubted: bool) -> None:
    read = ages.starting_age(text)
    assert read.value is not None
    assert (read.value.days, read.value.months) == (days, months)
    assert bool(read.doubt) is doubted
    assert read.value.by_class is ("児" in text)


@pytest.mark.parametrize("text", ["首がすわってから", "1", "3歳5", "応相談"])
def test_an_age_that_is_none_stays_a_text_with_a_remark(text: str) -> None:
    parsed = read_list(city(PLAIN | {"AgeS": text, "AgeE": text}), "k.csv")
    assert (parsed.rows[0].age_from_text, parsed.rows[0].age_until_text) == (text, text)
    assert (parsed.rows[0].age_from_months, parsed.rows[0].age_until_years) == (None, None)
    assert [each.column for each in parsed.remarks] == ["AgeS", "AgeE"]


@pytest.mark.parametrize(
    ("text", "years", "doubted"),
    [
        ("5歳", 5, False),
        ("2歳児", 2, False),
        ("2歳未満", 1, False),
        ("就学前", 5, False),
        ("学童", None, True),
        ("0歳未満", None, True),
        ("", None, False),
    ],
)
def test_ending_ages(text: str, years: int | None, *, doubted: bool) -> None:
    read = ages.last_age(text)
    assert (read.value, bool(read.doubt)) == (years, doubted)


@pytest.mark.parametrize(
    ("text", "months", "days", "years"),
    [
        ("0歳～5歳", 0, None, 5),
        ("6か月〜就学前", 6, None, 5),
        ("生後57日から2歳未満まで", None, 57, 1),
    ],
)
def test_both_ages_in_one_cell(
    text: str, months: int | None, days: int | None, years: int | None
) -> None:
    row = only(national({"受入年齢": text}))
    assert (row.age_from_months, row.age_from_days, row.age_until_years) == (months, days, years)


@pytest.mark.parametrize(
    ("text", "value", "doubted"),
    [
        ("60", 60, False),
        ("１２０人", 120, False),
        ("1,000", 1000, False),
        ("ー", None, False),
        ("NA", None, False),
        ("", None, False),
        ("約60", None, True),
        ("99999999999", None, True),
    ],
)
def test_capacities(text: str, value: int | None, *, doubted: bool) -> None:
    read = values.capacity(text)
    assert (read.value, bool(read.doubt)) == (value, doubted)


@pytest.mark.parametrize(
    ("text", "value", "doubted"),
    [
        *[(text, True, False) for text in ("Y", "ｙ", "有", "あり", "○")],
        *[(text, False, False) for text in ("N", "無", "なし", "×")],
        *[(text, None, False) for text in ("", "NA", "ー", " ")],
        *[(text, None, True) for text in ("1", "2", "3", "4", "要問合せ")],
    ],
)
def test_flags(text: str, value: bool | None, *, doubted: bool) -> None:  # noqa: FBT001
    read = values.flag(text)
    assert (read.value, bool(read.doubt)) == (value, doubted)


@pytest.mark.parametrize(
    ("text", "numbers", "doubted"),
    [
        ("024-944-3601", ("024-944-3601",), False),
        ("０２４−９４４−３６０１", ("024-944-3601",), False),
        ("0120-1234-56", ("0120-1234-56",), False),
        ("+81-24-944-3601", ("+81-24-944-3601",), False),
        ("024-944-3601、090-1234-5678", ("024-944-3601", "090-1234-5678"), False),
        ("024-944-3601\n024-944-3602", ("024-944-3601", "024-944-3602"), False),
        ("944-3601", (), True),
        ("園に聞く・024-944-3601", ("024-944-3601",), True),
        ("024-944-36", (), True),
    ],
)
def test_phones(text: str, numbers: tuple[str, ...], *, doubted: bool) -> None:
    read = values.phones(text)
    assert (read.value, bool(read.doubt)) == (numbers, doubted)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("月火水木金", (0, 1, 2, 3, 4)),
        ("月〜土", (0, 1, 2, 3, 4, 5)),
        ("月～金・日", (0, 1, 2, 3, 4, 6)),
        ("土曜日・日曜日", (5, 6)),
        ("平日", None),
        ("月火水木金祝", None),
    ],
)
def test_weekdays(text: str, days: tuple[int, ...] | None) -> None:
    read = values.weekdays(text)
    assert (read.value, bool(read.doubt)) == (days, days is None)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2017-02-10", "2017-02-10"),
        ("2017/2/10", "2017-02-10"),
        ("平成29年2月10日", "2017-02-10"),
        ("令和元年5月1日", "2019-05-01"),
        ("Ｈ29.2.10", "2017-02-10"),
        ("2/1現在", "None"),
        ("27年4月新設", "None"),
        ("2017-02-30", "None"),
    ],
)
def test_dates(text: str, iso: str) -> None:
    read = values.day(text)
    assert (str(read.value), bool(read.doubt)) == (iso, iso == "None")


@pytest.mark.parametrize(
    ("north", "east", "said"),
    [("140.39", "37.39", "逆"), ("37.39", "", "両方"), ("0", "0", "外"), ("nan", "inf", "両方")],
)
def test_a_place_that_cannot_be_is_left_out_with_a_remark(north: str, east: str, said: str) -> None:
    parsed = read_list(city(PLAIN | {"Y": north, "X": east}), "k.csv")
    assert (parsed.rows[0].latitude, parsed.rows[0].longitude) == (None, None)
    assert said in parsed.remarks[0].reason_ja


def test_an_address_that_could_run_as_a_program_is_no_link() -> None:
    assert values.web_address("javascript:alert(1)").value is None
    assert values.web_address("javascript:alert(1)").doubt
    assert values.web_address("https://example.com/園").value == "https://example.com/園"


def test_kinds() -> None:
    kinds = [
        coarse_kind(text) for text in ("幼稚園型認定こども園", "認可外保育所", "認定保育所", "")
    ]
    assert kinds == [
        FacilityKind.CERTIFIED_CENTER,
        FacilityKind.UNLICENSED,
        FacilityKind.NURSERY,
        None,
    ]
