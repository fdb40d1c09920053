"""Staff book for a caller on one page, set aside what they may, move and cancel."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.documents.dates import jdate
from portal.facilities.models import Facility, Programme
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from tests.factories.people import OPERATOR, children_of, make_child, make_guardian
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_pages import wished
from tests.pages.test_family_office import applied
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import bookings_of, place, wish_of

DAY = next_open_day()
TODAY = clock.today(clock.now())
FAXED = TODAY - timedelta(days=2)
RECEIPT: dict[str, Any] = {
    "channel": "fax",
    "received_on-year": FAXED.year,
    "received_on-month": FAXED.month,
    "received_on-day": FAXED.day,
    "received_time": "9:05",
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana and Riku, both accepted."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return tanaka


def make_facility(site: Site, name: str) -> Programme:
    """One more facility of the same provider, with a programme to book."""
    ids = {"facility_id": uuid.uuid4(), "organisation_id": site.organisation_id}
    with acting_as(OPERATOR), transaction() as session:
        facility = Facility(
            id=ids["facility_id"],
            organisation_id=site.organisation_id,
            name=name,
            address="みほん市",
            published_at=clock.now(),
        )
        session.add(facility)
    with acting_as(site.owner), transaction() as session:
        programme = Programme(
            id=uuid.uuid4(),
            **ids,
            kind=ProgrammeKind.TEMPORARY_CARE,
            name="一時預かり",
            published_at=clock.now(),
        )
        session.add(programme)
    return programme


@pytest.mark.proves("J7", "J2")
def test_a_caller_is_found_and_booked_on_one_page(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    found = office.search("/office/bookings/new", "田中")
    url = f"/office/bookings/new?family={family.family_id}"
    assert url in found.html
    done = office.submit(url, wished(family, hinata, **RECEIPT))
    assert done.status == 303
    shown = office.get(done.location)
    for words in ("2,400円", "FAX", f"{jdate(FAXED, TODAY)}9:05", "田中 みほ"):
        assert words in shown.text
    assert {b.channel for b in bookings_of(sato)} == {Channel.FAX}
    listed = office.get(f"/office/bookings/?day={DAY}")
    assert "田中 はなさんと田中 りくさん" in listed.text
    assert "2人" in listed.text
    assert "田中" not in office.get(f"/office/bookings/?day={DAY + timedelta(days=1)}").text


@pytest.mark.proves("J7", "J2")
def test_a_caller_hears_places_and_price_before_anything_is_booked(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office, url = Visitor(app, sato), f"/office/bookings/new?family={family.family_id}"
    wish = wished(family, hinata, **RECEIPT)
    told = office.submit(url, {**wish, "look": "1"})
    assert told.status == 200
    for words in ("この日時は予約できます", "合計（2人分）2,400円", "まだ予約していません"):
        assert words in told.text
    assert re.search(r"同じ組み合わせであと [1-9]\d*組", told.text)
    assert bookings_of(sato) == []
    # What was typed stands in the form: the same page books it.
    assert office.post(url, {**wish, "once": told.field("once")}).status == 303
    again = office.submit(url, {**wish, "look": "1"})
    assert again.status == 200
    assert "まだ予約できていません" in again.text
    assert "この日時は予約できます" not in again.text
    assert len(bookings_of(sato)) == 2


def test_staff_set_aside_what_they_may_and_say_why(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    short = wished(family, hinata, end="9:30", **RECEIPT)
    refused = office.submit(url, short)
    assert refused.status == 409
    assert "1回の預かりは、1時間からです" in refused.text
    assert "園の判断で受け付ける" in refused.text
    overruling = {**short, "overruled": "too_short"}
    silent = office.submit(url, overruling)
    assert silent.status == 422
    assert "受け付ける理由を書いてください" in silent.text
    assert 'href="#overruled_because"' in silent.html
    assert silent.html.count('id="overruled_because"') == 1
    assert 'value="too_short" checked' in silent.html
    assert silent.text.count("1回の預かりは、1時間からです") == 2  # why, and what to set aside
    said = {**overruling, "overruled_because": "急な通院のため"}
    done = office.submit(url, said)
    assert done.status == 303
    shown = office.get(done.location).text
    for words in ("急な通院のため", "1回の預かりは、1時間からです", "佐藤"):
        assert words in shown


def test_a_full_place_cannot_be_set_aside(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    for number in range(6):
        other = make_guardian(f"母{number}", children=(f"子{number}",))
        accept(hinata, other, children_of(other)[0].id)
        place(other, wish_of(other, hinata, DAY))
    url = f"/office/bookings/new?family={family.family_id}"
    forced = wished(family, hinata, overruled="full", overruled_because="頼まれた", **RECEIPT)
    refused = Visitor(app, sato).submit(url, forced)
    assert refused.status == 409
    assert "満員です" in refused.text
    assert "空いている日時" in refused.text
    assert refused.field("filled") == "1"
    assert "園の判断で受け付ける" not in refused.text
    assert bookings_of(family) == []


def test_free_times_are_named_although_the_family_is_not_registered_yet(
    app: Flask, hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    url = f"/office/bookings/new?family={tanaka.family_id}"
    applied(hinata, tanaka)
    early = wished(tanaka, hinata, start="7:00", end="9:00", **RECEIPT)
    form = Visitor(app, sato).get(url)
    assert 'value="22:00"' not in form.html, "only hours with care are offered"
    refused = Visitor(app, sato).submit(url, early)
    assert refused.status == 409
    assert "理由は2つ" in refused.text
    assert "空いている日時" in refused.text


def test_what_is_set_aside_stays_chosen_while_a_time_changes(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office, url = Visitor(app, sato), f"/office/bookings/{placed.group_id}/change"
    day = {"day-year": DAY.year, "day-month": DAY.month, "day-day": DAY.day}
    short = {**day, "start": "9:00", "end": "9:30", **RECEIPT}
    assert "園の判断で受け付ける" in office.submit(url, short).text
    silent = office.submit(url, {**short, "overruled": "too_short"})
    assert silent.status == 422
    assert 'id="overruled_because"' in silent.html
    dayless = office.submit(url, {**short, "day-day": "", "overruled": "too_short"})
    assert dayless.status == 422
    assert 'value="too_short" checked' in dayless.html
    said = {**short, "overruled": "too_short", "overruled_because": "急な通院のため"}
    assert office.submit(url, said).status == 303


def test_a_receipt_to_come_or_long_ago_is_asked_about_at_its_field(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    for year, words in ((FAXED.year + 1, "まだ来ていない時刻です"), (2020, "半年より前です")):
        sent = wished(family, hinata, **{**RECEIPT, "received_on-year": year})
        refused = office.submit(url, sent)
        assert refused.status == 422
        assert words in refused.text
        assert 'href="#received_on-year"' in refused.html
    assert bookings_of(sato) == []


def test_the_day_and_facility_of_the_board_last_until_the_form(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    before, other = make_facility(hinata, "あさひ園"), make_facility(hinata, "ゆうひ園")
    office = Visitor(app, sato)
    asked = f"day={DAY}&facility={other.facility_id}"
    search = office.get(f"/office/bookings/new?{asked}")
    assert f'action="/office/bookings/new?{asked}"' in search.html.replace("&amp;", "&")
    assert f"/office/families/caller?{asked}" in search.html.replace("&amp;", "&")
    found = office.search(f"/office/bookings/new?{asked}", "田中").html.replace("&amp;", "&")
    link = f"/office/bookings/new?family={family.family_id}&{asked}"
    assert link in found
    form = office.get(link)
    assert form.field("day-day") == str(DAY.day)
    assert f'<option selected value="{other.id}">' in form.html
    assert f'value="{before.id}"' in form.html


@pytest.mark.proves("J7")
def test_the_form_begins_with_the_facility_where_the_family_is_registered(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    second = make_facility(hinata, "あさひ園")
    mori = make_guardian("森 さん", children=("森 い",))
    there = replace(hinata, facility_id=second.facility_id)
    accept(there, mori, children_of(mori)[0].id)
    office, url = Visitor(app, sato), "/office/bookings/new?family="
    assert chosen_in(office.get(f"{url}{mori.family_id}")) == [str(second.id)]
    assert chosen_in(office.get(f"{url}{family.family_id}")) == [str(hinata.programme_id)]
    asked = f"{url}{family.family_id}&facility={second.facility_id}"
    assert chosen_in(office.get(asked)) == [str(second.id)]
    # What was chosen in the form stays chosen.
    fields = wished(mori, hinata, **RECEIPT)
    again = office.submit(f"{url}{mori.family_id}", {**fields, "filled": "1"})
    assert chosen_in(again) == [str(hinata.programme_id)]


def chosen_in(page: Page) -> list[str]:
    shown = re.search(r'<select[^>]* name="programme".*?</select>', page.html, re.DOTALL)
    return re.findall(r'<option selected value="([^"]+)"', shown[0]) if shown else []


@pytest.mark.proves("J7")
def test_a_day_seen_by_staff_leads_to_its_own_facility(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    day = f"/facilities/{hinata.facility_id}/days/{DAY}?start=9:00&end=12:00"
    link = f"/office/bookings/new?facility={hinata.facility_id}&day={DAY}&start=9:00&end=12:00"
    assert link in Visitor(app, sato).get(day).html.replace("&amp;", "&")


def test_a_refusal_speaks_to_staff_and_another_time_is_a_tap(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    office = Visitor(app, sato)
    url = f"/office/bookings/new?family={family.family_id}"
    baby = make_child(family, "田中 そら", born_on=date(2025, 4, 2))
    refused = office.submit(url, wished(family, hinata, **RECEIPT) | {"children": [str(baby)]})
    assert "申し込みを入れて、承諾すると予約できます" in refused.text
    assert f"/office/preregistrations/new/{family.family_id}" in refused.html
    waiting = make_guardian("森 あい", children=("森 りん",))
    application = applied(hinata, waiting)
    there = f"/office/bookings/new?family={waiting.family_id}"
    told = office.submit(there, wished(waiting, hinata, **RECEIPT))
    assert "申し込みが届いています" in told.text
    assert f"/office/preregistrations/{application}" in told.html
    assert "メールでお知らせします" not in refused.text
    night = wished(family, hinata, start="20:00", end="22:00", note="昼寝が早め", **RECEIPT)
    refused = office.submit(url, night)
    assert "8:00〜18:00" in refused.text
    assert "園の判断で受け付ける" not in refused.text
    filled = office.submit(url, {**night, "start": "9:00", "end": "11:00", "filled": "1"})
    assert filled.status == 200
    assert '<option selected value="9:00">' in filled.html
    assert "昼寝が早め" in filled.html
    assert bookings_of(sato) == []


def test_a_day_that_cannot_be_read_is_asked_about(app: Flask, sato: Actor) -> None:
    office = Visitor(app, sato)
    unreadable = office.get("/office/bookings/?day=abc")
    assert unreadable.status == 400
    assert "いまは今日の予約を出しています" in unreadable.text
    assert office.get(f"/office/bookings/?day={DAY:%Y/%m/%d}").field("day-day") == str(DAY.day)
    typed = f"day-year={DAY.year}&day-month={DAY.month}&day-day={DAY.day}"
    shown = office.get(f"/office/bookings/?{typed}").text
    assert jdate(DAY, clock.today(clock.now())) in shown
    assert office.get("/office/bookings/?day-year=2026&day-month=13&day-day=1").status == 400
    none = office.get("/office/bookings/?day=2026-02-31")
    assert (none.status, none.field("day-day")) == (400, "31"), "what was asked for stays"
    assert "日にちを入れてください" not in none.text


def test_staff_move_and_cancel_for_a_caller(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    office = Visitor(app, sato)
    url = f"/office/bookings/{placed.group_id}"
    later = DAY + timedelta(days=1)
    times: dict[str, object] = {
        "day-year": later.year,
        "day-month": later.month,
        "day-day": later.day,
    }
    times |= {"start": "13:00", "end": "15:00", **RECEIPT}
    assert office.submit(f"{url}/change", times).status == 303
    assert {b.day for b in bookings_of(sato)} == {later}
    assert office.submit(f"{url}/change", times).status == 409
    going = [str(children_of(family)[0].id)]
    gone = {"children": going, "because": "closed_by_facility", **RECEIPT}
    early = office.submit(f"{url}/cancel", gone | {"received_on-year": FAXED.year + 1})
    assert early.status == 422
    assert "まだ来ていない時刻です" in early.text
    assert office.submit(f"{url}/cancel", gone).status == 303
    assert sorted(b.state.value for b in bookings_of(sato)) == ["cancelled", "confirmed"]


def test_a_strange_provider_finds_nothing(
    app: Flask, hinata: Site, family: Actor, yamada: Actor
) -> None:
    placed = place(family, wish_of(family, hinata, DAY))
    stranger = Visitor(app, yamada)
    for page in ("", "/change", "/cancel"):
        assert stranger.get(f"/office/bookings/{placed.group_id}{page}").status == 404
    new = f"/office/bookings/new?family={family.family_id}"
    assert stranger.get(new).status == 404
    assert stranger.post(new, {"once": str(uuid.uuid4())}).status == 404
    assert "田中" not in stranger.get(f"/office/bookings/?day={DAY}").text
    assert Visitor(app, family).get("/office/bookings/").status == 403
