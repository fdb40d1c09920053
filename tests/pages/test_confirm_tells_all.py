"""What a family reads before it books: what to bring, and what cancelling costs from when on."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest
from flask import Flask

from portal.bookings.service import Placed
from portal.documents.dates import jdatetime
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.places import Site, accept, next_open_day
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Visitor
from tests.services.test_booking_mail import mail
from tests.services.test_caps_held import TWO_DAYS, limited
from tests.services.test_place_booking import bookings_of, place, wish_of
from tests.services.test_take_places import mine

MOVES = {"day", "start", "end"}
DAY = next_open_day() + timedelta(days=7)
FEE: dict[str, Any] = {"tariff": {"kind": "hourly", "bands": [{"yen": 300}]}}
PURPOSES: dict[str, Any] = {
    "reason_needed": True,
    "types": [{"code": "emergency"}],
    "reasons": [
        {
            "code": "birth",
            "label": "出産",
            "type": "emergency",
            "proof": {"kinds": ["mother_child_handbook"], "due": "day_of_use"},
        }
    ],
}

CANCEL: dict[str, Any] = {
    "free_until": {"days": 2, "at": "17:00"},
    "tiers": [
        {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "flat", "yen": 100}},
        {"until": {"days": 0, "at": "08:00"}, "fee": {"kind": "flat", "yen": 200}},
    ],
    "late_fee": {"kind": "percent", "percent": 100},
}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana, who is accepted."""
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


@pytest.mark.proves("G5", "R6")
def test_what_to_bring_stands_before_the_button(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, purposes=PURPOSES, gates=[{"code": "no_fever", "asked_at": "arrival"}])
    fields = wished(family, site, DAY, purpose="emergency/birth")
    told = Visitor(app, family).post("/my/bookings/confirm", fields)
    assert told.status == 200
    said = ("当日に「母子健康手帳」を持ってきてください", "当日の朝に「熱がない」を確かめます")
    for words in said:
        assert told.text.count(words) == 1
    # Staff say it on the telephone.
    url = f"/office/bookings/new?family={family.family_id}"
    heard = Visitor(app, sato).submit(url, {**fields, **RECEIPT, "look": "1"})
    for words in said:
        assert words in heard.text
    # And it stands on the booking, for her and for them.
    placed = Visitor(app, family).post("/my/bookings/", {"once": told.field("once"), **fields})
    assert placed.status == 303
    office = placed.location.replace("/my/bookings/", "/office/bookings/")
    for who, where in ((family, placed.location), (sato, office)):
        page = Visitor(app, who).get(where).text
        for words in said:
            assert page.count(words) == 1
        assert "緊急" in page
        assert "出産" in page


@pytest.mark.proves("G11", "G12", "R6")
def test_each_step_of_the_late_fee_is_told_with_its_time_before_and_after_booking(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site = limited(hinata, fee=FEE, cancel=CANCEL, no_show={"fee": {"yen": 500}})
    fields, mother = wished(family, site, DAY), Visitor(app, family)
    told = mother.post("/my/bookings/confirm", fields)
    url = f"/office/bookings/new?family={family.family_id}"
    heard = Visitor(app, sato).submit(url, {**fields, **RECEIPT, "look": "1"})
    placed = mother.post("/my/bookings/", {"once": told.field("once"), **fields})
    office = placed.location.replace("/my/bookings/", "/office/bookings/")
    pages = (
        told.text,
        heard.text,
        mother.get(placed.location).text,
        mother.get(f"{placed.location}/cancel").text,
        Visitor(app, sato).get(office).text,
        letter_of(family),
    )
    today = clock.today(clock.now())
    evening = clock.at(DAY - timedelta(days=1), time(17))
    morning = clock.at(DAY, time(8))
    for page in pages:
        assert "まで無料" in page
        assert page.count("そのあとは 100円 かかります") == 1
        assert page.count(f"{jdatetime(evening, today)} からは 200円 です") == 1
        assert page.count(f"{jdatetime(morning, today)} からは 900円 です") == 1
        assert page.count("連絡なしで休むと 500円 かかります") == 1


@pytest.mark.proves("G11", "G12")
def test_a_late_page_tells_what_now_costs_and_what_comes(
    app: Flask, hinata: Site, family: Actor, sato: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = limited(hinata, fee=FEE, cancel=CANCEL, no_show={"fee": {"percent": 50}})
    place(family, wish_of(family, site, DAY))
    [booking] = bookings_of(family)
    late = clock.at(DAY - timedelta(days=1), time(9))
    monkeypatch.setattr(clock, "now", lambda: late)
    mother, base = Visitor(app, family), f"/my/bookings/{booking.group_id}"
    office = f"/office/bookings/{booking.group_id}"
    for page in (mother.get(base), mother.get(f"{base}/cancel"), Visitor(app, sato).get(office)):
        assert "いま取り消すと 100円 かかります" in page.text
        assert "そのあとは" not in page.text
        assert f"{jdatetime(clock.at(DAY, time(8)), late.date())} からは 900円 です" in page.text
        assert "連絡なしで休むと 450円 かかります" in page.text


def letter_of(family: Actor) -> str:
    """Return the mail that tells the family's only booking."""
    [booking] = bookings_of(family)
    placed = Placed(booking.group_id, (booking.id,), (booking.child_id,), booking.fee_yen)
    letter = mail(family, "placed", placed)
    assert letter is not None
    return letter.text


@pytest.mark.proves("G6", "R6")
def test_limits_and_fee_lines_stand_before_the_button_for_her_and_for_staff(
    app: Flask, hinata: Site, family: Actor, sato: Actor
) -> None:
    site, mother = limited(hinata, TWO_DAYS, fee=FEE), Visitor(app, family)
    place(family, wish_of(family, site, DAY))
    fields = wished(family, site, DAY + timedelta(days=1))
    told = mother.post("/my/bookings/confirm", fields)
    url = f"/office/bookings/new?family={family.family_id}"
    heard = Visitor(app, sato).submit(url, {**fields, **RECEIPT, "look": "1"})
    used = "2日のうち1日使いました。この予約で、2日になります。残りは0日です。"
    for page in (told, heard):
        assert page.status == 200
        assert page.text.count(used) == 1
        assert "これからの予約も、使った分に数えています。" in page.text
        assert "1時間 300円 × 3時間" in page.text
        assert "合計（1人分）900円" in page.text
    # Moving it there says the same of the booking as it would then be.
    [booking] = bookings_of(family)
    moved = mother.post(
        f"/my/bookings/{booking.group_id}/change",
        {name: value for name, value in fields.items() if name.split("-")[0] in MOVES},
    )
    assert "2日まで使えます。この予約で、1日になります。残りは1日です。" in moved.text


@pytest.mark.proves("G6")
def test_without_limits_none_are_spoken_of(app: Flask, hinata: Site, family: Actor) -> None:
    told = Visitor(app, family).post("/my/bookings/confirm", wished(family, hinata, DAY))
    assert told.status == 200
    assert "使える日数と時間" not in told.text
