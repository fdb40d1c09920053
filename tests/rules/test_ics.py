"""Calendar files as other programs read them; each test names what one of them trips over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from portal.documents.ics import CalendarEntry, EntryStatus, etag, feed, invitation
from portal.kernel.clock import JST

STARTS = datetime(2026, 11, 20, 9, tzinfo=JST)
STAY = CalendarEntry(
    uid="b-7f3a@portal.example.jp",
    sequence=0,
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=3),
    summary="ひなた保育園 一時預かり",
    description="持ち物：着がえ、おむつ\n取り消しは11月19日（木）17:00 まで無料です。",
    location="福島県郡山市朝日1-23-7",
    status=EntryStatus.CONFIRMED,
    updated_at=STARTS - timedelta(days=10),
    url="https://portal.example.jp/my/bookings/7f3a",
)


def events(data: bytes) -> list[dict[str, str]]:
    """Read a calendar as the simplest program would: unfold, split at the first colon."""
    found: list[dict[str, str]] = []
    for line in data.decode().replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1].setdefault(name.partition(";")[0], value)
            found[-1].setdefault(name, value)
    return found


@pytest.mark.proves("B61")
def test_zone_stands_before_the_events_and_times_are_local_with_zone() -> None:
    data = feed([STAY], name="ひなた保育園").decode()

    assert data.index("BEGIN:VTIMEZONE") < data.index("BEGIN:VEVENT")
    assert "DTSTART;TZID=Asia/Tokyo:20261120T090000\r\n" in data
    assert "DTEND;TZID=Asia/Tokyo:20261120T120000\r\n" in data
    assert "TZOFFSETTO:+0900" in data


@pytest.mark.proves("B61")
def test_uid_stays_while_time_and_sequence_change() -> None:
    moved = replace(STAY, starts_at=STARTS + timedelta(hours=1), sequence=1)
    before, after = (events(feed([entry], name="園"))[0] for entry in (STAY, moved))

    assert before["UID"] == after["UID"] == STAY.uid
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "1")
    assert before["DTSTAMP"] == "20261110T000000Z"


def test_a_feed_has_no_method_and_each_stay_is_an_event_of_its_own() -> None:
    weekly = [
        replace(STAY, uid=f"{week}@x", starts_at=day, ends_at=day + timedelta(hours=3))
        for week in range(3)
        for day in [STARTS + timedelta(weeks=week)]
    ]
    data = feed(weekly, name="ひなた保育園")

    assert b"METHOD" not in data
    assert b"RRULE" not in data
    assert b"RECURRENCE-ID" not in data
    assert [event["DTSTART"][:8] for event in events(data)] == ["20261120", "20261127", "20261204"]


def test_an_empty_feed_is_still_a_calendar() -> None:
    assert Calendar.from_ical(feed([], name="園")).walk("VTIMEZONE")


def test_a_cancelled_stay_says_so_in_three_ways() -> None:
    (event,) = events(feed([replace(STAY, status=EntryStatus.CANCELLED)], name="園"))

    assert event["SUMMARY"] == "【取消】ひなた保育園 一時預かり"
    assert event["STATUS"] == "CANCELLED"
    assert event["TRANSP"] == "TRANSPARENT"


def test_an_invitation_names_method_organizer_and_an_answer_already_given() -> None:
    data = invitation(STAY, organizer_mail="no-reply@example.jp", attendee_mail="t@example.jp")
    (event,) = events(data)

    assert b"\r\nMETHOD:REQUEST\r\n" in data
    assert event["ORGANIZER"] == "mailto:no-reply@example.jp"
    assert event["ATTENDEE"] == "mailto:t@example.jp"
    assert b"PARTSTAT=ACCEPTED" in data
    assert b"RSVP=FALSE" in data


def test_a_cancellation_is_cancelled_and_a_request_never_is() -> None:
    sender, family = "no-reply@example.jp", "t@example.jp"
    data = invitation(
        replace(STAY, sequence=2), method="CANCEL", organizer_mail=sender, attendee_mail=family
    )

    assert b"\r\nMETHOD:CANCEL\r\n" in data
    assert events(data)[0]["STATUS"] == "CANCELLED"
    with pytest.raises(ValueError, match="CANCEL"):
        invitation(
            replace(STAY, status=EntryStatus.CANCELLED),
            organizer_mail=sender,
            attendee_mail=family,
        )


@pytest.mark.parametrize("breaker", ["\r", "\n", "\r\n", "\v", "\x85", "\u2028"])
def test_no_line_of_a_text_becomes_a_line_of_the_file(breaker: str) -> None:
    bad = f"x{breaker}BEGIN:VALARM{breaker}ATTACH:http://evil.example"
    (event,) = events(feed([replace(STAY, summary=bad, description=bad, location=bad)], name=bad))

    assert event["SUMMARY"] == event["LOCATION"] == "x BEGIN:VALARM ATTACH:http://evil.example"
    assert event["DESCRIPTION"] == r"x\nBEGIN:VALARM\nATTACH:http://evil.example"
    assert set(event) >= {"UID", "DTSTART"}
    assert not {"BEGIN", "ATTACH"} & set(event)


def test_an_address_with_a_line_break_is_refused() -> None:
    bad = "x\r\nATTENDEE:mailto:evil@example.jp"
    with pytest.raises(ValueError, match="control character"):
        replace(STAY, uid=bad)
    with pytest.raises(ValueError, match="control character"):
        replace(STAY, url=bad)
    with pytest.raises(ValueError, match="control character"):
        invitation(STAY, organizer_mail=bad, attendee_mail="t@example.jp")
    with pytest.raises(ValueError, match="control character"):
        invitation(STAY, organizer_mail="a@example.jp", attendee_mail=bad)


def test_control_characters_leave_no_trace() -> None:
    data = feed([replace(STAY, summary="a\0b\x1bc\x9fd", description="\x07e")], name="\x7ff")

    assert b"SUMMARY:abcd\r\n" in data
    assert b"DESCRIPTION:e\r\n" in data
    assert b"X-WR-CALNAME:f\r\n" in data


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_text_gives_short_lines_and_comes_back(text: str) -> None:
    data = feed([replace(STAY, summary=text, description=text)], name=text)

    lines = data.split(b"\r\n")
    assert all(len(line) <= 75 and b"\r" not in line and b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # never folded inside a character
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    printable = "".join(char for char in text if char.isprintable() and char not in " \u3000")
    assert printable in "".join(
        char for char in str(event["summary"]) if char.isprintable() and char not in " \u3000"
    )


def test_etag_changes_with_the_content_only() -> None:
    same, again = (feed([STAY], name="園") for _ in range(2))
    other = feed([replace(STAY, location="別の所")], name="園")

    assert etag(same) == etag(again) != etag(other)
    assert etag(same).startswith('"')


def test_times_without_zone_and_reversed_times_are_refused() -> None:
    with pytest.raises(ValueError, match="zones"):
        replace(STAY, updated_at=datetime(2026, 11, 1))  # noqa: DTZ001 - what is refused
    with pytest.raises(ValueError, match="unusable"):
        replace(STAY, ends_at=STARTS)
