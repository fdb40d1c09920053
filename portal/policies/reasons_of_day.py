"""What a wish as a whole meets: the day, the hour, the moment of asking, the home and the purpose.

Each function yields what its kind says, with the rules laid for the children judged together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.channels import CHANNEL_WORDS
from portal.policies.hours import HoursRule
from portal.policies.purposes import purpose_notes, purpose_reasons
from portal.policies.reasons import BookingRefusal
from portal.policies.window import BookingWindow, WindowState

_AS_THE_CALENDAR = HoursRule()
_WAY_WORDS: Mapping[str, str] = {name.value: words for name, words in CHANNEL_WORDS.items()}


def reasons_of_day(
    case: Case, window: BookingWindow, *, said: str | None, asked_at: datetime, now: datetime
) -> Iterator[Reason]:
    """Yield what speaks against the stay, in the order in which families think of it.

    Args:
        case: With the rules laid for the children that are judged together.
        said: The type of use as it was given; in the case stands that of the reason.
        asked_at: When the wish came in; earlier than ``now`` only where staff enter it.
    """
    document, day = case.document, case.span.day
    yield from (document.hours or _AS_THE_CALENDAR).reasons(case.span, case.calendar)
    yield from _of_the_moment(case, window, asked_at=asked_at, now=now)
    yield from _of_the_way(case, window, asked_at)
    if document.units and case.trial_part is None:
        yield from document.units.reasons(case.span)
    if document.siblings:
        yield from document.siblings.reasons(len(case.children))
    if document.residence:
        yield from document.residence.reasons(case.household, case.purpose, by_head=case.by_head)
    yield from purpose_reasons(document.purposes, said, case.reason, case.household.papers, day)
    if document.regular:
        yield from document.regular.reasons(day, case.purpose, case.options)


def notes_of_day(case: Case, *, said: str | None) -> Iterator[Reason]:
    """Yield what to bring, what will be looked at and who still agrees, whoever the child is."""
    document = case.document
    if document.hours:
        yield from document.hours.notes(case.span, case.calendar)
    if document.residence:
        yield from document.residence.notes(case.household, case.purpose)
    yield from purpose_notes(
        document.purposes, said, case.reason, case.household.papers, case.span.day
    )


def _of_the_way(case: Case, window: BookingWindow, asked_at: datetime) -> Iterator[Reason]:
    """By which way it came in; a phase of the window can take fewer ways than the programme."""
    rule, channel = case.document.channels, case.channel
    in_phase = window.phase.channels if window.phase else ()
    if channel is not None and in_phase and channel not in in_phase:
        names = tuple(_WAY_WORDS.get(way, way) for way in in_phase)
        yield Reason(BookingRefusal.CHANNEL_NOT_OFFERED, {"channels": names})
    elif rule is not None:
        yield from rule.reasons(channel, asked_at, case.calendar)


def _of_the_moment(
    case: Case, window: BookingWindow, *, asked_at: datetime, now: datetime
) -> Iterator[Reason]:
    day, starts_at = case.span.day, case.span.starts_at
    state = window.state(asked_at)
    rule = case.document.booking_window
    if state is WindowState.BEFORE:
        yield Reason(BookingRefusal.NOT_YET_OPEN, {"on": day, "opens_at": window.opens_at})
    if state is WindowState.AFTER:
        # A stay that begins early may have had to be asked for before the window closed.
        closed_at = rule.closes_at(window, case.span) if rule else window.closes_at
        yield Reason(BookingRefusal.CLOSED_FOR_BOOKING, {"on": day, "closed_at": closed_at})
    if state is WindowState.OPEN and window.phase is not None:
        yield from window.phase.reasons(case.channel)
    if now >= starts_at:
        yield Reason(BookingRefusal.ALREADY_STARTED, {"starts_at": starts_at})
        return
    if rule is not None and asked_at >= (latest_at := rule.latest_at(case.span)):
        values = {"minutes": rule.notice_minutes, "latest_at": latest_at}
        yield Reason(BookingRefusal.NOTICE_TOO_SHORT, values)
