"""At which field a rule goes wrong whose own words name none: the row, the second of two. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from portal.rulebooks.reading.mistakes import Path

#: The rule's English words → the field that is looked at first.
_FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "the least length is more than the greatest": "min_minutes",
        "a length lies between the least and the greatest": "lengths",
        "no stay fits the first visit": "first_visit",
        "joining needs blocks": "join_up_to",
        "a part is no more than the whole": "parts",
        "no more is kept than there is": "kept",
        "a share needs a total": "parts",
        "days end after they begin": "until",
        "dates of birth end after they begin": "born_until",
        "the least number of weekdays is more than the greatest": "least_weekdays",
        "the least price is more than the greatest": "min_yen",
        "a draw belongs to a lottery": "draw",
        "papers belong to a provisional booking": "papers",
        "only an offer waits for an answer": "answer_minutes",
        "rates go up by length": "then",
        "steps go up by length": "steps",
        "announced periods overlap": "periods",
    }
)
#: A list in which something stands twice, and by what it is known.
_TWICE: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "each kind of ticket stands once": (("coupons", "code"),),
        "each block has a name of its own": (("blocks", "label"),),
        "each type of use and each reason stands once": (("types", "code"), ("reasons", "code")),
        "each step stands once": (("steps", "kind"),),
    }
)
_YEAR = 12


def at_fault(message: str, path: Path, content: Any) -> Path:
    """Return the place inside ``path`` that a rule objects to; ``path`` where it cannot be told.

    Args:
        message: The rule's own English words.
        content: What was written.
    """
    part = _part(content, path)
    if not isinstance(part, Mapping):
        return path
    if message == "a price names a block that units does not have":
        return (*path, "fee", "tariff", "bands")
    if find := _ROWS.get(message):
        bands = part.get("bands")
        row = find(bands) if isinstance(bands, list) and bands else None
        return path if row is None else (*path, "bands", row)
    for name, key in _TWICE.get(message, ()):
        if (second := _second(part.get(name), key)) is not None:
            return (*path, name, second)
    field = _FIELDS.get(message, "")
    return (*path, field) if field in part else path


def _part(content: Any, path: Path) -> Any:
    for key in path:
        if isinstance(key, int):
            content = content[key] if isinstance(content, list) and key < len(content) else None
        else:
            content = content.get(key) if isinstance(content, Mapping) else None
    return content


def _second(rows: Any, key: str) -> int | None:
    """The number of the first row that has the same key as one before it."""
    seen = set()
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        name = row.get(key) if isinstance(row, Mapping) else None
        if name in seen:
            return number
        seen.add(str(name))
    return None


def _last_row(bands: Sequence[Any]) -> int:
    """The row without an age that stands before others, or the last one that has an age."""
    limits = [_limit(band) for band in bands]
    return limits.index(None) if None in limits[:-1] else len(bands) - 1


def _row_out_of_order(bands: Sequence[Any]) -> int | None:
    limits = [_limit(band) for band in bands]
    for number, (before, limit) in enumerate(pairwise(limits[:-1]), start=1):
        if before is None or limit is None or limit <= before:
            return number
    return None


def _limit(band: Any) -> int | None:
    if not isinstance(band, Mapping):
        return None
    years, months = band.get("below_age"), band.get("below_months")
    if isinstance(years, int):
        return years * _YEAR
    return months if isinstance(months, int) else None


_ROWS: Mapping[str, Callable[[Sequence[Any]], int | None]] = MappingProxyType(
    {
        "the last band has no upper age": _last_row,
        "bands go up by age, and only the last one is open": _row_out_of_order,
    }
)
