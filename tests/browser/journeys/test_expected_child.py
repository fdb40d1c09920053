"""J3 and J8 from pregnancy on: tour and application before the birth; born, or closed calmly."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.documents.dates import jdate
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.preregistration import service
from tests.browser.journeys.live import BOTH_WAYS, Live, look, picture
from tests.browser.journeys.screens import Application, Screen
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.factories.visits import DAY as TOUR
from tests.factories.visits import book, open_session
from tests.smtp import wait_until

TODAY = clock.today(clock.now())
DUE = TODAY + timedelta(days=12)
EXPECTED = f"{jdate(DUE, TODAY)}ごろに生まれるお子さん"
CONSENTS = {
    "お子さんとご家庭のことを、園が見ること": "同意します",
    "急な病気やけがのとき、医療機関に伝えること": "同意します",
}


def desk_of(live: Live, staff: dict[str, Any], site: Site) -> Screen:
    return Screen(live.window(staff, of=make_worker("佐藤 まり", site.organisation_id, "staff")))


def expecting(site: Site, name: str, visit: uuid.UUID) -> tuple[Actor, uuid.UUID]:
    """Somebody who registered in pregnancy, booked the tour and applied."""
    mother = make_guardian(name)
    assert mother.family_id is not None
    details, now = ChildDetails(None, due_on=DUE), clock.now()
    with acting_as(mother), transaction() as session:
        child = families.add_child(session, mother.family_id, details, actor=mother, now=now)
        service.apply(session, site.facility_id, [child.id], actor=mother, now=now)
    book(mother, visit)
    return mother, child.id


@pytest.mark.proves("J3", "R4", "R7", "R24")
@pytest.mark.parametrize(("family", "staff"), BOTH_WAYS)
def test_what_was_done_in_pregnancy_stands_after_the_birth_of_one_or_of_twins(
    live: Live, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    site = make_site("ひなた保育園")
    visit = open_session(site)
    own = Screen(live.window(family, of=make_guardian("森 ゆい")))
    registers_in_pregnancy(own)
    books_the_tour(own)
    applies(Application(own.page))
    desk = desk_of(live, staff, site)
    staff_wait_for_the_birth(desk)
    twins_are_born(own)
    assert_nothing_was_lost(own, desk)

    other, child_id = expecting(site, "谷 ゆい", visit)
    one = Screen(live.window(family, of=other))
    one.page.goto(f"/my/children/{child_id}/born")
    tells_of_a_birth(one, "谷 そう")
    look(one.page, "expected-one")
    assert "谷 そうさん" in one.text
    assert "受け付けた日も変わりません" in one.text
    assert one.page.get_by_role("link", name="ひなた保育園").count() == 1


def registers_in_pregnancy(own: Screen) -> None:
    own.page.goto("/my/")
    own.menu("お子さん")
    own.follow("お子さんを登録する")
    own.choose("お子さんは", "これから生まれる")
    own.date("出産の予定日", DUE)
    picture(own.page, "expected-new")
    own.press("登録して次へ")
    assert EXPECTED in own.text


def goes_to_the_nursery(own: Screen) -> None:
    own.menu("予約する")
    own.follow("ひなた保育園")
    own.follow("ひなた保育園")


def books_the_tour(own: Screen) -> None:
    goes_to_the_nursery(own)
    own.follow("見学・面談の日をえらぶ")
    own.follow("この日を予約する")
    picture(own.page, "expected-tour")
    own.press("この日を予約する")
    assert "予約しました" in own.said


def applies(form: Application) -> None:
    goes_to_the_nursery(form)
    form.follow("この園に申し込む")
    form.children("これから生まれるお子さん")
    assert "生まれてから書きます" in form.text
    picture(form.page, "expected-health")
    form.health()
    form.words("予定日は、すこし動くかもしれません。")
    form.papers_later()
    form.consents(CONSENTS)
    form.send()
    look(form.page, "expected-applied")
    assert "生まれたら、お名前と生年月日を入れてください" in form.text


def staff_wait_for_the_birth(desk: Screen) -> None:
    desk.page.goto("/office/")
    desk.menu("事前登録")
    picture(desk.page, "expected-office")
    desk.follow(EXPECTED)
    look(desk.page, "expected-office-one")
    assert "返事は、生まれてから決めます" in desk.text
    assert not desk.page.get_by_role("button", name="承諾する").count()


def twins_are_born(own: Screen) -> None:
    own.menu("お子さん")
    own.follow("生まれたとき")
    own.press("ふたご")
    picture(own.page, "expected-born")
    tells_of_a_birth(own, "森 そら", "森 うみ")
    look(own.page, "expected-twins")
    assert "森 うみさん" in own.text
    assert "受け付けた日も変わりません" in own.text
    assert own.page.get_by_role("link", name="ひなた保育園").count() == 2


def tells_of_a_birth(own: Screen, *names: str) -> None:
    boxes = own.page.get_by_label("お名前")
    for number, name in enumerate(names):
        boxes.nth(number).fill(name)
    for part, value in (("年", TODAY.year), ("月", TODAY.month), ("日", TODAY.day)):
        own.page.get_by_label(part, exact=True).first.fill(str(value))
    own.press("登録する")


def assert_nothing_was_lost(own: Screen, desk: Screen) -> None:
    own.menu("事前登録")
    picture(own.page, "expected-two-rows")
    for name in ("森 そらさん", "森 うみさん"):
        assert own.page.get_by_role("region", name=name).get_by_text("園の返事を待って").count()
    own.page.goto("/my/visits")
    own.follow(jdate(TOUR, TODAY))
    assert "予約ずみ" in own.text
    desk.menu("事前登録")
    rows = desk.page.get_by_role("row").filter(has_text="森 ").all_inner_texts()
    received = {row.split("受け付け")[-1].split("インター")[0].split()[-1] for row in rows}
    assert len(rows) == 2
    assert len(received) == 1, "the twin stands in the queue where the first one stood"
    desk.follow("森 そら")
    assert "予定日は、すこし動くかもしれません。" in desk.text


@pytest.mark.proves("J8", "R24")
@pytest.mark.parametrize(("family", "staff"), BOTH_WAYS)
def test_closing_is_one_calm_page_that_stops_every_contact_and_the_way_back_is_found(
    live: Live, family: dict[str, Any], staff: dict[str, Any]
) -> None:
    site = make_site("ひなた保育園")
    visit = open_session(site)
    mother, child_id = expecting(site, "林 ゆい", visit)
    expecting(site, "谷 ゆい", visit)
    assert wait_until(lambda: len(live.smtp.taken) == 4, seconds=30), "two mails to each"
    before = len(live.smtp.taken)
    own = Screen(live.window(family, of=mother))
    own.page.goto(f"/my/children/{child_id}/edit")
    own.follow("登録を閉じる")
    look(own.page, "expected-close")
    own.press("登録を閉じる")
    assert "することは、何もありません" in own.text
    look(own.page, "expected-closed")
    own.follow("ホームへ")
    assert "生まれ" not in own.text

    the_evening_before_the_tour_comes(live)
    (reminder,) = [one.message for one in live.smtp.taken[before:]]
    assert str(reminder["Subject"]).startswith("【あした】"), "to the other mother alone"
    desk = desk_of(live, staff, site)
    desk.page.goto("/office/visits/")
    desk.follow("10:00")
    picture(desk.page, "expected-office-tour")
    assert "谷 ゆい" in desk.text
    assert "林 ゆい" not in desk.text

    own.page.goto("/my/data/")
    own.follow("閉じた登録")
    own.press("もとにもどす")
    assert EXPECTED in own.text


def the_evening_before_the_tour_comes(live: Live) -> None:
    """Let the reminders be due, and wait until the worker has dealt with both."""
    due = "UPDATE outbox_messages SET not_before = now() WHERE kind = 'visits/reminder'"
    left = "SELECT count(*) FROM outbox_messages WHERE sent_at IS NULL AND dropped_at IS NULL"

    def is_done() -> bool:
        with acting_as(ANONYMOUS) as session:
            return not session.execute(text(left)).scalar_one()

    with live.as_the_worker():
        with acting_as(ANONYMOUS), transaction() as session:
            assert session.execute(text(due)).rowcount == 2  # type: ignore[attr-defined]
        assert wait_until(is_done, seconds=30)
