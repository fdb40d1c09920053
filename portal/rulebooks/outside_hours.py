"""Stays that rules offer and no day of the week is open for. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from portal.documents.i18n import gettext as _
from portal.policies.rule import ClockTime
from portal.policies.units import UnitsRule

_CELL = 30


def outside_hours(units: UnitsRule | None, week: Iterable[Collection[int]]) -> list[str]:
    """Return a sentence for each block or beginning that nobody can ever book; empty for none.

    Args:
        week: The half hours of each open weekday in which children may be there.
    """
    days = [day for day in week if day]
    if units is None or not days:
        return []

    def fits(first: int, end: int) -> bool:
        return any(all(cell in day for cell in range(first, end)) for day in days)

    if units.blocks and not units.also_by_the_hour:
        return [
            _("「%(name)s」（%(from)s〜%(to)s）は、どの曜日も開く時間に入りません")
            % {"name": block.label, "from": _said(block.starts), "to": _said(block.ends)}
            for block in units.blocks
            if not fits(_minute(block.starts) // _CELL, -(-_minute(block.ends) // _CELL))
        ]
    shortest = max(1, -(-units.min_minutes // _CELL))
    if units.listed_starts is not None:
        return [
            _("%(from)s からの預かりは、どの曜日も開く時間に入りません")
            % {"from": f"{start // 60}:{start % 60:02d}"}
            for start in units.listed_starts
            if not fits(start // _CELL, start // _CELL + shortest)
        ]
    if not any(fits(first, first + shortest) for day in days for first in day):
        said = _("いちばん短い預かり（%(minutes)s分）が、どの曜日も開く時間に入りません")
        return [said % {"minutes": units.min_minutes}]
    return []


def _said(clock_time: ClockTime) -> str:
    hours, minutes = clock_time.split(":")
    return f"{int(hours)}:{minutes}"


def _minute(clock_time: ClockTime) -> int:
    hours, minutes = clock_time.split(":")
    return int(hours) * 60 + int(minutes)
