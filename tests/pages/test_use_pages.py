"""Days in care elsewhere: ticked in a month, counted by limits, taken back, put back."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.bookings.rules import UsePurpose
from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.uses import queries
from portal.uses.models import DeclaredUse
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_caps_held import cap, limited

USES = "/my/uses/"
DAY = next_open_day()
TODAY = clock.today(clock.now())


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


def month(day: date) -> str:
    return f"{USES}?month={day:%Y-%m}"


def said(*days: date, **more: Any) -> dict[str, Any]:
    return {"days": [day.isoformat() for day in days], "minutes": "240", "use_type": "", **more}


def standing(actor: Actor) -> list[DeclaredUse]:
    assert actor.family_id is not None
    with acting_as(actor) as session:
        return list(queries.told(session, actor.family_id, actor=actor))


@pytest.mark.proves("R5", "J9")
def test_a_day_that_was_told_counts_against_the_limit_until_it_is_taken_back(
    app: Flask, hinata: Site, family: Actor
) -> None:
    site = limited(hinata, cap("days", 1, scope="everywhere"))
    mother, wish = Visitor(app, family), wished(family, site)
    assert "いっしょに数える園：ひなた保育園" in mother.get(USES).text
    assert mother.post("/my/bookings/confirm", wish).status == 200
    elsewhere = DAY - timedelta(days=1)
    assert mother.submit(month(elsewhere), said(elsewhere)).status == 303
    assert mother.post("/my/bookings/confirm", wish).status == 409
    page = mother.get(month(elsewhere))
    [back] = re.findall(rf'"({USES}[-0-9a-f]+/take-back[^"]*)"', page.html)
    assert mother.submit(back, {}, form_page=month(elsewhere)).status == 303
    assert mother.post("/my/bookings/confirm", wish).status == 200
    [again] = re.findall(rf'"({USES}[-0-9a-f]+/restore[^"]*)"', mother.get(USES).html)
    assert mother.submit(again, {}, form_page=USES).status == 303
    assert mother.post("/my/bookings/confirm", wish).status == 409
    assert "取り消した日" not in mother.get(USES).text
    assert mother.submit(again, {}, form_page=USES).status == 409


def test_several_days_of_a_month_are_one_form(app: Flask, family: Actor) -> None:
    first = TODAY.replace(day=1) - timedelta(days=20)
    days = [first, first + timedelta(days=1), first + timedelta(days=2)]
    mother = Visitor(app, family)
    kind = UsePurpose.RESPITE.value
    done = mother.submit(month(first), said(*days, minutes="90", use_type=kind))
    assert done.status == 303
    assert {(row.day, row.minutes, row.use_type) for row in standing(family)} == {
        (day, 90, kind) for day in days
    }
    shown = mother.get(month(first))
    assert "3日" in shown.text
    assert "1時間30分" in shown.text
    for day in days:
        assert f'value="{day.isoformat()}"' not in shown.html, "a day that is told is not ticked"
    assert f"{first.month}月（3日）" in mother.get(USES).text.replace(" ", "")


def test_what_is_missing_or_impossible_is_explained(app: Flask, family: Actor) -> None:
    mother = Visitor(app, family)
    empty = mother.submit(USES, {"minutes": ""})
    assert empty.status == 422
    for words in ("1日以上えらんでください", "1日の長さをえらんでください"):
        assert words in empty.text
    far = mother.submit(month(TODAY), said(TODAY + timedelta(days=400)))
    assert far.status == 422
    assert "一覧からえらんでください" in far.text
    assert mother.submit(USES, said(TODAY)).status == 303
    twice = mother.post(USES, {"once": mother.get(USES).field("once"), **said(TODAY)})
    assert twice.status == 422
    assert standing(family)[0].day == TODAY
    for odd in ("2026-13", "x", "0000-00", "9999-12"):
        assert mother.get(f"{USES}?month={odd}").status == 200


def test_each_child_has_its_own_days(app: Flask, family: Actor) -> None:
    sister = make_child(family, "田中 そら", born_on=date(2024, 5, 1))
    mother = Visitor(app, family)
    here = f"{USES}?child={sister}&month={TODAY:%Y-%m}"
    assert mother.submit(here, said(TODAY)).status == 303
    [row] = standing(family)
    assert row.child_id == sister
    stranger = make_guardian("遠い だれか", children=("遠い こども",))
    assert mother.get(f"{USES}?child={children_of(stranger)[0].id}").status == 404
    assert Visitor(app, stranger).post(f"{USES}{row.id}/take-back", {}).status == 404


def test_who_has_no_child_yet_is_told_what_comes_first(app: Flask, database: object) -> None:
    del database
    mother = make_guardian("高橋 あおい")
    assert "お子さんの登録がありません" in Visitor(app, mother).get(USES).text


@pytest.mark.proves("J7")
def test_staff_write_down_what_a_caller_tells(
    app: Flask, hinata: Site, family: Actor, sato: Actor, yamada: Actor
) -> None:
    del hinata
    staff, page = Visitor(app, sato), f"/office/families/{family.family_id}/uses"
    assert "上限に数えません" in staff.get(page).text
    late = staff.submit(page, said(TODAY, **{**RECEIPT, "received_on-year": "2099"}))
    assert (late.status, standing(family)) == (422, [])
    assert staff.submit(page, said(TODAY, **RECEIPT)).status == 303
    assert [row.told_by for row in standing(family)] == [sato.user_id]
    shown = staff.get(f"/office/families/{family.family_id}").text
    assert "ほかで預けた日を入れました" in shown
    assert "電話" in shown
    [back] = re.findall(rf'"({page}/[-0-9a-f]+/take-back[^"]*)"', staff.get(page).html)
    assert staff.submit(back, {}, form_page=page).status == 303
    assert standing(family) == []
    [again] = re.findall(rf'"({page}/[-0-9a-f]+/restore[^"]*)"', staff.get(page).html)
    assert staff.submit(again, {}, form_page=page).status == 303
    assert len(standing(family)) == 1
    assert Visitor(app, yamada).get(page).status == 404
