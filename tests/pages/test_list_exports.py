"""Lists handed out: to the city, to everybody, and taken in again."""

from __future__ import annotations

import csv
import io
import json
import uuid
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from flask import Flask
from sqlalchemy.exc import DBAPIError

from portal.db.session import acting_as, transaction
from portal.documents.csv_files import csv_bytes
from portal.facilities import exports, queries, service
from portal.facilities.lists import exporting
from portal.facilities.lists.columns import NATIONAL_2_1, NATIONAL_4, SHAPES, Shape
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations import service as organisations
from portal.organisations.service import set_municipality_code
from tests.factories.people import OPERATOR, make_liaison
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

DATA = Path(__file__).parents[1] / "data" / "facilities"
HERE = "/liaison/exports"
OPEN = "/open-data/facilities"


def take(liaison: Actor, name: str) -> None:
    assert liaison.organisation_id is not None
    with acting_as(liaison), transaction() as session:
        data = (DATA / name).read_bytes()
        service.import_file(
            session, data, name, liaison.organisation_id, actor=liaison, now=clock.now()
        )


def city_of(liaison: Actor) -> uuid.UUID:
    assert liaison.organisation_id is not None
    return liaison.organisation_id


def rows_of(page: Page, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    text = page.response.data.decode(encoding)
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.proves("J1", "R30")
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.code)
def test_what_is_handed_out_is_taken_in_again_without_a_change(
    app: Flask, suzuki: Actor, shape: Shape
) -> None:
    take(suzuki, "yokohama_kanazawa_nurseryFacilities.geojson")
    visitor = Visitor(app, suzuki)
    for ending in ("csv", "xlsx", "geojson"):
        _out_and_in(visitor, shape, ending)


def _out_and_in(visitor: Visitor, shape: Shape, ending: str) -> None:
    file = visitor.get(f"{HERE}/facilities.{ending}?columns={shape.code}").response
    assert file.headers["Content-Disposition"].startswith("attachment; ")
    name = f"施設の一覧_みほん市_{shape.in_file_names}.{ending}"
    assert name in unquote(file.headers["Content-Disposition"])
    sent = visitor.submit("/liaison/imports/", {"file": (io.BytesIO(file.data), f"x.{ending}")})
    page = visitor.get(sent.location)
    assert "変わるところはありません" in page.text
    assert "変わらない57 件" in page.text


def test_an_import_in_another_shape_changes_the_same_facility(app: Flask, suzuki: Actor) -> None:
    take(suzuki, "sapporo_nurseryFacilities.geojson")
    assert suzuki.organisation_id is not None
    with acting_as(suzuki) as session:
        table = exports.city_list(session, suzuki.organisation_id, NATIONAL_4)
    at = table.header.index("収容定員")
    rows = [(*row[:at], "77", *row[at + 1 :]) for row in table.rows[:1]]
    data = exporting.as_csv(exporting.ListTable(NATIONAL_4, table.header, tuple(rows))).data
    visitor = Visitor(app, suzuki)
    place = visitor.submit("/liaison/imports/", {"file": (io.BytesIO(data), "x.csv")}).location
    page = visitor.get(f"{place}?show=changed")
    assert "変わる1 件" in page.text
    assert "収容定員" in page.text
    visitor.post(
        f"{place}/apply", {"once": page.field("once"), "seen": page.field("seen"), "is_meant": "y"}
    )
    with acting_as(suzuki) as session:
        found = queries.facilities_to_export(session, suzuki.organisation_id)
    assert len(found) == 528
    (changed,) = [one for one in found if one.list_shape == "national-4"]
    # What the standard has no column for came along in columns of its own.
    assert (changed.capacity, changed.list_row["Label"] != "") == (77, True)


def test_before_a_cp932_file_each_lost_sign_is_named(app: Flask, suzuki: Actor) -> None:
    take(suzuki, "sapporo_nurseryFacilities.geojson")
    visitor = Visitor(app, suzuki)
    page = visitor.get(f"{HERE}/cp932?columns=national-4")
    assert "書けない文字が 17か所あります" in page.text
    assert "URL‾〓" in page.text
    file = visitor.get(f"{HERE}/facilities.csv?columns=national-4&encoding=cp932")
    assert file.response.headers["Content-Type"] == "text/csv; charset=Shift_JIS"
    assert "_第4版_CP932.csv" in unquote(file.response.headers["Content-Disposition"])
    written = rows_of(file, "cp932")
    assert sum("〓" in row["URL"] for row in written) == 17
    assert "すべての文字を書けます" in Visitor(app, make_liaison("他市")).get(f"{HERE}/cp932").text


def test_another_citys_list_is_not_there(app: Flask, suzuki: Actor) -> None:
    take(suzuki, "koriyama_nurseryData.cp932.csv")
    stranger = Visitor(app, make_liaison("他市 たろう"))
    assert stranger.get(f"{HERE}/?city={suzuki.organisation_id}").status == 404
    assert stranger.get(f"{HERE}/facilities.csv?city={suzuki.organisation_id}").status == 404
    assert rows_of(stranger.get(f"{HERE}/facilities.csv")) == []
    assert "書き出す施設がまだありません" in stranger.get(f"{HERE}/").text
    for wrong in ("facilities.csv?columns=x", "facilities.pdf", "cp932?columns=x"):
        assert stranger.get(f"{HERE}/{wrong}").status == 404


@pytest.fixture
def published(suzuki: Actor, hinata: Site) -> uuid.UUID:
    """One public facility of the city's 157, with a note of the city's own beside its row."""
    take(suzuki, "koriyama_nurseryData.cp932.csv")
    with acting_as(OPERATOR), transaction() as session:
        facilities = queries.facilities_to_export(
            session, suzuki.organisation_id or uuid.UUID(int=0)
        )
        shown = next(one for one in facilities if one.name == "大槻保育所")
        shown.organisation_id, shown.published_at = hinata.organisation_id, clock.now()
        shown.list_row = {**shown.list_row, "担当者のメモ": "うちわの話", "Memo": "=1+1"}
        return shown.id


@pytest.mark.proves("R30", "R9")
def test_everybody_gets_what_is_public_and_nothing_else(
    app: Flask, published: uuid.UUID, hinata: Site, suzuki: Actor
) -> None:
    with acting_as(OPERATOR) as session:
        names = {session.get_one(Facility, one).name for one in (published, hinata.facility_id)}
    visitor = Visitor(app)
    assert f"一覧（{len(names)}園）" in visitor.get("/open-data/").text
    for shape in (NATIONAL_4, NATIONAL_2_1):
        rows = rows_of(visitor.get(f"{OPEN}.csv?columns={shape.code}"))
        assert {row["名称"] for row in rows} == names
        assert tuple(rows[0]) == shape.columns
        assert "うちわの話" not in str(rows)
        assert next(row for row in rows if row["名称"] == "大槻保育所")["備考"] == "'=1+1"
    # Who may see more elsewhere gets no more here.
    assert {row["名称"] for row in rows_of(Visitor(app, suzuki).get(f"{OPEN}.csv"))} == names
    layer = json.loads(visitor.get(f"{OPEN}.geojson").response.data)
    assert {one["properties"]["名称"] for one in layer["features"]} == names
    book = openpyxl.load_workbook(io.BytesIO(visitor.get(f"{OPEN}.xlsx").response.data))
    assert book.worksheets[0].max_row == 1 + len(names)
    assert visitor.get(f"{OPEN}.csv?columns=koriyama").status == 404


@pytest.mark.proves("R30")
def test_a_hidden_facility_is_never_open_data(app: Flask, published: uuid.UUID) -> None:
    with acting_as(OPERATOR), transaction() as session:
        facility = session.get_one(Facility, published)
        facility.published_at, facility.is_hidden = None, True
    for ending in ("csv", "geojson"):
        assert "大槻保育所" not in Visitor(app).get(f"{OPEN}.{ending}").response.text


def test_the_list_of_problems_can_be_kept(app: Flask, suzuki: Actor) -> None:
    visitor = Visitor(app, suzuki)
    data = (DATA / "koriyama_nurseryFacilities.geojson").read_bytes()
    place = visitor.submit(
        "/liaison/imports/", {"file": (io.BytesIO(data), "map.geojson")}
    ).location
    assert "72件目" in visitor.get(place).text
    rows = rows_of(visitor.get(f"{place}/problems.csv"))
    assert rows[0] == {
        "行": "72",
        "列": "TEL",
        "書いてあること": "963-8035",
        "理由": "市外局番がありません。市外局番から書いてください。",
        "取り込み": "取り込む",
    }
    book = openpyxl.load_workbook(io.BytesIO(visitor.get(f"{place}/problems.xlsx").response.data))
    assert [cell.value for cell in book.worksheets[0][2]] == [72, *list(rows[0].values())[1:]]


@pytest.mark.proves("R30")
def test_a_demo_takes_a_real_list_without_its_numbers(
    app: Flask, suzuki: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], is_demo=True))
    visitor = Visitor(app, suzuki)
    data = (DATA / "koriyama_nurseryData.cp932.csv").read_bytes()
    place = visitor.submit("/liaison/imports/", {"file": (io.BytesIO(data), "x.csv")}).location
    page = visitor.get(place)
    visitor.post(
        f"{place}/apply", {"once": page.field("once"), "seen": page.field("seen"), "is_meant": "y"}
    )
    assert suzuki.organisation_id is not None
    with acting_as(suzuki) as session:
        found = queries.facilities_to_export(session, suzuki.organisation_id)
    assert len(found) == 157
    assert {(one.phone or "000-")[:4] for one in found} == {"000-"}
    assert {(one.fax or "000-")[:4] for one in found} == {"000-"}
    assert "024-951-2088" not in str([one.list_row for one in found])
    again = visitor.submit("/liaison/imports/", {"file": (io.BytesIO(data), "x.csv")}).location
    assert "変わるところはありません" in visitor.get(again).text


# --- Whose list it is ----------------------------------------------------------------------------


def tell_code(visitor: Visitor, code: str) -> Page:
    page = visitor.get(f"{HERE}/")
    return visitor.post(f"{HERE}/code", {"once": page.field("once"), "municipality_code": code})


@pytest.mark.proves("R30", "J1")
@pytest.mark.usefixtures("published")
def test_code_number_and_prefecture_stand_in_every_row(app: Flask, suzuki: Actor) -> None:
    visitor = Visitor(app, suzuki)
    assert "まだ入っていません" in visitor.get(f"{HERE}/").text
    assert tell_code(visitor, "０７２０３６").status == 303
    assert "（福島県）のコード 072036" in visitor.get(f"{HERE}/").text
    for shape in (NATIONAL_4, NATIONAL_2_1):
        code, number = shape.fields["municipality_code"], shape.fields["number"]
        file = visitor.get(f"{HERE}/facilities.csv?columns={shape.code}")
        assert 'filename="072036_preschool.csv"' in file.response.headers["Content-Disposition"]
        old = visitor.get(f"{HERE}/facilities.csv?columns={shape.code}&encoding=cp932")
        for rows in (rows_of(old, "cp932"), rows_of(file)):
            assert {row[code] for row in rows} == {"072036"}
            assert len({row[number] for row in rows}) == 157
            assert all(len(row[number]) == 10 and row[number][0] == "9" for row in rows)
        layer = json.loads(
            visitor.get(f"{HERE}/facilities.geojson?columns={shape.code}").response.data
        )
        assert {one["properties"][code] for one in layer["features"]} == {"072036"}
        # Open data says the same of the same facility, and so it will tomorrow.
        theirs = next(row for row in rows_of(file) if row["名称"] == "大槻保育所")
        public = rows_of(Visitor(app).get(f"{OPEN}.csv?columns={shape.code}"))
        ours = next(row for row in public if row["名称"] == "大槻保育所")
        assert (ours[code], ours[number]) == (theirs[code], theirs[number])
        assert "" not in {row[number] for row in public}


@pytest.mark.proves("R30")
def test_lists_with_code_and_number_come_back_unchanged(app: Flask, suzuki: Actor) -> None:
    take(suzuki, "yokohama_kanazawa_nurseryFacilities.geojson")
    visitor = Visitor(app, suzuki)
    tell_code(visitor, "141003")
    for shape in SHAPES:
        _out_and_in(visitor, shape, "csv")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "自治体コードを入れてください"),
        ("072037", "6桁目の検査数字が合いません"),
        ("72036", "先頭の0が消えているようなので"),
        ("郡山市", "6桁の数字ではありません"),
        ("不明", "自治体コードを6桁の数字で入れてください"),
    ],
)
def test_a_wrong_code_is_refused_and_stays_as_typed(
    app: Flask, suzuki: Actor, written: str, said: str
) -> None:
    page = tell_code(Visitor(app, suzuki), written)
    assert page.status == 422
    assert said in page.text
    assert page.field("municipality_code") == written


@pytest.mark.proves("R30")
def test_two_cities_cannot_have_one_code(
    app: Flask, suzuki: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[object] = []
    monkeypatch.setattr(
        organisations, "record", lambda *said, **detail: written.append((said[2:], detail))
    )
    assert tell_code(Visitor(app, suzuki), "072036").status == 303
    assert written == [(("organisation.code_set", suzuki.organisation_id), {"code": "072036"})]
    other = tell_code(Visitor(app, make_liaison("他市 たろう")), "072036")
    assert other.status == 409
    assert "ほかの市区町村に使われています" in other.text


@pytest.mark.proves("P7")
def test_nobody_writes_the_code_of_another_city(suzuki: Actor, hinata: Site) -> None:
    stranger = make_liaison("他市 たろう")
    for actor in (stranger, hinata.owner, Actor(role=Role.DIRECTOR)):
        with acting_as(actor), pytest.raises(DBAPIError, match="not the municipality"):
            _write_code(city_of(suzuki), actor)
    with acting_as(suzuki):
        _write_code(city_of(suzuki), suzuki)


def _write_code(city: uuid.UUID, actor: Actor) -> None:
    with transaction() as session, session.begin_nested():
        set_municipality_code(session, city, "072036", actor=actor)


@pytest.mark.proves("R30")
def test_a_city_learns_its_code_from_its_own_list(suzuki: Actor) -> None:
    row = {"自治体コード": "072036", "ID": "1", "名称": "園", "所在地_連結標記": "みほん市朝日1"}
    away = row | {"ID": "2", "所在地_連結標記": "郡山市朝日1"}
    assert learned(suzuki, away) is None, "the list may be another city's"
    assert learned(suzuki, row | {"自治体コード": "072037"}) is None
    assert learned(suzuki, row) == "072036"
    assert learned(suzuki, row | {"ID": "3", "自治体コード": "075213"}) == "072036"


def learned(liaison: Actor, row: dict[str, str]) -> str | None:
    cells = [[row.get(column, "") for column in NATIONAL_4.columns]]
    data = csv_bytes(NATIONAL_4.columns, cells).data
    with acting_as(liaison), transaction() as session:
        service.import_file(
            session, data, "x.csv", city_of(liaison), actor=liaison, now=clock.now()
        )
        return queries.municipality(session, city_of(liaison)).municipality_code
