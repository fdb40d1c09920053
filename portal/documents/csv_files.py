"""Tables to hand out as CSV, readable in Excel on Windows and harmless there."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

Encoding = Literal["utf-8-sig", "cp932"]

#: Stands for a character that the encoding does not have, as on a Japanese proof sheet.
GETA: Final = "〓"

_STARTS_A_FORMULA = re.compile(r"[\s\u200b\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
# Figures and phone numbers hold no function, no reference and no separate operand to run.
_HONEST = re.compile(r"[+-](\d{1,3}(,\d{3})+|\d+)(\.\d+)?%?|\+\d[\d -]{6,20}\d", re.ASCII)
# Windows and Unicode name the same JIS characters differently (〜 is 0x8160 in both).
_AS_WINDOWS_NAMES_THEM = str.maketrans("〜−‖—¢£¬", "～－∥―￠￡￢")


@dataclass(frozen=True, slots=True)
class Unwritable:
    """A character that the encoding lacks; ``row`` counts the header as 1."""

    row: int
    column: str
    character: str

    @property
    def shown(self) -> str:
        """The character for a page; its code point where it has no shape of its own."""
        has_shape = unicodedata.category(self.character)[0] in "LNPS"
        return self.character if has_shape else f"U+{ord(self.character):04X}"


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The bytes of the file, and what had to be replaced by 〓 in it."""

    data: bytes
    encoding: Encoding
    unwritable: tuple[Unwritable, ...]

    @property
    def lost(self) -> tuple[Unwritable, ...]:
        """What could not be written, each sign once a cell."""
        return tuple(dict.fromkeys(self.unwritable))


def csv_bytes(
    header: Sequence[str],
    rows: Iterable[Sequence[str | int | None]],
    encoding: Encoding = "utf-8-sig",
) -> CsvFile:
    r"""Return a table as CSV: comma, CRLF, quotes where needed, formulas made harmless.

    UTF-8 carries a BOM, without which Excel reads it as CP932. ``None`` becomes an empty cell.

    Raises:
        ValueError: a row is shorter or longer than the header. A caller's mistake.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    unwritable: list[Unwritable] = []
    for number, row in enumerate((header, *rows), start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number} has {len(row)} cells, the header {len(header)}")
        cells = []
        for column, cell in zip(header, row, strict=True):
            written, lost = _encodable("" if cell is None else str(cell), encoding)
            unwritable += [Unwritable(number, column, character) for character in lost]
            cells.append(neutralised(written))
        writer.writerow(cells)
    return CsvFile(text.getvalue().encode(encoding), encoding, tuple(unwritable))


def neutralised(cell: str) -> str:
    """Return the cell with an apostrophe before it where a spreadsheet would run it.

    ``-1`` and ``+81-24-…`` stay as they are. The apostrophe is visible in a text editor. A cell
    that has one already gets one more, so that ``as_it_was`` is exact.
    """
    bare = cell.lstrip("'")
    if _STARTS_A_FORMULA.match(bare) and not _HONEST.fullmatch(bare):
        return f"'{cell}"
    return cell


def as_it_was(cell: str) -> str:
    """Return the cell that ``neutralised`` made this one of."""
    return cell[1:] if cell.startswith("'") and neutralised(cell[1:]) == cell else cell


def in_cp932(text: str) -> str:
    """Return the text as a CP932 file can carry it: 〜 as ～, and 〓 for what it lacks."""
    return _encodable(text, "cp932")[0]


def _encodable(cell: str, encoding: Encoding) -> tuple[str, list[str]]:
    if encoding == "cp932":
        cell = cell.translate(_AS_WINDOWS_NAMES_THEM)
    try:
        cell.encode(encoding)
    except UnicodeEncodeError:
        lost = [character for character in cell if not _has(encoding, character)]
        return "".join(c if _has(encoding, c) else GETA for c in cell), lost
    return cell, []


def _has(encoding: Encoding, character: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
