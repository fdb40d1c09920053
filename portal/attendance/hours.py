"""The strip of the board: children and staff of each hour of the day. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from portal.attendance.rules import StayFacts
from portal.bookings.rules import BookingState
from portal.kernel.clock import at
from portal.kernel.spans import CELL, CELLS
from portal.slots.staffing import Advice, advice, standard_on

_AWAY = frozenset({BookingState.CANCELLED, BookingState.NO_SHOW, BookingState.EXCUSED_ABSENCE})
_WORST_FIRST = (Advice.SHORT, Advice.TIGHT, Advice.ENOUGH)


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """The fuller half of an hour: children booked and not absent, staff needed and on duty.

    ``advice`` is ``None`` where nobody has said who is on duty that day.
    """

    hour: int
    children: int
    needed: int
    on_duty: int
    advice: Advice | None


def hours_of_day(
    stays: Iterable[tuple[int, StayFacts]], day: date, on_duty: Sequence[int]
) -> tuple[HourOfDay, ...]:
    """Return each hour from the first child to the last; an early departure ends its stay.

    Args:
        stays: class age (クラス年齢) and facts of each stay of ``day``.
        on_duty: staff by half-hour cell; all zero where it is not kept.
    """
    classes: list[Counter[int]] = [Counter() for _cell in range(CELLS)]
    midnight = at(day, time(0))
    for class_age, stay in stays:
        if stay.state in _AWAY:
            continue
        end = min(stay.ends_at, stay.departed_at or stay.ends_at)
        first = (stay.starts_at - midnight) // CELL
        last = -(-(end - midnight) // CELL)
        for cell in range(first, min(last, CELLS)):
            classes[cell][class_age] += 1
    taken = [cell for cell in range(CELLS) if classes[cell]]
    if not taken:
        return ()
    needed = [standard_on(day).needed(children) for children in classes]
    return tuple(
        _hour(hour, classes, needed, on_duty) for hour in range(taken[0] // 2, taken[-1] // 2 + 1)
    )


def _hour(
    hour: int, classes: Sequence[Counter[int]], needed: Sequence[int], on_duty: Sequence[int]
) -> HourOfDay:
    both = (hour * 2, hour * 2 + 1)
    # A half without children says nothing about the staff of the other.
    halves = [cell for cell in both if needed[cell]] or both
    judged = [advice(on_duty[cell], needed[cell]) for cell in halves]
    return HourOfDay(
        hour=hour,
        children=max(classes[cell].total() for cell in halves),
        needed=max(needed[cell] for cell in halves),
        on_duty=min(on_duty[cell] for cell in halves),
        advice=next(one for one in _WORST_FIRST if one in judged) if any(on_duty) else None,
    )
