"""The only place where the portal asks what time it is, and what day that is in Japan."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

#: The zone of every local date in the portal. Japan has had no daylight saving time since 1951.
JST = ZoneInfo("Asia/Tokyo")


def now() -> datetime:
    """Return the current moment, timezone-aware in UTC.

    Called by entry points (routes, commands, the worker) alone; everything below takes ``now``
    as an argument.
    """
    return datetime.now(UTC)  # noqa: TID251 - the one call that the ban points to


def local_date(moment: datetime) -> date:
    """Return the day in Japan on which an aware ``moment`` falls.

    Raises:
        ValueError: ``moment`` carries no time zone. A caller's mistake.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(JST).date()


def today(moment: datetime) -> date:
    """Return the local date of ``moment``; reads better where ``moment`` is now."""
    return local_date(moment)


def at(day: date, clock_time: time) -> datetime:
    """Return the aware moment (JST) of a clock time on a local day."""
    return datetime.combine(day, clock_time, JST)


#: Days that somebody may write: at the ends of what dates can hold, no day lies before or after.
FIRST_YEAR, LAST_YEAR = 1900, 2199


def written_day(text: str) -> date:
    """Return the day written ``2026-11-25`` in an address.

    Raises:
        ValueError: there is no such day, or it is centuries away.
    """
    day = date.fromisoformat(text)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{text} is centuries away")
    return day
