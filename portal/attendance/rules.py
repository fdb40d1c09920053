"""When a child counts as not arrived; what a family may send word of. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

#: After this time past its start, a child without word stands out on the board.
GRACE = timedelta(minutes=30)


class WordKind(StrEnum):
    """What a family tells us about a day."""

    LATE = "late"  # おくれて行く
    ABSENT = "absent"  # 今日は休む
