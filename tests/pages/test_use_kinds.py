"""Types and reasons of use that a town names itself: offered, told, kept and counted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.bookings.rules import UsePurpose
from portal.kernel.actor import Actor
from tests.factories.people import children_of
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_caps_held import limited
from tests.services.test_place_booking import bookings_of

DAY = next_open_day()
OWN: dict[str, Any] = {
    "types": [
        {"code": "work", "label": "お仕事のとき", "reports_as": "irregular_work"},
        {"code": "respite", "label": "ほっとひといき"},
    ],
    "reasons": [
        {"code": "hair", "label": "美容院", "type": "respite"},
        {"code": "job_hunt", "label": "仕事さがし", "type": "work"},
    ],
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


def page(app: Flask, actor: Actor, site: Site) -> str:
    url = f"/my/bookings/new?facility={site.facility_id}&day={DAY}&start=9:00&end=12:00"
    return Visitor(app, actor).get(url).text


@pytest.mark.proves("R5")
def test_a_town_s_own_types_are_offered_told_and_kept(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, purposes=OWN)
    for words in ("お仕事のとき：仕事さがし", "ほっとひといき：美容院"):
        assert words in page(app, family, site)
    mother, fields = Visitor(app, family), wished(family, site, purpose="work/job_hunt")
    told = mother.post("/my/bookings/confirm", fields)
    assert "お仕事のとき：仕事さがし" in told.text
    done = mother.post(
        "/my/bookings/",
        {"once": told.field("once"), "agreed_fee": told.field("agreed_fee")} | fields,
    )
    assert done.status == 303
    [booking] = bookings_of(family)
    assert (booking.use_type, booking.use_reason) == ("work", "job_hunt")
    assert booking.purpose is UsePurpose.IRREGULAR_WORK
    shown = Visitor(app, sato).get(f"/office/bookings/{booking.group_id}")
    assert "お仕事のとき：仕事さがし" in shown.text


def test_a_type_that_the_rules_do_not_have_is_refused(
    app: Flask, hinata: Site, family: Actor
) -> None:
    site = limited(hinata, purposes=OWN)
    for purpose in ("emergency", "work/hair"):
        answer = Visitor(app, family).post(
            "/my/bookings/confirm", wished(family, site, purpose=purpose)
        )
        assert answer.status == 409, purpose
    for purpose in ("", "仕事", "work/", "Work", "x" * 41):
        answer = Visitor(app, family).post(
            "/my/bookings/confirm", wished(family, site, purpose=purpose)
        )
        assert answer.status == 422, purpose
    assert bookings_of(family) == []


def test_where_no_reason_is_asked_none_is_shown(app: Flask, hinata: Site, family: Actor) -> None:
    site = limited(hinata, purposes={"ask": False})
    assert "利用の理由" not in page(app, family, site)
    told = Visitor(app, family).post("/my/bookings/confirm", wished(family, site))
    assert told.status == 200


def test_usual_rules_offer_the_usual_three(app: Flask, hinata: Site, family: Actor) -> None:
    assert "リフレッシュ（休みたい・用事）" in page(app, family, hinata)
    told = Visitor(app, family).post("/my/bookings/confirm", wished(family, hinata))
    assert "リフレッシュ（休みたい・用事）" in told.text


def test_staff_choose_from_them_too(app: Flask, hinata: Site, family: Actor, sato: Actor) -> None:
    site = limited(hinata, purposes=OWN)
    url = f"/office/bookings/new?family={family.family_id}"
    fields = wished(family, site, purpose="respite/hair", **RECEIPT)
    assert Visitor(app, sato).submit(url, fields).status == 303
    [booking] = bookings_of(family)
    assert (booking.use_type, booking.purpose) == ("respite", UsePurpose.RESPITE)
