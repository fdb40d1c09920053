"""Why a family goes first, and what stands against writing it down. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import Reason

#: A priority is looked at again at least once a year.
LONGEST = timedelta(days=366)
LONGEST_REASON = 1000


class PriorityKind(StrEnum):
    """Why a family goes first."""

    REFERRED = "referred"  # 紹介された、見守りの必要なご家庭
    DISABILITY = "disability"  # 障害や発達の支援が必要なお子さん
    URGENT = "urgent"  # 急な病気、出産、介護など
    OTHER = "other"


class PriorityRefusal(StrEnum):
    """Why a priority is not written down, or not used; sentences stand in the wording."""

    DAY_IS_PAST = "priority_day_is_past"
    TOO_LONG = "priority_too_long"
    REASON_MISSING = "priority_reason_missing"
    THERE_IS_ONE = "priority_there_is_one"


def reasons_against(until_on: date, reason: str, *, on: date) -> list[Reason]:
    """Return everything that stands against a priority until that day, as of ``on``."""
    found = {
        PriorityRefusal.DAY_IS_PAST: until_on < on,
        PriorityRefusal.TOO_LONG: until_on > on + LONGEST,
        PriorityRefusal.REASON_MISSING: not reason.strip(),
    }
    return [Reason(code) for code, applies in found.items() if applies]
