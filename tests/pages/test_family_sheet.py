"""One paper for a family at the interview: the nearest places for these children, nobody's name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.facilities.points import Point, PointProblem, Spot, away, find_point, is_same_town
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.models import OutboxMessage
from portal.slots.family_sheet import months_before
from tests.factories import people, places
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())
TWO = f"{months_before(TODAY.replace(day=1), 30):%Y-%m}"
FOUR = f"{months_before(TODAY.replace(day=1), 50):%Y-%m}"
SOON = f"{months_before(TODAY.replace(day=1), -3):%Y-%m}"
PAPER = "/family-sheet/paper"
SPOTS = (
    Spot("福島県みほん市中央1-1", 37.40, 140.36),
    Spot("みほん市中央二丁目5番3号", 37.41, 140.36),
    Spot("みほん市緑町3-2", 37.40, 140.40),
    Spot("となり市緑町1", 37.60, 140.60),
    Spot("みほん市海岸町9", None, None),
)


def lies_at(site: places.Site, address: str, north: float, east: float) -> None:
    with acting_as(people.OPERATOR), transaction() as session:
        facility = session.get_one(Facility, site.facility_id)
        facility.address, facility.latitude, facility.longitude = address, north, east


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("みほん市中央１丁目２−３ ハイツ101", "みほん市中央1丁目"),
        ("〒963-0000 福島県みほん市中央2-9", "みほん市中央2丁目"),
        ("中央", "みほん市中央"),
        ("みほん市緑町", "みほん市緑町"),
    ],
)
def test_an_address_becomes_its_town_and_no_more(typed: str, label: str) -> None:
    found = find_point(typed, SPOTS)
    assert isinstance(found, Point)
    assert found.label == label
    assert find_point(found.label, SPOTS) == found


def test_what_the_list_does_not_know_is_said() -> None:
    assert find_point("緑町", SPOTS) is PointProblem.SEVERAL
    assert find_point("ないまち9", SPOTS) is PointProblem.UNKNOWN
    assert find_point("みほん市海岸町", SPOTS) is PointProblem.UNKNOWN
    assert is_same_town(Point("みほん市海岸町", 0, 0), "みほん市海岸町9")


def test_a_degree_of_latitude_is_111_kilometres_to_the_north() -> None:
    far = away(Point("", 35.0, 139.0), 36.0, 139.0)
    assert far.direction == 0
    assert far.metres == pytest.approx(111_195, abs=10)


@pytest.mark.proves("R9", "R10", "R1")
def test_the_nearest_comes_first_with_the_fee_for_these_children(
    app: Flask, hinata: places.Site, midori: places.Site
) -> None:
    lies_at(hinata, "みほん市中央1-1", 37.40, 140.36)
    lies_at(midori, "みほん市緑町3-2", 37.40, 140.40)
    asked = f"{PAPER}?child={TWO}&child={FOUR}&due={SOON}&near=みほん市緑町"
    page = Visitor(app).get(asked).text
    assert page.index("みどりこども園") < page.index("ひなた保育園")
    assert "西へ まっすぐ 約3.5キロ" in page
    assert "2人で 9:00〜12:00 に" in page
    assert "きょうだいの割引を引いた額" in page
    assert "ごろから" in page
    assert "に空きがあります" in page
    assert "000-0000-0000" in page
    assert page.count("二次元コード") == 0  # a picture's name alone


@pytest.mark.proves("R9")
def test_before_a_birth_no_day_of_care_is_named(app: Flask, hinata: places.Site) -> None:
    lies_at(hinata, "みほん市中央1-1", 37.40, 140.36)
    page = Visitor(app).get(f"{PAPER}?due={SOON}").text
    assert "に生まれる予定" in page
    assert "生まれたあと、預けられるようになってからのことです" in page
    assert "に預けるときのようすです" not in page
    assert "預けられる月が近くなると、園のページに出ます" in page


@pytest.mark.proves("R9")
def test_it_is_a_pdf_of_one_page_too(app: Flask, hinata: places.Site) -> None:
    del hinata
    answer = Visitor(app).client.get(f"{PAPER}.pdf?child={TWO}&words=en")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")


@pytest.mark.proves("R9", "R24")
def test_a_typed_address_goes_no_further_than_its_town(app: Flask, hinata: places.Site) -> None:
    lies_at(hinata, "みほん市中央1-1", 37.40, 140.36)
    typed = {"born_1": TWO, "near": "みほん市中央1丁目7-7 ハイツ203"}
    sent = Visitor(app).submit("/family-sheet", typed)
    assert sent.status == 303
    assert "7-7" not in sent.location
    assert "203" not in sent.location
    unknown = Visitor(app).submit("/family-sheet", {"born_1": TWO, "near": "ないまち"})
    assert unknown.status == 409
    assert "一覧の住所に見つかりません" in unknown.text
    assert "ないまち" in unknown.html


@pytest.mark.proves("R9", "R10")
def test_a_guardian_comes_to_hers_without_her_name(app: Flask, hinata: places.Site) -> None:
    lies_at(hinata, "みほん市中央1-1", 37.40, 140.36)
    born_on = date(TODAY.year - 2, 6, 3)
    mother = people.make_guardian("森 ゆい", children=("森 はる",), born_on=born_on)
    with acting_as(mother), transaction() as session:
        session.execute(
            text("UPDATE guardians SET address = 'みほん市中央1-1-9' WHERE family_id = :f"),
            {"f": mother.family_id},
        )
    sent = Visitor(app, mother).get("/my/family-sheet")
    assert sent.status == 303
    assert f"child={TODAY.year - 2}-06" in sent.location
    page = Visitor(app).get(sent.location)
    assert "森" not in page.text
    assert "みほん市中央1丁目" in page.text


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "?child=1990-01",
        f"?child={TODAY.year + 2}-01",
        "?due=1990-01",
        f"?due={(TODAY + timedelta(days=620)):%Y-%m}",
        "?child=abc",
        "?" + "&".join([f"child={TWO}"] * 20),
        f"?child={TWO}&on=1999-01-01",
    ],
)
def test_what_cannot_be_is_answered_with_the_form(app: Flask, wrong: str) -> None:
    page = Visitor(app).get(PAPER + wrong)
    assert page.status == 422
    assert "ください" in page.text


def test_nothing_is_stored(app: Flask, hinata: places.Site, director: Actor) -> None:
    del hinata
    tables = "audit_log", "outbox_messages", "given_answers"
    with acting_as(director) as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0
        before = [_rows(session, table) for table in tables]
    Visitor(app).submit("/family-sheet", {"born_1": TWO})
    Visitor(app).get(f"{PAPER}?child={TWO}")
    with acting_as(director) as session:
        assert [_rows(session, table) for table in tables] == before


def _rows(session: object, table: str) -> int | None:
    found = session.execute(  # type: ignore[attr-defined]  # a SQLAlchemy session
        text("SELECT n_tup_ins FROM pg_stat_xact_user_tables WHERE relname = :t"), {"t": table}
    )
    rows: int | None = found.scalar_one_or_none()
    return rows
