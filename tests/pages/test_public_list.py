"""What anybody finds in the list of facilities: what is free on a day, and where it is next."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.kernel.age import fiscal_year
from portal.selfservice.public_search import SearchPage
from tests.factories import people
from tests.factories.places import Site, make_site, next_open_day
from tests.pages.test_public_calendar import cell, day_url, month_url
from tests.pages.visit import Visitor
from tests.services.test_take_places import mine, stay_for, take


def test_the_list_puts_what_is_free_first(visitor: Visitor, hinata: Site) -> None:
    full = make_site("あき園", places=0)
    day = next_open_day(2)
    page = visitor.get(f"/facilities?day={day}&class=1")
    assert page.text.index("ひなた保育園") < page.text.index("あき園")
    assert f"/facilities/{hinata.facility_id}/days/{day}" in page.html
    assert f"/facilities/{full.facility_id}/days/{day}" not in page.html


@pytest.mark.usefixtures("hinata")
def test_the_list_is_filtered_by_area(visitor: Visitor, midori: Site) -> None:
    with acting_as(midori.owner), transaction() as session:
        session.execute(
            text("UPDATE facilities SET address = 'みほん市みどり町2-2' WHERE id = :id"),
            {"id": midori.facility_id},
        )
    page = visitor.get("/facilities?area=みどり町")
    assert "みどりこども園" in page.text
    assert "ひなた保育園" not in page.text
    assert "この地区には、園がありません" in visitor.get("/facilities?area=ない町").text


@pytest.mark.usefixtures("hinata")
@pytest.mark.parametrize("query", ["day=x", "class=9", "page=-1", "page=99999", "born=2025-13"])
def test_the_list_reads_past_what_makes_no_sense(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/facilities?{query}").status == 200


@pytest.mark.usefixtures("hinata")
def test_a_month_of_birth_finds_the_class(visitor: Visitor) -> None:
    day = next_open_day(2)
    year = fiscal_year(day)
    assert "・2歳児クラス" in visitor.get(f"/facilities?day={day}&born={year - 3}-05").text
    assert "・1歳児クラス" in visitor.get(f"/facilities?day={day}&class=4&born={year - 1}-03").text


@pytest.mark.usefixtures("hinata")
def test_a_month_of_birth_of_no_class_is_refused_with_the_reason(visitor: Visitor) -> None:
    day = next_open_day(2)
    school = visitor.get(f"/facilities?day={day}&class=2&born={fiscal_year(day) - 8}-05")
    assert "小学生の年です" in school.text
    assert "ひなた保育園" not in school.text
    unborn = visitor.get(f"/facilities?day={day}&born={day + timedelta(days=40):%Y-%m}")
    assert "まだ生まれていません" in unborn.text


def test_the_list_promises_nothing_to_children_the_rules_leave_out(visitor: Visitor) -> None:
    make_site("市の園", template="municipal-strict")
    make_site("ふつうの園")
    day = next_open_day(2)
    page = visitor.get(f"/facilities?day={day}&class=4")
    assert "対象外（2歳児クラスまで）" in page.text
    assert page.text.index("ふつうの園") < page.text.index("市の園")
    newborn = visitor.get(f"/facilities?day={day}&born={day - timedelta(days=35):%Y-%m}").text
    assert "対象外（生後57日から）" in newborn
    assert "対象外（生後6か月から）" in newborn


def test_a_place_without_room_names_its_next_day(visitor: Visitor, tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    day = next_open_day(2)
    take(tanaka, stay_for(site, *mine(tanaka), day, start=time(8), end=time(18)))
    page = visitor.get(f"/facilities?day={day}&class=1")
    assert "次の空き" in page.text
    assert f"/facilities/{site.facility_id}/days/{day + timedelta(days=1)}" in page.html


def test_half_an_hour_left_is_no_free_place(visitor: Visitor, tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    day = next_open_day(2)
    suzu = people.make_guardian("別の母", children=("別の子",))
    take(tanaka, stay_for(site, *mine(tanaka), day, start=time(8), end=time(18)))
    short = day + timedelta(days=1)
    take(tanaka, stay_for(site, *mine(tanaka), short, start=time(8), end=time(10, 30)))
    take(suzu, stay_for(site, *mine(suzu), short, start=time(11), end=time(18)))
    assert cell(visitor.get(month_url(site, short)), short) == ("×", "空きなし", False)
    assert "10:30 ×短くて入れません" in visitor.get(day_url(site, short)).text
    on_the_day = visitor.get(f"/facilities?day={short}&class=1")
    assert "10:30〜11:00" not in on_the_day.text
    before = visitor.get(f"/facilities?day={day}&class=1")
    assert f"/facilities/{site.facility_id}/days/{short + timedelta(days=1)}" in before.html


def test_where_many_ask_the_list_is_read_once_for_all_and_drawn_for_each(
    app: Flask, hinata: Site, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    del hinata
    read: list[object] = []
    really = SearchPage.read

    def counted(session: Session, asked: Mapping[str, str], *, now: datetime) -> SearchPage:
        read.append(asked)
        return really(session, asked, now=now)

    monkeypatch.setattr(SearchPage, "read", counted)
    mother = Visitor(app, tanaka)
    for _ in range(3):
        mother.get("/facilities")
    assert len(read) == 3
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    pages = [mother.get("/facilities").text for _ in range(40)]
    assert len(read) < 3 + 40
    assert all("ひなた保育園" in text and "田中" in text for text in pages)
    mother.get("/facilities?class=2")
    mother.get("/facilities?lang=en")
    assert len(read) >= 3 + 2
