"""What an import would change, shown before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.facilities.lists.rows import FacilityRow, ParsedList, Remark


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """One cell that differs; ``None`` where one of the two lists has no such column."""

    column: str
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A facility that is known already and is now described otherwise."""

    row: FacilityRow
    changes: tuple[ColumnChange, ...]


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

    @property
    def changes_nothing(self) -> bool:
        """Whether taking the list would write nothing."""
        return not self.new and not self.changed


def compare(parsed: ParsedList, existing: Mapping[str, Mapping[str, str]]) -> Preview:
    """Return what the list brings against what is stored.

    Cells are compared as written, so that importing the same file twice changes nothing and the
    smallest edit is seen.

    Args:
        existing: The stored ``raw`` of each facility by its key.
    """
    new: list[FacilityRow] = []
    changed: list[ChangedRow] = []
    unchanged: list[FacilityRow] = []
    for row in parsed.rows:
        stored = existing.get(row.key)
        if stored is None:
            new.append(row)
        elif changes := _changes(stored, row.raw):
            changed.append(ChangedRow(row, changes))
        else:
            unchanged.append(row)
    named = {row.key for row in parsed.rows} | parsed.refused_keys
    return Preview(
        new=tuple(new),
        changed=tuple(changed),
        unchanged=tuple(unchanged),
        refused=parsed.refused,
        remarks=parsed.remarks,
        missing=tuple(key for key in existing if key not in named),
    )


def _changes(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[ColumnChange, ...]:
    return tuple(
        ColumnChange(column, old.get(column), new.get(column))
        for column in dict.fromkeys((*new, *old))
        if old.get(column) != new.get(column)
    )
