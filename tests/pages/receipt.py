"""The fields with which staff say by which way, and when, something came."""

from __future__ import annotations

from datetime import timedelta

from portal.kernel import clock
from portal.kernel.clock import JST


def receipt(minutes_ago: int = 5, channel: str = "phone") -> dict[str, str]:
    """Return them as a form sends them; received some minutes ago."""
    then = (clock.now() - timedelta(minutes=minutes_ago)).astimezone(JST)
    return {
        "channel": channel,
        "received_on-year": str(then.year),
        "received_on-month": str(then.month),
        "received_on-day": str(then.day),
        "received_time": f"{then.hour}:{then.minute:02d}",
    }
