"""When a mail that was not taken is tried again, and when it is given up. Pure."""

from __future__ import annotations

from datetime import timedelta

#: Waits after the first tries, in seconds: short at first, so that an outage of a minute is made
#: up for within a minute; from then on the last one.
_WAITS = (5, 15, 30, 55, 120, 300, 600, 1800, 3600, 7200)
#: A mail that no server has taken for so long is given up; staff phone instead.
GIVE_UP_AFTER = timedelta(days=3)
#: A mail that cannot be written is parked after so many tries; others go on all the while.
POISON_TRIES = 5


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after try number ``attempts`` (from 1)."""
    return timedelta(seconds=_WAITS[min(attempts, len(_WAITS)) - 1])
