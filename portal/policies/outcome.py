"""What a wish becomes at once where no reason stands against it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Outcome(StrEnum):
    """What a wish without reasons against it becomes at once; the later, the more is open."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"  # held until the papers are in
    AWAITS_APPROVAL = "awaits_approval"  # held until staff, or the city, have said yes
    LOTTERY = "lottery"  # kept for the draw, nothing is held


OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CONFIRMED: "予約できます",
        Outcome.PROVISIONAL: "仮の予約ができます（書類がそろうと、決まります）",
        Outcome.AWAITS_APPROVAL: "申し込めます（園や市区町村が認めると、決まります）",
        Outcome.LOTTERY: "申し込めます（抽選で決まります）",
    }
)
