"""What an import would change, shown before anything is written."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal.documents.csv_files import in_cp932
from portal.facilities.lists import values
from portal.facilities.lists.columns import BY_CODE, Shape
from portal.facilities.lists.hours import clock
from portal.facilities.lists.parsing import understood
from portal.facilities.lists.projecting import NOBODY, Body, Listed, project
from portal.facilities.lists.recognising import Known
from portal.facilities.lists.rows import FacilityRow, ParsedList, Remark
from portal.kernel.municipalities import is_code

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
    #: Ids of facilities ``elsewhere`` that the list does not name either.
    unmatched: tuple[str, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Whether taking the list would write nothing."""
        return not self.new and not self.changed


def compare(
    parsed: ParsedList,
    existing: Mapping[str, Listed],
    elsewhere: Mapping[str, Listed] | None = None,
    body: Body = NOBODY,
) -> Preview:
    """Return what the list brings against what is stored.

    A cell is a change where it is neither what is stored nor what an export would write. So taking
    the same file twice, or a file that was handed out, changes nothing, and the smallest edit is
    seen. A facility from a list of another shape is compared by what its cells mean. A column that
    the list does not have at all says nothing: what is stored stays, and one remark tells so; nor
    does an empty number or code take away the one a facility has.

    Args:
        existing: The stored facilities of this shape by their keys.
        elsewhere: The city's other facilities, by an id of the caller's.
        body: The municipality whose list it is, as an export would write it.
    """
    others = elsewhere or {}
    shape = BY_CODE[parsed.shape]
    known = Known(shape, existing, others, parsed, body)
    new: list[FacilityRow] = []
    changed: list[ChangedRow] = []
    unchanged: list[FacilityRow] = []
    for row in parsed.rows:
        key, other = known.find(row)
        if key is None and other is None:
            new.append(row)
            continue
        stored = existing[key] if key is not None else others[other or ""]
        exported = project(stored, shape, body)
        was = stored.raw if key is not None else exported
        differing = _changes(was, row.raw, exported, shape)
        if other is not None:
            differing = tuple(one for one in differing if not _same_meaning(one, shape))
        if differing:
            changed.append(ChangedRow(_merged(row, was, shape, key), differing, key, other))
        else:
            unchanged.append(row)
    known.see_refused(parsed.refused_cells)
    return Preview(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        refused=parsed.refused,
        remarks=(
            *_absent_columns(parsed, existing),
            *_codes_of_others(parsed, shape, body),
            *parsed.remarks,
        ),
        missing=tuple(key for key in existing if key not in known.named),
        unmatched=tuple(one for one in others if one not in known.found_elsewhere),
    )


def _changes(
    old: Mapping[str, str], new: Mapping[str, str], exported: Mapping[str, str], shape: Shape
) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(column, old.get(column), text)
        for column, text in new.items()
        # What CP932 has no sign for went out as 〓 and must not come back as such.
        if text
        not in {
            sign
            for written in (old.get(column) or "", exported.get(column) or "")
            for sign in (written, in_cp932(written))
        }
        and not _has_only_lost(old.get(column) or "", text, column, shape)
    )


def _same_meaning(change: ColumnChange, shape: Shape) -> bool:
    old, new = change.old or "", change.new or ""
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
        ("municipality_code", values.municipality_code),
    ):
        if shape.fields.get(name) == change.column:
            value = understand(old).value
            return value is not None and value == understand(new).value
    return False


def _merged(
    row: FacilityRow, stored: Mapping[str, str], shape: Shape, key: str | None
) -> FacilityRow:
    """Return the row with the stored cells of which the list says nothing."""
    kept = {
        column: text
        for column, text in stored.items()
        if text and (column not in row.raw or _has_only_lost(text, row.raw[column], column, shape))
    }
    if not kept:
        return row
    whole = understood(shape, {**row.raw, **kept}, row.row_number)
    keeps_number = shape.fields["number"] in kept
    return replace(whole, key=key if keeps_number and key is not None else row.key)


def _has_only_lost(old: str, new: str, column: str, shape: Shape) -> bool:
    """Say whether a number or code is the stored one without its leading zeros, or left empty."""
    if column == shape.fields["number"]:
        return not new.strip() or (new != old and new == old.lstrip("0"))
    if column == shape.fields.get("municipality_code"):
        return not new.strip() or (is_code(old) and values.municipality_code(new).value == old)
    return False


def _absent_columns(parsed: ParsedList, existing: Mapping[str, Listed]) -> Sequence[Remark]:
    here = set(parsed.columns)
    absent = dict.fromkeys(
        column
        for stored in existing.values()
        for column, text in stored.raw.items()
        if text and column not in here
    )
    reason = "この列が、この一覧にはありません。今までの内容を残します。"
    return [Remark(WHOLE_FILE, column, "", reason) for column in absent]


def _codes_of_others(parsed: ParsedList, shape: Shape, body: Body) -> Sequence[Remark]:
    column = shape.fields.get("municipality_code", "")
    reason = f"取り込む市区町村のコード（{body.code}）とちがいます。確かめてください。"
    return [
        Remark(row.row_number, column, written, reason)
        for row in parsed.rows
        if body.code
        and is_code(
            code := values.municipality_code(written := row.raw.get(column, "")).value or ""
        )
        and code != body.code
    ]
