"""GeoJSON as it may come: other geometries, no properties, numbers no computer holds."""

from __future__ import annotations

import json
from typing import Any

import pytest

from portal.facilities.lists.columns import KORIYAMA
from portal.facilities.lists.parsing import read_list
from portal.facilities.rules import ListRefusal
from tests.rules.facility_list_cases import PLAIN, refusal

EMPTY = dict.fromkeys(KORIYAMA.columns[:9] + KORIYAMA.columns[12:], None)
POINT = {"type": "Point", "coordinates": [140.35, 37.39]}


def feature(geometry: Any = POINT, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": EMPTY | PLAIN | properties}


def layer(*features: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_what_is_no_facility_is_named_and_the_others_come_in() -> None:
    parsed = read_list(
        layer(
            feature(),
            None,
            {"type": "Feature", "geometry": POINT, "properties": None},
            feature(Name="二", geometry={"type": "LineString", "coordinates": [[0, 0], [1, 1]]}),
            feature(Name="三", geometry=None),
            feature(Name="四", X=139.0, Y=37.39),
            feature(Name="五", Memo={"土": ["7:00"]}, Label="\u0000園\u0007", Full=60, Temp=True),
        ),
        "map.geojson",
    )
    assert [row.row_number for row in parsed.rows] == [1, 4, 5, 6, 7]
    assert parsed.refused_rows == (2, 3)
    said = {(each.row, each.column): each.reason_ja for each in parsed.remarks}
    assert "点（Point）ではない" in said[4, None]
    assert "この列の値を使います" in said[6, "X"]
    assert "見えない記号" in said[7, "Label"]
    first, second, third, fourth, fifth = parsed.rows
    assert (first.latitude, first.longitude) == (37.39, 140.35)
    assert (second.latitude, third.latitude, fourth.longitude) == (None, None, 139.0)
    assert (fifth.note, fifth.label, fifth.capacity) == ('{"土": ["7:00"]}', "園", 60)
    assert fifth.has_temporary_care is True


def test_numbers_stay_as_they_are_written() -> None:
    data = layer(feature(Full=1)).replace(b'"Full": 1', b'"Full": ' + b"9" * 100_000)
    row = read_list(data.replace(b"37.39", b"37.390"), "x").rows[0]
    assert (row.raw["Y"], len(row.raw["Full"]), row.capacity) == ("37.390", 100_000, None)
    assert read_list(layer(feature(Full=float("inf"))), "x").rows[0].capacity is None


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a": ' * 50_000, ListRefusal.NOT_A_TABLE),
        (b'{"type": "FeatureCollection", "features": [', ListRefusal.BROKEN_MAP),
        (b'{"type": "FeatureCollection", "features": {}}', ListRefusal.NOT_A_TABLE),
        (layer(), ListRefusal.EMPTY),
        (layer({"properties": {"a": 1}}), ListRefusal.UNKNOWN_COLUMNS),
        (layer(*[None] * 20_001), ListRefusal.TOO_MANY_ROWS),
    ],
)
def test_other_json_is_refused_with_a_sentence(data: bytes, code: ListRefusal) -> None:
    assert refusal(data)[0] is code
