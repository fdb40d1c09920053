"""The whole way from the bytes of a list to its facilities. Start here: ``read_list``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from portal.facilities.lists import ages, columns, values
from portal.facilities.lists.columns import Shape
from portal.facilities.lists.geojson import NO_FACILITY
from portal.facilities.lists.hours import hours
from portal.facilities.lists.reading import read_any
from portal.facilities.lists.rows import FacilityRow, ParsedList, Remark
from portal.facilities.lists.table import (
    CONTROL,
    CellNote,
    Counted,
    TableRow,
    without_control_signs,
)
from portal.facilities.lists.values import Understood
from portal.facilities.rules import ListRefusal, coarse_kind
from portal.kernel.errors import Refusal

T = TypeVar("T")

_HIDDEN = "非公開"
#: From how many rows on a remark that fits all of them is made once.
_MANY = 3
#: Numbers beginning so are given to nobody in Japan; the demo's city has them too.
_INVENTED = {"phone": "000-013", "fax": "000-014"}
#: Characters that a system made up for itself (外字), and the sign for a lost one.
_OWN_CHARACTERS = re.compile("[\ue000-\uf8ff\ufffd]")


def read_list(data: bytes, filename: str, *, invent_numbers: bool = False) -> ParsedList:
    """Return every facility of a list, with remarks for what was not plain. Writes nothing.

    The file is CSV, XLSX or GeoJSON; which is told by what is in it, never by its name.

    A row is taken when it has name and address, whatever else could not be understood. Rows with
    too few or too many cells, without name or address, with signs that nobody sees, or of the same
    facility twice are refused.

    Args:
        invent_numbers: For demos: every phone and FAX number is replaced by one that nobody has.

    Raises:
        Refusal: the file is not a list that is known; codes are those of ``ListRefusal``.
    """
    table = read_any(data, columns.known_columns)
    shape, names = columns.recognise(table.header)
    filled = [row for row in table.rows if not row.is_blank]
    if not filled:
        raise Refusal([ListRefusal.EMPTY])
    reading = _Reading(shape, table.header, names, table.unread)
    for row in filled:
        if invent_numbers:
            row = _with_invented_numbers(row, shape, names, table.counted)  # noqa: PLW2901 - the same row
        reading.take(row)
    reading.refuse_doubles()
    reading.note(table.notes)
    reading.tell_once_what_is_everywhere()
    return ParsedList(
        filename=filename,
        shape=shape.code,
        shape_ja=shape.label_ja,
        rows=tuple(reading.rows),
        refused=tuple(sorted(reading.refused, key=lambda remark: remark.row)),
        remarks=tuple(reading.remarks),
        blank_rows=tuple(row.number for row in table.rows if row.is_blank),
        refused_keys=frozenset(reading.refused_keys),
        refused_cells=tuple(reading.refused_cells),
        counted=table.counted,
        columns=names,
    )


def understood(shape: Shape, raw: Mapping[str, str], number: int) -> FacilityRow:
    """Return the facility of one row of a shape."""
    return _RowReader(shape, number, raw).facility()


def _with_invented_numbers(
    row: TableRow, shape: Shape, names: tuple[str, ...], counted: Counted
) -> TableRow:
    cells = list(row.cells)
    number = row.number - (counted is Counted.ROWS)
    for field_name, series in _INVENTED.items():
        column = shape.fields[field_name]
        at = names.index(column) if column in names else len(cells)
        # One that is invented already stays, so that a demo's own export changes nothing.
        if at < len(cells) and cells[at].strip() and not cells[at].startswith("000-"):
            cells[at] = f"{series}-{number:04d}"
    return TableRow(row.number, tuple(cells))


@dataclass(slots=True)
class _Reading:
    """What has been read of one list so far."""

    shape: Shape
    header: tuple[str, ...]
    names: tuple[str, ...]
    unread: frozenset[tuple[int, int]] = frozenset()
    rows: list[FacilityRow] = field(default_factory=list)
    refused: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    refused_keys: set[str] = field(default_factory=set)
    refused_cells: list[Mapping[str, str]] = field(default_factory=list)

    def take(self, row: TableRow) -> None:
        """Read one row that is not blank; it ends among ``rows`` or ``refused``."""
        cells = row.cells
        # Spreadsheets leave empty cells behind the last column; they say nothing.
        if len(cells) < len(self.names) or any(cell.strip() for cell in cells[len(self.names) :]):
            reason = (
                f"列の数が合いません。1行目は{len(self.names)}列、この行は{len(cells)}列です。"
                '「,」や「"」を確かめてください。'
            )
            self.refused.append(Remark(row.number, None, "", reason))
            return
        if cells == self.header:
            reason = "列の名前の行がもう一度あります。施設ではないので取り込みません。"
            self.refused.append(Remark(row.number, None, "", reason))
            return
        raw = {
            name: cell
            for at, (name, cell) in enumerate(zip(self.names, cells, strict=False))
            if (row.number, at) not in self.unread
        }
        reader = _RowReader(self.shape, row.number, raw)
        missing = [self.shape.fields[must] for must in ("name", "address") if not reader.has(must)]
        for column in missing:
            reason = f"「{column}」が空です。書いてください。"
            self.refused.append(Remark(row.number, column, raw.get(column, ""), reason))
        unseen = [column for column, cell in raw.items() if CONTROL.search(cell)]
        for column in unseen:
            reason = "見えない文字が入っています。この欄を、書きなおしてください。"
            said = without_control_signs(raw[column])
            self.refused.append(Remark(row.number, column, said, reason))
        if missing or unseen:
            self.refused_keys.add(reader.key())
            self.refused_cells.append(raw)
            return
        self.rows.append(reader.facility())
        self.remarks += reader.remarks

    def note(self, notes: tuple[CellNote, ...]) -> None:
        """Add what was seen in reading the file; of rows that are refused, to their reasons."""
        out = {remark.row for remark in self.refused}
        for note in notes:
            column = None if note.column is None else self._name(note.column)
            remark = Remark(note.row, column, note.text, note.reason_ja)
            (self.refused if note.row in out else self.remarks).append(remark)
        taken = {row.row_number for row in self.rows} | out
        # A place of a map that is no facility at all is a row as well, and not taken.
        nowhere = [r for r in self.remarks if r.row not in taken and r.reason_ja == NO_FACILITY]
        self.refused += nowhere
        self.remarks = [remark for remark in self.remarks if remark not in nowhere]

    def _name(self, at: int) -> str:
        return self.names[at] if at < len(self.names) else f"（{at + 1}列目）"

    def tell_once_what_is_everywhere(self) -> None:
        """Say in one remark what would be said of every row: that a column is left empty."""
        same = Counter((remark.column, remark.text, remark.reason_ja) for remark in self.remarks)
        whole = len(self.rows)
        everywhere = {said for said, times in same.items() if times == whole and said[1] == ""}
        if whole < _MANY or not everywhere:
            return
        self.remarks = [
            *(
                Remark(0, column, text, f"どの行も同じです。{reason}")
                for column, text, reason in sorted(everywhere, key=str)
            ),
            *(
                remark
                for remark in self.remarks
                if (remark.column, remark.text, remark.reason_ja) not in everywhere
            ),
        ]

    def refuse_doubles(self) -> None:
        """Take a facility that is twice in the list once if both agree, else not at all.

        Which of two that differ is the right one cannot be known here.
        """
        by_key: defaultdict[str, list[FacilityRow]] = defaultdict(list)
        for row in self.rows:
            by_key[row.key].append(row)
        out: set[int] = set()
        for key, same in by_key.items():
            if len(same) == 1:
                continue
            self.refused_keys.add(key)
            agree = all(row.raw == same[0].raw for row in same)
            for row in same[1:] if agree else same:
                other = same[0] if row is not same[0] else same[1]
                reason = f"{other.row_number}行目と同じ施設" + (
                    "です。1回だけ取り込みます。"
                    if agree
                    else "で、内容がちがいます。正しい行だけを残してください。"
                )
                self.refused.append(Remark(row.row_number, None, row.name, reason))
                out.add(row.row_number)
                self.refused_cells.append(row.raw)
        self.rows = [row for row in self.rows if row.row_number not in out]
        self.remarks = [remark for remark in self.remarks if remark.row not in out]


def _for_a_call(written: str | None, numbers: tuple[str, ...]) -> str | None:
    """Return what stands beside 電話: one number, as written where it is the only one."""
    if (
        written is None
        or not numbers
        or re.sub(r"\D", "", written) == re.sub(r"\D", "", numbers[0])
    ):
        return written
    return numbers[0]


class _RowReader:
    """Reads the cells of one row and gathers the remarks on them."""

    def __init__(self, shape: Shape, number: int, raw: Mapping[str, str]) -> None:
        self.shape = shape
        self.number = number
        self.raw = raw
        self.remarks: list[Remark] = []

    def facility(self) -> FacilityRow:
        """Return the facility; ``remarks`` is complete afterwards."""
        self._remark_own_characters()
        place = self._place()
        self._value("address_code", values.municipality_code)
        address, building = values.whole_address(self.raw, self.shape.fields)
        phones = self._value("phone", values.phones) or ()
        faxes = self._value("fax", values.phones) or ()
        times = hours(self._cell("opens"), self._cell("closes"))
        ages_taken = self._ages()
        start = self._of("age_from", ages_taken.start) or ages.StartingAge()
        return FacilityRow(
            row_number=self.number,
            key=self.key(),
            source_shape=self.shape.code,
            raw=self.raw,
            is_hidden=self._is_hidden(),
            name=self._cell("name"),
            name_kana=self._kana(),
            label=self._text("label"),
            owner_name=self._text("owner_name"),
            ownership=self._text("ownership"),
            kind=self._text("kind"),
            coarse_kind=coarse_kind(self._cell("kind")),
            address=address,
            building=building if building.strip() else None,
            latitude=place and place[0],
            longitude=place and place[1],
            access=self._text("access"),
            parking=self._text("parking"),
            phone=_for_a_call(self._text("phone"), phones),
            phones=phones,
            fax=_for_a_call(self._text("fax"), faxes),
            approved_on=self._value("approved_on", values.day),
            capacity=self._value("capacity", values.capacity),
            age_from_text=ages_taken.from_text,
            age_from_days=start.days,
            age_from_months=start.months,
            age_from_is_class=start.by_class,
            age_until_text=ages_taken.until_text,
            age_until_years=self._of("age_until", ages_taken.until_years),
            opens_text=self._text("opens"),
            opens_minute=self._of("opens", times.opens),
            closes_text=self._text("closes"),
            closes_minute=self._of("closes", times.closes),
            weekdays=self._value("weekdays", values.weekdays),
            hours_note=self._text("hours_note"),
            has_temporary_care=self._flag("has_temporary_care"),
            has_extended_care=self._flag("has_extended_care"),
            url=self._value("url", values.web_address),
            note=self._text("note"),
        )

    def has(self, name: str) -> bool:
        """Say whether the row tells a field at all."""
        cell = self._address() if name == "address" else self._cell(name)
        return bool(cell.strip())

    def _address(self) -> str:
        return values.whole_address(self.raw, self.shape.fields)[0]

    def _column(self, name: str) -> str:
        return self.shape.fields.get(name, "")

    def _cell(self, name: str) -> str:
        return self.raw.get(self._column(name), "")

    def _text(self, name: str) -> str | None:
        cell = self._cell(name)
        return cell if cell.strip() else None

    def _value(self, name: str, understand: Callable[[str], Understood[T]]) -> T | None:
        return self._of(name, understand(self._cell(name)))

    def _flag(self, name: str) -> bool | None:
        return self._of(name, values.flag(self._cell(name), self.shape.yes_no))

    def _of(self, name: str, understood: Understood[T]) -> T | None:
        if understood.doubt:
            self._remark(self._column(name), understood.doubt)
        return understood.value

    def _remark(self, column: str, reason_ja: str) -> None:
        self.remarks.append(Remark(self.number, column, self.raw.get(column, ""), reason_ja))

    def _place(self) -> tuple[float, float] | None:
        understood = values.coordinates(self._cell("latitude"), self._cell("longitude"))
        return self._of("latitude", understood)

    def _ages(self) -> ages.AgeSpan:
        if self._column("age_from") == self._column("age_until"):
            return ages.age_span(self._cell("age_from"))
        return ages.AgeSpan(
            self._text("age_from"),
            ages.starting_age(self._cell("age_from")),
            self._text("age_until"),
            ages.last_age(self._cell("age_until")),
        )

    def _kana(self) -> str | None:
        kana = self._text("name_kana")
        if kana is None and "name_kana" in self.shape.fields:
            self._remark(self._column("name_kana"), "名称のカナが空です。書いてください。")
        return kana and values.full_width_kana(kana)

    def key(self) -> str:
        """Return what this facility is known by from one import to the next.

        The standard promises a NO that is never used again. Without one, the name alone would not
        do (分園 of one name in two places), so that moving or renaming makes a new facility.
        """
        by_place = "\t".join((self._cell("name").strip(), self._address().strip()))
        number = self._cell("number").strip()
        if "municipality_code" not in self.shape.fields:
            return f"\t{number}" if number else by_place
        code = self._value("municipality_code", values.municipality_code)
        if not (code and number):
            column = self._column("number" if code else "municipality_code")
            self._remark(column, f"「{column}」が空です。名称と住所で見分けます。")
            return by_place
        return f"{code}\t{number}"

    def _is_hidden(self) -> bool:
        """Hide where any cell says 非公開: showing a hidden place harms more than the reverse."""
        if _HIDDEN in self._cell("kind"):
            return True
        others = [column for column, cell in self.raw.items() if _HIDDEN in cell]
        for column in others:
            self._remark(column, "「非公開」と書かれているので、この施設は公開しません。")
        return bool(others)

    def _remark_own_characters(self) -> None:
        for column, cell in self.raw.items():
            if _OWN_CHARACTERS.search(cell):
                self._remark(column, "外字か、こわれた文字があります。文字を確かめてください。")
