"""What rules would make of each day of a month: open, bookable from when until when. Pure.

A director reads it before anybody is bound by the rules, beside the same days of today's rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.blocks import minutes_of
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window
from portal.policies.document import RulesDocument
from portal.policies.matching import calendar_for, document_on
from portal.policies.open_days import OpenSpan
from portal.policies.units import stays
from portal.policies.window import BookingWindow, BookingWindowRule, WindowState

#: A stay that begins then, where the rules let one begin, stands for the day.
_USUAL_START = 18  # 9:00
_CELL = 30
_ALWAYS_OPEN = BookingWindowRule()


@dataclass(frozen=True, slots=True)
class Round:
    """One time in which a day can be booked: ``opens_at <= t < closes_at``.

    ``opens_at`` is None where booking has always been open, or is not announced yet. It is not
    before ``closes_at`` where the usual stay comes too early for it, though a later one does not.
    """

    name: str
    opens_at: datetime | None
    closes_at: datetime
    is_announced: bool


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """A day as rules see it for whoever looks; nothing is said of places.

    Limits are those of ``span``, a usual stay of that day: where rules count hours back, a later
    one has later limits. ``span`` is None where no stay fits in; then no limit is known but the
    window's own. ``hours`` is None where the rules leave them to the facility. Without ``rounds``
    an open day can never be booked.
    """

    day: date
    is_open: bool
    hours: tuple[OpenSpan, ...] | None = None
    rounds: tuple[Round, ...] = ()
    span: Span | None = None
    #: From then on cancelling is late; None where it always is free.
    cancel_until: datetime | None = None
    #: What a moment lies in is asked of the window itself.
    window: BookingWindow | None = field(default=None, repr=False, compare=False)

    def state(self, now: datetime) -> WindowState | None:
        """Return where an aware moment lies in the day's window; None on a closed day."""
        return self.window.state(now) if self.window else None


def begun_on(
    days: Sequence[PreviewDay], before: Sequence[PreviewDay] | None, starts_on: date
) -> tuple[PreviewDay, ...]:
    """Return days of rules that hold from a local day on; those before it as they are till then.

    Args:
        before: The same days of the rules till then; where there are none no day can be booked.
    """
    till_then = before or [PreviewDay(each.day, is_open=each.is_open) for each in days]
    return tuple(
        new if new.day >= starts_on else old for new, old in zip(days, till_then, strict=True)
    )


def preview_days(
    document: RulesDocument, calendar: FacilityCalendar, first: date, last: date
) -> tuple[PreviewDay, ...]:
    """Return each local day from ``first`` to ``last``, both included.

    Args:
        calendar: The facility's own; the opening days of the rules are laid over it here.
    """
    laid = calendar_for(document, calendar)
    return tuple(
        _day(document, laid, first + timedelta(days=n)) for n in range((last - first).days + 1)
    )


def _day(document: RulesDocument, calendar: FacilityCalendar, day: date) -> PreviewDay:
    if not calendar.is_open(day):
        return PreviewDay(day, is_open=False)
    rules = document_on(document, calendar, day)
    hours = rules.hours.hours_on(day, calendar) if rules.hours else None
    span = usual_stay(rules, hours, day)
    window = booking_window(document, calendar, day)
    rule = rules.booking_window or _ALWAYS_OPEN
    return PreviewDay(
        day,
        is_open=True,
        hours=hours,
        rounds=tuple(
            Round(
                one.phase.name if one.phase else "",
                one.opens_at,
                rule.closes_at(one, span) if span else one.closes_at,
                one.is_announced,
            )
            for one in (window, *window.later)
            # Of a day near to the opening some phases are over before they begin.
            if one.opens_at is None or one.opens_at < one.closes_at
        ),
        span=span,
        cancel_until=rules.cancel.until(span, calendar) if rules.cancel and span else None,
        window=window,
    )


def usual_stay(
    document: RulesDocument, hours: tuple[OpenSpan, ...] | None, day: date
) -> Span | None:
    """Return the shortest stay from 9:00, or from the first start after it, else from any start.

    None where no stay of whole half hours lies in the hours.
    """
    allowed = stays(document.units)
    inside = [(minutes_of(one.starts), minutes_of(one.ends)) for one in hours or ()]

    def fits(start: int, end: int) -> bool:
        return hours is None or any(a <= start * _CELL and end * _CELL <= b for a, b in inside)

    starts = sorted(range(len(allowed)), key=lambda cell: (cell < _USUAL_START, cell))
    for start in starts:
        end = next((each for each in allowed[start] if fits(start, each)), None)
        if end is not None:
            return span_on(day, cell_time(start), cell_time(end))
    return None
