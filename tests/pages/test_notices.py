"""Pages of notices: seen before they are sent, read with one tap, signed in or not."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from portal.accounts.addresses import token_for
from portal.db.session import acting_as
from portal.kernel.actor import Actor
from portal.notices.models import NoticeReceipt
from tests.factories import days
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

CHOSEN = {
    "kind": "closure",
    "cause": "infection",
    "effect": "cancel",
    "audience": "booked",
    "from_day-year": days.DAY.year,
    "from_day-month": days.DAY.month,
    "from_day-day": days.DAY.day,
}


def sent_page(app: Flask, sato: Actor, hinata: Site, tanaka: Actor) -> Page:
    days.book(hinata, tanaka)
    staff, url = Visitor(app, sato), "/office/notices/new"
    looked = staff.submit(url, {**CHOSEN, "facility": hinata.facility_id})
    assert looked.status == 200
    assert "感染症が広がっているため" in looked.html
    assert "【臨時休園のお知らせ】" in looked.text
    assert "知らせるご家庭1家庭" in looked.text.replace(" ", "")
    words = {
        "title": "お休みです",
        "body": "ごめんなさい。",
        "send": "1",
        "once": looked.field("once"),
    }
    done = staff.post(url, {**CHOSEN, "facility": hinata.facility_id, **words})
    assert done.status == 303
    return staff.get(done.location)


def token(family: Actor) -> str:
    with acting_as(family) as session:
        return token_for(session.scalars(select(NoticeReceipt.id)).one())


def test_nothing_is_closed_before_staff_have_seen_the_mail(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    page = sent_page(app, sato, hinata, tanaka)
    assert "取り消した予約は 1件です" in page.text
    assert "田中 みほさん" in page.text
    assert "メールを送りました" in page.text


def test_days_that_make_no_sense_are_told_at_once_and_the_words_stay(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    typed = {**CHOSEN, "from_day-year": 2020, "facility": hinata.facility_id, "title": "台風です"}
    page = Visitor(app, sato).submit("/office/notices/new", typed)
    assert page.status == 409
    assert "もう過ぎた日です" in page.text
    assert page.field("title") == "台風です"


def test_the_family_reads_it_at_home_and_says_so_once(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    staff_page = sent_page(app, sato, hinata, tanaka)
    assert "読みました" not in staff_page.text
    family = Visitor(app, tanaka)
    assert "ひなた保育園：お休みです" in family.get("/my/").text
    page = family.get("/my/notices")
    url = page.html.split('href="/my/notices/')[1].split('"')[0]
    assert "お金はかかりません" in family.get(f"/my/notices/{url}").text
    assert "ひなた保育園：お休みです" in family.get("/my/").text, "looking is not saying"
    family.submit(f"/my/notices/{url}/read", {}, form_page=f"/my/notices/{url}")
    assert "ひなた保育園：お休みです" not in family.get("/my/").text


def test_the_link_works_signed_out_by_one_button_and_never_by_looking(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor, visitor: Visitor
) -> None:
    sent_page(app, sato, hinata, tanaka)
    url = f"/n/{token(tanaka)}"
    page = visitor.get(url)
    assert "お休みです" in page.text
    assert "田中" not in page.text
    with acting_as(tanaka) as session:
        assert session.scalars(select(NoticeReceipt.read_at)).one() is None
    visitor.submit(f"{url}/read", {}, form_page=url)
    with acting_as(tanaka) as session:
        assert session.scalars(select(NoticeReceipt.read_by_link)).one() is True
    assert visitor.get("/n/invented").status == 404


def test_strangers_see_no_notice(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    sent_page(app, sato, hinata, tanaka)
    stranger = Visitor(app, yamada)
    assert "送ったお知らせは、まだありません" in stranger.get("/office/notices/").text
    with acting_as(tanaka) as session:
        found = session.scalars(select(NoticeReceipt)).one()
    assert stranger.get(f"/office/notices/{found.notice_id}").status == 404
    assert stranger.post(f"/office/notices/families/{found.id}/told").status == 404
