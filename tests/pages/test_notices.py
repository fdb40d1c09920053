"""Pages of notices: seen before they are sent, read with one tap, signed in or not."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import select, text

from portal.accounts.addresses import token_for
from portal.db.session import acting_as, transaction
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
    assert "【臨時休園・予約の取り消し】" in looked.text
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


PROPOSED = "園で感染症が広がっているため、お休みにします。\r\n急なお知らせで、ごめんなさい。"


def ready_made(app: Flask, sato: Actor, hinata: Site, tanaka: Actor, body: str = "") -> None:
    """Send a closure in the words proposed, or with others below them."""
    days.book(hinata, tanaka)
    staff, url = Visitor(app, sato), "/office/notices/new"
    looked = staff.submit(url, {**CHOSEN, "facility": hinata.facility_id})
    words = {
        "title": looked.field("title"),
        "body": f"{PROPOSED}\n{body}",
        "send": "1",
        "once": looked.field("once"),
    }
    done = staff.post(url, {**CHOSEN, "facility": hinata.facility_id, **words})
    assert done.status == 303


def read_in(tanaka: Actor, language: str) -> None:
    with acting_as(tanaka), transaction() as session:
        session.execute(
            text("UPDATE users SET locale = :code WHERE id = :id"),
            {"code": language, "id": tanaka.user_id},
        )


def test_the_words_proposed_are_read_in_the_readers_language_and_others_are_marked(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    ready_made(app, sato, hinata, tanaka, "門の前に集まらないでください。")
    read_in(tanaka, "en")
    family = Visitor(app, tanaka)
    listed = family.get("/my/notices")
    for page in (family.get("/my/"), listed):
        assert "臨時休園のお知らせ" not in page.text
        assert "Notice of a closed day" in page.text
    url = "/my/notices/" + listed.html.split('href="/my/notices/')[1].split('"')[0]
    page = family.get(url)
    assert "<title>Notice of a closed day" in page.html
    assert "感染症" not in page.text
    assert "infection" in page.text
    assert '<span lang="ja">門の前に集まらないでください。</span>' in page.html
    assert "What the nursery wrote itself is in Japanese." in page.text
    read_in(tanaka, "ja")
    plain = family.get(url)
    assert "感染症が広がっているため" in plain.text
    assert "日本語です" not in plain.text


def test_only_the_nurserys_own_words_are_called_japanese(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    ready_made(app, sato, hinata, tanaka)
    read_in(tanaka, "en")
    page = Visitor(app, tanaka).get("/my/notices")
    url = "/my/notices/" + page.html.split('href="/my/notices/')[1].split('"')[0]
    assert "in Japanese" not in Visitor(app, tanaka).get(url).text


def test_staff_see_which_child_and_when_while_a_family_does_not_know(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    page = sent_page(app, sato, hinata, tanaka)
    with acting_as(sato), transaction() as session:
        session.execute(text("UPDATE notice_receipts SET mails = 0"))
        notice_id = session.scalars(select(NoticeReceipt.notice_id)).one()
    staff = Visitor(app, sato)
    paper = staff.get(f"/office/notices/{notice_id}/calls")
    for page in (staff.get(f"/office/notices/{notice_id}"), paper):
        assert "田中 はな" in page.text
        assert "9:00〜12:00" in page.text
    with acting_as(tanaka) as session:
        seen = session.scalars(text("SELECT action FROM family_log('-infinity', 'infinity')"))
        assert "read.notice_calls" in seen.all()
        receipt_id = session.scalars(select(NoticeReceipt.id)).one()
    staff.submit(
        f"/office/notices/families/{receipt_id}/told", {}, form_page=f"/office/notices/{notice_id}"
    )
    assert "田中 はな" not in staff.get(f"/office/notices/{notice_id}").text


def test_the_board_of_the_day_names_whom_to_phone_and_leads_to_the_notice(
    app: Flask, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    sent_page(app, sato, hinata, tanaka)
    with acting_as(sato), transaction() as session:
        session.execute(text("UPDATE notice_receipts SET mails = 0"))
        notice_id = session.scalars(select(NoticeReceipt.notice_id)).one()
    board = f"/office/facilities/{hinata.facility_id}/board"
    page = Visitor(app, sato).get(f"{board}/{days.DAY}")
    assert "知っているご家庭 0／1" in page.text
    assert "電話がいるご家庭 1" in page.text
    assert "田中 みほさん" in page.text
    assert f"/office/notices/{notice_id}#families" in page.html
    other_day = Visitor(app, sato).get(f"{board}/{days.DAY + timedelta(days=1)}")
    assert "お知らせと、ご家庭ごとのようすを見る" not in other_day.text
