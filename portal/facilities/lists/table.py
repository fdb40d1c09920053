"""What every kind of file becomes before it is understood: a header and rows of text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

#: A database cannot keep NUL, and none of the others is ever written by a person.
CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
_HALF = re.compile("[\ud800-\udfff]")


class Counted(StrEnum):
    """What the number of a row counts, so that people find it in their file."""

    ROWS = "rows"  # as a spreadsheet does, header first
    FEATURES = "features"  # the places of a GeoJSON file, from 1


@dataclass(frozen=True, slots=True)
class CellNote:
    """What was not plain in reading a cell; ``column`` counts from 0, ``None`` is the row."""

    row: int
    column: int | None
    text: str
    reason_ja: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as it would be numbered in a spreadsheet; a blank line has no cells."""

    number: int
    cells: tuple[str, ...]

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds more than spaces."""
        return not any(cell.strip() for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """Header and all rows below it, every cell as written."""

    header: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[CellNote, ...] = field(default=())
    counted: Counted = Counted.ROWS
    #: The row in which the header stands.
    header_row: int = 1
    #: Cells of which nothing can be known, as (row, column from 0): they are not empty.
    unread: frozenset[tuple[int, int]] = frozenset()


def without_control_signs(text: str) -> str:
    """Return the text without signs that no list means to hold."""
    return CONTROL.sub("", _HALF.sub("", text))
