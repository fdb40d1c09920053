"""Staff say how many places are kept; the public calendar shows what is left for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.keeping import keep
from tests.factories.places import Site, next_open_day
from tests.pages.visit import Visitor
from tests.services.test_kept_places import counts

DAY = next_open_day(weeks=2)


def kept_url(site: Site) -> str:
    return f"/office/facilities/{site.facility_id}/places/kept"


@pytest.mark.proves("R15")
def test_staff_keep_places_by_weekday(app: Flask, hinata: Site, sato: Actor) -> None:
    staff = Visitor(app, sato)
    numbers = {f"day_{n}": "2" for n in range(5)}
    assert staff.submit(kept_url(hinata), {**numbers, "until_days": "5"}).status == 303
    capacity, free, kept = counts(hinata, DAY)
    assert (free, kept) == (capacity - 2, 2)
    page = staff.get(kept_url(hinata))
    assert page.field("day_0") == "2"
    assert page.field("until_days") == "5"
    near = clock.today(clock.now()) + timedelta(days=1)
    if near.weekday() < 5:
        assert counts(hinata, near)[2] == 0
    wrong = staff.submit(kept_url(hinata), {**numbers, "until_days": "100"})
    assert wrong.status == 422
    assert "日数は0から60まで" in wrong.text


@pytest.mark.proves("R15")
def test_one_day_keeps_its_own_number_and_a_new_week_keeps_what_was_kept(
    app: Flask, hinata: Site, sato: Actor
) -> None:
    keep(hinata, 1)
    staff = Visitor(app, sato)
    url = f"/office/facilities/{hinata.facility_id}/places/days/{DAY}"
    said = {"from_time": "9:00", "to_time": "12:00", "kept": "3", "reason": "相談の日"}
    assert staff.submit(url, said).status == 303
    assert counts(hinata, DAY)[2] == 3
    assert "（残す3）" in staff.get(url).text
    today = clock.today(clock.now())
    week = {
        **{f"in_force_from-{part}": str(getattr(today, part)) for part in ("year", "month", "day")},
        "weekdays": ["0", "1", "2", "3", "4"],
        "from_time": "9:00",
        "to_time": "12:00",
        "places_0": "4",
        "others": "keep",
        "save": "1",
    }
    where = f"/office/facilities/{hinata.facility_id}/places"
    assert staff.submit(where, week).status == 303
    later = next_open_day(weeks=3)
    assert counts(hinata, later) == (4, 3, 1)


@pytest.mark.proves("R15")
def test_visitors_read_what_is_left_for_everybody(app: Flask, hinata: Site, sato: Actor) -> None:
    del sato
    url = f"/facilities/{hinata.facility_id}/days/{DAY}"
    visitor = Visitor(app)
    before = visitor.get(url)
    assert before.status == 200, before.text
    keep(hinata, 6)
    after = Visitor(app).get(f"{url}?x=1")
    assert "満員" in after.text or "空きなし" in after.text or "×" in after.text
    assert after.text != before.text
