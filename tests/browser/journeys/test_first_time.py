"""J3: a mother's first time, at each size, from the list of facilities to a cancelled booking."""

from __future__ import annotations

import urllib.request
from datetime import date, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from portal.documents.dates import jdate
from portal.kernel.age import fiscal_year
from tests.browser.journeys.live import DESK, PHONE, Entry, Live, Watch, picture, the_entry
from tests.browser.journeys.screens import (
    Application,
    Facilities,
    NewBooking,
    OwnBooking,
    Registration,
    Screen,
    SignUp,
)
from tests.factories.days import DAY, clock_time
from tests.factories.people import make_worker
from tests.factories.places import Site, make_site

SOME_DAYS = timedelta(days=5)
#: The day of the visit, in the fiscal year of the application: acceptances end in March.
VISIT = DAY
if fiscal_year(DAY - SOME_DAYS) != fiscal_year(DAY):
    VISIT = DAY + timedelta(days=7)
MORNING = clock_time("10:00", VISIT - SOME_DAYS)
MAIL = "aya@example.test"
YUI, HARUTO = "佐藤 ゆい", "佐藤 はると"
BORN = {YUI: date(VISIT.year - 2, 6, 15), HARUTO: date(VISIT.year - 5, 6, 15)}
SPOKEN = jdate(VISIT, MORNING.date())
CONSENTS = {
    "お子さんとご家庭のことを、園が見ること": "同意します",
    "急な病気やけがのとき、医療機関に伝えること": "同意します",
}
PURPOSE = "リフレッシュ（休みたい・用事）"


@pytest.mark.proves("J3", "R1", "R2", "R10")
@pytest.mark.parametrize(
    ("size", "scripts"),
    [(PHONE, True), (PHONE, False), (DESK, True)],
    ids=["phone", "phone-no-scripts", "pc"],
)
def test_a_mother_comes_to_her_first_booking_and_can_leave_it(
    live: Live, monkeypatch: pytest.MonkeyPatch, size: dict[str, Any], *, scripts: bool
) -> None:
    Watch(monkeypatch, MORNING)
    site = make_site("ひなた保育園", places=6)
    page = live.window(size, scripts=scripts)
    registers_herself_and_two_children(live, SignUp(page), Registration(page))
    finds_the_facility_and_applies(Facilities(page))
    staff_accept(live, site)
    books_both_as_one_unit(live, NewBooking(page))
    own = OwnBooking(page)
    last = changes_and_cancels(live, own)
    subscribes_to_her_calendar(own, last)


def registers_herself_and_two_children(live: Live, sign_up: SignUp, form: Registration) -> None:
    sign_up.ask(MAIL)
    assert sign_up.heading == "メールを送りました"
    link = live.mail(MAIL, "登録をつづけてください").link("/sign-up/")
    sign_up.finish(link, "佐藤 あや", "きれいな貝がらを三つ")
    assert form.heading == "保護者の登録"
    picture(form.page, "j3-1-guardian")
    form.guardian("母", "090-1234-5678")
    for name, allergies in ((YUI, "卵。口のまわりが赤くなります。"), (HARUTO, "")):
        form.child(name, BORN[name])
        form.health(allergies=allergies)
        if name == YUI:
            form.follow("お子さんを登録する")
    assert form.heading == "お子さん"
    assert form.text.count("アレルギーのこと 確認ずみ") == 2
    picture(form.page, "j3-2-children")


def finds_the_facility_and_applies(found: Facilities) -> None:
    found.menu("予約する")
    found.search(VISIT)
    found.follow("ひなた保育園")
    assert found.heading.startswith(SPOKEN)
    found.follow("ひなた保育園")
    picture(found.page, "j3-3-facility")
    found.follow("この園に申し込む")
    form = Application(found.page)
    picture(form.page, "j3-4-apply")
    form.children(f"{YUI}さん", f"{HARUTO}さん")
    form.health()
    form.words("はじめてなので、すこし心配です。")
    form.papers_later()
    form.consents(CONSENTS)
    assert "はじめてなので、すこし心配です。" in form.text
    form.send()
    assert "申し込みました" in form.said
    assert found.text.count("園が内容を見ています") == 2
    picture(found.page, "j3-5-applied")


def staff_accept(live: Live, site: Site) -> None:
    desk = Screen(live.window(DESK, of=make_worker("佐藤 まり", site.organisation_id, "staff")))
    desk.page.goto("/office/board")
    for name in (YUI, HARUTO):
        desk.menu("事前登録")
        desk.follow(f"{name}さん")
        if name == YUI:
            assert "卵。口のまわりが赤くなります。" in desk.text
            picture(desk.page, "j3-6-staff")
        desk.page.get_by_label("この申し込みを承諾します").check()
        desk.press("この申し込みを承諾する")
        assert "承諾" in desk.said


def books_both_as_one_unit(live: Live, booking: NewBooking) -> None:
    accepted = live.mail(MAIL, "ひなた保育園の事前登録がすみました")
    booking.page.goto(accepted.link("/facilities/"))
    calendar = Facilities(booking.page)
    calendar.turn_to(VISIT)
    calendar.follow(SPOKEN)
    calendar.choose_time("9:00", "11:00")
    picture(booking.page, "j3-7-day")
    booking.follow("この時間で進む")
    booking.wish(f"{YUI}さん", f"{HARUTO}さん", purpose=PURPOSE)
    assert booking.heading == "予約の内容をたしかめる"
    # Two hours: 300 yen an hour from three, 400 under three; the younger one costs half.
    assert "1,000円" in booking.price
    assert "取り消しは" in booking.text
    assert live.mails(MAIL, "【予約】") == []
    picture(booking.page, "j3-8-confirm")
    booking.confirm()
    assert "予約しました" in booking.said
    picture(booking.page, "j3-9-booked")


def changes_and_cancels(live: Live, own: OwnBooking) -> Entry:
    placed = live.mail(MAIL, "【予約】")
    assert "お子さん 2人" in placed.text
    assert "1,000円" in placed.text
    assert_names_no_child(placed.message.as_string() + placed.calendar.to_ical().decode())
    assert placed.calendar["METHOD"] == "REQUEST"
    assert placed.entry.span == (clock_time("9:00", VISIT), clock_time("11:00", VISIT))
    own.page.goto(placed.link("/my/bookings/"))
    own.move("13:00", "15:30")
    assert own.heading == "変える内容をたしかめる"
    picture(own.page, "j3-10-change")
    own.press("この日時に変える")
    changed = live.mail(MAIL, "【予約の変更】")
    assert changed.calendar["METHOD"] == "REQUEST"
    assert changed.entry.uid == placed.entry.uid
    assert changed.entry.sequence > placed.entry.sequence
    assert changed.entry.span == (clock_time("13:00", VISIT), clock_time("15:30", VISIT))
    own.cancel()
    assert "取り消しました" in own.said
    assert "料金はかかりません" in own.text
    assert "1,500円" not in own.text
    picture(own.page, "j3-11-cancelled")
    cancelled = live.mail(MAIL, "【取り消し】")
    assert cancelled.calendar["METHOD"] == "CANCEL"
    assert cancelled.entry.uid == placed.entry.uid
    assert cancelled.entry.sequence > changed.entry.sequence
    assert "料金はかかりません" in cancelled.text
    assert_names_no_child(changed.text + cancelled.text)
    return cancelled.entry


def subscribes_to_her_calendar(own: OwnBooking, last: Entry) -> None:
    own.menu("ホーム")
    picture(own.page, "j3-12-home")
    own.follow("予定表アプリで見る")
    own.press("アドレスを作る")
    address = own.page.get_by_label("このアドレスを、予定表に入れます").input_value()
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own loopback
        feed = Calendar.from_ical(answer.read())
    entry = the_entry(feed)
    assert entry == last
    assert entry.status == "CANCELLED"
    assert_names_no_child(feed.to_ical().decode())


def assert_names_no_child(written: str) -> None:
    for name in (YUI, HARUTO):
        for word in name.split()[1:]:
            assert word not in written
