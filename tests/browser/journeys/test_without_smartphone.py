"""J7: a father phones, a FAX comes; both stand in the one queue and get letters, not mails."""

from __future__ import annotations

import io
from datetime import date, timedelta
from typing import Any

import pytest
from pypdf import PdfReader

from portal.documents.dates import jdate
from tests.browser.journeys.live import BOTH_WAYS, Live, Watch, look, picture
from tests.browser.journeys.paper_screens import FaxDesk, Letters
from tests.browser.journeys.screens import Caller, Screen
from tests.factories.days import DAY, clock_time
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import make_site
from tests.factories.registration import apply_for, ask
from tests.smtp import wait_until

#: The Monday before the stay.
TODAY = DAY - timedelta(days=2)
BORN = date(DAY.year - 3, 4, 20)
FATHER, RIKU = "木村 けん", "木村 りく"
MOTHER, HANA = "髙﨑 みほ", "髙﨑 はな"
RIN = "森 りん"
HOME = "みほん市みなと町1-2-3"


@pytest.mark.proves("J7", "R30", "R5")
@pytest.mark.parametrize(("family", "staff"), BOTH_WAYS)
def test_a_caller_and_a_fax_stand_in_the_queue_and_get_letters(
    live: Live, monkeypatch: pytest.MonkeyPatch, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    watch = Watch(monkeypatch, clock_time("9:00", TODAY))
    site = make_site("ひなた保育園", places=6)
    ask(site, limit=2)
    somebody_prints_the_form(Screen(live.window(family)))
    desk = live.window(staff, of=make_worker("佐藤 まり", site.organisation_id, "staff"))

    watch.moment = clock_time("9:10", TODAY)
    a_father_phones(Caller(desk))
    watch.moment = clock_time("9:20", TODAY)
    mori = make_guardian("森 あい", children=(RIN,))
    apply_for(site, mori)
    watch.moment = clock_time("9:30", TODAY)
    a_fax_is_entered(FaxDesk(desk))

    assert_they_stand_as_they_came(Screen(desk))
    own = Screen(live.window(family, of=mori))
    own.page.goto("/my/preregistrations/")
    look(own.page, "j7-web-family")
    assert "空き待ち" in own.text, "both were before her"

    the_father_books(Caller(desk))
    letters_go_out(Letters(desk))
    own.page.reload()
    live.mail(None, "ひなた保育園")
    assert {one.to for one in live.smtp.taken} == {live.smtp.taken[0].to}, "to her alone"


def somebody_prints_the_form(library: Screen) -> None:
    library.page.goto("/")
    library.follow("電話・FAXで申し込む")
    picture(library.page, "j7-phone-fax")
    library.follow("申し込みの用紙")
    picture(library.page, "j7-papers")
    link = library.page.get_by_role("link", name="用紙（PDF）").first.get_attribute("href")
    assert "様式第1号" in words_of(library.page.request.get(str(link)).body())


def words_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def a_father_phones(caller: Caller) -> None:
    caller.page.goto("/office/board")
    caller.look_up("木村")
    look(caller.page, "j7-nobody-found")
    caller.press("新しく登録する")
    caller.register(FATHER, "080-1111-2222", RIKU, BORN, allergies="落花生", is_accepted=False)
    assert "事前登録を申し込みました" in caller.said
    look(caller.page, "j7-caller")


def a_fax_is_entered(desk: FaxDesk) -> None:
    """It had come at ten to nine, before anybody had phoned."""
    desk.family(MOTHER, "0857-00-0001", HANA, BORN, came_at="8:50", address=HOME)
    assert "メールなし" in desk.text
    picture(desk.page, "j7-fax-family")
    desk.allergies("ない")
    picture(desk.page, "j7-fax-record")
    desk.application(HANA, came_at="8:50")
    assert "申し込みを受け付けました" in desk.said
    picture(desk.page, "j7-fax-applied")


def assert_they_stand_as_they_came(desk: Screen) -> None:
    desk.menu("事前登録")
    picture(desk.page, "j7-queue")
    rows = desk.page.get_by_role("row").all_inner_texts()[1:]
    in_order = ((HANA, "8:50", "FAX"), (RIKU, "9:10", "電話"), (RIN, "9:20", "インターネット"))
    for row, words in zip(rows, in_order, strict=True):
        assert all(word in row for word in words), rows
    for name in (HANA, RIKU):
        desk.menu("事前登録")
        desk.follow(name)
        assert "メールのないご家庭です" in desk.text
        picture(desk.page, "j7-decide")
        desk.page.get_by_label("この申し込みを承諾します").check()
        desk.press("この申し込みを承諾する")
        assert "承諾" in desk.said
    desk.menu("事前登録")
    desk.follow(RIN)
    desk.page.get_by_label("この申し込みを承諾します").check()
    desk.press("この申し込みを承諾する")
    look(desk.page, "j7-full")
    assert "いっぱい" in "".join(desk.problems)
    desk.press("空きを待つ人にする")


def the_father_books(caller: Caller) -> None:
    caller.page.goto("/office/board")
    caller.look_up("1111-2222")
    caller.follow(FATHER)
    caller.book(RIKU, DAY, "9:00", "11:00")
    assert "予約を入れました" in caller.said
    assert f"{jdate(DAY, TODAY)}" in caller.text
    picture(caller.page, "j7-booked")


def letters_go_out(letters: Letters) -> None:
    def have_come() -> bool:
        letters.open()
        return letters.text.count("予約の確認") == 1

    letters.page.goto("/office/")
    assert wait_until(have_come, seconds=30)
    assert letters.receivers == {FATHER, MOTHER}
    look(letters.page, "j7-letters")
    words = words_of(letters.print_all())
    for part in (FATHER, MOTHER, HOME, "ひなた保育園", "1 / 1 ページ"):
        assert part in words
    assert "印刷ずみ" in letters.text
    letters.pass_on("郵便で出した")
    assert "わたすおたより 0通" in letters.text.replace("　", " ")
    picture(letters.page, "j7-passed-on")
