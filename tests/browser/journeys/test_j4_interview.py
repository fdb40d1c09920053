"""J4: an interview at the tablet; then every step to the first stay, seen by its sender."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest

from tests.browser.journeys.live import DESK, PHONE, TABLET, Live, Watch, look, picture
from tests.browser.journeys.loop_screens import Desk, Interview
from tests.browser.journeys.screens import Application, Board, Screen, SignUp
from tests.factories.city import NURSE_MAIL, STAFF_MAIL, make_city
from tests.factories.days import DAY, clock_time
from tests.factories.visits import open_session

MOTHER, SORA, MAIL = "高橋 あかり", "高橋 そら", "akari@example.test"
BORN = date(DAY.year - 2, 6, 15)
#: The interview a week before the tour.
TALK, CALL, TOUR = DAY - timedelta(days=7), DAY - timedelta(days=6), DAY
DUE = TALK + timedelta(days=60)
HEALTH = {
    "お子さんとご家庭のことを、園が見ること": "同意します",
    "急な病気やけがのとき、医療機関に伝えること": "同意します",
}


@pytest.mark.proves("J4", "R7", "R8", "R10", "R11", "R12", "R13", "R14")
@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_an_interview_of_three_minutes_ends_with_a_place_before_she_leaves_the_room(
    live: Live, monkeypatch: pytest.MonkeyPatch, size: dict[str, Any]
) -> None:
    Watch(monkeypatch, clock_time("10:00", TALK))
    city = make_city()
    tablet = Interview(live.window(size, of=city.nurse))
    interview(tablet)
    assert (tablet.taps, tablet.fields) == (25, 11), "taps, and fields to type into"
    # Two seconds a tap and eight a field leave 40 of three minutes to read three records aloud.
    assert tablet.taps * 2 + tablet.fields * 8 <= 3 * 60 - 40
    day = books_on_the_spot(tablet)
    assert (tablet.taps, tablet.fields) == (27, 11), "and the place is hers"
    assert live.mail(MAIL, "【予約").entry.span[0].date() == day


def interview(tablet: Interview) -> None:
    """From the first name to what she signs and sends."""
    tablet.page.goto("/liaison/")
    tablet.menu("紹介")
    tablet.follow("紹介をつくる")
    tablet.write("お名前", MOTHER)
    tablet.choose("お子さんとの関係", "母")
    tablet.write("電話番号", "090-0000-2468")
    tablet.write("メールアドレス", MAIL)
    tablet.choose("どの面談ですか", "妊娠8か月ごろの面談")
    tablet.tick("「子育てガイド」の一時預かりに、ご本人が印をつけました")
    look(tablet.page, "j4-1-family")
    tablet.press("保存して次へ")
    has_elder_child_and_expects(tablet)
    tablet.tick("疲れが強い")
    look(tablet.page, "j4-3-learned")
    tablet.press("保存して次へ")
    tablet.choose("紹介先", "ひなた保育園")
    look(tablet.page, "j4-4-receivers")
    tablet.press("保存して次へ")
    agrees(tablet)
    look(tablet.page, "j4-6-ready")
    assert "送れます" in tablet.text
    tablet.press("紹介を送る")
    assert "に紹介を送りました" in tablet.said


def has_elder_child_and_expects(tablet: Interview) -> None:
    tablet.date("出産予定日か、生年月日", DUE)
    tablet.press("このお子さんを足す")
    tablet.choose("お子さんは", "生まれている")
    tablet.date("出産予定日か、生年月日", BORN)
    tablet.page.get_by_role("textbox", name="お名前").fill(SORA)
    tablet.fields += 1
    tablet.press("このお子さんを足す")
    look(tablet.page, "j4-2-children")
    tablet.follow("次へ")


def agrees(tablet: Interview) -> None:
    """Three records, each ticked on its own once its words stand there; then her name."""
    tablet.choose("何を伝えますか", "疲れていること")
    tablet.choose("都合のよい時間", "平日の午前")
    tablet.choose("園から、どこに知らせてよいですか", "みほん市", "こども家庭センター")
    tablet.go(tablet.page.get_by_role("button", name="えらんだ内容で、ことばを作る").first)
    picture(tablet.page, "j4-5-words")
    words = tablet.text
    assert "疲れていること" in words
    assert "みほん市が、わたしといっしょに、ひなた保育園" in words
    for record in (
        "伝えることに同意します",
        "説明し、分かってもらいました",
        "園から知らせることに同意します",
    ):
        assert not tablet.page.get_by_label(record).is_checked(), "nothing is ticked for her"
        tablet.tick(record)
    tablet.choose("いま予約しますか", "いま予約する")
    tablet.write("ご本人のお名前", MOTHER)
    look(tablet.page, "j4-5-signed")
    tablet.press("同意を記録して次へ")


def books_on_the_spot(tablet: Interview, *, after: date | None = None) -> date:
    """With the mother beside: which times fit, what it costs, and it is booked."""
    if after is not None:
        tablet.date("いつから探しますか", after)
        tablet.press("この時間でさがす")
    look(tablet.page, "j4-7-places")
    assert "紹介のご家庭のために残した枠" in tablet.text
    tablet.follow("この時間をえらぶ")
    look(tablet.page, "j4-8-sure")
    tablet.press("予約を確定する")
    look(tablet.page, "j4-9-booked")
    assert "予約しました" in tablet.said
    found = re.match(r"(\d+)月(\d+)日", tablet.heading)
    assert found
    month, day = map(int, found.groups())
    return date(TALK.year + (month < TALK.month), month, day)


@pytest.mark.proves("J4", "R4", "R5", "R13", "R15", "R18", "R19")
@pytest.mark.parametrize(("family", "staff"), [(PHONE, DESK), (DESK, PHONE)], ids=["phone", "pc"])
def test_the_nursery_takes_her_in_and_the_sender_sees_every_step(
    live: Live, monkeypatch: pytest.MonkeyPatch, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    watch = Watch(monkeypatch, clock_time("10:00", TALK))
    city = make_city()
    open_session(city.site, first=TOUR, start=20)
    tablet = Interview(live.window(TABLET, of=city.nurse))
    interview(tablet)
    stay = books_on_the_spot(tablet, after=TOUR + timedelta(days=1))
    code = hands_over_a_code(tablet)
    nurse = Desk(tablet.page)
    sees(nurse, "受け取り待ち")
    desk = Desk(live.window(staff, of=city.staff))
    receives(live, desk)
    sees(nurse, "受け取りました")
    assert live.mails(NURSE_MAIL, "【紹介】進みぐあい")

    watch.moment = clock_time("9:30", CALL)
    calls_her(desk)
    sees(nurse, "連絡がつきました")
    own = Screen(live.window(family))
    comes_to_an_account(live, own, code)
    books_the_tour(own)
    watch.moment = clock_time("11:00", TOUR)
    she_came_to_the_tour(desk)
    sees(nurse, "見学・面談すみ")

    applies(Application(own.page))
    accepts(desk)
    sees(nurse, "登録ずみ")
    watch.moment = clock_time("9:00", stay)
    Board(desk.page).page.goto("/office/board")
    Board(desk.page).arrive(SORA)
    look(desk.page, "j4-26-arrived")
    sees(nurse, "利用しました")
    its_way_is_told(nurse)


def hands_over_a_code(tablet: Interview) -> str:
    """What she takes home: the way to an account of her own."""
    tablet.follow("紹介のページへ")
    tablet.follow("同意の記録と取りやめ")
    tablet.press(f"{MOTHER}さんのコードを作る")
    look(tablet.page, "j4-10-code")
    (code,) = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b", tablet.text)
    return str(code)


def sees(nurse: Desk, state: str) -> None:
    """The sender looks at her list and at the referral: both say how far it has come."""
    nurse.page.goto("/liaison/")
    nurse.menu("紹介")
    if state == "利用しました":  # it has come to its end, and stands with those
        nurse.follow("利用した（1）")
    row = nurse.page.get_by_role("row").filter(has_text=MOTHER)
    assert state in row.inner_text()
    picture(nurse.page, f"j4-11-list-{state}")
    nurse.open_row(MOTHER)
    assert state in nurse.head
    look(nurse.page, f"j4-12-sender-{state}")


def receives(live: Live, desk: Desk) -> None:
    mail = live.mail(STAFF_MAIL, "【紹介】新しい紹介")
    assert MOTHER not in mail.text
    desk.page.goto(mail.link("/office/referrals/"))
    look(desk.page, "j4-13-waiting")
    assert MOTHER not in desk.text, "opened by who takes it"
    desk.press("受け取って開く")
    look(desk.page, "j4-14-opened")
    assert "疲れが強い" in desk.text
    assert "保護者の体のこと" not in desk.text
    desk.follow("連絡の予定と記録")
    look(desk.page, "j4-15-plan")
    desk.date("次に連絡する日", CALL)
    desk.press("この予定にする")


def calls_her(desk: Desk) -> None:
    desk.page.goto("/office/")
    look(desk.page, "j4-16-today")
    desk.menu("とどいた紹介")
    desk.follow("今日、連絡する方を見る")
    look(desk.page, "j4-17-list")
    assert "平日の午前" in desk.text, "when it suits her was told in the interview"
    desk.press("電話をかける")
    look(desk.page, "j4-18-call")
    assert "090-0000-2468" in desk.text
    desk.press("話せた")
    assert "「話せた」と書きました" in desk.said


def comes_to_an_account(live: Live, own: Screen, code: str) -> None:
    """She signs up, finds what was agreed to and told, and the booking."""
    door = SignUp(own.page)
    door.ask(MAIL)
    link = live.mail(MAIL, "登録をつづけてください").link("/sign-up/")
    door.finish(link, MOTHER, "きれいな貝がらを三つ")
    own.follow("登録コードをもらった方")
    own.page.get_by_role("textbox", name="登録コード").fill(code)
    own.date("お子さんの生年月日か、出産の予定日", BORN)
    look(own.page, "j4-19-claim")
    own.press("つなげる")
    own.menu("ホーム")
    look(own.page, "j4-20-home")
    assert SORA in own.text
    assert "ひなた保育園" in own.text
    own.follow("支援と連絡のこと")
    look(own.page, "j4-21-support")
    assert own.page.get_by_role("button", name="取りやめる").count() == 5
    assert "みほん市 から ひなた保育園" in own.text


def books_the_tour(own: Screen) -> None:
    own.menu("予約する")
    own.follow("ひなた保育園")
    own.follow("ひなた保育園")
    own.follow("見学")
    own.follow("この日を予約する")
    own.press("この日を予約する")
    assert "予約しました" in own.said


def she_came_to_the_tour(desk: Desk) -> None:
    desk.page.goto("/office/visits/")
    desk.follow("10:30 見学")
    look(desk.page, "j4-22-visit")
    desk.press("来た")


def applies(form: Application) -> None:
    form.menu("ホーム")
    form.follow("体のことを書く")
    form.choose("食物アレルギーはありますか", "ない")
    form.press("保存する")
    form.menu("予約する")
    form.follow("ひなた保育園")
    form.follow("ひなた保育園")
    form.follow("この園に申し込む")
    form.children(f"{SORA}さん")
    form.health()
    form.words()
    form.papers_later()
    form.consents(HEALTH)
    picture(form.page, "j4-23-check")
    form.send()
    picture(form.page, "j4-23-applied")


def accepts(desk: Desk) -> None:
    desk.page.goto("/office/")
    desk.menu("事前登録")
    desk.follow(SORA)
    desk.page.get_by_label("この申し込みを承諾します").check()
    desk.press("この申し込みを承諾する")
    picture(desk.page, "j4-25-accepted")


def its_way_is_told(nurse: Desk) -> None:
    """The figures count her, from the interview to the first stay."""
    nurse.menu("紹介から利用まで")
    look(nurse.page, "j4-28-figures")
    assert "ひなた保育園" in nurse.text
