"""A mail on the wire: three alternatives, pure ASCII, nothing slipped into its headers."""

from __future__ import annotations

import email
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest

from portal.documents.ics import CalendarEntry, EntryStatus, invitation
from portal.documents.mail_message import build
from portal.kernel.clock import JST

NOW = datetime(2026, 11, 10, 18, 30, tzinfo=JST)
SUBJECT = "ひなた保育園：11月20日（金）9:00〜12:00 の予約がきまりました（𠮷川・葛󠄀城の受付より）"
TEXT = "田中 花子 様\n\n予約がきまりました。\n場所：𠮷野町1-2 髙﨑ビル\n"
ENTRY = CalendarEntry(
    uid="b1@example.jp",
    sequence=0,
    starts_at=NOW + timedelta(days=10),
    ends_at=NOW + timedelta(days=10, hours=3),
    summary="ひなた保育園 一時預かり",
    description="",
    location="",
    status=EntryStatus.CONFIRMED,
    updated_at=NOW,
)
ICS = invitation(ENTRY, organizer_mail="no-reply@example.jp", attendee_mail="hanako@example.jp")


def mail(**changed: Any) -> EmailMessage:
    parts: dict[str, Any] = {
        "message_id": "<7f3a.1@portal.example.jp>",
        "sender": ("一時預かりポータル", "no-reply@example.jp"),
        "to_addr": "hanako@example.jp",
        "to_name": "田中 花子",
        "subject": SUBJECT,
        "text": TEXT,
        "html": "<p>予約がきまりました。</p>",
        "invitation": ICS,
        "reply_to": "hinata@example.jp",
        "date": NOW,
    }
    return build(**{**parts, **changed})


def read_back(message: EmailMessage) -> EmailMessage:
    received = email.message_from_bytes(message.as_bytes(), policy=SMTP)
    assert isinstance(received, EmailMessage)
    return received


def test_it_is_ascii_in_short_lines_and_reads_back_as_written() -> None:
    wire = mail().as_bytes()
    received = read_back(mail())

    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 78
    assert b"\n" not in wire.replace(b"\r\n", b"")
    assert received["Subject"] == SUBJECT
    assert received["To"].addresses[0].display_name == "田中 花子"
    assert received["From"].addresses[0].addr_spec == "no-reply@example.jp"
    assert received["Message-ID"] == "<7f3a.1@portal.example.jp>"
    assert received["Date"].datetime == NOW
    assert received["Auto-Submitted"] == "auto-generated"


def test_plain_text_first_then_html_then_the_calendar_entry() -> None:
    received = read_back(mail())
    plain, html, calendar = received.iter_parts()

    assert received.get_content_type() == "multipart/alternative"
    assert plain.get_content() == TEXT.replace("\n", "\r\n")
    assert html.get_content_type() == "text/html"
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_content_charset() == "utf-8"
    assert calendar.get_payload(decode=True) == ICS
    assert {part["Content-Transfer-Encoding"] for part in (plain, html, calendar)} == {"base64"}


def test_the_method_of_the_part_is_that_of_the_calendar() -> None:
    cancelled = invitation(
        ENTRY, method="CANCEL", organizer_mail="a@example.jp", attendee_mail="b@example.jp"
    )
    *_, calendar = read_back(mail(html=None, invitation=cancelled)).iter_parts()

    assert calendar.get_param("method") == "CANCEL"
    with pytest.raises(ValueError, match="METHOD"):
        mail(invitation=b"BEGIN:VCALENDAR\r\n")


def test_text_alone_is_a_plain_mail() -> None:
    received = read_back(mail(html=None, invitation=None, to_name=None, reply_to=None))

    assert received.get_content_type() == "text/plain"
    assert received["To"] == "hanako@example.jp"
    assert "Reply-To" not in received


@pytest.mark.parametrize("injected", ["x\r\nBcc: evil@example.jp", "x\nBcc: e@x", "x\rB", "x\0"])
@pytest.mark.parametrize("field", ["subject", "to_name", "to_addr", "reply_to", "message_id"])
def test_a_line_break_in_any_header_is_refused(field: str, injected: str) -> None:
    with pytest.raises(ValueError, match=r"line break|not a m"):
        mail(**{field: injected})
    with pytest.raises(ValueError, match=r"line break|not a m"):
        mail(sender=(injected, "no-reply@example.jp"))


@pytest.mark.parametrize(
    "address",
    ["", "hanako", "a@b, c@d.jp", "花子@example.jp", "a b@b.jp", "<a@b.jp>", "a@@b"],
)
def test_what_no_server_takes_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="not a mail address"):
        mail(to_addr=address)


@pytest.mark.parametrize("address", ["a..b@docomo.ne.jp", "hana.@docomo.ne.jp", "-h_1@ezweb.ne.jp"])
def test_old_carrier_addresses_reach_the_wire_unchanged(address: str) -> None:
    assert f"<{address}>".encode() in mail(to_addr=address).as_bytes()
    plain = mail(to_addr=address, to_name=None).as_bytes()
    assert f"To: {address}\r\n".encode() in plain


def test_a_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        mail(date=NOW.replace(tzinfo=None))
