"""Wherever a refusal is read, the rule that it comes from stands beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.keeping import keep, on_the_spot
from tests.factories.people import children_of
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.factories.steps import TRIAL, give_steps
from tests.pages.test_booking_choices import CANCEL, FEE, give
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.test_on_the_spot import first_offer, places_of
from tests.pages.test_trials import asked
from tests.pages.visit import Visitor
from tests.services.test_caps_held import limited
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
#: Cancelling by oneself ends long before any day of these tests.
BY_PHONE = {"free_until": {"days": 1}, "online_until": {"days": 200}}
LONG = {"min_minutes": 600, "max_minutes": 600}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka, whose Hana is accepted."""
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    return tanaka


@pytest.mark.proves("G11")
def test_who_cannot_cancel_by_herself_reads_by_which_rule(
    app: Flask, hinata: Site, family: Actor
) -> None:
    put_in_force(hinata, rules_with(cancel=BY_PHONE))
    placed = place(family, wish_of(family, hinata, DAY))
    page = Visitor(app, family).get(f"/my/bookings/{placed.group_id}/cancel")
    assert page.status == 409
    assert "（きまり：取り消し）" in page.text


@pytest.mark.proves("G14", "J7")
def test_staff_read_by_which_rule_a_caller_is_refused(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    put_in_force(hinata, rules_with(units=LONG))
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    page = office.submit(url, wished(family, hinata, **RECEIPT))
    assert page.status == 409
    assert "（きまり：預かりの時間）" in page.text


@pytest.mark.proves("G14", "R14")
def test_in_the_interview_too(app: Flask, suzuki: Actor) -> None:
    site = make_site("ひまわり園", places=2)
    keep(site, 1)
    nurse, row = Visitor(app, suzuki), on_the_spot(suzuki, site)
    link = first_offer(nurse.get(places_of(row)))
    shown = nurse.get(link)
    put_in_force(site, rules_with(units=LONG))
    looked = nurse.get(link)
    assert looked.status == 409
    assert "（きまり：預かりの時間）" in looked.text
    sent = nurse.post(link, {name: shown.field(name) for name in ("once", "agreed_fee", "seen")})
    assert sent.status == 409
    assert "（きまり：預かりの時間）" in sent.text


@pytest.mark.proves("R5", "G20")
def test_a_part_of_trial_care_that_must_wait_names_the_steps(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    give_steps(hinata, TRIAL)
    row = accept(hinata, tanaka, children_of(tanaka)[0].id)
    mother = Visitor(app, tanaka)
    page = mother.get(f"/my/trials/{row}")
    told = mother.post("/my/bookings/confirm", asked(tanaka, hinata, page))
    placed = mother.post("/my/bookings/", asked(tanaka, hinata, told, agreed_fee=0))
    assert placed.status == 303
    page = mother.get(f"/my/trials/{row}")
    assert "前のならし預かりが、まだ終わっていません" in page.text
    assert "（きまり：はじめて使う前にすること）" in page.text


@pytest.mark.proves("G11", "G18")
@pytest.mark.parametrize("waived", [[], ["illness"]])
def test_that_a_ticket_would_be_lost_is_said_before_and_after_booking(
    app: Flask,
    hinata: Site,
    family: Actor,
    sato: Actor,
    monkeypatch: pytest.MonkeyPatch,
    waived: list[str],
) -> None:
    site = limited(hinata, fee=FEE, cancel={**CANCEL, "waived": waived})
    give(sato, family)
    mother = Visitor(app, family)
    without = mother.post("/my/bookings/confirm", wished(family, site, DAY))
    assert "利用券はもどりません" not in without.text
    fields = wished(family, site, DAY, tickets=["trial:1"])
    told = mother.post("/my/bookings/confirm", fields)
    assert "そのあとに取り消すと、使った利用券はもどりません。" in told.text
    by_reason = "病気など、園のきまりにある理由のときは、もどります。"
    assert (by_reason in told.text) is bool(waived)
    fields |= {"once": told.field("once"), "agreed_fee": told.field("agreed_fee")}
    done = mother.post("/my/bookings/", fields)
    assert "そのあとに取り消すと、使った利用券はもどりません。" in mother.get(done.location).text
    [booking] = bookings_of(family)
    late = booking.starts_at - timedelta(hours=1)
    monkeypatch.setattr("portal.kernel.clock.now", lambda: late)
    assert "取り消しても、使った利用券はもどりません。" in mother.get(done.location).text
