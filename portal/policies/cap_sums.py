"""Kind G6, sums: how much stays count under a cap, in whole steps. Pure numbers, no wish."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cap_periods import CapPeriod, Days
from portal.policies.caps import HALVES, CapMetric, CapRule, ClosedDays
from portal.policies.history import PastUse
from portal.policies.units import UnitsRule

#: Between the labels of blocks that were joined to one stay.
JOINED_BY = "＋"

_DAY = timedelta(days=1)


class Stay(NamedTuple):
    """A stay as caps count it; ``units`` are the labels of its blocks, ``None`` known of none."""

    day: date
    minutes: int
    units: tuple[str, ...] = ()
    cause: str | None = None

    @classmethod
    def wished(cls, span: Span, rule: UnitsRule | None, cause: str | None) -> Stay:
        """Return the stay that is asked for; its units are the blocks it fills."""
        labels = rule.labels(span) if rule else ()
        return cls(span.day, span.minutes, labels, cause)

    @classmethod
    def used(cls, use: PastUse) -> Stay:
        """Return a stay of the past, or one that is booked already."""
        units = tuple(use.unit.split(JOINED_BY)) if use.unit else ()
        return cls(use.day, use.minutes, units, use.cause)


def weight(cap: CapRule, stay: Stay) -> int:
    """Return as how many steps one stay counts by itself: minutes, or halves.

    Blocks that were joined count as their sum, as far as the cap knows them.
    """
    if cap.metric is CapMetric.HOURS:
        return stay.minutes
    if cap.metric is CapMetric.HOURS_ROUNDED_UP:
        return -(-stay.minutes // cap.round_up_minutes) * cap.round_up_minutes
    if cap.metric in {CapMetric.HALF_DAYS, CapMetric.VISITS}:
        return _weighed(cap, stay)
    return HALVES


def _weighed(cap: CapRule, stay: Stay) -> int:
    by_unit = {each.unit: int(each.counts * HALVES) for each in cap.weights if each.unit}
    by_unit |= dict.fromkeys(cap.half_day_units, 1)
    if stay.units and all(unit in by_unit for unit in stay.units):
        return sum(by_unit[unit] for unit in stay.units)
    if cap.half_day_minutes is not None and stay.minutes <= cap.half_day_minutes:
        return 1
    for each in cap.weights:
        if each.up_to_minutes is not None and stay.minutes <= each.up_to_minutes:
            return int(each.counts * HALVES)
    return HALVES


def steps_of(
    cap: CapRule, stays: Sequence[Stay], day: date, days: Days, calendar: FacilityCalendar
) -> int:
    """Return how many steps the stays count for a wish on ``day``.

    Args:
        stays: Those that the cap counts, the wish among them or not.
        days: The period around ``day``; stays outside it are left out.
    """
    first, last = days.first or date.min, days.last or date.max
    inside = [stay for stay in stays if first <= stay.day <= last]
    if cap.metric is CapMetric.CONSECUTIVE_DAYS:
        return HALVES * _run({stay.day for stay in inside}, day, cap.closed_days, calendar)
    if cap.period is CapPeriod.RUNNING_DAYS:
        return max((_sum(cap, window) for window in _windows(cap, inside, day)), default=0)
    return _sum(cap, inside)


def most_in_a_day(cap: CapRule) -> int | None:
    """Return the steps beyond which stays of one day count no more; None without such a limit.

    A day is a day, however often the child came.
    """
    if cap.metric is CapMetric.DAYS or (cap.metric is CapMetric.HALF_DAYS and not cap.weights):
        return HALVES
    return None


def _sum(cap: CapRule, stays: Sequence[Stay]) -> int:
    if cap.metric is CapMetric.CAUSES:
        return HALVES * len({stay.cause for stay in stays})
    if cap.metric is CapMetric.DAYS_FROM_FIRST:
        days = [stay.day for stay in stays]
        return HALVES * ((max(days) - min(days)).days + 1) if days else 0
    most = most_in_a_day(cap)
    if most is None:
        return sum(weight(cap, stay) for stay in stays)
    by_day: dict[date, int] = {}
    for stay in stays:
        by_day[stay.day] = by_day.get(stay.day, 0) + weight(cap, stay)
    return sum(min(most, steps) for steps in by_day.values())


def _windows(cap: CapRule, stays: Sequence[Stay], day: date) -> Iterable[list[Stay]]:
    """Yield the stays of each window that holds ``day``.

    The fullest window can always be moved on until it begins with a stay, or with ``day``.
    """
    length = timedelta(days=(cap.running_days or 1) - 1)
    for first in {day, *(stay.day for stay in stays if stay.day <= day)}:
        if day <= first + length:
            yield [stay for stay in stays if first <= stay.day <= first + length]


def _run(days: set[date], day: date, closed: ClosedDays, calendar: FacilityCalendar) -> int:
    """Return the length of the run of used days that holds ``day``, or would if it were used."""
    later = _reach(days, day, _DAY, closed, calendar)
    earlier = _reach(days, day, -_DAY, closed, calendar)
    return later + earlier + (day in days)


def _reach(
    days: set[date], day: date, step: timedelta, closed: ClosedDays, calendar: FacilityCalendar
) -> int:
    """Count the run's days on one side of ``day``; closed days after its last one are no part."""
    if not days:
        return 0
    end = max(days) if step > timedelta() else min(days)
    counted = waiting = 0
    while day != end:
        day += step
        if (day - end) * (1 if step > timedelta() else -1) > timedelta():
            break
        if day in days:
            counted += 1 + waiting
            waiting = 0
        elif closed is ClosedDays.END_THE_RUN or calendar.is_open(day):
            break
        else:
            waiting += closed is ClosedDays.COUNTED
    return counted
