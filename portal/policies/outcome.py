"""What a wish becomes at once where no reason stands against it."""

from __future__ import annotations

from enum import StrEnum


class Outcome(StrEnum):
    """What a wish without reasons against it becomes at once; the later, the more is open."""

    CONFIRMED = "confirmed"
    PROVISIONAL = "provisional"  # held until the papers are in
    AWAITS_APPROVAL = "awaits_approval"  # held until staff, or the city, have said yes
    LOTTERY = "lottery"  # kept for the draw, nothing is held
