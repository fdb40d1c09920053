"""Beside a booking: its calendar file, what the family said of the day, where it could be moved."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Flask
from icalendar import Calendar
from sqlalchemy import select

from portal.attendance.mail import word_taken
from portal.attendance.queries import family_group
from portal.attendance.rules import WordKind
from portal.attendance.service.words import take_word
from portal.bookings.models import Booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.letters import Wanted
from tests.factories import days, people
from tests.factories.places import Site
from tests.pages.visit import Visitor


def booked(site: Site, family: Actor) -> Booking:
    days.book(site, family)
    with acting_as(family) as session:
        return session.scalars(select(Booking)).one()


def test_one_booking_goes_into_any_calendar_and_names_no_child(
    app: Flask, hinata: Site, tanaka: Actor, yamada: Actor
) -> None:
    booking = booked(hinata, tanaka)
    url = f"/my/bookings/{booking.group_id}.ics"
    answer = Visitor(app, tanaka).client.get(url)
    assert answer.mimetype == "text/calendar"
    (event,) = Calendar.from_ical(answer.data).walk("VEVENT")
    assert event.decoded("DTSTART") == booking.starts_at
    assert "はな" not in answer.get_data(as_text=True)
    stranger = people.make_guardian("遠い だれか", children=("遠い こども",))
    assert Visitor(app, stranger).get(url).status == 404
    assert Visitor(app, yamada).get(url).status == 403


def said_late(family: Actor, booking: Booking) -> None:
    now = days.clock_time("8:00")
    with acting_as(family), transaction() as session:
        bookings = family_group(session, booking.group_id, actor=family, is_to_change=True)
        take_word(
            session,
            bookings,
            WordKind.LATE,
            channel="web",
            actor=family,
            now=now,
            expected_at=days.clock_time("10:00"),
        )


def test_what_was_said_stands_on_the_booking_and_is_answered_by_mail(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    booking = booked(hinata, tanaka)
    said_late(tanaka, booking)
    page = Visitor(app, tanaka).get(f"/my/bookings/{booking.group_id}")
    assert "10:00ごろに来ると、園に伝えてあります" in page.text
    wanted = Wanted(
        id=booking.id,
        kind="attendance/word_taken",
        subject_ids=(booking.id,),
        context={
            "kind": "late",
            "expected_at": days.clock_time("10:00").isoformat(),
            "fee_yen": 0,
        },
        organisation_id=hinata.organisation_id,
        family_id=tanaka.family_id,
        to_user_id=tanaka.user_id,
        to_mail="miho@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=clock.now(),
    )
    with acting_as(tanaka) as session:
        letter = word_taken(session, wanted)
        absent = word_taken(
            session,
            _with(wanted, {"kind": "absent", "expected_at": None, "fee_yen": 450}),
        )
    assert letter is not None
    assert absent is not None
    assert letter.subject.startswith("【おくれる連絡】")
    assert "10:00ごろに待っています" in letter.text
    assert "取り消しの料金は 450円 です" in absent.text
    assert "はな" not in letter.subject + letter.text + absent.text


def _with(wanted: Wanted, context: dict[str, object]) -> Wanted:
    return replace(wanted, context=context)


def test_a_booking_to_be_moved_shows_where_there_is_room(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    booking = booked(hinata, tanaka)
    visitor = Visitor(app, tanaka)
    page = visitor.get(f"/my/bookings/{booking.group_id}/change")
    assert "空いている日と時間" in page.text
    assert "8:00〜18:00" in page.text
    other = days.DAY + timedelta(days=1)
    chosen = visitor.get(f"/my/bookings/{booking.group_id}/change?day={other}")
    assert chosen.field("day-day") == str(other.day)


def test_brothers_and_sisters_are_offered_time_for_both(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    people.make_child(tanaka, "田中 りく")
    days.book(hinata, tanaka)
    others = people.make_guardian("森 さん", children=("森 い", "森 ろ", "森 は", "森 に", "森 ほ"))
    full = days.DAY + timedelta(days=1)
    days.book(hinata, others, day=full, start="8:00", end="12:00")
    with acting_as(tanaka) as session:
        group_id = session.scalars(select(Booking.group_id)).first()
    page = Visitor(app, tanaka).get(f"/my/bookings/{group_id}/change")
    assert "お子さん 2人が、いっしょに入れる時間です" in page.text
    row = page.text.partition(f"{full.month}月{full.day}日（木）")[2][:30]
    assert row.strip().startswith("12:00〜18:00"), "one place alone is left in the morning"
