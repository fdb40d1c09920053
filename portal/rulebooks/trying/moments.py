"""Moments, clock times and days as people write them in a file of cases."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, NoReturn

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from portal.kernel.clock import JST, at, written_day

_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::00)?")
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)[T ](?P<clock>\d{1,2}:[0-5]\d)(?P<seconds>:[0-5]\d(?:\.\d+)?)?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)
_MIDNIGHT = 24


def refuse(words: str) -> NoReturn:
    """Say what is wrong with a case, in Japanese, as it will be shown.

    Raises:
        PydanticCustomError: always.
    """
    raise PydanticCustomError("said", "{words}", {"words": words})


def clock(written: Any) -> str:
    """Return ``09:00`` for ``9:00`` or ``09:00:00``; ``24:00`` is the end of the day.

    Raises:
        PydanticCustomError: it is no clock time.
    """
    found = _CLOCK.fullmatch(written.strip()) if isinstance(written, str) else None
    hour = int(found["hour"]) if found else _MIDNIGHT + 1
    if found is None or hour > _MIDNIGHT or (hour == _MIDNIGHT and found["minute"] != "00"):
        said = '時刻を "09:00" の形で書いてください。終わりは "24:00" までです。'
        raise PydanticCustomError("said", "{words}", {"words": said})
    return f"{hour:02d}:{found['minute']}"


def moment(written: Any) -> datetime:
    """Return the aware moment of ``2026-11-10 09:00``; without a zone it is Japan's time.

    ``2026-11-10 24:00`` is the midnight that ends the day.

    Raises:
        PydanticCustomError: it is no moment.
    """
    if isinstance(written, datetime):
        return written if written.tzinfo else written.replace(tzinfo=JST)
    found = _MOMENT.fullmatch(written.strip()) if isinstance(written, str) else None
    try:
        return _moment_of(found)
    except ValueError:
        said = '日時を "2026-11-10 09:00" の形で書いてください。日本の時刻です。'
        raise PydanticCustomError("said", "{words}", {"words": said}) from None


def _moment_of(found: re.Match[str] | None) -> datetime:
    if found is None:
        raise ValueError("not the shape of a moment")
    written_day(found["day"])  # near the ends of time another zone's day may be none
    if found["zone"]:
        return datetime.fromisoformat(found[0]).astimezone(JST)
    hours, minutes = clock(found["clock"]).split(":")
    seconds = float((found["seconds"] or ":0")[1:])
    since = timedelta(hours=int(hours), minutes=int(minutes), seconds=seconds)
    return at(written_day(found["day"]), time(0)) + since


def day(written: Any) -> date:
    """Return the day written ``2026-11-10``.

    Raises:
        PydanticCustomError: there is no such day.
    """
    if isinstance(written, date) and not isinstance(written, datetime):
        return written
    try:
        return written_day(written)
    except (TypeError, ValueError):
        said = '日付を "2026-11-10" の形で書いてください。暦にある日だけです。'
        raise PydanticCustomError("said", "{words}", {"words": said}) from None


Clock = Annotated[
    str, BeforeValidator(clock), WithJsonSchema({"type": "string", "examples": ["09:00"]})
]
Moment = Annotated[
    datetime,
    BeforeValidator(moment),
    WithJsonSchema({"type": "string", "examples": ["2026-11-10 09:00"]}),
]
Day = Annotated[
    date, BeforeValidator(day), WithJsonSchema({"type": "string", "examples": ["2026-11-20"]})
]
