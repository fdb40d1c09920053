"""J1: a facility is opened from nothing, by pages alone: list, provider, set-up, publishing."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest

from portal.kernel import clock
from tests.browser.journeys.live import DESK, PHONE, Live, picture
from tests.browser.journeys.screens import Door, Facilities, Screen
from tests.factories.people import make_liaison

LIST = Path(__file__).parents[2] / "data/facilities/koriyama_nurseryData.cp932.csv"
MAIL, PASSWORD = "hara@example.test", "きれいな貝がらを三つ"


@pytest.mark.proves("J1")
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_director_opens_a_facility_in_an_afternoon(live: Live, *, scripts: bool) -> None:
    liaison = Screen(live.window(DESK, of=make_liaison("鈴木 あき"), scripts=scripts))
    the_city_takes_its_list_and_a_provider(liaison)
    director = signs_in_for_the_first_time(live, scripts=scripts)
    name = chooses_her_facility(director)
    fills_in_the_steps(director)
    writes_the_rules(director)
    looks_at_the_preview(director)
    waits_for_the_city(live, director, liaison, name)
    a_family_begins_to_book(Facilities(live.window(PHONE, scripts=scripts)), name)


def the_city_takes_its_list_and_a_provider(liaison: Screen) -> None:
    liaison.page.goto("/liaison/imports/")
    liaison.page.get_by_label(re.compile("^施設の一覧")).set_input_files(LIST)
    liaison.press("内容を見る")
    # The list is a real city's, this city an invented one.
    liaison.page.get_by_label("ほかの市区町村の住所ですが").check()
    liaison.press("この内容で取り込む")
    assert "取り込みました" in liaison.said
    liaison.menu("事業者と園の確認")
    picture(liaison.page, "j1-01-providers-empty")
    liaison.follow("事業者を登録する")
    liaison.write("事業者の名前", "社会福祉法人みほん会")
    liaison.write("事業者の電話", "024-000-0000")
    liaison.write("園長のお名前", "原 ひろ")
    liaison.write("園長のメールアドレス", MAIL)
    picture(liaison.page, "j1-02-provider-new")
    liaison.press("登録して、招待を送る")
    assert "園長を招待中" in liaison.text
    picture(liaison.page, "j1-03-provider-invited")


def signs_in_for_the_first_time(live: Live, *, scripts: bool) -> Screen:
    door = Door(live.window(DESK, scripts=scripts))
    door.accept(live.mail(MAIL, "社会福祉法人みほん会からの招待").link("/invitations/"), PASSWORD)
    door.give(pyotp.TOTP(door.secret).at(clock.now()), button="登録する")
    door.follow("しまいました。次へ進む")
    picture(door.page, "j1-04-director-home")
    return Screen(door.page)


def chooses_her_facility(director: Screen) -> str:
    director.follow("園をえらんで始める")
    director.write("園の名前、よみ、電話、住所のどれか", "大槻")
    director.press("さがす")
    picture(director.page, "j1-05-found")
    first = director.page.get_by_role("main").get_by_role("heading", level=3).first.inner_text()
    director.go(director.page.get_by_role("button", name="この園をえらぶ").first)
    assert "園をえらびました" in director.said
    assert "確認を待っています" in director.text
    picture(director.page, "j1-06-steps")
    return first


def fills_in_the_steps(director: Screen) -> None:
    director.follow("続きから進める")
    assert director.heading == "園の案内", "phone and address are the list's, the way there is hers"
    director.press("保存して次へ")
    assert director.heading == "開く時間とお休み"
    director.page.get_by_label("年末年始（12月29日〜1月3日）をお休みにする").check()
    picture(director.page, "j1-07-hours")
    director.press("保存して次へ")
    assert director.heading == "預かりの名前と説明"
    director.page.get_by_label("説明").fill(
        "園庭に面した部屋で、少人数ですごします。理由を問わず使えます。"
    )
    director.page.get_by_label("持ち物").fill("着替え、飲み物")
    picture(director.page, "j1-08-care")
    director.press("保存して次へ")
    assert director.heading == "預かる人数"
    director.page.get_by_label("ぜんぶで").fill("10")
    director.page.get_by_label("0歳児").fill("2")
    picture(director.page, "j1-09-places")
    director.press("保存して次へ")
    assert director.heading == "職員の人数"
    director.page.get_by_role("spinbutton", name="職員").fill("3")
    director.press("この人数を保存する")
    assert "職員の人数を保存しました" in director.said
    picture(director.page, "j1-10-staff")
    director.follow("次へ進む")


def writes_the_rules(director: Screen) -> None:
    assert director.heading == "予約と料金のきまり"
    picture(director.page, "j1-11-rules")
    director.follow("1つずつ入れる")
    director.page.get_by_role("textbox", name="料金 1：円").fill("500")
    director.go(director.page.get_by_role("button", name="ためす", exact=True))
    assert "予約できます" in director.page.get_by_role("status").inner_text()
    assert "1,500円" in director.text
    picture(director.page, "j1-12-rules-tried")
    director.press("このきまりにする")
    assert "このきまりにしました" in director.said


def looks_at_the_preview(director: Screen) -> None:
    director.follow("続きから進める")
    assert director.heading == "公開の前に見る"
    seen = director.page.frame_locator("iframe")
    assert seen.get_by_text("公開前の見本").is_visible()
    assert "1時間 500円" in seen.get_by_role("main").inner_text()
    picture(director.page, "j1-13-preview")
    director.follow("公開へ進む")
    assert "市区町村の確認を待っています" in director.text
    picture(director.page, "j1-14-waits")


def waits_for_the_city(live: Live, director: Screen, liaison: Screen, name: str) -> None:
    liaison.page.goto("/liaison/providers/")
    assert name in liaison.text
    picture(liaison.page, "j1-15-claims")
    asked = live.mail(None, f"園の確認をお願いします：{name}")
    liaison.page.goto(asked.link("/liaison/claims/"))
    picture(liaison.page, "j1-16-claim")
    liaison.choose("返事", "この事業者の園にまちがいない")
    liaison.press("返事を送る")
    answered = live.mail(MAIL, f"{name}の確認がすみました")
    director.page.goto(answered.link("/office/set-up/"))
    director.follow("続きから進める")
    director.follow("公開へ進む")
    picture(director.page, "j1-17-publish")
    director.press("公開する")
    assert "公開しました" in director.said
    picture(director.page, "j1-18-published")


def a_family_begins_to_book(family: Facilities, name: str) -> None:
    family.page.goto("/facilities")
    family.follow(name)
    if "空き状況" not in family.heading:
        family.follow(name)
    assert "1時間 500円" in family.text
    picture(family.page, "j1-19-family")
    days = family.page.get_by_role("region", name="空きのある日の一覧")
    family.go(days.get_by_role("link").nth(1))
    family.choose_time("9:00", "11:00")
    picture(family.page, "j1-20-day")
    family.follow("この時間で進む")
    assert family.heading == "ログイン"
