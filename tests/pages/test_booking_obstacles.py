"""What a family is told where something stands in the way of booking, moving or cancelling."""

from __future__ import annotations

import re
import uuid
from datetime import date, time, timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.bookings.service import Placed
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.kernel.clock import at, now
from portal.preregistration.models import Preregistration
from portal.slots.places import release_places
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept, make_site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
LATE = at(DAY - timedelta(days=1), time(18))


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana and Riku, both accepted."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return tanaka


def times(day: date, start: str, end: str) -> dict[str, object]:
    parts = {"day-year": day.year, "day-month": day.month, "day-day": day.day}
    return {**parts, "start": start, "end": end}


@pytest.fixture
def placed(hinata: Site, family: Actor) -> Placed:
    return place(family, wish_of(family, hinata, DAY))


@pytest.mark.proves("R5")
def test_where_one_child_alone_fits_her_fee_is_told_and_she_alone_is_booked(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    mother = Visitor(app, tanaka)
    assert mother.post("/my/bookings/confirm", wished(tanaka, hinata)).status == 409
    told = mother.post("/my/bookings/confirm", wished(tanaka, hinata, together="any"))
    assert told.status == 200
    for words in ("予約できるのは、田中 はなさんだけです", "田中 りくさんの事前登録が、まだです"):
        assert words in told.text
    hana = str(children_of(tanaka)[0].id)
    assert told.field("agreed_fee") == "1500"
    fields = wished(tanaka, hinata, together="any", children=[hana], agreed_fee="1500")
    assert mother.post("/my/bookings/", {"once": told.field("once"), **fields}).status == 303
    assert [str(b.child_id) for b in bookings_of(tanaka)] == [hana]


@pytest.mark.proves("G21")
@pytest.mark.parametrize(("rule", "is_let"), [("all_or_none", False), ("some_may_come", True)])
def test_some_come_without_the_others_only_where_the_rules_let_them(
    app: Flask,
    hinata: Site,
    tanaka: Actor,
    rule: str,
    is_let: bool,  # noqa: FBT001 - a case
) -> None:
    put_in_force(hinata, rules_with(siblings={"together": rule}))
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    mother = Visitor(app, tanaka)
    asked = wished(tanaka, hinata, together="any")
    assert mother.post("/my/bookings/confirm", asked).status == (200 if is_let else 409)
    form = mother.get(
        f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}&start=9:00&end=12:00"
    )
    assert ("1人だけでも予約する" in form.text) is is_let


def test_where_not_all_fit_those_who_do_are_named_and_offered(app: Flask, tanaka: Actor) -> None:
    site = make_site("ひとりの園", baby_places=1)
    make_child(tanaka, "田中 りく", born_on=date(2026, 4, 10))
    other = make_guardian("別の母", children=("別の子",), born_on=date(2026, 4, 10))
    for guardian in (tanaka, other):
        for child in children_of(guardian):
            accept(site, guardian, child.id)
    place(other, wish_of(other, site, DAY))
    mother = Visitor(app, tanaka)
    page = mother.post("/my/bookings/confirm", wished(tanaka, site))
    assert page.status == 409
    assert "田中 はなさんだけなら、この日時に予約できます" in page.text
    hana = str(children_of(tanaka)[0].id)
    card = page.html.split("だけで、確認へ進む")[0].rsplit("<form", 1)[1]
    assert re.findall(r'name="children" value="([^"]+)"', card) == [hana]
    fields = wished(tanaka, site, children=[hana])
    assert mother.post("/my/bookings/confirm", fields).status == 200


def test_a_day_far_ahead_or_over_is_refused_for_that_alone(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    far, past = next_open_day(30), next_open_day(-2)
    ahead = mother.post("/my/bookings/confirm", wished(family, hinata, far))
    assert "予約できない理由は1つです" in ahead.text
    assert "この時間に預かりをしていません" not in ahead.text
    over = mother.post("/my/bookings/confirm", wished(family, hinata, past))
    assert "予約できない理由は1つです" in over.text
    assert "事前登録は" not in over.text


def test_nobody_chosen_to_stay_away_is_asked_about(
    app: Flask, family: Actor, placed: Placed
) -> None:
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}/cancel"
    page = mother.post(url, {"once": str(uuid.uuid4()), "told_late": ""})
    assert page.status == 422
    assert "取り消すお子さんをえらんでください" in page.text
    assert "もう取り消してあります" not in page.text
    assert {b.state for b in bookings_of(family)} == {BookingState.CONFIRMED}
    riku = str(children_of(family)[1].id)
    assert mother.submit(url, {"children": [riku]}).status == 303
    assert "田中 りくさんの分を取り消しました" in mother.get(f"/my/bookings/{placed.group_id}").text


def test_an_application_that_waits_is_named_and_led_to(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    child = children_of(tanaka)[0]
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": hinata.organisation_id})
        applied = Preregistration(
            id=uuid.uuid4(),
            family_id=tanaka.family_id,
            child_id=child.id,
            facility_id=hinata.facility_id,
            organisation_id=hinata.organisation_id,
            state="applied",
            channel="web",
            received_at=now(),
            applied_at=now(),
        )
        session.add(applied)
        applied_id = applied.id
    page = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata))
    assert page.status == 409
    assert "申し込みずみで、園の返事を待っています" in page.text
    assert "まだです" not in page.text
    assert f"/preregistrations/{applied_id}" in page.html


def test_a_refused_move_leaves_the_booking_and_says_so(
    app: Flask, family: Actor, placed: Placed
) -> None:
    url = f"/my/bookings/{placed.group_id}/change"
    page = Visitor(app, family).post(url, times(DAY, "9:00", "12:00"))
    assert page.status == 409
    assert "まだ変えていません" in page.text
    assert "9:00〜12:00）は、そのままです" in page.text
    assert "まだ予約できていません" not in page.text


def test_after_the_free_time_no_page_calls_cancelling_free(
    app: Flask, family: Actor, placed: Placed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.kernel.clock.now", lambda: LATE)
    mother = Visitor(app, family)
    for url in ("/my/", "/my/bookings/", f"/my/bookings/{placed.group_id}"):
        shown = mother.get(url).text
        assert "無料の取り消し" not in shown
        assert "まで無料" not in shown
        assert "いま取り消すと 900円 かかります" in shown


def test_once_moving_is_over_the_booking_says_so_instead_of_offering_it(
    app: Flask, family: Actor, placed: Placed, monkeypatch: pytest.MonkeyPatch
) -> None:
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}"
    assert f"{url}/change" in mother.get(url).html
    monkeypatch.setattr("portal.kernel.clock.now", lambda: LATE)
    shown = mother.get(url)
    assert f"{url}/change" not in shown.html
    assert "17:00 まででした" in shown.text
    assert "tel:00000000000" in shown.html


def test_the_hours_of_the_day_are_told_and_a_past_time_needs_one_reason(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    early = mother.post("/my/bookings/confirm", wished(family, hinata, start="6:00", end="9:00"))
    assert re.search(r"の預かりは、\d+:\d\d〜\d+:\d\d です", early.text)
    past = mother.post("/my/bookings/confirm", wished(family, hinata, day=DAY - timedelta(days=28)))
    assert "もう過ぎています" in past.text
    assert "に終わりました" not in past.text


def test_the_form_says_who_is_not_registered_and_offers_the_facilitys_hours(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    page = Visitor(app, tanaka).get(f"/my/bookings/new?facility={hinata.facility_id}&day={DAY}")
    assert "この園の事前登録が、まだです" in page.text
    assert 'value="9:00"' in page.html
    assert 'value="22:00"' not in page.html


def test_a_started_hour_that_is_charged_whole_is_explained(
    app: Flask, hinata: Site, family: Actor
) -> None:
    mother = Visitor(app, family)
    told = mother.post("/my/bookings/confirm", wished(family, hinata, end="10:30"))
    assert "× 2時間（はじまった1時間ごと）" in told.text
    whole = mother.post("/my/bookings/confirm", wished(family, hinata))
    assert "はじまった" not in whole.text


def test_an_absence_told_in_time_shows_no_fee(app: Flask, family: Actor, placed: Placed) -> None:
    mother = Visitor(app, family)
    url = f"/my/bookings/{placed.group_id}"
    assert "合計（2人分）" in mother.get(url).text
    with acting_as(family), transaction() as session:
        release_places(session, placed.bookings, state=BookingState.EXCUSED_ABSENCE.value)
        free = update(Booking).where(Booking.id.in_(placed.bookings)).values(cancel_fee_yen=0)
        session.execute(free.execution_options(synchronize_session=False))
    shown = mother.get(url).text
    assert "料金はかかりません" in shown
    assert "合計" not in shown
