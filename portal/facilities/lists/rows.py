"""What comes out of a list: facilities, and a remark for everything that was not plain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from portal.facilities.lists.table import Counted
from portal.facilities.rules import FacilityKind
from portal.kernel.spans import CELLS

_MINUTES_A_DAY = 24 * 60
_MINUTES_A_CELL = _MINUTES_A_DAY // CELLS


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence about one cell, or about a whole row where ``column`` is ``None``.

    ``row`` counts as a spreadsheet does, the header being row 1, or as the list is ``counted``.
    """

    row: int
    column: str | None
    text: str
    reason_ja: str


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """One facility as a list describes it.

    Texts are as written; an empty cell, or a column that this shape of list does not have, is
    ``None``. ``raw`` holds every cell of the row by column name, empty ones and unknown columns
    too: it is what a later import is compared with.
    """

    row_number: int
    #: Municipality code and NO; name and address where the list has no NO. Parts joined by a tab.
    key: str
    source_shape: str
    raw: Mapping[str, str]
    #: Not for the public: the city itself writes 非公開 on it.
    is_hidden: bool
    name: str
    name_kana: str | None
    label: str | None
    owner_name: str | None
    ownership: str | None
    kind: str | None
    coarse_kind: FacilityKind | None
    address: str
    building: str | None
    latitude: float | None
    longitude: float | None
    access: str | None
    parking: str | None
    phone: str | None
    #: Numbers found in ``phone``, half-width.
    phones: tuple[str, ...]
    fax: str | None
    approved_on: date | None
    capacity: int | None
    age_from_text: str | None
    age_from_days: int | None
    age_from_months: int | None
    #: 3歳児 and the like: the class age on 1 April.
    age_from_is_class: bool
    age_until_text: str | None
    #: The last age taken, in whole years.
    age_until_years: int | None
    opens_text: str | None
    #: Minutes from 0:00 of the day (JST).
    opens_minute: int | None
    closes_text: str | None
    #: Minutes from 0:00 of the opening day; 1440 and more is midnight and the night after.
    closes_minute: int | None
    #: Monday 0 to Sunday 6.
    weekdays: tuple[int, ...] | None
    hours_note: str | None
    has_temporary_care: bool | None
    has_extended_care: bool | None
    url: str | None
    note: str | None

    @property
    def opens_at(self) -> time | None:
        """Opening time (JST)."""
        return _time(self.opens_minute)

    @property
    def closes_at(self) -> time | None:
        """Closing time (JST), on the next day if ``closes_next_day``; 0:00 is midnight."""
        return _time(self.closes_minute)

    @property
    def closes_next_day(self) -> bool:
        """Whether it closes at midnight or later."""
        return self.closes_minute is not None and self.closes_minute >= _MINUTES_A_DAY

    @property
    def opens_cell(self) -> int | None:
        """The half-hour cell in which it opens, rounded outward (down)."""
        return None if self.opens_minute is None else self.opens_minute // _MINUTES_A_CELL

    @property
    def closes_cell(self) -> int | None:
        """The cell after the last one of the opening day, rounded outward (up), 48 at most."""
        if self.closes_minute is None:
            return None
        return min(CELLS, -(-self.closes_minute // _MINUTES_A_CELL))


@dataclass(frozen=True, slots=True)
class ParsedList:
    """A list as read, nothing of it written anywhere yet.

    Every row below the header is in ``rows``, in ``refused`` or in ``blank_rows``.
    """

    filename: str
    shape: str
    shape_ja: str
    rows: tuple[FacilityRow, ...]
    #: Why rows were not taken: one or more remarks for each such row.
    refused: tuple[Remark, ...]
    #: What was not understood, or only with care, in rows that were taken.
    remarks: tuple[Remark, ...]
    #: Rows without any text.
    blank_rows: tuple[int, ...]
    #: Keys of refused rows that have one: their facilities are not missing from the list.
    refused_keys: frozenset[str]
    #: The cells of refused rows, as far as they could be told apart.
    refused_cells: tuple[Mapping[str, str], ...] = ()
    counted: Counted = Counted.ROWS
    #: The columns of the list, by the names that ``raw`` uses.
    columns: tuple[str, ...] = ()

    @property
    def refused_rows(self) -> tuple[int, ...]:
        """Numbers of the rows not taken, ascending."""
        return tuple(sorted({remark.row for remark in self.refused}))


def _time(minute: int | None) -> time | None:
    if minute is None:
        return None
    return time(minute // 60 % 24, minute % 60)
