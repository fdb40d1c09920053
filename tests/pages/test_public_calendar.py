"""What anybody sees of free places, without sign-in."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import date, time, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.document import load_template
from portal.selfservice.public_cache import KeptPages
from portal.slots.availability import Cells
from portal.slots.opening import open_days
from portal.slots.published import Filled, Place, free_by_day
from tests.factories import people
from tests.factories.places import Site, fill, make_site, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.visit import Page, Visitor
from tests.services.test_take_places import mine, stay_for, take


def month_url(site: Site, day: date, age: int = 1) -> str:
    return f"/facilities/{site.facility_id}?month={day:%Y-%m}&class={age}"


def day_url(site: Site, day: date, age: int = 1, **chosen: str) -> str:
    query = "".join(f"&{name}={value}" for name, value in chosen.items())
    return f"/facilities/{site.facility_id}/days/{day}?class={age}{query}"


def words(element: Element) -> str:
    return "".join(element.itertext()).strip()


def cell(page: Page, day: date) -> tuple[str, str, bool]:
    """Return sign, words and whether the day can be chosen."""
    tree = html5lib.parse(page.html, namespaceHTMLElements=False)
    for tag in tree.iter():
        if "calendar__day" in str(tag.get("class", "")).split():
            parts = {part.get("class"): words(part) for part in tag.iter()}
            if parts["calendar__date"].split("日")[0] == str(day.day):
                word = parts.get("calendar__long") or parts.get("calendar__word", "")
                return parts["calendar__sign"], word, tag.tag == "a"
    raise AssertionError(f"no cell for {day}")


def test_a_month_shows_sign_and_words_for_a_class(visitor: Visitor, hinata: Site) -> None:
    day = next_open_day(2)
    page = visitor.get(month_url(hinata, day))
    assert page.status == 200
    assert cell(page, day) == ("○", "残り6人", True)
    assert cell(visitor.get(month_url(hinata, day, 0)), day) == ("○", "残り2人", True)


def test_signs_follow_the_half_hours_that_are_full(visitor: Visitor, tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    day = next_open_day(2)
    take(tanaka, stay_for(site, *mine(tanaka), day, start=time(9), end=time(12)))
    assert cell(visitor.get(month_url(site, day)), day) == ("△", "一部空き", True)
    suzu = people.make_guardian("別の母", children=("別の子",))
    take(suzu, stay_for(site, *mine(suzu), day, start=time(8), end=time(9)))
    take(suzu, stay_for(site, *mine(suzu), day, start=time(12), end=time(18)))
    page = visitor.get(month_url(site, day))
    assert cell(page, day) == ("×", "空きなし", False)
    assert "この日は空きがありません" in visitor.get(day_url(site, day)).text


def test_outside_the_time_to_book_a_day_cannot_be_chosen(visitor: Visitor, hinata: Site) -> None:
    far = next_open_day(6)
    assert cell(visitor.get(month_url(hinata, far)), far) == ("−", "受付前", False)
    today = clock.today(clock.now())
    past = today.replace(day=1) - timedelta(days=1)
    past -= timedelta(days=max(0, past.weekday() - 4))
    assert cell(visitor.get(month_url(hinata, past)), past)[:2] == ("−", "終了")


def test_a_nursery_new_today_is_booked_today(visitor: Visitor) -> None:
    now = clock.now()
    today = clock.today(now)
    site = make_site("新しい園", from_day=today, weekdays=range(7))
    opens = {"kind": "rolling", "months": 2, "at": "23:59", "shift": "next"}
    window = load_template("hourly-standard").model_dump(mode="json")["booking_window"]
    put_in_force(site, rules_with(booking_window={**window, "opens": opens}))
    with acting_as(site.owner) as session:
        calendar = open_days(session, site.facility_id, today).calendar
    assert calendar.is_open(today)
    assert not calendar.is_open(today - timedelta(days=1)), "no child came before the first day"
    day = next_open_day(3)
    assert cell(visitor.get(month_url(site, day)), day) == ("○", "残り6人", True)
    rules = visitor.get(f"/facilities/{site.facility_id}").text
    since = "利用の2か月前の同じ日（ない月は、最後の日）の 23:59 から"
    assert f"{since}（休みの日なら次の開所日）" in rules


def test_a_day_says_from_when_it_can_be_booked(visitor: Visitor, hinata: Site) -> None:
    far = next_open_day(6)
    page = visitor.get(day_url(hinata, far))
    assert "この日の予約は、まだ始まっていません。" in page.text
    assert re.search(r"月\d+日（.）9:00 から予約できます", page.text)


def test_closed_days_say_why(visitor: Visitor, hinata: Site) -> None:
    day = next_open_day(2)
    sunday = day + timedelta(days=4) if (day + timedelta(days=4)).month == day.month else day
    with acting_as(hinata.owner), transaction() as session:
        session.add(
            Closure(
                id=uuid.uuid4(),
                facility_id=hinata.facility_id,
                organisation_id=hinata.organisation_id,
                from_day=day,
                to_day=day,
                from_cell=0,
                to_cell=48,
                reason="年末年始",
            )
        )
        session.flush()
        fill(session, hinata.facility_id, day, day)
    page = visitor.get(month_url(hinata, day))
    assert cell(page, day) == ("休", "年末年始", False)
    assert '<span class="calendar__short">休園</span>' in page.html, "for phones"
    if sunday != day:
        assert cell(page, sunday)[:2] == ("休", "日曜")
    assert "この日はお休みです（年末年始）" in visitor.get(day_url(hinata, day)).text


@pytest.mark.parametrize("change", ["is_hidden = true, published_at = NULL", "published_at = NULL"])
def test_a_facility_that_is_not_published_is_not_found(
    app: Flask, visitor: Visitor, hinata: Site, yamada: Actor, change: str
) -> None:
    day = next_open_day()
    with acting_as(hinata.owner), transaction() as session:
        session.execute(
            text(f"UPDATE facilities SET {change} WHERE id = :id"), {"id": hinata.facility_id}
        )
    for browser in (visitor, Visitor(app, yamada)):
        assert browser.get(month_url(hinata, day)).status == 404
        assert browser.get(day_url(hinata, day)).status == 404
    assert "ひなた保育園" not in visitor.get("/facilities").text


def test_a_day_leads_from_start_to_end_to_booking(visitor: Visitor, hinata: Site) -> None:
    day = next_open_day(2)
    opened = visitor.get(day_url(hinata, day))
    assert "はじまり、おわりの順にえらびます" in opened.text
    started = visitor.get(day_url(hinata, day, start="9:00"))
    assert "つぎに、おわりをえらびます" in started.text
    assert "end=12:00" in started.html or "end=12%3A00" in started.html
    chosen = visitor.get(day_url(hinata, day, start="9:00", end="12:00"))
    assert "9:00〜12:00（3時間）" in chosen.text
    assert "1人 1,500円" in chosen.text
    assert "6人まで、いっしょに予約できます" in chosen.text
    assert "この時間で進む" in chosen.text


def test_a_stay_shorter_than_the_rules_cannot_be_chosen(visitor: Visitor, hinata: Site) -> None:
    page = visitor.get(day_url(hinata, next_open_day(2), start="9:00", end="9:30"))
    assert "この時間で進む" not in page.text


def test_starts_the_rules_do_not_know_are_told_in_the_cell_and_when_asked_for(
    visitor: Visitor,
) -> None:
    site = make_site("市の園", template="municipal-strict")
    today = clock.today(clock.now())
    day = next(
        day
        for day in (today + timedelta(days=n) for n in range(5, 30))
        if "はじまり、おわりの順に" in visitor.get(day_url(site, day)).text
    )
    page = visitor.get(day_url(site, day))
    assert "12:00 ○残り6人途中のみ" in page.text
    assert "はじまりは 9:00・10:00・11:00・13:00 のどれか" in page.text
    asked = visitor.get(day_url(site, day, start="12:00"))
    assert "預かりの始まりは、9:00、10:00、11:00、13:00 からえらびます" in asked.text
    rules = visitor.get(f"/facilities/{site.facility_id}").text
    assert "はじまりは 9:00・10:00・11:00・13:00 のどれか" in rules


def test_a_time_that_cannot_be_had_is_refused_with_the_reason(visitor: Visitor) -> None:
    site = make_site("市の園", template="municipal-strict", days=60)
    today = clock.today(clock.now())
    days = (today + timedelta(days=n) for n in range(5, 30))
    day = next(d for d in days if "はじまり、おわり" in visitor.get(day_url(site, d)).text)
    for start, end, why in (
        ("11:00", "10:00", "おわりは、はじまりより後の時刻"),
        ("9:00", "18:00", "1回の預かりは、8時間までです"),
        ("9:00", "10:00", "1回の預かりは、2時間からです"),
    ):
        page = visitor.get(day_url(site, day, start=start, end=end))
        assert why in page.text
        assert "この時間で進む" not in page.text


def test_a_full_half_hour_parts_the_day(visitor: Visitor, tanaka: Actor) -> None:
    site = make_site("ひとりの園", places=1)
    day = next_open_day(2)
    take(tanaka, stay_for(site, *mine(tanaka), day, start=time(11), end=time(12)))
    page = visitor.get(day_url(site, day, start="9:00", end="13:00"))
    assert "この時間で進む" not in page.text, "no stay across a full half hour"
    assert "11:00 ×空きなし" in page.text
    assert "この時間で進む" in visitor.get(day_url(site, day, start="9:00", end="11:00")).text


def test_blocks_are_offered_as_they_are(visitor: Visitor) -> None:
    site = make_site("半日の園", template="half-day")
    day = clock.today(clock.now()) + timedelta(days=5)
    day += timedelta(days=(7 - day.weekday()) % 7 if day.weekday() > 4 else 0)
    page = visitor.get(day_url(site, day, 2))
    assert "午前 8:30〜12:30" in page.text
    assert 'class="hours"' not in page.html, "no half hours that cannot be pressed"


def test_a_class_that_is_not_cared_for_is_never_silently_another(visitor: Visitor) -> None:
    site = make_site("市の園", template="municipal-strict")
    day = next_open_day(1)
    for url in (month_url(site, day, 4), day_url(site, day, 4)):
        assert "4歳児クラスのお子さんは、この園の一時預かりの対象外です" in visitor.get(url).text


def test_addresses_outside_the_calendar_are_not_found(visitor: Visitor, hinata: Site) -> None:
    base = f"/facilities/{hinata.facility_id}"
    for path in (f"{base}?month=1999-01", f"{base}?month=x", f"{base}?class=7"):
        assert visitor.get(path).status == 404
    for day in ("2026-02-30", "1999-01-01", "9999-12-31", "x"):
        assert visitor.get(f"{base}/days/{day}").status == 404
    assert visitor.get(f"/facilities/{uuid.uuid4()}").status == 404


def test_an_unchanged_page_is_not_sent_twice(visitor: Visitor, hinata: Site) -> None:
    url = month_url(hinata, next_open_day(2))

    def again() -> int:
        etag = visitor.get(url).response.headers["ETag"]
        return visitor.client.get(url, headers={"If-None-Match": etag}).status_code

    # The page names its minute, which may just turn over once.
    assert 304 in (again(), again())


def test_a_holiday_closes_where_the_facility_keeps_it(visitor: Visitor, hinata: Site) -> None:
    today = clock.today(clock.now())
    with acting_as(hinata.owner), transaction() as session:
        day = session.execute(
            text(
                "SELECT min(day) FROM holidays WHERE day > :today AND extract(isodow FROM day) < 6"
            ),
            {"today": today},
        ).scalar_one()
        fill(session, hinata.facility_id, day, day)
    assert cell(visitor.get(month_url(hinata, day)), day)[0] in {"○", "−"}
    with acting_as(hinata.owner), transaction() as session:
        session.execute(
            text("UPDATE facilities SET closed_on_holidays = true WHERE id = :id"),
            {"id": hinata.facility_id},
        )
        fill(session, hinata.facility_id, day, day)
    assert cell(visitor.get(month_url(hinata, day)), day) == ("休", "祝日", False)


def test_a_page_is_kept_for_a_second_for_those_without_cookies(
    app: Flask, visitor: Visitor, hinata: Site, tanaka: Actor
) -> None:
    app.config["PUBLIC_PAGE_SECONDS"] = 60.0
    day = next_open_day(2)
    assert cell(visitor.get(month_url(hinata, day)), day)[1] == "残り6人"
    take(tanaka, stay_for(hinata, *mine(tanaka), day, start=time(8), end=time(18)))
    assert cell(visitor.get(month_url(hinata, day)), day)[1] == "残り6人"
    own = Visitor(app, tanaka).get(month_url(hinata, day))
    assert cell(own, day)[1] == "残り5人"
    app.extensions["public_pages"] = KeptPages()
    assert "田中" not in visitor.get(month_url(hinata, day)).text


def test_a_month_is_drawn_again_only_when_it_says_something_else(
    app: Flask, visitor: Visitor, hinata: Site, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[date] = []

    def counted(filled: Iterable[Filled], place: Place, age: int) -> dict[date, Cells]:
        drawn.append(day)
        return free_by_day(filled, place, age)

    monkeypatch.setattr("portal.selfservice.public.free_by_day", counted)
    minute = clock.now().replace(second=0, microsecond=0)
    monkeypatch.setattr("portal.selfservice.public.clock.now", lambda: minute)
    day = next_open_day(2)
    url = month_url(hinata, day)
    first = visitor.get(url)
    again = [visitor.get(url), Visitor(app).get(url), visitor.get(url)]
    assert len(drawn) == 1
    assert all(cell(page, day) == cell(first, day) for page in again)
    # What differs by who asks, by the address or by the language is never another's.
    assert "はじめて使う方" in first.text
    director = people.make_worker("佐藤 園子", hinata.organisation_id, "director")
    assert "はじめて使う方" not in Visitor(app, director).get(url).text
    assert "3歳児クラス" in visitor.get(month_url(hinata, day, age=3)).text
    visitor.get(f"{url}&lang=en")
    assert "New to this nursery" in visitor.get(url).text
    visitor.get(f"{url}&lang=ja")
    assert "はじめて使う方" in visitor.get(url).text
    # A place taken, a name changed, a minute passed: none is a moment late.
    known = len(drawn)
    take(tanaka, stay_for(hinata, *mine(tanaka), day, start=time(8), end=time(18)))
    assert cell(visitor.get(url), day)[1] == "残り5人"
    assert len(drawn) == known + 1
    later = minute + timedelta(minutes=1)
    monkeypatch.setattr("portal.selfservice.public.clock.now", lambda: later)
    visitor.get(url)
    assert len(drawn) == known + 2


def test_the_chosen_time_leads_to_its_booking(visitor: Visitor, hinata: Site) -> None:
    day = next_open_day(2)
    page = visitor.get(day_url(hinata, day, start="9:00", end="12:00"))
    link = next(
        str(tag.get("href"))
        for tag in html5lib.parse(page.html, namespaceHTMLElements=False).iter("a")
        if words(tag) == "この時間で進む"
    )
    query = parse_qs(urlsplit(link).query)
    wanted = [str(hinata.facility_id), str(day), "9:00", "12:00"]
    assert [query[name][0] for name in ("facility", "day", "start", "end")] == wanted
