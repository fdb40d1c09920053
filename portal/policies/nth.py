"""The second Wednesday, the last Saturday: days of the week by their number in the month."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

#: 1 is the first of its name in the month; a month may lack the fifth.
NthOfMonth = Annotated[int, Field(ge=1, le=5)] | Literal["last"]

_WEEK = timedelta(weeks=1)


def is_nth(day: date, nth: Collection[NthOfMonth]) -> bool:
    """Say whether ``day`` is one of these of its name in its month; none given means each."""
    if not nth or (day.day - 1) // 7 + 1 in nth:
        return True
    return "last" in nth and (day + _WEEK).month != day.month
