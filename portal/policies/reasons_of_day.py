"""What the day, the hour and the moment of asking say against a stay, whoever the child is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.reasons import BookingRefusal
from portal.policies.window import BookingWindow, WindowState


def reasons_of_day(
    case: Case, window: BookingWindow, *, asked_at: datetime, now: datetime
) -> Iterator[Reason]:
    """Yield what speaks against the stay, in the order in which families think of it.

    Args:
        case: With the rules laid for the children that are judged together.
        asked_at: When the wish came in; earlier than ``now`` only where staff enter it.
    """
    document, day = case.document, case.span.day
    if not case.calendar.is_open(day):
        next_open_on = case.calendar.next_open_day(day)
        yield Reason(BookingRefusal.NOT_OPEN_DAY, {"on": day, "next_open_on": next_open_on})
    yield from _of_the_moment(case, window, asked_at=asked_at, now=now)
    if document.units and case.trial_part is None:
        yield from document.units.reasons(case.span)


def _of_the_moment(
    case: Case, window: BookingWindow, *, asked_at: datetime, now: datetime
) -> Iterator[Reason]:
    day, starts_at = case.span.day, case.span.starts_at
    state = window.state(asked_at)
    if state is WindowState.BEFORE:
        yield Reason(BookingRefusal.NOT_YET_OPEN, {"on": day, "opens_at": window.opens_at})
    if state is WindowState.AFTER:
        yield Reason(BookingRefusal.CLOSED_FOR_BOOKING, {"on": day, "closed_at": window.closes_at})
    if now >= starts_at:
        yield Reason(BookingRefusal.ALREADY_STARTED, {"starts_at": starts_at})
        return
    minutes = case.document.booking_window.notice_minutes if case.document.booking_window else 0
    latest_at = starts_at - timedelta(minutes=minutes)
    if asked_at > latest_at:
        values = {"minutes": minutes, "latest_at": latest_at}
        yield Reason(BookingRefusal.NOTICE_TOO_SHORT, values)
