"""Tables to hand out as XLSX: typed cells, a header that stays in sight, a sheet to print."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from portal.documents.csv_files import GETA, neutralised

# openpyxl is loaded by who writes a sheet: every start of the portal would wait for it.
if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: The longest text a cell of a spreadsheet holds.
LONGEST_CELL: Final = 32_767
_CUT: Final = "…（長いので、つづきはCSVにあります）"
_WIDEST, _NARROWEST = 44, 6
_ROWS_FOR_WIDTH = 200
_LANDSCAPE_FROM = 7
#: Signs beside each other on a landscape A4 page, a little reduced.
_LEGIBLE_WIDTH = 170
_MOST_DIGITS = 15

Value = str | int | float | date | time | timedelta | None


class Kind(StrEnum):
    """What the cells of a column are; a cell that is no such thing stays a text."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"
    DATE = "date"


def xlsx_bytes(
    title: str,
    header: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    kinds: Sequence[Kind] = (),
    *,
    bold_where: tuple[str, str] | None = None,
) -> bytes:
    """Return a table as a workbook of one sheet.

    A text becomes a number, time or date only if the sheet then shows the very same signs; all
    else is written as text and never as a formula. The same table gives the same bytes.

    Args:
        title: Name of the sheet, and the head of every printed page.
        kinds: One for each column; without, whole numbers are numbers and all else is text.
        bold_where: A column and its text: rows of sums, written bold.

    Raises:
        ValueError: a row is shorter or longer than the header. A caller's mistake.
    """
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = re.sub(r"[\\/*?:\[\]]", "・", title)[:31]
    table = [tuple(header), *(tuple(row) for row in rows)]
    for number, row in enumerate(table, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, the header {len(header)}")
        for column, written in enumerate(row, start=1):
            kind = kinds[column - 1] if kinds and number > 1 else Kind.TEXT
            _write(cast("Cell", sheet.cell(number, column)), written, kind)
    _dress(sheet, table)
    if bold_where is not None:
        _make_bold(sheet, header.index(bold_where[0]), bold_where[1])
    _for_printing(sheet, title, len(header))
    return _saved(book)


def typed(text: str, kind: Kind) -> tuple[Value, str]:
    """Return what to put into a cell, and the format in which it shows exactly ``text``."""
    found = _TYPED[kind](text) if kind in _TYPED else None
    return found or (text, "@")


def _typed_time(text: str) -> tuple[Value, str] | None:
    match = re.fullmatch(r"(\d{1,2}):([0-5]\d)", text, re.ASCII)
    if match is None:
        return None
    hours, minutes = int(match[1]), int(match[2])
    if hours >= 24:  # noqa: PLR2004 - hours of a day
        return timedelta(hours=hours, minutes=minutes), "[h]:mm"
    return time(hours, minutes), "hh:mm" if len(match[1]) > 1 else "h:mm"


def _typed_date(text: str) -> tuple[Value, str] | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Spreadsheets count a 29 February 1900 that never was.
    return (day, "yyyy-mm-dd") if day > date(1900, 3, 1) else None


def _typed_number(text: str) -> tuple[Value, str] | None:
    if len(text) > _MOST_DIGITS:
        return None
    if re.fullmatch(r"0|-?[1-9]\d*", text, re.ASCII):
        return int(text), "0"
    match = re.fullmatch(r"-?(?:0|[1-9]\d*)\.(\d+)", text, re.ASCII)
    if match is None or not float(text):
        return None
    return float(text), f"0.{'0' * len(match[1])}"


_TYPED = {Kind.TIME: _typed_time, Kind.DATE: _typed_date, Kind.NUMBER: _typed_number}


def shown(value: object, number_format: str) -> str:
    """Return the text that a cell shows: what ``typed`` was given, or what people see in it.

    Dates come as ``2017-02-10``, times as ``9:00`` and, past midnight, as ``27:00``.
    """
    if isinstance(value, datetime) and value.year < 1901:  # noqa: PLR2004 - a time past midnight
        value = value - datetime(1899, 12, 31)  # noqa: DTZ001 - day 0 of a spreadsheet
    match value:
        case None:
            text = ""
        case bool():
            text = str(value).upper()
        case int() | float():
            text = _shown_number(value, number_format)
        case time():
            text = _clock(value.hour, value.minute, number_format)
        case timedelta():
            minutes = round(value.total_seconds() / 60)
            text = _clock(minutes // 60, minutes % 60, number_format)
        case datetime():
            text = value.date().isoformat()
        case date():
            text = value.isoformat()
        case _:
            text = _UNIT.sub(_unit, str(value))
    return text


def _shown_number(value: float, number_format: str) -> str:
    if re.fullmatch(r"0+", number_format) and value == int(value):
        return f"{int(value):0{len(number_format)}d}"
    if match := re.fullmatch(r"#?,?#*0\.(0+)", number_format):
        return f"{value:.{len(match[1])}f}"
    if float(value).is_integer() and abs(value) < 10**_MOST_DIGITS:
        return str(int(value))
    return str(value)


def _clock(hours: int, minutes: int, number_format: str) -> str:
    width = 2 if re.match(r"\[?hh", number_format, re.IGNORECASE) else 1
    return f"{hours:0{width}d}:{minutes:02d}"


#: Signs that XML cannot hold, written as spreadsheets do, and texts that only look so.
_UNIT = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_HALF = re.compile("[\ud800-\udfff]")


def _unit(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)  # noqa: PLR2004 - halves of a sign


def _in_xml(text: str) -> str:
    whole = _HALF.sub(GETA, text)
    return _NO_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", whole)


def _write(cell: Cell, written: str | int | None, kind: Kind) -> None:
    if written is None or written == "":
        return
    if isinstance(written, int):
        cell.value, cell.number_format = written, "0"
        return
    value, number_format = typed(written, kind)
    cell.number_format = number_format
    if not isinstance(value, str):
        cell.value = value
        return
    text = _in_xml(value)
    cell.value = text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - len(_CUT)] + _CUT
    # Otherwise "=1+1" is a formula and "#N/A" an error.
    cell.data_type = "s"
    if neutralised(value) != value:
        # Editing the cell does not turn it into a formula either.
        cell.quotePrefix = True


def _make_bold(sheet: Worksheet, column: int, text: str) -> None:
    from openpyxl.styles import Border, Font, Side

    line = Side(style="thin", color="999999")
    for row in sheet.iter_rows(min_row=2):
        if row[column].value == text:
            for cell in row:
                cell.font = Font(bold=True)
                cell.border = Border(top=line, bottom=line)


def _dress(sheet: Worksheet, table: Sequence[Sequence[object]]) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter

    line = Side(style="thin", color="999999")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color="E8ECEA")
        cell.border = Border(bottom=line)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for position, name in enumerate(table[0]):
        written = [_width(row[position]) for row in table[1:_ROWS_FOR_WIDTH]]
        # A long name of a column may take two lines, its cells may not.
        width = max([_width(name) / 2 + 1, *written, _NARROWEST])
        letter = get_column_letter(position + 1)
        sheet.column_dimensions[letter].width = min(width + 2, _WIDEST)
        if width > _WIDEST:
            for row in range(2, len(table) + 1):
                sheet.cell(row, position + 1).alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    if len(table) > 1:
        sheet.auto_filter.ref = sheet.dimensions


def _width(written: object) -> int:
    lines = str("" if written is None else written).splitlines() or [""]
    return max(sum(2 if unicodedata.east_asian_width(c) in "WFA" else 1 for c in x) for x in lines)


def _for_printing(sheet: Worksheet, title: str, columns: int) -> None:
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.orientation = "landscape" if columns >= _LANDSCAPE_FROM else "portrait"
    width = sum(dimension.width for dimension in sheet.column_dimensions.values())
    # A table of fifty columns on one page could not be read.
    sheet.page_setup.fitToWidth = max(1, round(width / _LEGIBLE_WIDTH))
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    # "&" begins a code in heads and feet.
    if sheet.oddHeader is not None and sheet.oddFooter is not None:
        sheet.oddHeader.left.text = title.replace("&", "&&")
        sheet.oddFooter.right.text = "&P / &N"


def _saved(book: Workbook) -> bytes:
    """Save without the hour: it would make two files of the same table differ."""
    book.properties.creator = ""
    book.properties.created = book.properties.modified = datetime(2000, 1, 1)  # noqa: DTZ001
    first = io.BytesIO()
    book.save(first)
    stamped = io.BytesIO()
    with zipfile.ZipFile(first) as parts, zipfile.ZipFile(stamped, "w") as out:
        for part in parts.infolist():
            data = parts.read(part)
            if part.filename == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2000-01-01T00:00:00Z", data
                )
            plain = zipfile.ZipInfo(part.filename, (2000, 1, 1, 0, 0, 0))
            plain.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(plain, data)
    return stamped.getvalue()
