from __future__ import annotations

import io
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.facilities import queries
from portal.facilities.lists import reading
from portal.facilities.lists.columns import KORIYAMA
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from tests.factories.people import OPERATOR, make_liaison, make_organisation, make_worker
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

CITY = (
    Path(__file__).parents[1] / "data" / "facilities" / "koriyama_nurseryData.cp932.csv"
).read_bytes()
HERE = "/liaison/imports/"


def upload(visitor: Visitor, data: bytes, **more: object) -> Page:
    return visitor.submit(HERE, {"file": (io.BytesIO(data), "nurseryData.csv"), **more})


def apply(visitor: Visitor, preview: str) -> Page:
    page = visitor.get(preview)
    data: dict[str, object] = {"once": page.field("once"), "seen": page.field("seen")}
    # The lists of these tests are another city's than Ms Suzuki's, and say so.
    return visitor.post(f"{preview}/apply", data | {"is_meant": "y"})


def facilities() -> int:
    with acting_as(OPERATOR) as session:
        return int(session.execute(text("SELECT count(*) FROM facilities")).scalar_one())


def small(*rows: dict[str, str]) -> bytes:
    lines = [",".join(KORIYAMA.columns)]
    lines += [",".join(row.get(column, "") for column in KORIYAMA.columns) for row in rows]
    return "\r\n".join(lines).encode("cp932")


@pytest.mark.proves("J1", "R30")
def test_a_list_is_looked_at_first_and_then_taken(app: Flask, suzuki: Actor) -> None:
    visitor = Visitor(app, suzuki)
    sent = upload(visitor, CITY)
    assert sent.status == 303
    page = visitor.get(sent.location)
    assert "新しい157 件" in page.text
    assert "73行目" in page.text
    # The city is みほん市, the list another's; two addresses name no city.
    assert "住所がすべて、ほかの市区町村です（155件）" in page.text
    assert "郡山市 155件" in page.text
    assert "新しい 157件を加えます。" in page.text
    assert "市外局番がありません" in page.text
    assert facilities() == 0
    assert apply(visitor, sent.location).status == 303
    assert facilities() == 157
    assert "に取り込みました" in visitor.get(sent.location).text
    again = upload(visitor, CITY)
    assert "変わるところはありません" in visitor.get(again.location).text
    assert "取り込みました" in visitor.get(HERE).text


def test_every_row_can_be_reached_page_by_page(app: Flask, suzuki: Actor) -> None:
    visitor = Visitor(app, suzuki)
    place = upload(visitor, CITY).location
    text_of_all = "".join(visitor.get(f"{place}?show=new&page={n}").text for n in range(1, 5))
    assert all(f" {number}行目" in text_of_all for number in range(2, 159))
    assert visitor.get(f"{place}?show=new&page=99").status == 200
    assert visitor.get(f"{place}?show=nonsense").status == 200


@pytest.mark.proves("B57")
def test_a_list_of_another_city_is_taken_only_once_somebody_said_it_is_meant(
    app: Flask, suzuki: Actor
) -> None:
    visitor = Visitor(app, suzuki)
    place = upload(visitor, small({"Name": "あさひ園", "Add1": "郡山市朝日一丁目1"})).location
    page = visitor.get(place)
    seen: dict[str, object] = {"once": page.field("once"), "seen": page.field("seen")}
    refused = visitor.post(f"{place}/apply", seen)
    assert (refused.status, facilities()) == (409, 0)
    assert "まちがいでなければ、下の□にしるしをつけてください" in refused.text
    page = visitor.get(place)
    seen = {"once": page.field("once"), "seen": page.field("seen"), "is_meant": "y"}
    assert (visitor.post(f"{place}/apply", seen).status, facilities()) == (303, 1)
    own = upload(visitor, small({"Name": "ゆうひ園", "Add1": "みほん市朝日一丁目1"})).location
    assert "is_meant" not in visitor.get(own).html


def test_a_column_that_the_list_lacks_and_a_grade_of_another_citys_are_said_as_such(
    app: Flask, suzuki: Actor
) -> None:
    visitor = Visitor(app, suzuki)
    one = {"Name": "あさひ園", "Add1": "郡山市朝日一丁目1"}
    apply(visitor, upload(visitor, small({**one, "Memo": "園庭あり"})).location)
    without = small(one).replace(b",Memo,", b",,")
    shown = visitor.get(f"{upload(visitor, without).location}?show=remarks").text
    assert "Memo（備考）（列なし）この列が、この一覧にはありません" in shown
    graded = [{"Name": f"{n}園", "Add1": "郡山市朝日", "Extra": "3"} for n in range(6)]
    shown = visitor.get(f"{upload(visitor, small(*graded)).location}?show=remarks").text
    assert (
        "4行目、ほか3行 Extra（延長保育）33 の意味が分かりません。書かれたとおりに残します。"
        in shown
    )


@pytest.mark.proves("B57")
def test_what_changes_and_what_is_refused_is_named_by_row_and_column(
    app: Flask, suzuki: Actor
) -> None:
    visitor = Visitor(app, suzuki)
    one = {"Name": "あさひ園", "Add1": "郡山市朝日一丁目1", "TEL": "024-000-0001"}
    apply(visitor, upload(visitor, small(one)).location)
    place = upload(
        visitor, small({**one, "TEL": "024-000-0002"}, {"Name": "<b>園</b>", "Add1": ""})
    ).location
    refused = visitor.get(f"{place}?show=refused").text
    assert "3行目" in refused
    assert "「Add1」が空です" in refused
    changed = visitor.get(f"{place}?show=changed").text
    assert "TEL（電話番号）024-000-0001024-000-0002" in changed
    assert "<b>園" not in visitor.get(f"{place}?show=refused").html


def test_data_that_changed_in_between_is_shown_before_it_is_taken(
    app: Flask, suzuki: Actor
) -> None:
    visitor = Visitor(app, suzuki)
    one = {"Name": "あさひ園", "Add1": "郡山市朝日一丁目1"}
    first = upload(visitor, small(one)).location
    page = visitor.get(first)
    seen = {"once": page.field("once"), "seen": page.field("seen")}
    second = upload(visitor, small({**one, "Memo": "新しい"})).location
    assert apply(visitor, second).status == 303
    stopped = visitor.post(f"{first}/apply", dict(seen))
    assert stopped.status == 409
    assert "確かめている間に、施設のデータが変わりました" in stopped.text
    assert facilities() == 1


@pytest.mark.proves("B57")
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "これはPDFのファイルです"),
        (b"a,b,c\n1,2,3\n", "施設の一覧として読めません"),
        (b"", "ファイルに施設が1件もありません"),
        (b"Name" + b"x" * 300_000, "ファイルが大きすぎます"),
    ],
)
def test_a_wrong_file_is_refused_with_a_sentence(
    app: Flask, suzuki: Actor, monkeypatch: pytest.MonkeyPatch, data: bytes, words: str
) -> None:
    # Above half a megabyte the test client itself would leave a file open.
    monkeypatch.setattr(reading, "LARGEST_FILE", 300_000)
    page = upload(Visitor(app, suzuki), data)
    assert (page.status, words in page.text) == (409, True)
    assert "ファイルは、もう一度えらんでください" in page.text


def test_an_upload_of_a_gigabyte_is_not_read(app: Flask, suzuki: Actor) -> None:
    visitor = Visitor(app, suzuki)
    page = visitor.post(
        HERE,
        content_type="multipart/form-data; boundary=b",
        environ_overrides={"CONTENT_LENGTH": str(10**9)},
    )
    assert page.status == 413


@pytest.mark.parametrize("page", [HERE, "/liaison/exports/"])
def test_both_pages_of_the_lists_stand_under_one_entry_of_the_menu(
    app: Flask, suzuki: Actor, page: str
) -> None:
    html = Visitor(app, suzuki).get(page).html
    assert 'href="/liaison/imports/" aria-current="page">施設の一覧</a>' in html


def test_a_provider_stands_with_the_names_of_its_facilities(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    with acting_as(OPERATOR), transaction() as session:
        facility = queries.facility(session, hinata.facility_id)
        facility.municipality_id = suzuki.organisation_id
    page = Visitor(app, suzuki).get("/liaison/providers/")
    assert f'href="/facilities/{hinata.facility_id}">' in page.html
    assert "か所" not in page.text


def test_no_file_at_all_is_said(app: Flask, suzuki: Actor) -> None:
    page = Visitor(app, suzuki).submit(HERE, {})
    assert (page.status, "一覧のファイルをえらんでください" in page.text) == (422, True)


def test_going_back_and_choosing_another_file_shows_the_other_file(
    app: Flask, suzuki: Actor
) -> None:
    visitor = Visitor(app, suzuki)
    once = visitor.get(HERE).field("once")
    places = [
        visitor.post(
            HERE,
            {
                "once": once,
                "file": (io.BytesIO(small({"Name": name, "Add1": "郡山市朝日"})), "a.csv"),
            },
        ).location
        for name in ("あさひ園", "ゆうひ園")
    ]
    assert "ゆうひ園" in visitor.get(f"{places[1]}?show=new").text


def test_another_citys_import_is_not_there(app: Flask, suzuki: Actor) -> None:
    place = upload(Visitor(app, suzuki), CITY).location
    stranger = Visitor(app, make_liaison("他市 たろう"))
    assert stranger.get(place).status == 404
    assert stranger.post(f"{place}/apply").status == 404
    assert stranger.get(f"{place}/problems.csv").status == 404
    assert "まだありません" in stranger.get(HERE).text


def test_families_and_providers_take_no_lists(app: Flask, tanaka: Actor, sato: Actor) -> None:
    for actor in (tanaka, sato):
        assert Visitor(app, actor).get(HERE).status == 403
    assert Visitor(app).get(HERE).status == 303


def test_the_operator_says_which_city(app: Flask) -> None:
    city = make_organisation("郡山市", OrganisationKind.MUNICIPALITY)
    running = make_organisation("運用", OrganisationKind.OPERATOR)
    operator = make_worker("運用 さくら", running, "operator")
    visitor = Visitor(app, operator)
    assert upload(visitor, CITY).status == 422
    place = upload(visitor, CITY, municipality=str(city)).location
    assert apply(visitor, place).status == 303
    with acting_as(OPERATOR) as session:
        found = session.execute(text("SELECT DISTINCT municipality_id FROM facilities")).scalars()
        assert list(found) == [city]
