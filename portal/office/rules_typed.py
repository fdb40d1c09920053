"""What stands in the fields of a rules form, read as plain data; each place with its field."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from portal.office.rules_inputs import ROWS
from portal.rulebooks.reading.mistakes import Path

_FULL_WIDTH = str.maketrans("０１２３４５６７８９：，、　", "0123456789:,, ")
_LISTED = str.maketrans("，,", "、、")


class Typed:
    """Reads fields, and remembers which place of the document each belongs to."""

    def __init__(self, form: Any) -> None:
        self.form = form
        self.fields: dict[Path, str] = {}

    def field_at(self, path: Path) -> str | None:
        """Return the field of a place, or of what holds it."""
        while path:
            if path in self.fields:
                return self.fields[path]
            inside = [at for at in self.fields if at[: len(path)] == path]
            if inside:
                return self.fields[inside[0]]
            path = path[:-1]
        return None

    def text(self, path: Path, name: str) -> str:
        """Return what was typed into a field, in plain digits unless it holds words."""
        self.fields[path] = name
        written = self.form[name].data or ""
        is_words = name.startswith("text_") or name.endswith("_words") or name == "title"
        return str(written).replace("\r\n", "\n").strip() if is_words else plain(written)

    def given(self, path: Path, name: str) -> str | None:
        """Return a number as typed; nothing typed is a problem the document names."""
        return self.text(path, name) or None

    def clock(self, path: Path, name: str) -> str:
        """Return a clock time as typed, ``09:00`` where it can be read as one."""
        return clock(self.text(path, name))

    def chosen(self, path: Path, name: str) -> str:
        """Return what is chosen in a list, its usual choice where nothing was sent."""
        self.fields[path] = name
        field = self.form[name]
        return str(field.data or field.default or "")

    def ticked(self, path: Path, name: str) -> list[str]:
        """Return the choices that are ticked."""
        self.fields[path] = name
        return list(self.form[name].data or ())

    def listed(self, path: Path, name: str) -> list[str]:
        """Return the names that stand in one field with commas between them."""
        self.fields[path] = name
        parts = str(self.form[name].data or "").translate(_LISTED).split("、")
        return [words for part in parts if (words := plain(part))]

    def deadline(self, at: Path, name: str) -> dict[str, Any]:
        """Return a limit of so many days before; the fields are named alike."""
        return {
            "days": self.given((*at, "days"), f"{name}_days"),
            "at": self.clock((*at, "at"), f"{name}_at") or "24:00",
            "counting": self.chosen((*at, "counting"), f"{name}_counting"),
            "shift": self.chosen((*at, "shift"), f"{name}_shift"),
        }

    def filled(self, name: str, columns: Collection[str], count: int = ROWS) -> Iterator[str]:
        """Yield ``name_n`` for each row in which something stands in one of these columns."""
        for n in range(count):
            if any(self._holds(f"{name}_{n}_{column}") for column in columns):
                yield f"{name}_{n}"

    def rows(self, at: Path, name: str, columns: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return the rows of which something is filled in; ``key:field`` where names differ.

        Args:
            columns: ``clock`` for a clock time, else nothing, by key.
        """
        found: list[dict[str, Any]] = []
        fields = {key: key.partition(":")[2] or key for key in columns}
        for row_name in self.filled(name, fields.values()):
            here = (*at, len(found))
            self.fields.setdefault(here, f"{row_name}_{next(iter(fields.values()))}")
            row: dict[str, Any] = {}
            for column, kind in columns.items():
                key = column.partition(":")[0]
                written = self.text((*here, key), f"{row_name}_{fields[column]}")
                if written:
                    row[key] = clock(written) if kind else written
            found.append(row)
        return found

    def _holds(self, name: str) -> bool:
        data = self.form[name].data
        return bool(plain(data) if isinstance(data, str) else data)


def plain(written: object) -> str:
    """Return a text in plain digits and commas, with one space between its words."""
    return " ".join(str(written or "").translate(_FULL_WIDTH).split())


def clock(written: str) -> str:
    """Return ``09:00`` for ``9:00`` or ``9時``; anything else as it is, for the document to say."""
    read = written.replace("時半", ":30").replace("時", ":00")
    hours, colon, minutes = read.partition(":")
    return f"{hours.zfill(2)}:{minutes}" if colon and hours.isdigit() else read
