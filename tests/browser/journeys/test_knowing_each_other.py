"""J3: tour, application, interview and trial care, each telling what comes next, to a stay."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from portal.documents.dates import day_and_time, jdate
from portal.visits.rules import VisitKind
from tests.browser.journeys.live import BOTH_WAYS, Live, Watch, look, picture
from tests.browser.journeys.screens import Application, Board, Facilities, NewBooking, Screen
from tests.factories.application import write_records
from tests.factories.days import DAY, clock_time
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.factories.rules import put_in_force, rules_with
from tests.factories.visits import open_session

HANA = "佐藤 はな"
#: Two weeks that begin with the tour; each later day is an open one.
TOUR, INTERVIEW, FIRST, SECOND, VISIT = (DAY + timedelta(days=n) for n in (0, 1, 5, 6, 7))
RULES: dict[str, Any] = {
    "registration": {"agreement": True, "answer_days": 3},
    "application": {
        "documents": [{"name": "健康保険証", "hint": "番号は、かくしてかまいません。"}],
        "photographs": True,
    },
    "steps": {
        "steps": [
            {"kind": "tour", "demand": "recommended", "before": "acceptance"},
            {"kind": "interview", "before": "acceptance", "words": "30分ほどです。"},
            {
                "kind": "trial_care",
                "trial": {
                    "parts": [
                        {"longest_minutes": 60, "with_guardian": True, "ends_by": "12:00"},
                        {"longest_minutes": 120},
                    ],
                    "fee": "free",
                },
            },
        ]
    },
}


def nursery() -> Site:
    """ひなた保育園 with steps, an agreement and a document, a tour and an interview to come."""
    site = make_site("ひなた保育園", places=6)
    put_in_force(site, rules_with(**RULES), since=DAY - timedelta(days=30))
    open_session(site, first=TOUR, start=20)
    open_session(site, kind=VisitKind.INTERVIEW, first=INTERVIEW, start=26, seats=1)
    return site


@pytest.mark.proves("J3", "R4", "R5", "R24")
@pytest.mark.parametrize(("family", "staff"), BOTH_WAYS)
def test_a_family_and_a_nursery_know_each_other_before_the_first_stay(
    live: Live,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    family: dict[str, Any],
    staff: dict[str, Any],
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", TOUR - timedelta(days=2)))
    site = nursery()
    mother = make_guardian("佐藤 あや", children=(HANA,), born_on=date(DAY.year - 2, 6, 15))
    write_records(mother)
    own = live.window(family, of=mother)
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    desk = Screen(live.window(staff, of=sato))

    books_a_tour(Facilities(own))
    watch.moment = clock_time("11:00", TOUR)
    staff_note_what_came_of_it(desk, "10:30 見学")

    applies(Application(own), photo(tmp_path))
    books_the_interview(Screen(own))
    watch.moment = clock_time("14:30", INTERVIEW)
    staff_note_what_came_of_it(desk, "13:30 面談")
    staff_accept(desk)

    both_agree(Screen(own), desk)
    for number, day in ((1, FIRST), (2, SECOND)):
        watch.moment = clock_time("17:00", day - timedelta(days=1))
        books_trial_care(Screen(own), number, day)
        trial_care(watch, Board(desk.page), number, day)

    watch.moment = clock_time("18:00", SECOND)
    books_a_stay(Facilities(own))


def books_a_tour(own: Facilities) -> None:
    own.page.goto("/")
    own.menu("予約する")
    own.follow("ひなた保育園")
    own.follow("ひなた保育園")
    picture(own.page, "k1-facility")
    own.follow("見学")
    picture(own.page, "k2-sessions")
    own.follow("この日を予約する")
    own.choose("お子さん", HANA)
    picture(own.page, "k3-tour")
    own.press("この日を予約する")
    assert "予約しました" in own.said
    picture(own.page, "k4-tour-booked")


def staff_note_what_came_of_it(desk: Screen, visit: str) -> None:
    kind = visit.split()[1]
    desk.page.goto("/office/visits/")
    picture(desk.page, f"k5-office-visits-{kind}")
    desk.follow(visit)
    desk.press("来た")
    desk.follow("メモと結果")
    desk.choose("結果", "次に進む")
    picture(desk.page, f"k6-outcome-{kind}")
    desk.press("書いておく")


def photo(folder: Path) -> Path:
    file = folder / "card.jpg"
    Image.new("RGB", (900, 600), "white").save(file)
    return file


def applies(form: Application, card: Path) -> None:
    form.menu("予約する")
    form.follow("ひなた保育園")
    form.follow("ひなた保育園")
    form.follow("この園に申し込む")
    form.children(f"{HANA}さん")
    form.health()
    form.words("卵は、まだ食べていません。")
    picture(form.page, "k6-documents")
    form.photo("健康保険証", card)
    picture(form.page, "k7-documents")
    form.press("保存して次へ")
    picture(form.page, "k7-consents")
    form.consents(
        {
            "お子さんとご家庭のことを、園が見ること": "同意します",
            "急な病気やけがのとき、医療機関に伝えること": "同意します",
            "預かりのようすを写真にとること": "同意しません",
        }
    )
    look(form.page, "k8-check")
    form.send()
    picture(form.page, "k9-applied")
    assert "次は、面談です" in form.text
    tour = form.page.get_by_role("listitem").filter(has_text="見学").first
    assert "すみました" in tour.inner_text(), "she came to it before she applied"


def books_the_interview(own: Screen) -> None:
    own.follow("日時をえらぶ")
    own.follow("この日を予約する")
    own.press("この日を予約する")
    assert "予約しました" in own.said
    own.menu("事前登録")
    at = day_and_time(jdate(INTERVIEW, TOUR), "13:00")
    assert f"面談は、{at} に予約してあります" in own.text


def staff_accept(desk: Screen) -> None:
    desk.menu("事前登録")
    desk.follow(HANA)
    picture(desk.page, "k10-accept")
    desk.page.get_by_label("この申し込みを承諾します").check()
    desk.press("この申し込みを承諾する")
    picture(desk.page, "k11-accepted")


def both_agree(own: Screen, desk: Screen) -> None:
    own.menu("事前登録")
    picture(own.page, "k12-own")
    own.follow("くわしく見る")
    own.page.get_by_label("読みました").check()
    look(own.page, "k13-agree")
    own.press("読みました")
    desk.press("児童票と申し込みを読みました")
    own.page.reload()
    assert "ならし預かり（1回目）" in own.text
    picture(own.page, "k14-next")


def books_trial_care(own: Screen, number: int, day: date) -> None:
    own.menu("事前登録")
    own.follow("くわしく見る")
    own.follow(f"ならし預かりを予約する（{number}回目）")
    picture(own.page, f"k15-trial-{number}")
    on_the_day = own.page.get_by_role("heading", name=jdate(day, day)).locator("xpath=..")
    own.go(on_the_day.get_by_role("button").first)
    look(own.page, f"k16-trial-{number}")
    own.press("予約を確定する")


def trial_care(watch: Watch, board: Board, number: int, day: date) -> None:
    watch.moment = clock_time("8:00", day)
    board.page.goto("/office/board")
    picture(board.page, f"k17-board-{number}")
    assert f"ならし {number}回目" in board.text
    board.arrive(HANA)
    watch.moment = clock_time("9:00", day)
    board.depart(HANA)
    board.follow(HANA)
    board.follow("結果とメモを入れる")
    board.choose("この回の結果", "次へ進む")
    look(board.page, f"k18-outcome-{number}")
    board.press("結果を入れる")


def books_a_stay(own: Facilities) -> None:
    own.menu("事前登録")
    picture(own.page, "k19-ready")
    assert "予約できます" in own.text
    own.menu("予約する")
    own.search(VISIT)
    own.follow("ひなた保育園")
    booking = NewBooking(own.page)
    own.choose_time("9:00", "11:00")
    booking.follow("この時間で進む")
    booking.wish(f"{HANA}さん", purpose="リフレッシュ（休みたい・用事）")
    booking.confirm()
    assert "予約しました" in booking.said
