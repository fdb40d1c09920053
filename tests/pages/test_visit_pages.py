"""Pages of sessions and visits: families (also expecting), staff, and those of another provider."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.visits.rules import ChildrenCome, Outcome, Place, Until, VisitKind, VisitState
from tests.factories import people, visits
from tests.factories.places import Site, accept
from tests.pages.visit import Page, Visitor

NEW = "/office/visits/new"


def typed(site: Site, day: date = visits.DAY, **changes: Any) -> dict[str, Any]:
    return {
        "facility": site.facility_id,
        "kind": "tour",
        "first-year": day.year,
        "first-month": day.month,
        "first-day": day.day,
        "start": "10:00",
        "length": "30",
        "seats": "4",
        "place": "facility",
        "children_come": "either",
        "takes_unregistered": "y",
        "takes_expecting": "y",
        "is_public": "y",
        "book_by": "day_before",
        "cancel_by": "start",
        "unit": "once",
        "every": "1",
        **changes,
    }


def until(day: date) -> dict[str, Any]:
    return {"until-year": day.year, "until-month": day.month, "until-day": day.day}


def post(visitor: Visitor, url: str, page: Page, **data: object) -> Page:
    return visitor.post(url, {"once": page.field("once"), **data})


@pytest.mark.proves("R24")
def test_everybody_finds_the_days_on_the_facilitys_page(app: Flask, hinata: Site) -> None:
    visitor = Visitor(app)
    assert "いま、決まっている日はありません" in visitor.get(_public(hinata)).text
    visits.open_session(hinata, words="うら門からどうぞ")
    visits.open_session(hinata, is_public=False, start=30)
    page = visitor.get(_public(hinata))
    assert "10:00〜10:30" in page.text
    assert "出産前の方も来られます" in page.text
    assert "15:00〜15:30" not in page.text
    front = visitor.get(f"/facilities/{hinata.facility_id}")
    assert "見学・面談の日をえらぶ" in front.text
    assert "のこり4組" in front.text


def _public(site: Site) -> str:
    return f"/facilities/{site.facility_id}/visits"


@pytest.mark.proves("R4", "R24")
def test_an_expecting_mother_books_changes_and_cancels_without_any_application(
    app: Flask, hinata: Site
) -> None:
    online = visits.open_session(hinata, place=Place.ONLINE, online_url=visits.LINK)
    other = visits.open_session(hinata, start=24)
    mother = Visitor(app, people.make_guardian("これから 母"))
    url = f"/my/visits/book/{online}"
    form = mother.get(url)
    assert "入るリンクは、予約した方だけに見せます" in form.text
    assert visits.LINK not in form.html
    done = post(mother, url, form, adults="2", note="はじめてです")
    assert done.status == 303
    shown = mother.get(done.location)
    assert visits.LINK in shown.html
    assert "おとな 2人" in shown.text
    home = mother.get("/my/")
    assert "次の見学・面談" in home.text
    edit = f"{done.location}/edit"
    assert post(mother, edit, mother.get(edit), adults="1", note="").status == 303
    move = f"{done.location}/move"
    moved = post(mother, move, mother.get(move), to=str(other))
    assert moved.status == 303
    after = mother.get(moved.location)
    assert "12:00〜12:30" in after.text
    assert "おとな 1人" in after.text
    gone = post(mother, f"{moved.location}/cancel", after)
    assert gone.location.endswith(_public(hinata))
    assert "予約はまだありません" in mother.get("/my/visits").text
    again = mother.post(f"{moved.location}/cancel")
    assert again.status == 409
    assert "この予約は、もう変えられません" in again.text


def test_what_is_wrong_is_said_and_what_was_typed_stays(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    together = visits.open_session(hinata, children_come=ChildrenCome.TOGETHER, seats=1)
    people.make_child(tanaka, "田中 そら")
    mother, url = Visitor(app, tanaka), f"/my/visits/book/{together}"
    form = mother.get(url)
    page = post(mother, url, form, adults="2", note="車いすです")
    assert page.status == 409
    assert "いっしょに来るお子さんが、えらばれていません" in page.text
    assert "車いすです" in page.html
    wrong = post(mother, url, form, adults="9", note="", children=str(uuid.uuid4()))
    assert wrong.status == 422
    visits.book(people.make_guardian("ほかの 母"), together)
    late = post(mother, url, form, adults="1", children=str(people.children_of(tanaka)[0].id))
    assert late.status == 409
    assert "満員になりました" in late.text
    assert "ほかの回をえらんでください" in mother.get(url).text


def test_late_ones_are_asked_to_phone(app: Flask, hinata: Site, tanaka: Actor) -> None:
    soon = visits.open_session(
        hinata, first=clock.today(clock.now()) + timedelta(days=1), book_by=Until.WEEK
    )
    mother = Visitor(app, tanaka)
    assert "受付は終わりました" in mother.get(_public(hinata)).text
    assert "の受付は" in mother.get(f"/my/visits/book/{soon}").text


def test_a_missed_visit_is_told_softly_with_other_days(
    app: Flask, hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    tour = visits.open_session(hinata)
    visit_id = visits.book(tanaka, tour)
    visits.begin(hinata, tour)
    staff, url = Visitor(app, sato), f"/office/visits/{tour}"
    page = staff.get(url)
    at = f"/office/visits/visit/{visit_id}/attendance"
    assert post(staff, at, page, state="missed").status == 303
    family = Visitor(app, tanaka).get(f"/my/visits/{visit_id}")
    assert "どうぞ気になさらないで" in family.text
    assert "ほかの日をえらぶ" in family.text
    undone = staff.get(url)
    assert "来なかった" in undone.text
    assert post(staff, at, undone, state="booked").status == 303
    assert visits.visit_of(sato, visit_id).state is VisitState.BOOKED


@pytest.mark.proves("B35", "B37", "R4")
def test_staff_see_the_days_of_a_plan_before_they_open_them_and_leave_one_out(
    app: Flask, sato: Actor, hinata: Site
) -> None:
    staff = Visitor(app, sato)
    weeks = [visits.DAY + timedelta(weeks=week) for week in range(3)]
    plan = typed(hinata, unit="week", every="1", **until(weeks[-1]))
    looked = post(staff, NEW, staff.get(NEW), **plan)
    assert looked.status == 200
    assert "全部で3日です" in looked.text
    chosen = [weeks[0].isoformat(), weeks[2].isoformat()]
    seen = looked.field("looked_at")
    later = {**plan, "start": "11:00"}
    again = post(staff, NEW, looked, **later, days=chosen, make="1", looked_at=seen)
    assert again.status == 200
    assert "日や時刻が変わりました" in again.text
    done = post(staff, NEW, looked, **plan, days=chosen, make="1", looked_at=seen)
    assert done.status == 303
    index = staff.get(done.location)
    assert "2回を開きました" in index.text
    assert index.text.count("予約 0組／4組") == 2
    month = staff.get(f"/office/visits/month?month={weeks[0]:%Y-%m}")
    assert "見学" in month.text
    assert staff.get("/office/visits/month?month=1800-01").status == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"first-year": 2020}, "もう過ぎた日時です"),
        ({"unit": "week"}, "くり返しの最後の日が入っていません"),
        (
            {"unit": "day", **until(visits.DAY + timedelta(days=364))},
            "一度に作れるのは、60回までです",
        ),
        ({"unit": "week", "every": "0", **until(visits.DAY)}, "1から12までの数"),
        ({"start": "21:00", "length": "240"}, "夜の12時をこえます"),
        ({"place": "online", "online_url": "ftp://x"}, "https:// で始まるアドレス"),
        ({"place": "elsewhere"}, "場所が、書かれていません"),
        ({"takes_expecting": ""}, "出産前の方も来られます"),
        ({"seats": "1000"}, "1回に受け付ける組の数"),
        ({"seats": "0"}, "1回に受け付ける組の数"),
        ({"length": "-30"}, "長さ"),
        ({"first-month": 13}, "日（くり返すときは、はじめの日）"),
    ],
)
def test_sessions_that_make_no_sense_get_a_clear_answer_and_keep_what_was_typed(
    app: Flask, sato: Actor, hinata: Site, changes: dict[str, object], words: str
) -> None:
    staff = Visitor(app, sato)
    sent = {**typed(hinata), "words": "うら門からどうぞ", **changes}
    sent = {name: value for name, value in sent.items() if value != ""}
    page = post(staff, NEW, staff.get(NEW), **sent)
    assert page.status in {409, 422}
    assert words in page.text
    assert "うら門からどうぞ" in page.html


def test_a_number_known_already_is_asked_about_and_kept_in_plain_signs(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    tour = visits.open_session(hinata)
    staff, url = Visitor(app, sato), f"/office/visits/{tour}/newcomer"
    caller = {"name": "電話 はは", "phone": "０９０−１１１１−２２２２", "relation": "母"}
    first = post(staff, url, staff.get(url), **caller)
    assert first.status == 303
    assert "090-1111-2222" in staff.get(f"/office/families/{first.location.split('/')[-1]}").text
    again = post(staff, url, staff.get(url), **caller | {"phone": "090-1111-2222"})
    assert again.status == 409
    assert "同じ電話番号のご家庭があります" in again.text
    assert first.location in again.html
    other = post(staff, url, again, **caller, is_another="y")
    assert other.status == 303
    assert other.location != first.location


def test_changing_and_cancelling_tell_families_and_fill_the_list_for_the_phone(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    first, *_ = visits.open_sessions(hinata, repeat=visits.weekly(3))
    staff = Visitor(app, sato)
    newcomer = f"/office/visits/{first}/newcomer"
    caller: dict[str, Any] = {"name": "電話 はは", "phone": "090-1111-2222", "relation": "母"}
    due = clock.today(clock.now()) + timedelta(days=60)
    caller |= {"due_on-year": due.year, "due_on-month": due.month, "due_on-day": due.day}
    made = post(staff, newcomer, staff.get(newcomer), **caller)
    assert made.status == 303
    form = staff.get(made.location)
    on, receipt = clock.today(clock.now()), {"channel": "phone", "adults": "1", **received()}
    tomorrow = on + timedelta(days=1)
    later = {**receipt, "received_on-day": tomorrow.day, "received_on-month": tomorrow.month}
    later["received_on-year"] = tomorrow.year
    assert "まだ来ていない時刻です" in post(staff, made.location, form, **later).text
    assert post(staff, made.location, form, **receipt).status == 303
    shown = staff.get(f"/office/visits/{first}").text
    assert "電話 ははさん" in shown
    assert "出産前" in shown[shown.index("電話 ははさん") :]
    edit = f"/office/visits/{first}/edit"
    changed = post(staff, edit, staff.get(edit), **typed(hinata, start="11:00", scope="rest"))
    assert changed.status == 303
    assert "3回を変えました" in staff.get(changed.location).text
    index = staff.get("/office/visits/")
    assert "電話で伝えるご家庭（1）" in index.text
    assert "日時か場所が変わりました" in index.text
    today = staff.get("/office/")
    assert "電話で伝えるご家庭" in today.text
    told = index.html.split('action="/office/visits/visit/')[1].split('"')[0]
    assert post(staff, f"/office/visits/visit/{told}", index).status == 303
    assert "電話で伝えるご家庭" not in staff.get("/office/visits/").text
    cancel = f"/office/visits/{first}/cancel"
    gone = post(staff, cancel, staff.get(cancel), scope="one", words="園の行事のため")
    page = staff.get(gone.location)
    assert "この回は、中止しました" in page.text
    reopened = post(staff, f"/office/visits/{first}/reopen", page)
    assert "もう一度開きました" in staff.get(reopened.location).text


@pytest.mark.proves("R4", "R5")
def test_staff_record_what_came_of_it_and_the_notes_stay_theirs(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    talk = visits.open_session(hinata, kind=VisitKind.INTERVIEW)
    visit_id = visits.attended(hinata, tanaka, talk, note="夜泣きのこと")
    staff = Visitor(app, sato)
    today = staff.get("/office/")
    assert "今日の見学・面談" in today.text
    assert "田中 みほさん" in today.text
    listed = staff.get(f"/office/visits/{talk}")
    assert "伝えたいことあり" in listed.text
    assert "夜泣き" not in listed.html
    url = f"/office/visits/visit/{visit_id}/outcome"
    page = staff.get(url)
    assert "夜泣きのこと" in page.text
    assert post(staff, url, page).status == 422
    done = post(staff, url, page, outcome="next", outcome_note="祖母の送迎を相談")
    assert "次に進む" in staff.get(done.location).text
    assert visits.visit_of(sato, visit_id).outcome is Outcome.NEXT
    assert "祖母" not in Visitor(app, tanaka).get(f"/my/visits/{visit_id}").html
    paper = staff.get(f"/office/visits/day/{clock.today(clock.now())}")
    assert "田中 みほ" in paper.text
    assert "夜泣き" not in paper.html


@pytest.mark.proves("P7")
def test_another_provider_and_another_family_find_nothing(
    app: Flask, hinata: Site, yamada: Actor, tanaka: Actor
) -> None:
    tour = visits.open_session(hinata)
    visit_id = visits.book(tanaka, tour)
    stranger = Visitor(app, yamada)
    for url in (
        f"/office/visits/{tour}",
        f"/office/visits/{tour}/edit",
        f"/office/visits/{tour}/find",
        f"/office/visits/visit/{visit_id}/outcome",
    ):
        assert stranger.get(url).status == 404
    assert stranger.get("/office/visits/").text.count("見学　") == 0
    other = Visitor(app, people.make_guardian("よその 母"))
    for url in (f"/my/visits/{visit_id}", f"/my/visits/{visit_id}/edit"):
        assert other.get(url).status == 404


@pytest.mark.proves("P7")
def test_staff_enter_visits_only_for_families_they_may_see(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    tour, staff = visits.open_session(hinata), Visitor(app, sato)
    find, enter = (
        f"/office/visits/{tour}/{what}" for what in ("find", f"enter/{tanaka.family_id}")
    )
    sent = {"q": "田中", "channel": "counter", "adults": "1", **received()}
    looked = post(staff, find, staff.get(find), **sent)
    assert "見つかりませんでした" in staff.get(looked.location).text
    assert staff.get(enter).status == 404
    assert post(staff, enter, staff.get(find), **sent).status == 404
    assert visits.session_of(sato, tour).taken == 0
    accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    assert "田中 みほ" in staff.get(looked.location).text
    assert post(staff, enter, staff.get(enter), **sent).status == 303
    assert visits.session_of(sato, tour).taken == 1


def received() -> dict[str, object]:
    on = clock.today(clock.now())
    day = {"year": on.year, "month": on.month, "day": on.day}
    return {"received_time": "0:00", **{f"received_on-{part}": day[part] for part in day}}


def test_the_list_is_turned_page_by_page(app: Flask, hinata: Site, sato: Actor) -> None:
    visits.open_sessions(hinata, repeat=visits.weekly(12))
    staff = Visitor(app, sato)
    first, second = (staff.get(f"/office/visits/?page={page}") for page in (1, 2))
    assert [page.html.count('id="day-') // 2 for page in (first, second)] == [10, 2]
    assert staff.get("/office/visits/?page=99").html.count('aria-current="page">2<') == 1
    assert staff.get("/office/visits/?page=-1").status == staff.get("/office/visits/?page=x").status


def test_the_office_looks_at_one_kind(app: Flask, hinata: Site, sato: Actor) -> None:
    visits.open_session(hinata)
    visits.open_session(hinata, kind=VisitKind.INTERVIEW, start=24, takes_expecting=False)
    staff = Visitor(app, sato)
    assert "出産前の方は来られません" in staff.get("/office/visits/").text
    one = staff.get("/office/visits/?kind=interview").text
    assert "12:00〜12:30" in one
    assert "10:00〜10:30" not in one


def test_the_office_is_told_where_nothing_is_yet(app: Flask, sato: Actor, hinata: Site) -> None:
    del hinata
    staff = Visitor(app, sato)
    assert "これからの日は、まだありません" in staff.get("/office/visits/").text
    assert "終わった日は、まだありません" in staff.get("/office/visits/?past=1").text
    assert "この月の日は、まだありません" in staff.get("/office/visits/month").text
