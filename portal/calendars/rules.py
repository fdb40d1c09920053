"""What a calendar feed shows, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.kernel.clock import at, today

#: Days past that a feed still holds.
PAST_DAYS = 31
#: Days after which a cancelled entry leaves the feed. Programs that ask once a day have seen it.
CANCELLED_DAYS = 7


@dataclass(frozen=True, slots=True)
class Window:
    """What a feed holds at a moment.

    All limits fall on midnights, so that between two midnights a feed changes only with a booking,
    and ``Last-Modified`` can say so.
    """

    first_day: date
    #: Cancelled at this moment or later is still shown.
    cancelled_since: datetime
    #: Midnight in Japan at which this window came to be.
    since: datetime

    @staticmethod
    def at(now: datetime) -> Window:
        """Return the window in force at ``now``."""
        on = today(now)
        return Window(
            on - timedelta(days=PAST_DAYS),
            at(on - timedelta(days=CANCELLED_DAYS), time()),
            at(on, time()),
        )


def classes_label(class_ages: Sequence[int]) -> str:
    """Return how many children of which classes, without names: 「2人（1歳児・3歳児）」."""
    each = "・".join(f"{age}歳児" for age in sorted(set(class_ages)))
    return f"{len(class_ages)}人（{each}）"
