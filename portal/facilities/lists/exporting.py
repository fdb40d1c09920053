"""A list of facilities to hand out: the columns of a standard, as CSV, XLSX or GeoJSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from portal.documents.csv_files import CsvFile, Encoding, csv_bytes
from portal.documents.xlsx_files import Kind, typed, xlsx_bytes
from portal.facilities.lists import values
from portal.facilities.lists.columns import Shape
from portal.facilities.lists.projecting import NOBODY, Body, Listed, project

#: *Source:* RFC 7946, section 12.
GEOJSON_TYPE: Final = "application/geo+json"

_KINDS: Final[Mapping[str, Kind]] = {
    "opens": Kind.TIME,
    "closes": Kind.TIME,
    "approved_on": Kind.DATE,
    "capacity": Kind.NUMBER,
    "latitude": Kind.NUMBER,
    "longitude": Kind.NUMBER,
}


@dataclass(frozen=True, slots=True)
class ListTable:
    """Header and rows, ready for any kind of file."""

    shape: Shape
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What each column holds."""
        by_column = {self.shape.fields.get(name): kind for name, kind in _KINDS.items()}
        return tuple(by_column.get(column, Kind.TEXT) for column in self.header)


def list_table(
    listed: Iterable[Listed], target: Shape, body: Body = NOBODY, *, own_columns: bool = True
) -> ListTable:
    """Return facilities in the columns of ``target``.

    Args:
        body: The municipality whose list it is, for rows that do not say it.
        own_columns: Whether what the target has no column for follows in columns of its own; the
            public gets the columns of the standard alone.
    """
    rows = [project(one, target, body) for one in listed]
    header = dict.fromkeys(target.columns)
    if own_columns:
        for row in rows:
            header |= dict.fromkeys(column for column, text in row.items() if text)
    return ListTable(
        target,
        tuple(header),
        tuple(tuple(row.get(column, "") for column in header) for row in rows),
    )


def as_csv(table: ListTable, encoding: Encoding = "utf-8-sig") -> CsvFile:
    """Return the list as CSV, with what the encoding could not write."""
    return csv_bytes(table.header, table.rows, encoding)


def as_xlsx(table: ListTable, title: str) -> bytes:
    """Return the list as a workbook: times, dates and numbers as such, codes and phones as text."""
    return xlsx_bytes(title, table.header, table.rows, table.kinds)


def as_geojson(table: ListTable) -> bytes:
    """Return the list as a map layer: a point each, no geometry where the place is not sure."""
    features = [
        {
            "type": "Feature",
            "geometry": _point(cells, table.shape),
            "properties": {
                name: _property(cell, kind)
                for (name, cell), kind in zip(cells.items(), table.kinds, strict=True)
            },
        }
        for cells in (dict(zip(table.header, row, strict=True)) for row in table.rows)
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _point(cells: Mapping[str, str], shape: Shape) -> dict[str, object] | None:
    written = (cells.get(shape.fields[name], "") for name in ("latitude", "longitude"))
    place = values.coordinates(*written).value
    return None if place is None else {"type": "Point", "coordinates": [place[1], place[0]]}


def _property(cell: str, kind: Kind) -> str | int | float | None:
    if not cell:
        return None
    if kind is Kind.NUMBER:
        number = typed(cell, kind)[0]
        if isinstance(number, int | float) and str(number) == cell:
            return number
    return cell
