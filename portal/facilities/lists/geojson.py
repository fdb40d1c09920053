"""A map layer (GeoJSON, RFC 7946) as a table: one row a place, one column a property."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from portal.facilities.lists.table import (
    CellNote,
    Counted,
    Table,
    TableRow,
    without_control_signs,
)
from portal.facilities.rules import ListRefusal
from portal.kernel.errors import Reason, Refusal

#: Where a point's coordinates go when no property has them: names of longitude and latitude.
_PLACES = (("X", "Y"), ("経度", "緯度"))
#: Of an entry that holds no facility at all; its row is not taken.
NO_FACILITY = "施設のデータ（properties）がありません。"


def read_geojson(text: str, most_rows: int) -> Table:
    """Return the places of a FeatureCollection. Numbers stay as they are written.

    Nothing is a row that is no place, but nothing is lost either: such an entry becomes a note.

    Raises:
        Refusal: ``NOT_A_TABLE`` for other JSON, ``BROKEN_MAP`` with the line, ``TOO_MANY_ROWS``,
            ``EMPTY``.
    """
    features = _features(text)
    if len(features) > most_rows:
        raise Refusal([Reason(ListRefusal.TOO_MANY_ROWS, {"limit": most_rows})])
    if not features:
        raise Refusal([ListRefusal.EMPTY])
    notes: list[CellNote] = []
    places: list[tuple[int, dict[str, str]]] = []
    header: dict[str, None] = {}
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            said = without_control_signs(_written(feature))[:200]
            notes.append(CellNote(number, None, said, NO_FACILITY))
            continue
        cells = {without_control_signs(name): _written(properties[name]) for name in properties}
        places.append((number, cells))
        header |= dict.fromkeys(cells)
    axes = next((pair for pair in _PLACES if pair[1] in header), _of_the_standard(header))
    header |= dict.fromkeys(axes)
    names = tuple(header)
    rows = []
    for number, cells in places:
        notes += _placed(number, cells, features[number - 1], axes, names)
        rows.append(TableRow(number, tuple(_clean(cells, names, number, notes))))
    return Table(names, tuple(rows), tuple(notes), Counted.FEATURES, header_row=0)


def _features(text: str) -> list[Any]:
    try:
        # As text: 37.30 and 1e400 stay what they are, and a number of a million figures is cheap.
        whole = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise Refusal([Reason(ListRefusal.BROKEN_MAP, {"line": error.lineno})]) from None
    except RecursionError:
        raise Refusal([Reason(ListRefusal.NOT_A_TABLE, {"kind": "JSON"})]) from None
    if not isinstance(whole, dict) or not isinstance(whole.get("features"), list):
        raise Refusal([Reason(ListRefusal.NOT_A_TABLE, {"kind": "JSON"})])
    features: list[Any] = whole["features"]
    return features


def _of_the_standard(header: Mapping[str, None]) -> tuple[str, str]:
    return _PLACES[1] if "名称" in header else _PLACES[0]


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return ""


def _placed(
    number: int,
    cells: dict[str, str],
    feature: Mapping[str, Any],
    axes: tuple[str, str],
    names: tuple[str, ...],
) -> list[CellNote]:
    """Fill in the coordinates of the point where the properties have none."""
    geometry = feature.get("geometry")
    if geometry is None:
        return []
    point = geometry.get("coordinates") if isinstance(geometry, dict) else None
    is_point = isinstance(geometry, dict) and geometry.get("type") == "Point"
    if not (is_point and isinstance(point, list) and len(point) >= len(axes)):
        reason = "場所が点（Point）ではないので、場所は取り込みません。"
        return [CellNote(number, None, _written(geometry)[:200], reason)]
    notes = []
    for name, degrees in zip(axes, point, strict=False):
        written = cells.get(name) or ""
        if not written:
            cells[name] = _written(degrees)
        elif not _same_number(written, _written(degrees)):
            reason = f"地図の点（{_written(degrees)}）とちがいます。この列の値を使います。"
            notes.append(CellNote(number, names.index(name), written, reason))
    return notes


def _same_number(one: str, other: str) -> bool:
    try:
        return float(one) == float(other)
    except ValueError:
        return one == other


def _clean(
    cells: Mapping[str, str], names: tuple[str, ...], number: int, notes: list[CellNote]
) -> list[str]:
    row = []
    for at, name in enumerate(names):
        written = cells.get(name, "")
        plain = without_control_signs(written)
        if plain != written:
            notes.append(CellNote(number, at, plain, "見えない記号を取りのぞきました。"))
        row.append(plain)
    return row
