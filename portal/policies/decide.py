"""Where everybody asks: may this stay be booked, what does it cost, until when is cancelling free.

Calendar, booking, staff and "try it" all get the same answer from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypeVar

from portal.kernel.errors import Reason
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancelling import (
    cancel_fee,
    fee_of_those_who_stay,
    reasons_against_cancelling,
)
from portal.policies.cap_count import CapUse
from portal.policies.case import Case
from portal.policies.decision import Decision, Outcome
from portal.policies.document import RulesDocument
from portal.policies.exceptions import set_aside
from portal.policies.fee import Fee
from portal.policies.interview import is_left_to_facility
from portal.policies.judging import Part, parts_of
from portal.policies.matching import calendar_for, document_on
from portal.policies.reasons import OVERRULED_BY_REFERRAL
from portal.policies.window import BookingWindow, BookingWindowRule

__all__ = [
    "Decision",
    "Outcome",
    "booking_window",
    "cancel_fee",
    "decide",
    "fee_of_those_who_stay",
    "reasons_against_cancelling",
]

T = TypeVar("T")

_ALWAYS_OPEN = BookingWindowRule()


def decide(case: Case, *, now: datetime) -> Decision:
    """Return every reason against the case at once, its fee, and its deadlines.

    The fee is told even where reasons stand against the booking. Each child is judged by the rules
    laid for it (``matching``); a stay of several opens when it has opened for all of them.
    """
    # Only staff can say that a wish came in earlier than now, and nobody that it will come later.
    asked_at = min(case.received_at, now) if case.by_staff else now
    parts = parts_of(case, asked_at=asked_at, now=now)
    found = _in_order(case, parts)
    aside = set_aside(
        case.document.exceptions, case.overruled, by_staff=case.by_staff, by_head=case.by_head
    )
    if case.on_the_spot:
        aside |= OVERRULED_BY_REFERRAL
    left = tuple(reason for reason in found if is_left_to_facility(reason, case))
    opens = [part.window.opens_at for part in parts if part.window.opens_at is not None]
    is_announced = all(part.window.is_announced for part in parts)
    cancels = [part.cancel_until for part in parts if part.cancel_until is not None]
    return Decision(
        reasons=tuple(
            reason for reason in found if reason.code not in aside and reason not in left
        ),
        fee=Fee(tuple(line for part in parts for line in part.fee.lines)),
        cancel_until=min(cancels, default=None),
        opens_at=max(opens, default=None) if is_announced else None,
        is_announced=is_announced,
        closes_at=min(_closes_at(part) for part in parts),
        overruled=tuple(reason for reason in found if reason.code in aside or reason in left),
        left_to_facility=left,
        notes=_once(note for part in parts for note in part.notes),
        caps=_caps(parts),
        outcome=_outcome(parts),
    )


def _closes_at(part: Part) -> datetime:
    rule = part.case.document.booking_window or _ALWAYS_OPEN
    return rule.closes_at(part.window, part.case.span)


def booking_window(document: RulesDocument, calendar: FacilityCalendar, day: date) -> BookingWindow:
    """Return when care on ``day`` can be booked: ``opens_at <= t < closes_at``.

    Its ``state(now)`` says before, open or after. Closed days are not looked at. Of variants those
    hold that go by the day alone.
    """
    rule = document_on(document, calendar, day).booking_window or _ALWAYS_OPEN
    return rule.window(day, calendar_for(document, calendar))


def _in_order(case: Case, parts: Sequence[Part]) -> tuple[Reason, ...]:
    """All reasons: those of the day before those of a child, and the children as in the wish.

    What stands against the day for some of the children alone is said of each of them.
    """
    if len(parts) == 1:
        return _once((*parts[0].of_day, *parts[0].of_children))
    shared = [reason for reason in parts[0].of_day if all(reason in p.of_day for p in parts)]
    of_some = [
        replace(reason, child_id=child.child_id)
        for part in parts
        for reason in part.of_day
        if reason not in shared
        for child in part.children
    ]
    order = {child.child_id: place for place, child in enumerate(case.children)}
    of_children = [*of_some, *(reason for part in parts for reason in part.of_children)]
    of_children.sort(key=lambda reason: order[reason.child_id] if reason.child_id else -1)
    return _once((*shared, *of_children))


def _once(found: Iterable[T]) -> tuple[T, ...]:
    """Each once: a household's cap speaks for every child, and two gates may ask the same."""
    kept: list[T] = []
    for one in found:
        if one not in kept:
            kept.append(one)
    return tuple(kept)


def _caps(parts: Sequence[Part]) -> tuple[CapUse, ...]:
    """A household's cap stands in each part; by its own rules it may be another one there."""
    if len(parts) == 1:
        return parts[0].caps
    return _once(use for part in parts for use in part.caps)


def _outcome(parts: Sequence[Part]) -> Outcome:
    """What the wish becomes; of several the one that leaves most open."""
    outcomes = {part.outcome for part in parts}
    return next(outcome for outcome in reversed(Outcome) if outcome in outcomes)
