"""Opening and closing times as lists write them: ``7:30※1号認定は8：30``, ``24:00``, ``翌3:00``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from portal.facilities.lists.values import Understood, half_width, is_not_given

_DAY = 24 * 60
_CLOCK = re.compile(
    r"(?P<next>翌日?)?\s*(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::00)?|時(?:(?P<ja>\d{1,2})分)?)"
    r"\s*(?P<note>[※(（].*)?",
    re.ASCII | re.DOTALL,
)
_UNREAD = "時刻が読み取れません。「7:30」のように書いてください。"


@dataclass(frozen=True, slots=True)
class Hours:
    """Minutes from 0:00 of the opening day; a closing time of 1440 or more is the night after."""

    opens: Understood[int]
    closes: Understood[int]


def hours(opens: str, closes: str) -> Hours:
    """Return both times together: whether a closing time is on the next day depends on both."""
    opening, closing = _minutes(opens), _minutes(closes)
    if opening.value is not None and opening.value >= _DAY:
        opening = Understood(doubt="開始の時刻が翌日になっています。時刻を確かめてください。")
    if closing.value == 0:
        closing = replace(closing, value=_DAY)
    elif closing.value is not None and opening.value is not None and closing.value <= opening.value:
        night_after = "開始より早い時刻なので、翌日の時刻と読みました。確かめてください。"
        closing = Understood(
            closing.value + _DAY, " ".join(filter(None, (closing.doubt, night_after)))
        )
    return Hours(opening, closing)


def clock(text: str) -> Understood[int]:
    """Return the minutes of one time; a time of the next day is 1440 and more."""
    return _minutes(text)


def _minutes(text: str) -> Understood[int]:
    if is_not_given(text):
        return Understood()
    match = _CLOCK.fullmatch(half_width(text))
    if not match:
        return Understood(doubt=_UNREAD)
    hour, minute = int(match["hour"]), int(match["minute"] or match["ja"] or 0)
    # 25:00 is how late shops write 1:00 of the next day; 翌25:00 would say it twice.
    if minute >= 60 or hour >= (24 if match["next"] else 30):  # noqa: PLR2004 - minutes and hours
        return Understood(doubt=_UNREAD)
    total = hour * 60 + minute + (_DAY if match["next"] else 0)
    if match["note"]:
        return Understood(
            total, f"初めの時刻だけを取り込みました。ただし書きがあります：{match['note']}"
        )
    return Understood(total)
