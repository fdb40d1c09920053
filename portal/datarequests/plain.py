"""Rows of the database as plain values: ready for JSON, and for the paper."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from portal.kernel.clock import JST


def rows_of(rows: Iterable[object], names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the named columns of each row."""
    wanted = tuple(names)
    return [{name: plain(getattr(row, name)) for name in wanted} for row in rows]


def plain(value: object) -> object:
    """Return a value as JSON knows it; moments with their offset of Japan."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value
