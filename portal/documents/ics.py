"""Calendar files (RFC 5545): subscription feeds and invitations, as other programs read them.

Pure: entries in, bytes out. The same entries give the same bytes, so that ``etag`` holds.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from portal.documents.i18n import gettext as _
from portal.kernel.clock import JST

# icalendar is loaded by who writes a calendar: every start of the portal would wait for it.
if TYPE_CHECKING:
    from icalendar import Calendar, Event, Timezone

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
#: How often a calendar program is asked to look again.
REFRESH_EVERY: Final = timedelta(hours=1)
CANCELLED_MARK: Final = "【取消】"

_PRODID: Final = "-//Temporary Care Portal//JA"
_LINE_BREAKS: Final = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")

InvitationMethod = Literal["REQUEST", "CANCEL"]


class EntryStatus(StrEnum):
    """How firm an entry is, in the words of RFC 5545."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One event of a calendar. Times are aware; ``ends_at`` is not part of it.

    Who may read a calendar file is never certain: neither summary nor description holds a
    child's full name or anything of health or referral.

    Raises:
        ValueError: a time without zone, an end before the start, a negative sequence, or a
            control character in ``uid`` or ``url``. A caller's mistake.
    """

    #: The same for the whole life of the booking, ``…@host``.
    uid: str
    #: Rises by one with each change of time, place or status, with nothing else.
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    location: str
    status: EntryStatus
    #: The last change of anything; becomes DTSTAMP and LAST-MODIFIED.
    updated_at: datetime
    url: str | None = None

    def __post_init__(self) -> None:
        if None in {self.starts_at.tzinfo, self.ends_at.tzinfo, self.updated_at.tzinfo}:
            raise ValueError("a calendar entry needs time zones")
        if self.ends_at <= self.starts_at or self.sequence < 0:
            raise ValueError(f"unusable calendar entry: {self}")
        _one_line(self.uid)
        _one_line(self.url or "")


def feed(entries: Iterable[CalendarEntry], *, name: str) -> bytes:
    """Return a calendar to subscribe to, each occurrence an event of its own.

    It has no METHOD: with one, some programs take it for an invitation. The caller leaves out
    what was cancelled long ago; what is given as cancelled is marked 【取消】, since some
    programs show a cancelled event as if it were to take place.

    Args:
        name: What the calendar program shows as its title: the facility or the portal, no person.
    """
    calendar = _calendar()
    calendar.add("name", _title(name))
    calendar.add("x-wr-calname", _title(name))
    calendar.add("x-wr-timezone", JST.key)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", REFRESH_EVERY)
    for entry in entries:
        calendar.add_component(_event(entry))
    return _bytes(calendar)


def invitation(
    entry: CalendarEntry,
    *,
    method: InvitationMethod = "REQUEST",
    organizer_mail: str,
    attendee_mail: str,
) -> bytes:
    """Return one entry as it goes with a mail: new or changed (REQUEST), or cancelled (CANCEL).

    The attendee has accepted already, so that no program asks for an answer nobody reads.

    Raises:
        ValueError: REQUEST with a cancelled entry, or a control character in an address.
    """
    if method == "CANCEL":
        entry = replace(entry, status=EntryStatus.CANCELLED)
    elif entry.status is EntryStatus.CANCELLED:
        raise ValueError("a cancelled entry goes out with the method CANCEL")
    from icalendar import vCalAddress

    event = _event(entry)
    event.add("organizer", vCalAddress(f"mailto:{_one_line(organizer_mail)}"))
    event.add(
        "attendee",
        vCalAddress(f"mailto:{_one_line(attendee_mail)}"),
        parameters={"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"},
    )
    calendar = _calendar()
    calendar.add("method", method)
    calendar.add_component(event)
    return _bytes(calendar)


def etag(data: bytes) -> str:
    """Return the quoted value of an ``ETag`` header: equal exactly when the bytes are."""
    return f'"{hashlib.sha256(data).hexdigest()[:32]}"'


def _calendar() -> Calendar:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _PRODID)
    calendar.add("calscale", "GREGORIAN")
    calendar.add_component(_japan())
    return calendar


def _bytes(calendar: Calendar) -> bytes:
    written: bytes = calendar.to_ical()
    return written


def _japan() -> Timezone:
    """Return Japan's zone without its daylight saving time of 1948-1951, which confuses readers."""
    from icalendar import Timezone, TimezoneStandard

    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))  # noqa: DTZ001 - local time, as the RFC wants
    standard.add("tzoffsetfrom", timedelta(hours=9))
    standard.add("tzoffsetto", timedelta(hours=9))
    standard.add("tzname", "JST")
    zone = Timezone()
    zone.add("tzid", JST.key)
    zone.add_component(standard)
    return zone


def _event(entry: CalendarEntry) -> Event:
    from icalendar import Event

    cancelled = entry.status is EntryStatus.CANCELLED
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.updated_at.astimezone(UTC))
    event.add("last-modified", entry.updated_at.astimezone(UTC))
    event.add("dtstart", entry.starts_at.astimezone(JST))
    event.add("dtend", entry.ends_at.astimezone(JST))
    event.add("summary", _title(f"{_(CANCELLED_MARK) if cancelled else ''}{entry.summary}"))
    event.add("status", entry.status.value)
    event.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    if entry.description:
        event.add("description", _text(entry.description))
    if entry.location:
        event.add("location", _title(entry.location))
    if entry.url:
        event.add("url", entry.url)
    return event


def _text(text: str) -> str:
    r"""Return text whose only control character is LF, which icalendar writes as ``\n``."""
    return _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))


def _title(text: str) -> str:
    """Return text on one line: calcurse drops an event whose summary has two."""
    return " ".join(_text(text).split("\n"))


def _one_line(value: str) -> str:
    if _LINE_BREAKS.search(value) or _CONTROLS.search(value):
        raise ValueError(f"control character in {value!r}")
    return value
