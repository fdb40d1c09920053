"""A sheet of an Excel workbook (XLSX) as a table: every cell as people see it in the sheet."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import IO, TYPE_CHECKING
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from portal.documents.xlsx_files import shown
from portal.facilities.lists.table import CellNote, Table, TableRow, without_control_signs
from portal.facilities.rules import ListRefusal
from portal.kernel.errors import Reason, Refusal

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell, MergedCell
    from openpyxl.worksheet.worksheet import Worksheet

#: Bytes of all parts together once unpacked; a sheet of 5,000 facilities has about ten million.
LARGEST_UNPACKED = 40 * 1024 * 1024
MOST_PARTS = 500
#: Cells of a workbook: 5,000 facilities with all columns of the standard.
MOST_CELLS = 300_000
MOST_COLUMNS = 300
#: A title and notes may stand above the header.
HEADER_WITHIN = 15

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: The strict form of ISO/IEC 29500, which Excel offers too.
_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}"
_CELLS = {f"{space}c" for space in (_MAIN, _STRICT)}
_ROWS = {f"{space}row" for space in (_MAIN, _STRICT)}
_FORMULAS = {f"{space}f" for space in (_MAIN, _STRICT)}

#: What becomes of a cell that cannot be read.
_STAYS = "今までの内容を残します。変えるときは、値を書いてください。"

#: How many columns of a header are known; none if it is the header of no known list.
Known = Callable[[tuple[str, ...]], int]


def is_workbook(data: bytes) -> bool:
    """Say whether the bytes are a workbook: a ZIP that holds its main part, or one cut short."""
    if not data.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            return any(name.startswith("xl/workbook.") for name in parts.namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        # The directory of a ZIP stands at its end; names stand before each part as well.
        return b"[Content_Types].xml" in data and b"xl/" in data


def read_workbook(data: bytes, most_rows: int, known: Known) -> Table:
    """Return the first sheet whose header is ``known``; else the first with any text.

    Merged cells are filled with their value, formulas give the value that the file holds for
    them, and each of these is told in ``notes``; those it holds none for are ``unread``. Macros,
    links and pictures are never opened.

    Raises:
        Refusal: ``TOO_LARGE`` for a file that unpacks to too much, ``TOO_MANY_ROWS``,
            ``BROKEN_WORKBOOK``, ``EMPTY``.
    """
    # Loaded by who reads a workbook: every start of the portal would wait for it.
    from openpyxl import load_workbook

    try:
        formulas = _looked_through(data, most_rows)
        with warnings.catch_warnings():
            # openpyxl tells of styles and extensions it leaves out; none of them is text.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), data_only=True, keep_links=False)
    except (Refusal, MemoryError):
        raise
    except (DefusedXmlException, ParseError, zipfile.BadZipFile, *_WRONG_PARTS):
        raise Refusal([ListRefusal.BROKEN_WORKBOOK]) from None
    sheets = [_Sheet(sheet, formulas.get(sheet.title, set())) for sheet in book.worksheets]
    filled = [sheet for sheet in sheets if sheet.has_text]
    if not filled:
        raise Refusal([ListRefusal.EMPTY])
    found = next((sheet for sheet in filled if sheet.find_header(known)), None)
    chosen = found or filled[0]
    table = chosen.table()
    others = "".join(f"「{sheet.name}」" for sheet in filled if sheet is not chosen)
    if found and others:
        reason = f"シート「{chosen.name}」を読みました。ほかのシート{others}は読んでいません。"
        note = CellNote(table.header_row, None, "", reason)
        return replace(table, notes=(note, *table.notes))
    return table


#: What openpyxl raises for parts that are missing or hold what they should not.
_WRONG_PARTS = (
    *(KeyError, ValueError, TypeError, AttributeError, IndexError, LookupError, OSError),
    *(
        NotImplementedError,
        RuntimeError,
        EOFError,
        OverflowError,
        AssertionError,
        zipfile.LargeZipFile,
    ),
)


def _looked_through(data: bytes, most_rows: int) -> dict[str, set[str]]:
    """Refuse what would take too much room before it takes any; return where formulas stand.

    The sizes in a ZIP's directory bound what is read of each part, so they cannot lie.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        entries = parts.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MOST_PARTS or unpacked > LARGEST_UNPACKED:
            raise Refusal([ListRefusal.TOO_LARGE_UNPACKED])
        if any(entry.flag_bits & 0x1 for entry in entries):
            raise Refusal([ListRefusal.BROKEN_WORKBOOK])
        found: dict[str, set[str]] = {}
        cells = 0
        for entry in entries:
            if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                with parts.open(entry) as stream:
                    counted, formulas = _cells_of(stream, most_rows, MOST_CELLS - cells)
                cells += counted
                found[entry.filename] = formulas
    return _by_title(data, found) if any(found.values()) else {}


def _cells_of(stream: IO[bytes], most_rows: int, room: int) -> tuple[int, set[str]]:
    rows = cells = 0
    formulas: set[str] = set()
    for _, element in iterparse(stream):
        if element.tag in _CELLS:
            cells += 1
            place = element.get("r", "")
            if len(place) > len("XFD1048576"):
                raise Refusal([ListRefusal.BROKEN_WORKBOOK])
            if any(child.tag in _FORMULAS for child in element):
                formulas.add(place)
        elif element.tag in _ROWS:
            rows += 1
            element.clear()
        if rows > most_rows:
            raise Refusal([Reason(ListRefusal.TOO_MANY_ROWS, {"limit": most_rows})])
        if cells > room:
            raise Refusal([ListRefusal.TOO_LARGE_UNPACKED])
    return cells, formulas


def _by_title(data: bytes, found: dict[str, set[str]]) -> dict[str, set[str]]:
    from openpyxl.reader.excel import ExcelReader

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reader = ExcelReader(io.BytesIO(data))
        reader.read_manifest()
        reader.read_strings()
        reader.read_workbook()
        parts = {sheet.name: part.target for sheet, part in reader.parser.find_sheets()}
        reader.archive.close()
    return {name: found.get(target.lstrip("/"), set()) for name, target in parts.items()}


@dataclass(slots=True)
class _Sheet:
    """One sheet as a grid of texts."""

    sheet: Worksheet
    formulas: set[str]
    notes: list[CellNote] = field(default_factory=list)
    grid: dict[int, dict[int, str]] = field(default_factory=dict)
    unread: set[tuple[int, int]] = field(default_factory=set)
    header_at: int = 0
    header: tuple[str, ...] = ()
    has_text: bool = False

    def __post_init__(self) -> None:
        self._read_cells()
        self.has_text = any(text.strip() for row in self.grid.values() for text in row.values())
        self._spread_merged()

    @property
    def name(self) -> str:
        """The sheet's name."""
        return str(self.sheet.title)

    def _read_cells(self) -> None:
        taken: Counter[int] = Counter()
        first: dict[int, int] = {}
        # Only the cells that exist: a far corner must not make a million empty ones.
        for (row, column), cell in sorted(self.sheet._cells.items()):  # noqa: SLF001 - see above
            if column > MOST_COLUMNS:
                if cell.value is not None:
                    note = f"{MOST_COLUMNS}列より右にあるので、読みません。"
                    self.notes.append(CellNote(row, None, str(cell.value)[:200], note))
                continue
            if cell.coordinate in self.formulas:
                taken[column] += cell.value is not None
                first.setdefault(column, row)
            if text := self._text_of(cell, row, column):
                self.grid.setdefault(row, {})[column] = text
        for column, count in taken.items():
            reason = f"この列の{count}個のセルは式です。ファイルにある計算の結果を取り込みます。"
            if count:
                self._note(first[column], column, "", reason)

    def _text_of(self, cell: Cell | MergedCell, row: int, column: int) -> str:
        text = shown(cell.value, cell.number_format)
        plain = without_control_signs(text)
        if plain != text:
            self._note(row, column, plain, "見えない記号を取りのぞきました。")
        if cell.data_type == "e":
            self.unread.add((row, column - 1))
            reason = f"計算のエラーです。{_STAYS}"
            self._note(row, column, plain, reason)
            return ""
        if cell.value is None and cell.coordinate in self.formulas:
            self.unread.add((row, column - 1))
            self._note(row, column, "", f"式の結果がファイルにありません。{_STAYS}")
        return plain

    def _note(self, row: int, column: int, text: str, reason: str) -> None:
        self.notes.append(CellNote(row, column - 1, text, reason))

    def _spread_merged(self) -> None:
        for area in self.sheet.merged_cells.ranges:
            rows, columns = (
                range(area.min_row, area.max_row + 1),
                range(area.min_col, area.max_col + 1),
            )
            text = self.grid.get(area.min_row, {}).get(area.min_col, "")
            if not text or len(rows) * len(columns) > MOST_COLUMNS or area.max_col > MOST_COLUMNS:
                continue
            for row in rows:
                for column in columns:
                    self.grid.setdefault(row, {})[column] = text
            self._note(
                area.min_row,
                area.min_col,
                text,
                f"結合したセル（{area.coord}）の値を、中のすべてのセルに入れました。",
            )

    def find_header(self, known: Known) -> bool:
        """Look for the header in one row, or in two where groups stand above the names."""
        best = 0
        for at in sorted(self.grid)[:HEADER_WITHIN]:
            above, row = self.grid.get(at - 1, {}), self.grid[at]
            for names in (row, above | row):
                header = self._as_tuple(names)
                if (columns := known(header)) > best:
                    best, self.header_at, self.header = columns, at, header
        return best > 0

    def _as_tuple(self, cells: dict[int, str]) -> tuple[str, ...]:
        return tuple(cells.get(column, "") for column in range(1, max(cells, default=0) + 1))

    def table(self) -> Table:
        """Return header and rows; without a known header the first row with text is one."""
        if not self.header_at:
            self.header_at = min(at for at, cells in self.grid.items() if any(cells.values()))
            self.header = self._as_tuple(self.grid[self.header_at])
        width = len(self.header)
        rows = []
        for at in sorted(self.grid):
            if at <= self.header_at:
                continue
            cells = self._as_tuple(self.grid[at])
            rows.append(TableRow(at, cells + ("",) * (width - len(cells))))
        notes = [each for each in self.notes if each.row > self.header_at]
        notes += self._above_the_header()
        return Table(
            self.header,
            tuple(rows),
            tuple(notes),
            header_row=self.header_at,
            unread=frozenset(self.unread),
        )

    def _above_the_header(self) -> list[CellNote]:
        return [
            CellNote(
                at, None, "　".join(dict.fromkeys(texts)), "列の名前より上にあるので、読みません。"
            )
            for at in sorted(self.grid)
            if at < self.header_at
            and (texts := [text for text in self.grid[at].values() if text.strip()])
            and not set(texts) <= set(self.header)
        ]
