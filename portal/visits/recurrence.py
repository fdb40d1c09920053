"""On which days a repeated session falls. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: A plan longer than this is made in two parts: nobody checks more days on one page.
MOST_DATES = 60
#: A plan reaches no further than this from its first day.
LONGEST = timedelta(days=370)

_DAYS_OF_WEEK = 7
_LAST_IN_MONTH = 4


class Unit(StrEnum):
    """In what a plan counts."""

    ONCE = "once"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"  # by weekday: the second Tuesday of each month


@dataclass(frozen=True, slots=True)
class Repeat:
    """How a session is repeated: every ``every`` units until ``until``, that day included."""

    unit: Unit = Unit.ONCE
    every: int = 1
    until: date | None = None


def dates_of(first: date, repeat: Repeat) -> tuple[date, ...]:
    """Return the days of a plan, ``first`` among them, at most ``MOST_DATES`` and one more.

    The one more says that there are too many. A plan by month takes the same weekday of the month;
    begun on a fifth one, it takes the last of each month.

    Raises:
        ValueError: ``every`` is less than 1, or there is no end. A caller's mistake.
    """
    if repeat.unit is Unit.ONCE:
        return (first,)
    if repeat.every < 1 or repeat.until is None:
        raise ValueError(f"not a plan: {repeat}")
    days = _monthly(first, repeat.every) if repeat.unit is Unit.MONTH else _even(first, repeat)
    found: list[date] = []
    for day in days:
        if day > repeat.until or len(found) > MOST_DATES:
            break
        found.append(day)
    return tuple(found)


def weekday_of_month(day: date) -> tuple[int, bool]:
    """Return which of its weekday in its month a day is (1-5), and whether that means the last."""
    which = (day.day - 1) // _DAYS_OF_WEEK
    return which + 1, which == _LAST_IN_MONTH


def _even(first: date, repeat: Repeat) -> Iterator[date]:
    step = timedelta(days=repeat.every * (_DAYS_OF_WEEK if repeat.unit is Unit.WEEK else 1))
    day = first
    while day <= date.max - step:
        yield day
        day += step


def _monthly(first: date, every: int) -> Iterator[date]:
    which, is_last = weekday_of_month(first)
    month = first.year * 12 + first.month - 1
    while month // 12 < date.max.year:
        begin = date(month // 12, month % 12 + 1, 1)
        of_kind = begin + timedelta(days=(first.weekday() - begin.weekday()) % _DAYS_OF_WEEK)
        day = of_kind + timedelta(weeks=which - 1)
        if is_last and day.month != begin.month:
            day -= timedelta(weeks=1)
        yield day
        month += every
