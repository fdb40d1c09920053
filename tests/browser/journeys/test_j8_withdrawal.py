"""J8: she takes her word back, or a pregnancy ends: everybody stops at once, and quietly."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS
from portal.noshow import jobs
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralEvent
from tests.browser.journeys.live import DESK, PHONE, Live, Watch, look, picture
from tests.browser.journeys.loop_screens import Desk, Inbox
from tests.browser.journeys.screens import Screen
from tests.factories.city import (
    CENTER_MAIL,
    NURSE_MAIL,
    OFFICE_MAIL,
    STAFF_MAIL,
    City,
    booked_in_interview,
    make_city,
    referred_in_pregnancy,
    referred_on,
)
from tests.factories.days import DAY, clock_time
from tests.factories.outreach import plan
from tests.factories.referring import moved
from tests.smtp import wait_until

MOTHER, SORA = "高橋 あかり", "高橋 そら"
BOTH = [pytest.param(PHONE, DESK, id="phone"), pytest.param(DESK, PHONE, id="pc")]


def received_and_planned(city: City, referral: Referral, watch: Watch) -> None:
    """The nursery has opened it, and is to call her today."""
    moved(city.staff, referral.id, ReferralEvent.RECEIVE)
    plan(referral, city.staff, now=watch.moment)


def everything_left(live: Live) -> None:
    """Let all that waits be due, and see the worker deal with each; at night some are put off."""
    left = (
        "SELECT count(*) FROM outbox_messages"
        " WHERE sent_at IS NULL AND dropped_at IS NULL AND not_before <= now()"
    )
    due = "UPDATE outbox_messages SET not_before = now() WHERE sent_at IS NULL"

    def is_done() -> bool:
        with acting_as(ANONYMOUS) as session:
            return not session.execute(text(left)).scalar_one()

    with live.as_the_worker():
        with acting_as(ANONYMOUS), transaction() as session:
            session.execute(text(due))
        assert wait_until(is_done, seconds=30)


@pytest.mark.proves("J8", "R11", "R20")
@pytest.mark.parametrize(("family", "staff"), BOTH)
def test_a_word_taken_back_stops_every_contact_and_hides_what_was_passed_on(
    live: Live, monkeypatch: pytest.MonkeyPatch, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", DAY))
    city = make_city()
    referral, mother = booked_in_interview(city, DAY)
    received_and_planned(city, referral, watch)
    everything_left(live)
    desk = Desk(live.window(staff, of=city.staff))
    a_mail_to_her_waits(live, desk)
    the_center_was_told(live, city, watch)
    center = Inbox(live.window(DESK, of=city.center))

    own = Screen(live.window(family, of=mother))
    takes_back(own, "ひなた保育園")
    takes_back(own, "こども家庭センター")
    live.smtp.answers.clear()
    everything_left(live)
    assert not live.mails(None, "見学"), "what waited for her is dropped"
    the_nursery_stops(live, desk)
    the_center_stops(live, center)
    the_sender_knows(live, Desk(live.window(DESK, of=city.nurse)))
    own.page.goto("/my/bookings")
    assert "ひなた保育園" in own.text, "her booking is hers"


def a_mail_to_her_waits(live: Live, desk: Desk) -> None:
    """Staff send the mail about the tour while the mail server takes nothing."""
    live.smtp.answers["*"] = "451 later"
    desk.page.goto("/office/outreach/")
    look(desk.page, "j8-1-list")
    desk.follow(f"{MOTHER}さん")
    look(desk.page, "j8-2-plan")
    desk.press("メールを送る")
    assert "メールを送ります" in desk.said


def the_center_was_told(live: Live, city: City, watch: Watch) -> None:
    """She did not come today; the nursery told the center, which has not opened it yet."""
    with live.as_the_worker():
        jobs.each_minute(watch.moment)
    desk = Desk(live.window(DESK, of=city.staff))
    desk.page.goto("/office/cases/")
    desk.follow(SORA)
    desk.press("つながらない")
    desk.go(desk.page.get_by_role("link", name="知らせる", exact=True))
    desk.page.get_by_label("こども家庭センターに知らせる").check()
    desk.press("この内容で知らせる")


def takes_back(own: Screen, receiver: str) -> None:
    own.page.goto("/my/")
    own.follow("支援と連絡のこと")
    look(own.page, f"j8-3-support-{receiver}")
    either = re.compile("情報を伝えること|園から知らせること")
    agreed = own.page.get_by_role("article").filter(has_text=either)
    agreed = agreed.filter(has_text=receiver)
    own.go(agreed.get_by_role("button", name="取りやめる"))
    look(own.page, f"j8-4-taken-back-{receiver}")
    assert "同意を取りやめました" in own.said


def the_nursery_stops(live: Live, desk: Desk) -> None:
    mail = live.mail(STAFF_MAIL, "【紹介】取り下げ")
    desk.page.goto(mail.link("/office/referrals/"))
    look(desk.page, "j8-5-recalled")
    assert "連絡はやめてください" in desk.text
    assert "夜に何度も起きます" not in desk.text
    desk.follow("とどいた紹介")
    picture(desk.page, "j8-6-received")
    desk.page.goto("/office/outreach/")
    look(desk.page, "j8-7-nobody")
    assert MOTHER not in desk.text


def the_center_stops(live: Live, center: Inbox) -> None:
    live.mail(CENTER_MAIL, "")
    center.read()
    look(center.page, "j8-8-center")
    assert "このご家庭への連絡をやめてください" in center.text
    assert MOTHER not in center.text


def the_sender_knows(live: Live, nurse: Desk) -> None:
    assert live.mails(NURSE_MAIL, "")
    nurse.page.goto("/liaison/")
    look(nurse.page, "j8-9-nurse")
    nurse.menu("紹介")
    nurse.follow("終わった")
    picture(nurse.page, "j8-10-list")
    nurse.open_row(MOTHER)
    look(nurse.page, "j8-11-nurse")
    assert "ご家庭が同意を取りやめました" in nurse.text


@pytest.mark.proves("J8", "R11", "R20", "R28")
def test_staff_who_hear_it_write_it_for_her_and_see_no_more_themselves(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    Watch(monkeypatch, clock_time("10:00", DAY))
    city = make_city()
    referral, _mother = referred_in_pregnancy(city, city.office)
    moved(city.office, referral.id, ReferralEvent.RECEIVE)
    office = Desk(live.window(DESK, of=city.office))
    office.page.goto(f"/office/referrals/{referral.id}")
    look(office.page, "j8-20-office")
    assert MOTHER in office.text
    office.follow("ご家庭から、同意の取りやめを聞いた")
    look(office.page, "j8-21-heard")
    office.pick("どのように聞きましたか", "電話で")
    office.page.get_by_label("ご本人の申し出です").check()
    office.press("取りやめを記録する")
    look(office.page, "j8-22-written")
    office.page.goto(f"/office/referrals/{referral.id}")
    assert MOTHER not in office.text
    live.mail(OFFICE_MAIL, "【紹介】")


@pytest.mark.proves("J8", "R7", "R10", "R20")
@pytest.mark.parametrize(("family", "staff"), BOTH)
def test_a_pregnancy_that_ended_ends_everything_without_a_word(
    live: Live, monkeypatch: pytest.MonkeyPatch, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", DAY))
    city = make_city()
    unborn, mother = referred_in_pregnancy(city, city.staff, expected_alone=True)
    both = referred_on(city, unborn, city.office)
    received_and_planned(city, unborn, watch)
    moved(city.office, both.id, ReferralEvent.RECEIVE)
    everything_left(live)
    before = len(live.smtp.taken)

    own = Screen(live.window(family, of=mother))
    own.page.goto("/my/")
    own.menu("お子さん")
    picture(own.page, "j8-30-children")
    own.follow("登録を閉じる")
    look(own.page, "j8-31-close")
    own.press("登録を閉じる")
    assert "することは、何もありません" in own.text

    desk = Desk(live.window(staff, of=city.staff))
    desk.page.goto("/office/outreach/")
    look(desk.page, "j8-32-nobody")
    assert MOTHER not in desk.text
    desk.page.goto(f"/office/referrals/{unborn.id}")
    look(desk.page, "j8-33-nursery")
    assert "連絡はやめてください" in desk.text
    assert "予定日" not in desk.text
    the_other_goes_on_for_the_elder(live, city, both)
    the_sender_sees_it_ended(live, city)
    everything_left(live)
    assert len(live.smtp.taken) == before, "no mail to anybody"


def the_other_goes_on_for_the_elder(live: Live, city: City, both: Referral) -> None:
    office = Desk(live.window(DESK, of=city.office))
    office.page.goto(f"/office/referrals/{both.id}")
    look(office.page, "j8-34-office")
    assert SORA in office.text
    assert "予定日" not in office.text


def the_sender_sees_it_ended(live: Live, city: City) -> None:
    nurse = Desk(live.window(DESK, of=city.nurse))
    nurse.page.goto("/liaison/referrals/?show=ended")
    look(nurse.page, "j8-35-ended")
    nurse.open_row(MOTHER)
    look(nurse.page, "j8-36-nurse")
    assert "取り下げました" in nurse.head
    assert "妊娠" not in nurse.card("これまで")
