"""The day board: what it shows, one tap and its undo, and who may see it."""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime, timedelta
from typing import Protocol

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.attendance.models import Attendance, WordFromFamily
from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.slots.models import PoolDay
from tests.factories.days import DAY, book, clock_time, keep_record, name_pickup
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept
from tests.pages.visit import Page, Visitor


class Clock(Protocol):
    def __call__(self, words: str, day: date = DAY) -> None: ...


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Say what time it is on the day, for the pages."""

    def say(words: str, day: date = DAY) -> None:
        moment = clock_time(words, day)
        for module in ("board", "board_page"):
            monkeypatch.setattr(f"portal.office.{module}.now", lambda: moment)

    say("9:42")
    return say


@pytest.fixture
def staff(app: Flask, sato: Actor, set_clock: Clock) -> Visitor:
    del set_clock
    return Visitor(app, sato)


def board_url(site: Site) -> str:
    return f"/office/facilities/{site.facility_id}/board/{DAY.isoformat()}"


def stay_url(site: Site, booking_id: uuid.UUID, action: str = "") -> str:
    return f"/office/facilities/{site.facility_id}/stays/{booking_id}{action}"


def tap(staff: Visitor, site: Site, booking_id: uuid.UUID, action: str, **fields: object) -> Page:
    return staff.submit(
        stay_url(site, booking_id, f"/{action}"), dict(fields), form_page=stay_url(site, booking_id)
    )


def times_of(site: Site, booking_id: uuid.UUID) -> tuple[str, datetime | None, datetime | None]:
    with acting_as(site.owner) as session:
        booking = session.scalars(select(Booking).where(Booking.id == booking_id)).one()
        row = session.get(Attendance, booking_id)
        return (
            booking.state.value,
            row.arrived_at if row else None,
            row.departed_at if row else None,
        )


@pytest.mark.proves("J2")
def test_the_board_shows_allergies_first_newcomers_and_who_picks_up(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    hana = children_of(tanaka)[0].id
    keep_record(tanaka, hana, allergies="卵・乳", conditions="エピペン 事務室")
    riku = make_child(tanaka, "田中 りく", born_on=DAY - timedelta(days=200))
    keep_record(tanaka, riku, allergies="")
    grandmother = name_pickup(tanaka, "田中 ふみ", "祖母")
    book(hinata, tanaka, start="10:00", end="13:00", pickup=grandmother)
    page = staff.get(board_url(hinata))
    assert page.status == 200
    flags = page.html[page.html.index("田中 はなさん</a>") :]
    assert flags.index("アレルギー 卵・乳") < flags.index("はじめて") < flags.index("エピペン")
    for words in ("6か月", "お迎え 祖母 田中 ふみ", "田中 りくさんと いっしょ", "10:00 登園 2人"):
        assert words in page.text
    baby_column = page.text[page.text.index("0歳児 いま") : page.text.index("1・2歳児 いま")]
    assert "田中 りくさん" in baby_column
    assert "田中 はなさん と" not in baby_column
    assert "このあと 2人" in page.text
    assert "アレルギーは未確認" not in page.text


@pytest.mark.proves("J2")
def test_unasked_allergies_are_said_and_not_taken_for_none(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    book(hinata, tanaka, start="10:00")
    assert "アレルギーは未確認" in staff.get(board_url(hinata)).text


@pytest.mark.proves("J2")
@pytest.mark.parametrize(("time", "stands_out"), [("9:29", False), ("9:30", True)])
def test_after_thirty_minutes_a_child_stands_out_with_the_numbers_to_call(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock, time: str, *, stands_out: bool
) -> None:
    book(hinata, tanaka)
    set_clock(time)
    page = staff.get(board_url(hinata))
    assert ("まだ来ていません：田中 はなさん" in page.text) is stands_out
    assert ('href="tel:09000000000"' in page.html) is stands_out


@pytest.mark.proves("J2")
def test_arrival_and_departure_are_one_tap_each_and_can_be_taken_back(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka)
    arrived = tap(staff, hinata, booking, "arrive")
    assert arrived.status == 303
    board = staff.get(arrived.location)
    assert "田中 はなさんの登園を 9:42 で記録しました。 元にもどす" in board.text
    assert "まだ来ていません" not in board.text
    assert "いま 1人" in board.text
    set_clock("11:58")
    tap(staff, hinata, booking, "depart")
    assert times_of(hinata, booking) == ("attended", clock_time("9:42"), clock_time("11:58"))
    assert "11:58 に降園" in staff.get(board_url(hinata)).text
    tap(staff, hinata, booking, "undo", step="departure")
    tap(staff, hinata, booking, "undo", step="arrival")
    assert times_of(hinata, booking) == ("confirmed", None, None)


@pytest.mark.proves("B46")
def test_a_second_tap_changes_nothing_and_gets_the_same_answer(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka)
    first = tap(staff, hinata, booking, "arrive")
    set_clock("9:50")
    again = tap(staff, hinata, booking, "arrive")
    assert (again.status, again.location) == (first.status, first.location)
    assert times_of(hinata, booking) == ("attended", clock_time("9:42"), None)


@pytest.mark.proves("B46")
def test_a_cancelled_booking_another_day_and_another_house_refuse_arrival_each_with_its_reason(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock, midori: Site
) -> None:
    (booking,) = book(hinata, tanaka)
    other_house = f"/office/facilities/{midori.facility_id}/stays/{booking}/arrive"
    refused = staff.submit(other_house, {}, form_page=stay_url(hinata, booking))
    assert refused.status == 409
    assert "この予約は、ほかの施設の予約です" in refused.text
    set_clock("9:42", DAY + timedelta(days=1))
    refused = tap_from_anywhere(staff, hinata, booking)
    assert refused.status == 409
    assert f"{DAY.month}月{DAY.day}日" in refused.text
    assert refused.html.index("エラー（1件）：") < refused.html.index("の予約です")
    set_clock("9:42")
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT release_places(:ids, 'cancelled')"), {"ids": [booking]})
    refused = tap_from_anywhere(staff, hinata, booking)
    assert refused.status == 409
    assert "この予約は、取り消してあります" in refused.text
    assert times_of(hinata, booking) == ("cancelled", None, None)


def tap_from_anywhere(staff: Visitor, site: Site, booking_id: uuid.UUID) -> Page:
    return staff.post(stay_url(site, booking_id, "/arrive"), {"once": str(uuid.uuid4())})


def test_a_departure_needs_an_arrival(staff: Visitor, hinata: Site, tanaka: Actor) -> None:
    (booking,) = book(hinata, tanaka)
    refused = staff.post(stay_url(hinata, booking, "/depart"), {"once": str(uuid.uuid4())})
    assert refused.status == 409
    assert "まだ登園していません" in refused.text


@pytest.mark.proves("J2")
def test_a_no_show_or_an_excuse_is_marked_and_can_be_taken_back(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    (booking,) = book(hinata, tanaka)
    for action, state, words in (
        ("no-show", "no_show", "お休み（連絡なし）"),
        ("excused", "excused_absence", "お休み（連絡あり）"),
    ):
        answer = tap(staff, hinata, booking, action)
        assert times_of(hinata, booking)[0] == state
        assert words in staff.get(answer.location).text
        tap(staff, hinata, booking, "undo", step="absence")
        assert times_of(hinata, booking)[0] == "confirmed"
    tap(staff, hinata, booking, "no-show")
    assert tap(staff, hinata, booking, "arrive").status == 303
    assert times_of(hinata, booking)[0] == "attended"


def test_late_word_from_a_caller_moves_the_alert(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka)
    tap(staff, hinata, booking, "word/late", expected="10:30")
    page = staff.get(board_url(hinata))
    assert "おくれます 10:30ごろ" in page.text
    assert "まだ来ていません" not in page.text
    set_clock("11:00")
    assert "10:30ごろに来ると連絡がありました" in staff.get(board_url(hinata)).text
    outside = staff.post(
        stay_url(hinata, booking, "/word/late"), {"once": str(uuid.uuid4()), "expected": "18:00"}
    )
    assert outside.status == 409
    assert "9:00 から 12:00 までの間" in outside.text


@pytest.mark.proves("J2")
def test_an_absence_told_by_phone_before_the_start_frees_the_place_for_good(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka)
    set_clock("8:00")
    said = tap(staff, hinata, booking, "word/absent")
    assert "ほかのご家庭が予約できます" in staff.get(said.location).text
    assert times_of(hinata, booking)[0] == "excused_absence"
    with acting_as(hinata.owner) as session:
        free = session.scalars(
            select(PoolDay.free).where(PoolDay.pool_id == hinata.total_pool_id, PoolDay.day == DAY)
        ).one()
        (word,) = session.scalars(select(WordFromFamily))
    assert free[20] == 6
    assert (word.channel, word.received_at) == ("phone", clock_time("8:00"))
    set_clock("9:05")
    refused = tap_from_anywhere(staff, hinata, booking)
    assert refused.status == 409
    assert "もう一度予約を入れてください" in refused.text


def test_while_cancelling_is_free_the_stay_leads_there_instead(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka, cancel_until=clock_time("8:00"))
    set_clock("7:00")
    page = staff.get(stay_url(hinata, booking))
    assert "休む（場所をあける）" not in page.text
    assert re.search(r'href="(/office/bookings/[^"]+/cancel)"', page.html)
    set_clock("8:30")
    assert "休む（場所をあける）" in staff.get(stay_url(hinata, booking)).text


def test_the_sheet_goes_by_time(staff: Visitor, hinata: Site, tanaka: Actor) -> None:
    baby = make_child(tanaka, "田中 りく", born_on=DAY - timedelta(days=200))
    hana = next(child.id for child in children_of(tanaka) if child.id != baby)
    book(hinata, tanaka, children=[baby], start="10:00")
    book(hinata, tanaka, children=[hana], start="9:00")
    rows = staff.get(f"{board_url(hinata)}/print").html.split("<tbody>")[-1]
    assert rows.index("田中 はな") < rows.index("田中 りく")


def test_times_are_put_right_afterwards_and_nonsense_is_explained(
    staff: Visitor, hinata: Site, tanaka: Actor, set_clock: Clock
) -> None:
    (booking,) = book(hinata, tanaka)
    set_clock("8:00", DAY + timedelta(days=1))
    saved = tap(
        staff,
        hinata,
        booking,
        "times",
        arrived="９：０５",
        departed="1155",
        collected_by="母 田中 みほ",
    )
    assert saved.status == 303
    assert times_of(hinata, booking) == ("attended", clock_time("9:05"), clock_time("11:55"))
    wrong = tap(staff, hinata, booking, "times", arrived="25:00", departed="", collected_by="")
    assert wrong.status == 422
    assert "登園の時刻は 9:05 のように入れてください" in wrong.text
    assert 'value="25:00"' in wrong.html
    turned = tap(staff, hinata, booking, "times", arrived="9:05", departed="9:00", collected_by="")
    assert turned.status == 409
    assert "降園の時刻が、登園の時刻より前です" in turned.text


def test_strangers_and_families_see_no_board(
    app: Flask, staff: Visitor, hinata: Site, yamada: Actor, tanaka: Actor, visitor: Visitor
) -> None:
    (booking,) = book(hinata, tanaka)
    own = [board_url(hinata), f"{board_url(hinata)}/print", stay_url(hinata, booking)]
    assert [staff.get(url).status for url in own] == [200, 200, 200]
    stranger, mother = Visitor(app, yamada), Visitor(app, tanaka)
    assert [stranger.get(url).status for url in own] == [404, 404, 404]
    assert [mother.get(url).status for url in own] == [403, 403, 403]
    assert [visitor.get(url).status for url in own] == [303, 303, 303]
    assert tap_from_anywhere(stranger, hinata, booking).status == 404
    assert tap_from_anywhere(mother, hinata, booking).status == 403
    assert times_of(hinata, booking) == ("confirmed", None, None)
    assert staff.get(f"/office/facilities/{hinata.facility_id}/board/yesterday").status == 404


def test_the_only_facility_needs_no_choosing(staff: Visitor, hinata: Site) -> None:
    assert staff.get("/office/board").location == board_url(hinata)


def test_the_sheet_has_allergies_before_everything_and_the_phones(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    keep_record(tanaka, children_of(tanaka)[0].id, allergies="落花生")
    book(hinata, tanaka)
    page = staff.get(f"{board_url(hinata)}/print")
    assert page.text.index("▲ アレルギー 1人 田中 はなさん") < page.text.index("預かる子ども 1人")
    assert "母 090-0000-0000" in page.text


def test_today_is_drawn_anew_until_someone_stops_it(
    staff: Visitor, hinata: Site, set_clock: Clock
) -> None:
    assert staff.get(board_url(hinata)).response.headers["Refresh"].startswith("60;")
    staff.get(f"{board_url(hinata)}?auto=off")
    assert "Refresh" not in staff.get(board_url(hinata)).response.headers
    set_clock("9:42", DAY - timedelta(days=1))
    staff.get(f"{board_url(hinata)}?auto=on")
    assert "Refresh" not in staff.get(board_url(hinata)).response.headers


def test_another_family_on_the_board_keeps_its_own_people(
    staff: Visitor, hinata: Site, tanaka: Actor
) -> None:
    other = make_guardian("森 かおり", children=("森 ゆうと",))
    accept(hinata, other, children_of(other)[0].id)
    book(hinata, tanaka)
    book(hinata, other)
    assert "さんと いっしょ" not in staff.get(board_url(hinata)).text
