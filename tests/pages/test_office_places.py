"""Staff set places on their pages; strangers find nothing there."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from flask import Flask

from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.places import Site, accept, next_open_day
from tests.pages.visit import Visitor
from tests.services.test_take_places import free_at, mine, stay_for, take


def base(site: Site) -> str:
    return f"/office/facilities/{site.facility_id}"


def date_parts(name: str, day: date) -> dict[str, object]:
    return {f"{name}-year": day.year, f"{name}-month": day.month, f"{name}-day": day.day}


def week_data(day: date, **changes: object) -> dict[str, object]:
    return {
        **date_parts("in_force_from", day),
        "weekdays": ["0", "1", "2", "3", "4"],
        "from_time": "9:00",
        "to_time": "17:00",
        "places_0": "３",
        "on_duty": "2",
        "others": "none",
        **changes,
    }


@pytest.fixture
def staff(app: Flask, sato: Actor) -> Visitor:
    return Visitor(app, sato)


def test_staff_with_one_facility_go_straight_to_its_week(staff: Visitor, hinata: Site) -> None:
    assert staff.get("/office/places").location == f"{base(hinata)}/places"
    page = staff.get(f"{base(hinata)}/places")
    assert "8:00〜18:00 6人" in page.text
    assert "職員が未入力" in page.text


def test_a_week_is_shown_before_it_is_saved(staff: Visitor, hinata: Site, tanaka: Actor) -> None:
    day = next_open_day(1)
    take(tanaka, stay_for(hinata, *mine(tanaka), day, start=time(9), end=time(12)))
    url = f"{base(hinata)}/places"
    preview = staff.submit(url, week_data(clock.today(clock.now()), places_0="0"))
    assert preview.status == 200
    assert "全体：予約が定員より多い時間が 3時間" in preview.text
    assert preview.text.index("定員より多くなる日") < preview.text.index("いまの曜日ごとの基本")
    changed = staff.submit(url, week_data(clock.today(clock.now()), places_0="5")).text
    assert "9:00〜17:00 5人" in changed, "the week as it would be"
    assert free_at(hinata, hinata.total_pool_id, day)[16] == 6, "nothing is written yet"
    saved = staff.submit(url, week_data(clock.today(clock.now()), save="1"))
    assert saved.status == 303
    assert free_at(hinata, hinata.total_pool_id, day)[16:20] == [0, 0, 2, 2]
    after = staff.get(saved.location).text
    assert "9:00〜17:00 3人" in after
    assert "余裕なし" in after, "three children with two babies among them need two"


def test_a_reversed_week_is_explained_and_kept(staff: Visitor, hinata: Site) -> None:
    data = week_data(clock.today(clock.now()), to_time="8:00", save="1")
    page = staff.submit(f"{base(hinata)}/places", data)
    assert page.status == 409
    assert "終わりの時刻が、始まりより前か同じです" in page.text
    assert page.field("places_0") == "３"


@pytest.mark.parametrize("number", ["-1", "1e3", "２０１", "x"])
def test_what_is_no_number_of_persons_is_asked_again(
    staff: Visitor, hinata: Site, number: str
) -> None:
    data = week_data(clock.today(clock.now()), places_0=number)
    page = staff.submit(f"{base(hinata)}/places", data)
    assert page.status == 422
    assert "0から200までの数字で入れてください" in page.text


def test_a_day_shows_taken_free_and_staff_and_can_be_set_apart(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    day = next_open_day(1)
    accept(hinata, tanaka, mine(tanaka)[1])
    take(tanaka, stay_for(hinata, *mine(tanaka), day))
    url = f"{base(hinata)}/places/days/{day}"
    page = staff.get(url)
    assert "■□□□□□" in page.text
    assert "田中 はな" in page.text
    assert "090-0000-0000" in page.text
    data = {"from_time": "9:00", "to_time": "10:00", "places_0": "0", "on_duty": "1"}
    saved = staff.submit(url, {**data, "reason": "工事のため"})
    assert saved.status == 303
    after = staff.get(url).text
    assert "予約が定員より多い" in after
    assert "工事のため" in after
    assert free_at(hinata, hinata.total_pool_id, day)[17:21] == [6, 0, 0, 5]
    reset = staff.post(f"{url}/reset")
    assert reset.status == 303
    assert free_at(hinata, hinata.total_pool_id, day)[18] == 5


def test_too_few_staff_are_told_as_advice(staff: Visitor, hinata: Site, tanaka: Actor) -> None:
    day = next_open_day(1)
    take(tanaka, stay_for(hinata, *mine(tanaka), day))
    url = f"{base(hinata)}/places/days/{day}"
    data = {"from_time": "9:00", "to_time": "10:00", "on_duty": "1", "reason": "休けい"}
    assert staff.submit(url, data).status == 303
    assert "職員があと1人いります" in staff.get(url).text


def test_closing_lists_the_bookings_before_and_after(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    day = next_open_day(1)
    accept(hinata, tanaka, mine(tanaka)[1])
    take(tanaka, stay_for(hinata, *mine(tanaka), day))
    url = f"{base(hinata)}/closures"
    data = {**date_parts("from_day", day), "reason": "研修"}
    asked = staff.submit(url, data)
    assert asked.status == 200
    for words in ("田中 はな", "9:00〜12:00", "090-0000-0000", "1人の予約があります"):
        assert words in asked.text
    assert asked.text.index("1人の予約があります") < asked.text.index("これからのお休み")
    assert 'href="tel:09000000000"' in asked.html
    assert 'href="/office/bookings/' in asked.html
    assert free_at(hinata, hinata.total_pool_id, day)[18] == 5
    closed = staff.submit(url, {**data, "save": "1"})
    assert closed.status == 303
    assert "田中 はな" in staff.get(closed.location).text
    assert "取りやめる" in staff.get(url).text
    lifted = staff.post(f"{closed.location}/lift")
    assert lifted.status == 303
    assert "取りやめました" in staff.get(closed.location).text


def test_pools_are_added_renamed_and_retired(staff: Visitor, hinata: Site) -> None:
    url = f"{base(hinata)}/pools"
    data = {"kind": "age_band", "label": "1・2歳児", "places": "4"}
    band = {"youngest_class": "1", "oldest_class": "2"}
    wrong = staff.submit(url, {**data, "youngest_class": "2", "oldest_class": "1"})
    assert wrong.status == 409
    assert staff.submit(url, {**data, **band}).status == 303
    assert "1・2歳児" in staff.get(f"{base(hinata)}/places").text
    one = f"{url}/{hinata.baby_pool_id}"
    assert staff.submit(one, {"label": "赤ちゃん"}).status == 303
    assert "赤ちゃん" in staff.get(url).text
    assert staff.post(f"{one}/retire").status == 303
    assert "赤ちゃん" not in staff.get(url).text


def test_a_stranger_finds_nothing(app: Flask, hinata: Site, sato: Actor, yamada: Actor) -> None:
    day = next_open_day(1) + timedelta(days=1)
    mine_ = Visitor(app, sato)
    data = {**date_parts("from_day", day), "reason": "研修", "save": "1"}
    closure = mine_.submit(f"{base(hinata)}/closures", data).location
    stranger = Visitor(app, yamada)
    pool = f"{base(hinata)}/pools/{hinata.baby_pool_id}"
    for url in (
        f"{base(hinata)}/places",
        f"{base(hinata)}/places/days/{day}",
        f"{base(hinata)}/closures",
        f"{base(hinata)}/pools",
        closure,
        pool,
    ):
        assert stranger.get(url).status == 404, url
    for url in (
        f"{base(hinata)}/places",
        f"{base(hinata)}/places/days/{day}",
        f"{base(hinata)}/places/days/{day}/reset",
        f"{base(hinata)}/closures",
        f"{closure}/lift",
        f"{base(hinata)}/pools",
        pool,
        f"{pool}/retire",
    ):
        assert stranger.post(url).status == 404, url


def test_families_and_visitors_do_not_get_in(app: Flask, hinata: Site, tanaka: Actor) -> None:
    assert Visitor(app, tanaka).get(f"{base(hinata)}/places").status == 403
    assert "/sign-in" in Visitor(app).get(f"{base(hinata)}/places").location


def test_a_strangers_own_address_does_not_reach_what_is_not_hers(
    app: Flask, hinata: Site, midori: Site, sato: Actor, yamada: Actor
) -> None:
    day = next_open_day(1)
    data = {**date_parts("from_day", day), "reason": "研修", "save": "1"}
    closure = Visitor(app, sato).submit(f"{base(hinata)}/closures", data).location
    closure_id = closure.rsplit("/", 1)[1]
    stranger = Visitor(app, yamada)
    for path in (f"closures/{closure_id}", f"pools/{hinata.baby_pool_id}"):
        assert stranger.get(f"{base(midori)}/{path}").status == 404, path
    for path in (f"closures/{closure_id}/lift", f"pools/{hinata.baby_pool_id}/retire"):
        assert stranger.post(f"{base(midori)}/{path}").status == 404, path


def test_the_board_of_a_day_off_says_why(staff: Visitor, hinata: Site, tanaka: Actor) -> None:
    day = next_open_day(1)
    take(tanaka, stay_for(hinata, *mine(tanaka), day))
    board = f"{base(hinata)}/board"
    assert "お休み：" not in staff.get(f"{board}/{day}").text
    closure = {**date_parts("from_day", day), "reason": "職員研修", "save": "1"}
    assert staff.submit(f"{base(hinata)}/closures", closure).status == 303
    closed = staff.get(f"{board}/{day}").text
    assert "お休み：職員研修" in closed
    assert "予約が 1人 残っています" in closed
    bookings = staff.get(f"/office/bookings/?day={day}").text
    assert "のお休み：職員研修" in bookings
    sunday = day + timedelta(days=6 - day.weekday())
    assert "受け入れのない日" in staff.get(f"{board}/{sunday}").text
    assert "受け入れのない日" in staff.get(f"/office/bookings/?day={sunday}").text
