"""Rules that begin later ask already: a day of theirs can be wished for now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.rulebooks.queries import rules_from
from tests.factories.people import children_of
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_home_pages import HOME, child_page
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())
DAY = next_open_day()
ASKING: dict[str, Any] = {
    "gates": [{"code": "sleeps", "label": "ひとりで昼寝できる"}],
    "fee": {
        "tariff": {"kind": "hourly", "bands": [{"yen": 300}]},
        "coupons": [{"code": "baby_ticket", "label": "すこやか券", "pays_all": True}],
    },
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana, who is accepted."""
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


@pytest.mark.proves("R5", "G3", "G29")
def test_a_family_can_answer_what_a_day_to_come_asks(
    app: Flask, hinata: Site, family: Actor
) -> None:
    put_in_force(hinata, rules_with(**ASKING), since=DAY)
    mother = Visitor(app, family)
    refused = mother.post("/my/bookings/confirm", wished(family, hinata, DAY))
    assert refused.status == 409
    assert "「ひとりで昼寝できる」について、返事がまだです" in refused.text
    assert f"/facilities/{hinata.facility_id}?month={DAY:%Y-%m}#rules" in refused.html
    assert "ひとりで昼寝できる" in mother.get(child_page(family)).text
    assert mother.submit(child_page(family), {"gate_sleeps": "yes"}).location == HOME
    assert mother.post("/my/bookings/confirm", wished(family, hinata, DAY)).status == 200


@pytest.mark.proves("R5", "G29")
def test_staff_can_note_what_a_day_to_come_asks(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    put_in_force(hinata, rules_with(**ASKING), since=DAY)
    office = f"/office/families/{family.family_id}/home"
    staff = Visitor(app, sato)
    assert "すこやか券" in staff.get(f"{office}/new/coupon").text
    assert "ひとりで昼寝できる" in staff.get(f"{office}/new/gate").text


def test_of_each_day_the_newest_version_and_nothing_that_is_over(hinata: Site, sato: Actor) -> None:
    for title, since in (
        ("over", TODAY - timedelta(days=9)),
        ("now", TODAY),
        ("to come, replaced", DAY),
        ("to come", DAY),
        ("last", DAY + timedelta(days=9)),
    ):
        put_in_force(hinata, rules_with(title=title), since=since)
    with acting_as(sato) as session:
        found = rules_from(session, [hinata.programme_id], TODAY)
    assert [each.title for each in found[hinata.programme_id]] == ["now", "to come", "last"]
