"""What an import would change, shown before anything is written."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from portal.documents.csv_files import in_cp932
from portal.facilities.lists import values
from portal.facilities.lists.columns import BY_CODE, Shape
from portal.facilities.lists.exporting import Listed
from portal.facilities.lists.hours import clock
from portal.facilities.lists.parsing import understood
from portal.facilities.lists.projecting import project
from portal.facilities.lists.rows import FacilityRow, ParsedList, Remark

#: The row of a remark that is about the whole file.
WHOLE_FILE = 0


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One cell that differs; ``None`` where one of the two lists has no such column."""

    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A facility that is known already and is now described otherwise.

    ``row`` is the facility as it will be: the list's cells, and those of stored columns that the
    list does not have.
    """

    row: FacilityRow
    changes: tuple[ColumnChange, ...]
    #: Its key among ``existing``, or else its id among ``elsewhere``.
    stored_key: str | None = None
    elsewhere_id: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking a list would do. ``refused`` and ``remarks`` are those of the list."""

    new: tuple[FacilityRow, ...]
    changed: tuple[ChangedRow, ...]
    unchanged: tuple[FacilityRow, ...]
    refused: tuple[Remark, ...]
    remarks: tuple[Remark, ...]
    #: Keys of known facilities that the list does not name; an import leaves them as they are.
    missing: tuple[str, ...]
    #: Facilities of lists of other shapes that the list does not name either.
    unmatched: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether taking the list would write nothing."""
        return not self.new and not self.changed


def compare(
    parsed: ParsedList,
    existing: Mapping[str, Mapping[str, str]],
    elsewhere: Mapping[str, Listed] | None = None,
    *,
    code: str = "",
) -> Preview:
    """Return what the list brings against what is stored.

    Within one shape cells are compared as written, so that importing the same file twice changes
    nothing and the smallest edit is seen. A facility from a list of another shape is known again
    by name and address, and compared as an export would write it in this shape. A column that the
    list does not have at all says nothing: what is stored stays, and one remark tells so.

    Args:
        existing: The stored ``raw`` of each facility of this shape by its key.
        elsewhere: The city's other facilities, by an id of the caller's.
        code: The city's six figures, as an export writes them.
    """
    others = elsewhere or {}
    shape = BY_CODE[parsed.shape]
    by_place = _unique({found: _place(one) for found, one in others.items()})
    by_number = _unique({key: _number(key) for key in existing})
    by_number |= _unique({key: in_cp932(key) for key in existing})
    places = Counter(_place(Listed(shape, row.raw)) for row in parsed.rows)
    new: list[FacilityRow] = []
    changed: list[ChangedRow] = []
    unchanged: list[FacilityRow] = []
    named = {row.key for row in parsed.rows} | parsed.refused_keys
    found_elsewhere: set[str] = set()
    for row in parsed.rows:
        key = row.key if row.key in existing else _known_key(row.key, by_number, named)
        place = _place(Listed(shape, row.raw))
        other = by_place.get(place) if key is None and places[place] == 1 else None
        if key is not None:
            named.add(key)
            stored = existing[key]
            differing = _changes(stored, row.raw)
        elif other is not None:
            found_elsewhere.add(other)
            stored = project(others[other].raw, others[other].shape, shape, code=code)
            differing = _differences_in_meaning(stored, row.raw, shape)
        else:
            new.append(row)
            continue
        if differing:
            changed.append(ChangedRow(_merged(row, stored, shape), differing, key, other))
        else:
            unchanged.append(row)
    return Preview(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        refused=parsed.refused,
        remarks=(*_absent_columns(parsed, existing), *parsed.remarks),
        missing=tuple(key for key in existing if key not in named),
        unmatched=len(others) - len(found_elsewhere),
    )


def _known_key(key: str, known: Mapping[str, str], named: AbstractSet[str]) -> str | None:
    """Return the stored key that a file without leading zeros, or without some signs, meant."""
    found = known.get(_number(key)) or known.get(key)
    return None if found in named else found


def _unique(keys: Mapping[str, str]) -> dict[str, str]:
    """Turn ids and what they are known by around, leaving out what fits several."""
    times = Counter(keys.values())
    return {
        known_by: found for found, known_by in keys.items() if known_by and times[known_by] == 1
    }


def _number(key: str) -> str:
    """Return a key without the leading zeros that spreadsheets take off a NO."""
    code, _, number = key.partition("\t")
    return f"{code}\t{number.lstrip('0')}" if number.isascii() and number.isdigit() else ""


def _place(listed: Listed) -> str:
    address, building = values.whole_address(listed.raw, listed.shape.fields)
    name = listed.raw.get(listed.shape.fields["name"], "")
    parts = (values.half_width(in_cp932(part)) for part in (name, address, building))
    return "\t".join("".join(part.split()) for part in parts)


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(column, old.get(column), text)
        for column, text in new.items()
        # What CP932 has no sign for went out as 〓 and must not come back as such.
        if text not in {old.get(column) or "", in_cp932(old.get(column) or "")}
    )


def _differences_in_meaning(
    old: Mapping[str, str], new: Mapping[str, str], shape: Shape
) -> tuple[ColumnChange, ...]:
    return tuple(
        change
        for change in _changes(old, new)
        if not _same_meaning(change.old or "", change.new or "", change.column, shape)
    )


def _same_meaning(old: str, new: str, column: str, shape: Shape) -> bool:
    if unicodedata.normalize("NFKC", old).split() == unicodedata.normalize("NFKC", new).split():
        return True
    if values.is_not_given(old) or values.is_not_given(new):
        return values.is_not_given(old) and values.is_not_given(new)
    for name, understand in (
        ("has_temporary_care", values.flag),
        ("capacity", values.capacity),
        ("approved_on", values.day),
        ("opens", clock),
        ("closes", clock),
    ):
        if shape.fields.get(name) == column:
            value = understand(old).value
            return value is not None and value == understand(new).value
    return False


def _merged(row: FacilityRow, stored: Mapping[str, str], shape: Shape) -> FacilityRow:
    kept = {column: text for column, text in stored.items() if column not in row.raw and text}
    if not kept:
        return row
    return replace(understood(shape, {**row.raw, **kept}, row.row_number), key=row.key)


def _absent_columns(
    parsed: ParsedList, existing: Mapping[str, Mapping[str, str]]
) -> Sequence[Remark]:
    here = set(parsed.columns)
    absent = dict.fromkeys(
        column
        for raw in existing.values()
        for column, text in raw.items()
        if text and column not in here
    )
    reason = "この列が、この一覧にはありません。今までの内容を残します。"
    return [Remark(WHOLE_FILE, column, "", reason) for column in absent]
