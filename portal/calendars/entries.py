"""From bookings to the entries of a facility's calendar. A family's are those of its mails."""

from __future__ import annotations

from portal.bookings.mail import calendar_entry, title_of
from portal.bookings.queries.lists import Group
from portal.bookings.rules import BookingState, calendar_uid
from portal.calendars.rules import classes_label
from portal.documents.i18n import gettext as _
from portal.documents.ics import CalendarEntry, EntryStatus

__all__ = ["calendar_entry", "facility_entry"]

_COMING = frozenset({BookingState.CONFIRMED, BookingState.ATTENDED})


def facility_entry(of: Group, *, base_url: str) -> CalendarEntry:
    """Return a group's entry for the facility: how many children of which classes, no name.

    Whose children they are stands on the day board behind the entry's address, after sign-in.
    """
    first = of.first
    coming = [booking.class_age for booking in of.bookings if booking.state in _COMING]
    is_cancelled = all(booking.state is BookingState.CANCELLED for booking in of.bookings)
    words = classes_label(coming or [booking.class_age for booking in of.shown])
    absent = not coming and not is_cancelled
    url = f"{base_url.rstrip('/')}/office/facilities/{first.facility_id}/board/{first.day}"
    return CalendarEntry(
        uid=calendar_uid(of.id),
        sequence=of.sequence,
        starts_at=first.starts_at,
        ends_at=first.ends_at,
        summary=_("お休み %s") % words if absent else title_of(first) % words,
        description="\n".join([_("受付番号 %s") % of.number, url]),
        location=f"{first.facility.name} {first.facility.address}",
        status=EntryStatus.CANCELLED if is_cancelled else EntryStatus.CONFIRMED,
        updated_at=max(booking.changed_at for booking in of.bookings),
        url=url,
    )
