from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import IntegrityError, NoResultFound

from portal.db.session import Database, acting_as, transaction
from portal.facilities import own, queries, service
from portal.facilities.lists.columns import NATIONAL_2_1
from portal.facilities.models import Facility
from portal.facilities.rules import FacilityRefusal, ListRefusal, area_of
from portal.facilities.service import Imported
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.organisations.rules import OrganisationKind
from tests.database import TestServer
from tests.factories.people import OPERATOR, make_liaison, make_organisation
from tests.factories.places import Site

DATA = Path(__file__).parents[1] / "data" / "facilities"
CITY = (DATA / "koriyama_nurseryData.cp932.csv").read_bytes()
NOW = clock.now()
NAME = "大槻保育所"


@pytest.fixture
def city(database: Database) -> uuid.UUID:
    del database
    return make_organisation("郡山市", OrganisationKind.MUNICIPALITY)


def take(
    city: uuid.UUID, data: bytes = CITY, *, later: int = 0, actor: Actor = OPERATOR
) -> Imported:
    with acting_as(actor), transaction() as session:
        now = NOW + timedelta(days=later)
        return service.import_file(session, data, "list.csv", city, actor=actor, now=now)


def stored(city: uuid.UUID) -> dict[str, Facility]:
    with acting_as(OPERATOR) as session:
        return queries.facilities_by_key(
            session, city, "koriyama", list(queries.stored_rows(session, city, "koriyama"))
        )


def otsuki(city: uuid.UUID) -> Facility:
    return next(one for one in stored(city).values() if one.name == NAME)


def edited(column: str, value: str) -> bytes:
    """The city's list with one cell of 大槻保育所 written anew."""
    rows = list(csv.DictReader(io.StringIO(CITY.decode("cp932"), newline="")))
    next(row for row in rows if row["Name"] == NAME)[column] = value
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("cp932")


@pytest.mark.proves("J1", "R30")
def test_every_cell_of_the_citys_157_facilities_is_stored_as_written(city: uuid.UUID) -> None:
    done = take(city)
    assert (done.plan.counts["new"], done.plan.counts["hidden"]) == (157, 13)
    rows = {one.list_key: one.list_row for one in stored(city).values()}
    written = list(csv.DictReader(io.StringIO(CITY.decode("cp932"), newline="")))
    assert {json.dumps(row, sort_keys=True) for row in rows.values()} == {
        json.dumps(row, sort_keys=True) for row in written
    }
    facility = otsuki(city)
    assert (facility.area, facility.phone, facility.published_at) == (
        "大槻町",
        facility.list_row["TEL"],
        None,
    )


@pytest.mark.proves("J1")
def test_importing_twice_changes_no_row(city: uuid.UUID) -> None:
    take(city)
    before = {key: one.updated_at for key, one in stored(city).items()}
    again = take(city, later=1)
    assert again.plan.preview.changes_nothing
    assert again.plan.counts["unchanged"] == 157
    assert {key: one.updated_at for key, one in stored(city).items()} == before


def test_a_changed_row_writes_the_citys_columns_and_leaves_the_providers(
    city: uuid.UUID, hinata: Site
) -> None:
    take(city)
    facility = otsuki(city)
    director = hinata.owner
    with acting_as(OPERATOR), transaction() as session:
        service.claim_facility(
            session, facility.id, hinata.organisation_id, actor=OPERATOR, now=NOW
        )
    with acting_as(director), transaction() as session:
        said = own.FacilityWords(name="", address="", access_note="裏門からどうぞ")
        own.describe_facility(session, facility.id, said, actor=director, now=NOW)
        own.set_holidays(session, facility.id, closed=False, actor=director, now=NOW)
        own.publish_facility(session, facility.id, actor=director, now=NOW)
    done = take(city, edited("TEL", "024-000-1111"), later=2)
    (changed,) = done.plan.preview.changed
    assert [(c.column, c.new) for c in changed.changes] == [("TEL", "024-000-1111")]
    now = otsuki(city)
    assert (now.phone, now.list_row["TEL"]) == ("024-000-1111", "024-000-1111")
    assert (now.organisation_id, now.published_at, now.access_note, now.closed_on_holidays) == (
        hinata.organisation_id,
        NOW,
        "裏門からどうぞ",
        False,
    )
    assert now.updated_at == NOW + timedelta(days=2)
    others = [one for one in stored(city).values() if one.id != now.id]
    assert {one.updated_at for one in others} == {NOW}


def test_a_facility_the_list_no_longer_names_is_reported_and_kept(city: uuid.UUID) -> None:
    take(city)
    lines = CITY.decode("cp932").splitlines(keepends=True)
    done = take(city, "".join(lines[:-1]).encode("cp932"))
    assert done.plan.counts["missing"] == 1
    assert len(stored(city)) == 157


def test_what_the_city_hides_is_never_published(city: uuid.UUID, hinata: Site) -> None:
    take(city)
    hidden = next(one for one in stored(city).values() if one.is_hidden)
    with acting_as(OPERATOR), transaction() as session:
        service.claim_facility(session, hidden.id, hinata.organisation_id, actor=OPERATOR, now=NOW)
    with acting_as(hinata.owner), transaction() as session, pytest.raises(Refusal) as caught:
        own.publish_facility(session, hidden.id, actor=hinata.owner, now=NOW)
    assert caught.value.codes == (FacilityRefusal.HIDDEN_BY_CITY,)
    with acting_as(OPERATOR), pytest.raises(IntegrityError), transaction() as session:
        queries.facility(session, hidden.id).published_at = NOW


def test_a_published_facility_that_the_city_hides_leaves_the_public_pages(
    city: uuid.UUID, hinata: Site
) -> None:
    take(city)
    facility = otsuki(city)
    with acting_as(OPERATOR), transaction() as session:
        service.claim_facility(
            session, facility.id, hinata.organisation_id, actor=OPERATOR, now=NOW
        )
    with acting_as(hinata.owner), transaction() as session:
        own.publish_facility(session, facility.id, actor=hinata.owner, now=NOW)
    take(city, edited("Type", "非公開"))
    now = otsuki(city)
    assert (now.is_hidden, now.published_at) == (True, None)


@pytest.mark.proves("R30")
def test_the_national_columns_are_taken_too(city: uuid.UUID) -> None:
    row = {
        "都道府県コード又は市区町村コード": "072036",
        "NO": "0000000001",
        "都道府県名": "福島県",
        "市区町村名": "郡山市",
        "名称": "みほん保育園",
        "名称_カナ": "ミホンホイクエン",
        "種別": "認可保育所",
        "住所": "福島県郡山市朝日一丁目1-1",
        "アクセス方法": "市役所から歩いて5分",
        "電話番号": "024-000-0000",
        "収容定員": "60",
        "一時預かりの有無": "有",
    }
    out = io.StringIO()
    writer = csv.DictWriter(out, NATIONAL_2_1.columns)
    writer.writeheader()
    writer.writerow(row)
    take(city, out.getvalue().encode("utf-8-sig"))
    with acting_as(OPERATOR) as session:
        keys = list(queries.stored_rows(session, city, "national-2.1"))
        (one,) = queries.facilities_by_key(session, city, "national-2.1", keys).values()
    assert keys == ["072036\t0000000001"]
    assert (one.name, one.capacity, one.has_temporary_care, one.area, one.access_note) == (
        "みほん保育園",
        60,
        True,
        "朝日",
        "市役所から歩いて5分",
    )
    assert take(city).plan.names_of_other_shapes == ("みほん保育園",)


def test_a_plan_somebody_agreed_to_is_not_replaced_by_another(city: uuid.UUID) -> None:
    with acting_as(OPERATOR), transaction() as session:
        kept = service.store_import(session, CITY, "a.csv", city, actor=OPERATOR, now=NOW)
    take(city)
    with acting_as(OPERATOR), transaction() as session, pytest.raises(Refusal) as caught:
        service.apply_import(
            session, kept.import_id, actor=OPERATOR, now=NOW, seen=kept.plan.fingerprint
        )
    assert caught.value.codes == (FacilityRefusal.CHANGED_SINCE_PREVIEW,)
    with acting_as(OPERATOR), transaction() as session:
        service.apply_import(session, kept.import_id, actor=OPERATOR, now=NOW)
    with acting_as(OPERATOR), transaction() as session, pytest.raises(Refusal) as caught:
        service.apply_import(session, kept.import_id, actor=OPERATOR, now=NOW)
    assert caught.value.codes == (FacilityRefusal.ALREADY_IMPORTED,)


@pytest.mark.proves("B57")
def test_a_file_that_is_no_list_leaves_nothing(city: uuid.UUID) -> None:
    with pytest.raises(Refusal) as caught:
        take(city, b"%PDF-1.7 ...")
    assert caught.value.codes == (ListRefusal.NOT_A_TABLE,)
    with acting_as(OPERATOR) as session:
        assert queries.recent_imports(session) == []


def test_another_citys_liaison_neither_sees_nor_takes_an_import(city: uuid.UUID) -> None:
    stranger = make_liaison("鈴木 あき")
    kept = take(city)
    with acting_as(stranger), transaction() as session, pytest.raises(NoResultFound):
        service.apply_import(session, kept.import_id, actor=stranger, now=NOW)
    with acting_as(stranger) as session:
        assert queries.stored_rows(session, city, "koriyama") == {}


def test_a_liaison_takes_her_own_citys_list(database: Database) -> None:
    del database
    liaison = make_liaison("鈴木 あき")
    assert liaison.organisation_id
    assert take(liaison.organisation_id, actor=liaison).plan.counts["new"] == 157


def test_a_facility_has_one_provider(city: uuid.UUID, hinata: Site, midori: Site) -> None:
    take(city)
    facility = otsuki(city)
    with acting_as(OPERATOR), transaction() as session:
        service.claim_facility(
            session, facility.id, hinata.organisation_id, actor=OPERATOR, now=NOW
        )
        with pytest.raises(Refusal) as caught:
            service.claim_facility(
                session, facility.id, midori.organisation_id, actor=OPERATOR, now=NOW
            )
    assert caught.value.codes == (FacilityRefusal.RUN_BY_ANOTHER,)


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("福島県郡山市大槻町字宮ノ前78-4", "大槻町"),
        ("郡山市町東三丁目66", "町東"),
        ("郡山市方八町二丁目6-8", "方八町"),
        ("郡山市八山田西二丁目322", "八山田西"),
        ("桑野三丁目11-7", "桑野"),
        ("三重県四日市市諏訪町１-５", "諏訪町"),
        ("札幌市中央区北1条西2", "中央区"),
        ("東京都世田谷区桜丘1-2", "桜丘"),
        ("郡山市字名倉104", None),
        ("", None),
    ],
)
def test_the_area_is_named_where_it_is_sure(address: str, area: str | None) -> None:
    assert area_of(address) == area


@pytest.mark.proves("J1")
def test_the_command_previews_takes_and_refuses(
    emptied: Engine, server: TestServer, tmp_path: Path
) -> None:
    (tmp_path / "secrets.json").write_text(json.dumps(server.secrets._to_json()), "ascii")
    (tmp_path / "secrets.json").chmod(0o600)
    (tmp_path / "list.csv").write_bytes(CITY)
    (tmp_path / "paper.csv").write_bytes(b"%PDF-1.7")
    address = emptied.url.render_as_string(hide_password=False)

    def portal(*words: str, word: str = "import") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "portal", "facilities", word, *words],
            env={
                "PATH": "/usr/bin:/bin",
                "DATABASE_URL": address,
                "PORTAL_SECRETS": str(tmp_path / "secrets.json"),
                "PYTHONUTF8": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def count() -> int:
        with acting_as(OPERATOR) as session:
            return int(session.execute(text("SELECT count(*) FROM facilities")).scalar_one())

    asked = portal(str(tmp_path / "list.csv"))
    assert asked.returncode == 3, asked.stderr
    assert f"DATABASE_URL の {emptied.url.database}" in asked.stderr
    assert "新しい 157件" in asked.stdout
    assert "市外局番がありません" in asked.stdout
    assert count() == 0
    assert portal(str(tmp_path / "list.csv"), "--yes").returncode == 0
    assert count() == 157
    again = portal(str(tmp_path / "list.csv"), "--yes")
    assert (again.returncode, "変わるところはありません" in again.stdout) == (0, True)
    assert "郡山市" in again.stdout
    wrong = portal(str(tmp_path / "list.csv"), "--code", "072037")
    assert (wrong.returncode, "検査数字が合いません" in wrong.stderr) == (2, True)
    coded = portal(str(tmp_path / "list.csv"), "--code", "72036")
    assert (coded.returncode, "自治体コードは 072036" in coded.stdout) == (0, True), coded.stderr
    refused = portal(str(tmp_path / "paper.csv"))
    assert (refused.returncode, "PDF" in refused.stderr) == (2, True)
    assert portal(str(tmp_path / "none.csv")).returncode == 2
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        traces = connection.scalars(
            text("SELECT detail FROM audit_log WHERE action = 'facility.imported'")
        ).all()
    admin.dispose()
    assert [(one["new"], one["refused"], one["hidden"]) for one in traces] == [(157, 0, 13)]
    out = str(tmp_path / "out.xlsx")
    written = portal(out, "--columns", "v2.1", word="export")
    assert (written.returncode, "157件" in written.stdout) == (0, True), written.stderr
    assert portal(out, word="export").returncode == 2  # it is there already
    back = portal(out, "--yes")
    assert (back.returncode, "変わるところはありません" in back.stdout) == (0, True), back.stdout
    old = portal(str(tmp_path / "old.csv"), "--cp932", word="export")
    assert old.returncode == 0
    assert "郡山市" in (tmp_path / "old.csv").read_bytes().decode("cp932")
    assert portal(str(tmp_path / "none.pdf"), word="export").returncode == 2
    open_data = portal(str(tmp_path / "open.geojson"), "--public", word="export")
    assert "0件" in open_data.stdout
    given = portal(NAME, "--to", "おおつきの会", word="give")
    assert (given.returncode, "につなぎました" in given.stdout) == (0, True)
    taken = portal(NAME, "--to", "べつの会", word="give")
    assert (taken.returncode, "ほかの事業者が運営しています" in taken.stderr) == (2, True)
    assert portal("ない園", "--to", "おおつきの会", word="give").returncode == 2
