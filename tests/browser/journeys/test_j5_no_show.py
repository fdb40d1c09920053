"""J5: she does not come. Nobody is pressed, nobody falls through, and no nursery ends it alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from portal.contacts.rules import ContactChannel, Nature
from portal.contacts.service import record_contact
from portal.db.session import acting_as, transaction
from portal.noshow import jobs
from portal.outreach.rules import About
from tests.browser.journeys.live import DESK, PHONE, TABLET, Live, Watch, look, picture
from tests.browser.journeys.loop_screens import Desk, Inbox, Interview
from tests.browser.journeys.screens import Board, Screen
from tests.factories.city import (
    CENTER_MAIL,
    DIRECTOR_MAIL,
    NURSE_MAIL,
    STAFF_MAIL,
    City,
    booked_in_interview,
    make_city,
)
from tests.factories.days import DAY, clock_time

MOTHER, SORA = "高橋 あかり", "高橋 そら"
NOTES = "先週の電話で、夜ねむれないと話していました。"
STEP_ON = DAY + timedelta(days=2)


def a_minute_passes(live: Live, watch: Watch) -> None:
    """Let the clock do what is due at the moment of the watch."""
    with live.as_the_worker():
        jobs.each_minute(watch.moment)


def was_called_yesterday(city: City, referral: Any) -> None:
    """A call about the tour, so that no other may encourage her this morning."""
    at = clock_time("16:00", DAY - timedelta(days=1))
    with acting_as(city.staff), transaction() as session:
        record_contact(
            session,
            referral.family_id,
            nature=Nature.ADVANCE,
            channel=ContactChannel.PHONE,
            about=About.TOUR,
            referral_id=referral.id,
            actor=city.staff,
            now=at,
            at=at,
        )


@pytest.mark.proves("J5", "R16", "R17", "R20", "R21", "R22")
@pytest.mark.parametrize(("family", "staff"), [(PHONE, TABLET), (DESK, PHONE)], ids=["pc", "phone"])
def test_who_does_not_come_stays_open_until_somebody_goes_on(
    live: Live, monkeypatch: pytest.MonkeyPatch, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", DAY - timedelta(days=6)))
    city = make_city()
    referral, mother = booked_in_interview(city, DAY)
    was_called_yesterday(city, referral)
    nurse, center = (Inbox(live.window(DESK, of=of)) for of in (city.nurse, city.center))
    board = Board(live.window(staff, of=city.staff))

    watch.moment = clock_time("9:31")
    a_minute_passes(live, watch)
    the_board_raises_it(board)
    the_sender_is_alerted(live, nurse)
    watch.moment = clock_time("9:40")
    tries_to_reach_her(live, board, city)
    tells_as_far_as_she_agreed(Desk(board.page))
    nobody_at_the_nursery_ends_it(live, city)
    an_office_that_was_not_told_sees_nothing(live, city)
    the_center_goes_on(live, center)
    the_nursery_and_the_sender_know(live, Desk(board.page), nurse)
    she_reads_no_reproach(Screen(live.window(family, of=mother)))
    watch.moment = clock_time("15:00", STEP_ON)
    the_center_ends_it(center, Desk(board.page), nurse)


def the_board_raises_it(board: Board) -> None:
    board.page.goto("/office/board")
    look(board.page, "j5-1-board")
    (alarm,) = board.missing
    assert SORA in alarm
    assert "090-0000-2468" in alarm


def the_sender_is_alerted(live: Live, nurse: Inbox) -> None:
    mail = live.mail(NURSE_MAIL, "【来園なし】")
    assert MOTHER not in mail.text
    assert SORA not in mail.text
    nurse.page.goto(mail.link("/liaison/cases/"))
    look(nurse.page, "j5-2-alert")
    assert MOTHER in nurse.text
    assert "園が、いま確かめています" in nurse.text


def tries_to_reach_her(live: Live, board: Board, city: City) -> None:
    """From the board two taps: the number to dial stands on the way."""
    taps = Interview(board.page)
    taps.follow("電話の結果を書く")
    look(board.page, "j5-3-case")
    assert "090-0000-2468" in taps.text
    assert "次の支援が記録されるまで、この件は閉じられません" in taps.page.inner_text("body")
    assert "誘う連絡は 12月" in taps.text or "誘う連絡は" in taps.text
    taps.press("つながらない")
    assert taps.taps == 2
    assert "電話：つながらない" in taps.text
    del live, city


def tells_as_far_as_she_agreed(desk: Desk) -> None:
    desk.page.get_by_role("textbox", name="園が気づいたこと").fill(NOTES)
    desk.press("書いておく")
    desk.go(desk.page.get_by_role("link", name="知らせる", exact=True))
    look(desk.page, "j5-4-preview")
    assert desk.text.count(NOTES) == 1, "to the center alone: the sender was not allowed that"
    assert "みなと相談室" in desk.card("同意がないところ")
    for body in ("みほん市に知らせる", "こども家庭センターに知らせる"):
        desk.page.get_by_label(body).check()
    desk.press("この内容で知らせる")
    look(desk.page, "j5-5-told")


def nobody_at_the_nursery_ends_it(live: Live, city: City) -> None:
    head = Desk(live.window(DESK, of=city.director))
    head.page.goto("/office/cases/")
    look(head.page, "j5-6-cases")
    head.follow(SORA)
    assert "返事を待っています" in head.page.inner_text("body")
    assert not head.page.get_by_role("button", name="閉じる").count()


def an_office_that_was_not_told_sees_nothing(live: Live, city: City) -> None:
    office = Inbox(live.window(DESK, of=city.office))
    office.read()
    look(office.page, "j5-7-office")
    assert "新しい知らせはありません" in office.text


def the_center_goes_on(live: Live, center: Inbox) -> None:
    mail = live.mail(CENTER_MAIL, "【受け取りのお願い】")
    assert SORA not in mail.text
    center.read()
    look(center.page, "j5-8-inbox")
    center.follow("経過を見る")
    assert NOTES in center.text
    assert MOTHER in center.text
    center.choose("次の支援", "訪問する")
    center.page.get_by_role("textbox", name="だれが").fill("大西（こども家庭センター）")
    center.date("いつまでに", STEP_ON)
    look(center.page, "j5-9-step")
    center.press("受け取って、記録する")
    look(center.page, "j5-10-taken")


def the_nursery_and_the_sender_know(live: Live, desk: Desk, nurse: Inbox) -> None:
    live.mail(STAFF_MAIL, "【返事がありました】")
    desk.page.reload()
    look(desk.page, "j5-11-answered")
    for words in ("訪問する", "大西（こども家庭センター）"):
        assert words in desk.text
    assert not desk.page.get_by_role("button", name="閉じる").count()
    nurse.read()
    look(nurse.page, "j5-12-nurse")
    assert MOTHER in nurse.text
    assert "ほかの機関が、次の支援を決めました：訪問する" in nurse.text


def she_reads_no_reproach(own: Screen) -> None:
    own.page.goto("/my/bookings")
    look(own.page, "j5-13-bookings")
    own.page.goto("/my/support/contact/")
    look(own.page, "j5-14-contacts")
    assert "安全のための連絡" in own.text
    for hard in ("来園なし", "無断", "心配"):
        assert hard not in own.text


def the_center_ends_it(center: Inbox, desk: Desk, nurse: Inbox) -> None:
    center.press("支援がすんだので、閉じる")
    picture(center.page, "j5-15-closed")
    desk.page.reload()
    assert "閉じました" in desk.page.inner_text("body")
    nurse.read()
    nurse.follow("すんだもの")
    look(nurse.page, "j5-16-done")
    assert "来園なし" in nurse.text


@pytest.mark.proves("J5", "R17", "R21", "R22")
def test_steps_that_nobody_takes_are_brought_before_more_people(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", DAY - timedelta(days=6)))
    city = make_city()
    booked_in_interview(city, DAY)
    watch.moment = clock_time("9:31")
    a_minute_passes(live, watch)
    watch.moment = clock_time("11:32")
    a_minute_passes(live, watch)
    live.mail(STAFF_MAIL, "【確かめてください】")
    head = Desk(live.window(DESK, of=city.director))
    head.page.goto("/office/")
    look(head.page, "j5-20-director")
    head.menu("来園なし・心配")
    assert "時間をすぎています" in head.text
    head.follow(SORA)
    look(head.page, "j5-21-late")
    head.press("つながらない")
    tells(head)

    watch.moment = clock_time("11:35", DAY + timedelta(days=1))
    a_minute_passes(live, watch)
    live.mail(CENTER_MAIL, "【受け取りがまだです】")
    center = Inbox(live.window(DESK, of=city.center))
    center.page.goto("/liaison/")
    look(center.page, "j5-22-center")
    center.menu("受信箱")
    look(center.page, "j5-23-late")
    assert "期限をすぎています" in center.text
    watch.moment = clock_time("11:40", DAY + timedelta(days=2))
    a_minute_passes(live, watch)
    for mail in (STAFF_MAIL, DIRECTOR_MAIL):
        live.mail(mail, "【返事がありません】")


def tells(desk: Desk) -> None:
    desk.go(desk.page.get_by_role("link", name="知らせる", exact=True))
    desk.page.get_by_label("こども家庭センターに知らせる").check()
    desk.press("この内容で知らせる")
