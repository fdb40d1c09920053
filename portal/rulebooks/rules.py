"""Why a new version of rules is not taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Reason


class RulebookRefusal(StrEnum):
    """Sentences stand in ``documents/wording``."""

    STARTS_IN_THE_PAST = "starts_in_the_past"
    FIRST_STARTS_LATER = "first_starts_later"
    ALREADY_IN_FORCE = "already_in_force"
    ALREADY_WITHDRAWN = "already_withdrawn"


def reasons_against_start(in_force_from: date, *, is_first: bool, today: date) -> Sequence[Reason]:
    """Return every reason against rules in force from a local day.

    A programme takes bookings as soon as it has rules, so its first ones hold at once. Later ones
    leave what was booked as it was.
    """
    if is_first and in_force_from > today:
        return [Reason(RulebookRefusal.FIRST_STARTS_LATER)]
    if not is_first and in_force_from < today:
        return [Reason(RulebookRefusal.STARTS_IN_THE_PAST)]
    return []
