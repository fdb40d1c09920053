"""States of a booking and reasons of use. Pure."""

from __future__ import annotations

from enum import StrEnum


class BookingState(StrEnum):
    """Where a booking stands; ``confirmed`` and ``attended`` hold places."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"  # 連絡なしのお休み
    EXCUSED_ABSENCE = "excused_absence"  # 連絡ありのお休み


class UsePurpose(StrEnum):
    """利用区分: the type that reports count by."""

    IRREGULAR_WORK = "irregular_work"  # 非定型
    EMERGENCY = "emergency"  # 緊急
    RESPITE = "respite"  # リフレッシュ
