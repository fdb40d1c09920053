"""What a family may tell of care outside the portal, and how far back and ahead. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import Reason

#: No limit looks further back than a fiscal year, nor ahead than a booking does.
EARLIEST = timedelta(days=366)
LATEST = timedelta(days=190)
LONGEST_MINUTES = 1440
#: So many days of one child at once; a month has no more.
MOST_DAYS = 31


class UseRefusal(StrEnum):
    """Why a day is not written down; sentences stand in the wording."""

    NO_DAY = "use_no_day"
    TOO_MANY_DAYS = "use_too_many_days"
    DAY_TOO_FAR_BACK = "use_day_too_far_back"
    DAY_TOO_FAR_AHEAD = "use_day_too_far_ahead"
    LENGTH_IMPOSSIBLE = "use_length_impossible"
    TOLD_ALREADY = "use_told_already"
    NOT_TOLD = "use_not_told"


def reasons_against(
    days: Collection[date], minutes: int, *, told: Collection[date], on: date
) -> list[Reason]:
    """Return everything that stands against writing these days down, as of the local day ``on``.

    Args:
        told: Days of the child that stand already.
    """
    found: list[Reason] = []
    if not days:
        found.append(Reason(UseRefusal.NO_DAY))
    if len(days) > MOST_DAYS:
        found.append(Reason(UseRefusal.TOO_MANY_DAYS, {"most": MOST_DAYS}))
    early, late = on - EARLIEST, on + LATEST
    if any(day < early for day in days):
        found.append(Reason(UseRefusal.DAY_TOO_FAR_BACK, {"first_on": early}))
    if any(day > late for day in days):
        found.append(Reason(UseRefusal.DAY_TOO_FAR_AHEAD, {"last_on": late}))
    if not 1 <= minutes <= LONGEST_MINUTES:
        found.append(Reason(UseRefusal.LENGTH_IMPOSSIBLE))
    found += [Reason(UseRefusal.TOLD_ALREADY, {"on": day}) for day in sorted(set(days) & set(told))]
    return found
