"""A family's page leads to its bookings, so that a caller can cancel or move hers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.bookings.queries.lists import coming_groups_of, past_groups_of
from portal.bookings.service import cancel_booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.pages.visit import Visitor
from tests.services.test_place_booking import place, wish_of

DAY = next_open_day()


@pytest.mark.proves("J2", "J7")
def test_a_callers_bookings_are_reached_from_her_familys_page(
    app: Flask, hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    other = make_guardian("母", children=("子",))
    for guardian in (tanaka, other):
        accept(hinata, guardian, children_of(guardian)[0].id)
    url = f"/office/families/{tanaka.family_id}"
    assert "これからの予約はありません" in Visitor(app, sato).get(url).text
    coming = place(tanaka, wish_of(tanaka, hinata, DAY))
    gone = place(tanaka, wish_of(tanaka, hinata, DAY + timedelta(days=1)))
    others = place(other, wish_of(other, hinata, DAY))
    with acting_as(sato), transaction() as session:
        cancel_booking(session, gone.group_id, actor=sato, now=clock.now())
    page = Visitor(app, sato).get(url)
    now_coming, past = page.html.split("前の予約（新しい順）")
    assert f"/office/bookings/{coming.group_id}" in now_coming
    assert f"/office/bookings/{gone.group_id}" in past
    assert str(others.group_id) not in page.html
    assert Visitor(app, yamada).get(url).status == 404
    assert tanaka.family_id
    now = clock.now()
    for actor, found in ((sato, 1), (yamada, 0), (other, 0)):
        with acting_as(actor) as session:
            family_id = tanaka.family_id
            assert len(coming_groups_of(session, family_id, actor=actor, now=now)) == found
            assert len(past_groups_of(session, family_id, actor=actor, now=now, most=5)) == found
