"""A guardian of several looks at a day for all of them at once; visitors' pages stay the same."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from portal.bookings.rules import BookingState
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_child, make_guardian
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
    href = page.html.split('/my/bookings/new?')[1].split('"')[0].replace("&amp;", "&")
    form = mother.get(f"/my/bookings/new?{href}")
    assert form.html.count('name="children"') == 2
    assert form.html.split('name="children"', 1)[1].count(" checked") >= 2


def test_a_familys_page_is_never_kept_for_others(
    app: Flask, site: Site, family: Actor, visitor: Visitor
) -> None:
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    url = f"/facilities/{site.facility_id}/days/{DAY}?class=1"
    assert "田中" in Visitor(app, family).get(url).text
    assert "田中" not in visitor.get(url).text
    assert "田中" in Visitor(app, family).get(url).text
    assert {b.state for b in bookings_of(family)} <= {BookingState.CONFIRMED}
