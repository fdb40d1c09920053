"""A guardian of several sees days for all of them at once, to book and to move what is booked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from flask import Flask

from portal.bookings.rules import BookingState
from portal.db.session import acting_as, transaction
from portal.families import rights
from portal.kernel.actor import Actor, Right
from portal.kernel.clock import at
from tests.factories import apart
from tests.factories.people import children_of, make_child, make_guardian, make_worker
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.pages.visit import Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()


@pytest.fixture
def site() -> Site:
    """Two places in all, one of them for a baby."""
    return make_site("ふたりの園", places=2, baby_places=1)


@pytest.fixture
def family(site: Site, tanaka: Actor) -> Actor:
    """Hana and baby Riku; another family's child takes the morning's second place."""
    make_child(tanaka, "田中 りく", born_on=date(2026, 4, 10))
    for child in children_of(tanaka):
        accept(site, tanaka, child.id)
    other = make_guardian("別の母", children=("別の子",))
    accept(site, other, children_of(other)[0].id)
    place(other, wish_of(other, site, DAY))
    return tanaka


def test_each_half_hour_says_whether_all_her_children_fit(
    app: Flask, site: Site, family: Actor, visitor: Visitor
) -> None:
    url = f"/facilities/{site.facility_id}/days/{DAY}"
    mother = Visitor(app, family)
    page = mother.get(f"{url}?class=1")
    assert "田中 はなさんと田中 りくさん" in page.text
    assert "9:00 ×2人分なし" in page.text, "one place is left, for one of them"
    assert "12:00 から ○2人いっしょ" in page.text
    alone = mother.get(f"{url}?who={children_of(family)[0].id}")
    assert "9:00 から ○残り1人" in alone.text
    for stranger in (visitor, Visitor(app, make_guardian("母", children=("い", "ろ")))):
        assert "9:00 から ○残り1人" in stranger.get(f"{url}?class=1&who=all").text


def test_the_chosen_time_leads_to_a_form_with_all_of_them(
    app: Flask, site: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    url = f"/facilities/{site.facility_id}/days/{DAY}?who=all&start=13:00&end=16:00"
    page = mother.get(url)
    assert "2人で 1,800円" in page.text, "with the discount for the younger"
    href = page.html.split("/my/bookings/new?")[1].split('"')[0].replace("&amp;", "&")
    form = mother.get(f"/my/bookings/new?{href}")
    assert form.html.count('name="children"') == 2
    assert form.html.split('name="children"', 1)[1].count(" checked") >= 2


def test_what_her_children_are_booked_for_is_no_time_to_choose(
    app: Flask, site: Site, family: Actor, visitor: Visitor
) -> None:
    hana, riku = children_of(family)
    place(family, replace(wish_of(family, site, DAY, time(13), time(16)), child_ids=(hana.id,)))
    mother, url = Visitor(app, family), f"/facilities/{site.facility_id}/days/{DAY}"
    both = mother.get(f"{url}?class=1&start=14:00&end=17:00")
    assert "14:00 −予約ずみ" in both.text
    assert "えらんだ時間には、お子さんの予約が、もうあります。" in both.text
    assert "この時間で進む" not in both.text
    assert "が、いっしょに入れます" not in both.text
    assert "この時間で進む" in mother.get(f"{url}?class=1&start=16:00&end=17:00").text
    assert "予約ずみ" not in mother.get(f"{url}?who={riku.id}").text
    assert "予約ずみ" not in visitor.get(f"{url}?class=1").text


def test_an_only_childs_booking_stands_in_its_own_class(app: Flask, tanaka: Actor) -> None:
    site = make_site("ひろい園")
    accept(site, tanaka, children_of(tanaka)[0].id)
    place(tanaka, wish_of(tanaka, site, DAY, time(8), time(16)))
    mother, url = Visitor(app, tanaka), f"/facilities/{site.facility_id}/days/{DAY}"
    assert "9:00 −予約ずみ" in mother.get(f"{url}?class=1").text
    assert "予約ずみ" not in mother.get(f"{url}?class=4").text
    place(tanaka, wish_of(tanaka, site, DAY, time(16), time(18)))
    assert "この日は、もう予約してあります。" in mother.get(f"{url}?class=1").text


def test_a_familys_page_is_never_kept_for_others(
    app: Flask, site: Site, family: Actor, visitor: Visitor
) -> None:
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    url = f"/facilities/{site.facility_id}/days/{DAY}?class=1"
    assert "田中" in Visitor(app, family).get(url).text
    assert "田中" not in visitor.get(url).text
    assert "田中" in Visitor(app, family).get(url).text
    assert {b.state for b in bookings_of(family)} <= {BookingState.CONFIRMED}


def test_a_guardian_who_may_not_book_sees_the_page_of_everybody(
    app: Flask, site: Site, family: Actor
) -> None:
    father = apart.join(family)
    with acting_as(family), transaction() as session:
        rights.set_rights(session, apart.own_row(father), [Right.BOOK], actor=family)
    assert father.user_id
    page = Visitor(app, apart.signed_in(father.user_id)).get(
        f"/facilities/{site.facility_id}/days/{DAY}?class=1"
    )
    assert "○残り1人" in page.text
    assert "田中 はな" not in page.text


@pytest.mark.proves("J3")
def test_a_new_time_is_chosen_from_what_is_free_for_all_of_them(
    app: Flask, site: Site, family: Actor
) -> None:
    placed = place(family, wish_of(family, site, DAY, time(13), time(16)))
    mother, url = Visitor(app, family), f"/my/bookings/{placed.group_id}/change"
    own = mother.get(url)
    assert "9:00 ×2人分なし" in own.text
    assert "13:00 はじまり" in own.text, "what the booking holds itself is free to it"
    started = mother.get(f"{url}?day={DAY}&start=12:00")
    assert "12:00 から。つぎに、おわりをえらびます。" in started.text
    chosen = mother.get(f"{url}?day={DAY}&start=12:00&end=14:00")
    assert "この日時の料金は 1,200円 です（いまの予約は 1,800円）" in chosen.text
    assert [chosen.field(f"day-{part}") for part in ("year", "month", "day")] == [
        str(number) for number in (DAY.year, DAY.month, DAY.day)
    ]
    assert 'action="/my/bookings/new' not in chosen.html
    day = {"day-year": DAY.year, "day-month": DAY.month, "day-day": DAY.day}
    times = {"start": "12:00", "end": "14:00"}
    assert "新しい料金" in own.text
    told = mother.submit(url, {**day, **times})
    assert "変えたあとの料金" in told.text
    assert mother.submit(url, {**day, **times, "sure": 1, "agreed_fee": 1200}).status == 303
    assert {b.starts_at for b in bookings_of(family)} == {at(DAY, time(12))}
    assert len(bookings_of(family)) == 2


def test_staff_and_family_look_at_another_day_without_a_script(
    app: Flask, site: Site, family: Actor
) -> None:
    placed = place(family, wish_of(family, site, DAY, time(13), time(16)))
    other = next_open_day(3)
    typed = {"day-year": other.year, "day-month": other.month, "day-day": other.day, "look": 1}
    for actor, face in (
        (family, "my"),
        (make_worker("係", site.organisation_id, "staff"), "office"),
    ):
        visitor, url = Visitor(app, actor), f"/{face}/bookings/{placed.group_id}/change"
        page = visitor.submit(url, {**typed, "start": "13:00", "end": "16:00"})
        assert page.status == 200
        assert "9:00 から ○2人いっしょ" in page.text
        assert "13:00 はじまり" in page.text
        assert f"change?day={other}&amp;start=9:00" in page.html
        assert visitor.submit(url, {**typed, "day-day": ""}).status == 422
    assert {b.starts_at for b in bookings_of(family)} == {at(DAY, time(13))}
