"""Stays of whole half hours, as opening hours and the times at the door leave them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from portal.policies.blocks import minutes_of
from portal.policies.open_days import DoorTimes, OpenSpan
from portal.policies.units import Stays, UnitsRule, stays

_CELL = 30


def in_all(found: Sequence[Stays]) -> Stays:
    """Return the stays that stand in each of these."""
    if len(found) == 1:
        return found[0]
    return tuple(
        tuple(end for end in ends[0] if all(end in each for each in ends[1:]))
        for ends in zip(*found, strict=True)
    )


Times = tuple[tuple[int, int], ...]


def in_minutes(those: Iterable[OpenSpan | DoorTimes]) -> Times:
    """Return hours in minutes from midnight, as they can be kept."""
    return tuple((minutes_of(one.starts), minutes_of(one.ends)) for one in those)


@lru_cache(maxsize=1024)
def stays_within(
    units: UnitsRule | None, hours: Times | None, arrivals: Times, pick_ups: Times
) -> Stays:
    """Return the stays of ``units`` that lie in one of the hours and go by the doors' times.

    Minutes from midnight; the last minute at a door is in time.
    """

    def lets(start: int, end: int) -> bool:
        return (
            (hours is None or any(a <= start and end <= b for a, b in hours))
            and (not arrivals or any(a <= start <= b for a, b in arrivals))
            and (not pick_ups or any(a <= end <= b for a, b in pick_ups))
        )

    return tuple(
        tuple(end for end in ends if lets(start * _CELL, end * _CELL))
        for start, ends in enumerate(stays(units))
    )
