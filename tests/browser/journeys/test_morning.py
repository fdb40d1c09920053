"""J2: a morning at the tablet: late, missing, on the phone, here and gone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from portal.attendance.service.reminders import remind
from portal.documents.dates import jdate
from portal.kernel.actor import Actor
from tests.browser.journeys.live import PHONE, TABLET, Live, Watch, picture
from tests.browser.journeys.screens import Board, Caller, Screen
from tests.factories.days import DAY, book, clock_time, keep_record
from tests.factories.people import children_of, make_guardian, make_worker
from tests.factories.places import Site, make_site

SORA, RIKU, MIO = "高橋 そら", "木村 りく", "石田 みお"


@pytest.fixture
def watch(live: Live, monkeypatch: pytest.MonkeyPatch) -> Watch:
    del live  # all its modules are loaded
    return Watch(monkeypatch, clock_time("9:25"))


@pytest.fixture
def site() -> Site:
    return make_site("ひなた保育園", places=6)


@pytest.fixture
def board(live: Live, watch: Watch, site: Site) -> Board:
    del watch
    return Board(live.window(TABLET, of=make_worker("佐藤 まり", site.organisation_id, "staff")))


def family(name: str, child: str) -> Actor:
    mother = make_guardian(name, children=(child,))
    keep_record(mother, children_of(mother)[0].id, allergies="")
    return mother


@pytest.mark.proves("J2")
def test_a_missing_child_stands_out_and_a_caller_is_booked_while_on_the_line(
    live: Live, watch: Watch, site: Site, board: Board
) -> None:
    del live
    book(site, family("高橋 りさ", SORA), start="9:00", end="12:00")
    board.page.goto("/office/board")
    assert board.missing == []
    watch.moment = clock_time("9:31")
    board.page.reload()
    (alarm,) = board.missing
    assert SORA in alarm
    assert "31分すぎ" in alarm
    assert "090-0000-0000" in alarm
    picture(board.page, "j2-1-missing")

    watch.moment = clock_time("9:34")
    a_caller_is_booked(board)

    board.page.goto("/office/board")
    assert "アレルギー 落花生" in board.child(RIKU)
    assert "はじめて" in board.child(RIKU)
    picture(board.page, "j2-5-board")
    watch.moment = clock_time("9:40")
    board.arrive(SORA)
    assert f"{SORA}さんの登園を 9:40 で記録しました" in board.said
    assert board.missing == []
    board.press("元にもどす")
    assert len(board.missing) == 1
    board.arrive(SORA)
    watch.moment = clock_time("12:02")
    board.depart(SORA)
    assert "12:02 に降園" in board.child(SORA)
    picture(board.page, "j2-6-gone")


def a_caller_is_booked(board: Board) -> None:
    caller = Caller(board.page)
    caller.look_up("木村")
    assert "見つかりませんでした" in caller.text
    caller.press("新しく登録する")
    picture(caller.page, "j2-2-caller")
    born_on = DAY.replace(year=DAY.year - 3, day=1)
    caller.register("木村 けん", "080-1111-2222", RIKU, born_on, allergies="落花生")
    picture(caller.page, "j2-3-book")
    caller.book(RIKU, DAY, "11:00", "14:00")
    assert "予約を入れました" in caller.said
    assert f"電話　{jdate(DAY, DAY)}9:34" in caller.text.replace(" ", "")
    picture(caller.page, "j2-4-booked")


@pytest.mark.proves("J2")
def test_word_by_the_link_in_the_reminder_shows_on_the_board(
    live: Live, watch: Watch, site: Site, board: Board
) -> None:
    book(site, family("石田 なお", MIO), start="9:00", end="12:00")
    with live.as_the_worker():
        remind(clock_time("18:05", DAY - timedelta(days=1)))
    reminder = live.mail(None, "【あずかりのお知らせ】")
    assert "みお" not in reminder.message.as_string() + reminder.text

    watch.moment = clock_time("9:10")
    mother = Screen(live.window(PHONE, scripts=False))
    mother.page.goto(reminder.link("/w/"))
    picture(mother.page, "j2-7-word")
    mother.page.get_by_label("来る時刻").select_option(label="10:00")
    mother.press("おくれて行きます")
    assert "10:00ごろに来ると、園に伝えてあります" in mother.text
    picture(mother.page, "j2-8-said")

    watch.moment = clock_time("9:45")
    board.page.goto("/office/board")
    assert board.missing == []
    assert "おくれます 10:00ごろ" in board.child(MIO)
    picture(board.page, "j2-9-late")
    watch.moment = clock_time("10:31")
    board.page.reload()
    (alarm,) = board.missing
    assert "10:00ごろに来ると連絡がありました" in alarm
