"""The pages of a registration: what each side reads and presses until both agree, and after."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.preregistration import renewing, service
from portal.preregistration.models import Preregistration
from tests.factories.people import make_child, make_guardian
from tests.factories.places import Site, next_open_day
from tests.factories.registration import apply_for, ask
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import place, wish_of

TEXTS = {"cancel": "前の日の17時までに電話を", "illness": "37.5度からお休みです"}


def do(actor: Actor, work: Any, row: uuid.UUID, **more: Any) -> None:
    with acting_as(actor), transaction() as session:
        work(session, row, actor=actor, now=clock.now(), **more)


def now_parts(page: Page) -> dict[str, str]:
    parts = ("received_on-year", "received_on-month", "received_on-day", "received_time")
    return {part: page.field(part) for part in parts}


@pytest.mark.proves("R5", "J3")
def test_she_reads_agrees_and_sees_one_line_each_time(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    ask(hinata, texts=TEXTS, agreement=True, answer_days=2)
    (row,) = apply_for(hinata, tanaka)
    mine, theirs = f"/my/preregistrations/{row}", f"/office/preregistrations/{row}"
    family, staff = Visitor(app, tanaka), Visitor(app, sato)
    assert "までに返事が届きます" in family.get("/my/preregistrations/").text
    asked = {"conditions": "はじめは午前だけ", "has_read": "y", "is_decided": "y"}
    assert staff.submit(f"{theirs}/accept", asked, form_page=theirs).status == 303
    for url in ("/my/", "/my/preregistrations/", mine):
        assert "条件を読んで「読みました」を押すと、予約できます。" in family.get(url).text
    page = family.get(mine)
    for words in ("はじめは午前だけ", TEXTS["cancel"], TEXTS["illness"]):
        assert words in page.text
    empty = family.submit(f"{mine}/agree", {}, form_page=mine)
    assert empty.status == 422
    assert "説明を読んで、しるしを付けてください" in empty.text
    assert "ご家庭がまだ説明を読んでいません" in staff.get("/office/preregistrations/").text
    assert family.submit(f"{mine}/agree", {"has_read": "y"}, form_page=mine).status == 303
    assert "まで予約できます。" in family.get("/my/").text
    assert "ご家庭が説明を読んだ" in staff.get(theirs).text


@pytest.mark.proves("J7")
def test_a_caller_is_recorded_with_the_way_and_the_time(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    ask(hinata, agreement=True)
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.accept, row, has_read=True)
    url = f"/office/preregistrations/{row}"
    staff = Visitor(app, sato)
    opened = staff.get(url)
    said = {"said": "agrees", "channel": "fax", **now_parts(opened), "received_time": "25:00"}
    wrong = staff.submit(f"{url}/told", said, form_page=url)
    assert wrong.status == 422
    assert "時刻は 9:05 のように入れてください" in wrong.text
    said |= now_parts(opened)
    assert staff.submit(f"{url}/told", said, form_page=url).status == 303
    assert "記録：佐藤 まり" in staff.get(url).text
    assert "（FAX）" in Visitor(app, tanaka).get(f"/my/preregistrations/{row}").text


def test_the_second_of_two_staff_reads_who_decided_and_keeps_what_she_wrote(
    app: Flask, hinata: Site, director: Actor, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    url = f"/office/preregistrations/{row}"
    late = Visitor(app, sato)
    seen = late.get(url).field("seen")
    do(director, service.ask_back, row, question="平熱は？")
    answer = late.submit(
        f"{url}/decline", {"reason": "今月は定員です", "is_sure": "y", "seen": seen}, form_page=url
    )
    assert answer.status == 409
    assert "先に返事をしました（質問）" in answer.text
    assert "今月は定員です" in answer.text


def test_who_is_declined_sees_why_and_what_else_there_is(
    app: Flask, hinata: Site, midori: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.decline, row, reason="2歳児の登録がいっぱいです")
    page = Visitor(app, tanaka).get(f"/my/preregistrations/{row}")
    assert "2歳児の登録がいっぱいです" in page.text
    assert f"/facilities/{midori.facility_id}" in page.html
    assert f'href="/facilities/{hinata.facility_id}"' not in page.html


@pytest.mark.proves("R10")
def test_brothers_and_sisters_stand_together_each_with_a_decision(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    make_child(tanaka, "田中 りく", born_on=clock.today(clock.now()) - timedelta(days=900))
    first, second = apply_for(hinata, tanaka)
    do(sato, service.accept, first)
    do(sato, service.decline, second, reason="いっぱいです")
    family, staff = Visitor(app, tanaka), Visitor(app, sato)
    for visitor, home in ((family, "my"), (staff, "office")):
        page = visitor.get(f"/{home}/preregistrations/{first}")
        assert "いっしょに申し込んだきょうだい" in page.text
        assert "歳児クラス" in page.text
        assert str(second) in page.html


@pytest.mark.proves("R5")
def test_staff_look_at_one_kind_move_the_line_up_and_renew_together(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    ask(hinata, limit=1, renewal={"days_before": 30}, answer_days=1)
    (first,) = apply_for(hinata, tanaka)
    (second,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    staff, url = Visitor(app, sato), "/office/preregistrations/"
    with acting_as(sato), transaction() as session:
        yesterday = clock.today(clock.now()) - timedelta(days=1)
        session.execute(update(Preregistration).values(answer_by=yesterday))
    assert "返事がおくれている 2" in staff.get(f"{url}?show=overdue").text
    page = f"{url}{second}"
    do(sato, service.accept, first, has_read=True)
    wish = {"seen": staff.get(page).field("seen"), "is_decided": "y"}
    full = staff.submit(f"{page}/accept", wish, form_page=page)
    assert full.status == 409
    assert "登録できる人数（1人）まで、いっぱいです" in full.text
    assert staff.submit(f"{page}/wait", {}, form_page=page).status == 303
    assert "空き待ち 1組（1人）" in staff.get(f"{url}?show=waiting").text
    with acting_as(sato), transaction() as session:
        until = clock.today(clock.now()) + timedelta(days=5)
        session.execute(
            update(Preregistration)
            .where(Preregistration.id == first)
            .values(accepted_until=until, facility_agreed_at=clock.now())
        )
    do(tanaka, renewing.ask_renewal, first)
    renew = staff.get(f"{url}?show=renew")
    assert "続けたい" in renew.text
    assert "この1人を、まとめて続ける" in renew.text
    assert "まとめて続ける" not in staff.get(url).text
    sent = staff.submit(f"{url}extend-unchanged", {}, form_page=f"{url}?show=renew")
    assert "1人分を続けました。" in staff.get(sent.location or url).text
    ask(hinata, limit=2)
    moved = staff.submit(f"{url}move-up/{hinata.facility_id}", {}, form_page=f"{url}?show=waiting")
    assert "1人を承諾しました" in staff.get(moved.location or url).text


def test_what_becomes_of_bookings_is_said_before_withdrawing(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.accept, row)
    place(tanaka, wish_of(tanaka, hinata, next_open_day()))
    page = Visitor(app, tanaka).get(f"/my/preregistrations/{row}")
    assert "この園に、予約が1件あります" in page.text
    theirs = Visitor(app, sato).get(f"/office/preregistrations/{row}")
    assert "この園に予約が1件あります" in theirs.text


def test_a_stranger_finds_none_of_it(
    app: Flask, hinata: Site, yamada: Actor, midori: Site, tanaka: Actor
) -> None:
    del midori
    (row,) = apply_for(hinata, tanaka)
    other = Visitor(app, make_guardian("森 あい", children=("森 りん",)))
    stranger = Visitor(app, yamada)
    for step in ("say", "agree", "renew", "withdraw"):
        sent = other.post(f"/my/preregistrations/{row}/{step}", {"words": "x", "has_read": "y"})
        assert sent.status == 404
    for step in ("accept", "wait", "acknowledge", "extend"):
        assert stranger.post(f"/office/preregistrations/{row}/{step}", {}).status == 404
    assert stranger.post(f"/office/preregistrations/move-up/{hinata.facility_id}", {}).status == 404


def test_the_step_before_an_acceptance_is_named_where_it_is_accepted(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    url, staff = f"/office/preregistrations/{row}", Visitor(app, sato)
    assert "がすむと、承諾できます" not in staff.get(url).text
    ask(hinata, steps=[{"kind": "interview", "before": "acceptance"}])
    assert "先に「面談」がすむと、承諾できます" in staff.get(url).text
    do(sato, service.decline, row, reason="今月は定員です")
    ended = staff.get(url).text
    assert "がすむと、承諾できます" not in ended
    assert "次はここ" not in ended
