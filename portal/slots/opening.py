"""On which days a facility is open: patterns, single days, closures and holidays in one answer."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.kernel.spans import CELLS
from portal.policies.calendar import FacilityCalendar

_SQL = """
    SELECT NULL::uuid AS facility_id, 'holiday' AS what, h.day AS first, h.day AS last,
           h.name AS words, 0 AS from_cell, 48 AS to_cell, NULL::integer AS weekday
      FROM holidays h WHERE h.day BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT f.id, 'holidays_off', NULL, NULL, NULL, NULL, NULL, NULL
      FROM facilities f WHERE f.id = ANY (%(ids)s) AND f.closed_on_holidays
    UNION ALL
    SELECT c.facility_id, 'closure', c.from_day, c.to_day, c.reason, c.from_cell, c.to_cell, NULL
      FROM closures c WHERE c.facility_id = ANY (%(ids)s) AND c.lifted_at IS NULL
       AND c.to_day >= %(first)s AND c.from_day <= %(last)s
    UNION ALL
    SELECT t.facility_id, 'pattern', t.in_force_from, NULL, NULL,
           u.first - 1, u.last, t.weekday
      FROM pool_patterns t
      JOIN pools p ON p.id = t.pool_id AND p.kind = 'total' AND p.retired_at IS NULL
                  AND p.facility_id = ANY (%(ids)s)
     CROSS JOIN LATERAL (
           SELECT min(i) AS first, max(i) AS last
             FROM unnest(t.capacity) WITH ORDINALITY AS cell (c, i) WHERE c > 0) AS u
     WHERE t.facility_id = ANY (%(ids)s) AND t.in_force_from <= %(last)s
    UNION ALL
    SELECT o.facility_id, 'override', o.day, o.day, NULL,
           CASE WHEN 0 < ANY (o.capacity) THEN 0 END, 48, NULL
      FROM pool_overrides o
      JOIN pools p ON p.id = o.pool_id AND p.kind = 'total' AND p.retired_at IS NULL
     WHERE o.facility_id = ANY (%(ids)s) AND o.day BETWEEN %(first)s AND %(last)s
     ORDER BY first"""
_ROWS = Statement(_SQL)
#: The same for one: told that it is one, PostgreSQL keeps its plan, which takes longer to make than
#: to carry out.
_ROWS_OF_ONE = Statement(_SQL.replace("= ANY (%(ids)s)", "= %(id)s"))
#: How far around a day single days are known; openings and deadlines of rules look no further.
_BEFORE, _AFTER = timedelta(days=75), timedelta(days=106)
_ONE_DAY = timedelta(days=1)

#: First and last open cell (half-open) of a weekday, or ``None`` where it is closed.
_Hours = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class DayOff:
    """A closure, of whole days or hours of them, or a holiday on which the facility is closed."""

    first: date
    last: date
    words: str
    from_cell: int
    to_cell: int
    is_holiday: bool

    @property
    def is_whole_day(self) -> bool:
        """Whether the whole day is off."""
        return (self.from_cell, self.to_cell) == (0, CELLS)

    def covers(self, day: date, hours: tuple[int, int]) -> bool:
        """Say whether it leaves nothing of ``hours`` on ``day``; both of its days are included."""
        from_cell, to_cell = hours
        is_on = self.first <= day <= self.last
        return is_on and self.from_cell <= from_cell and to_cell <= self.to_cell


@dataclass(frozen=True, slots=True)
class OpenDays:
    """When a facility is open, as rules need it (``calendar``) and as people read it."""

    calendar: FacilityCalendar
    days_off: tuple[DayOff, ...]

    def off_on(self, day: date) -> DayOff | None:
        """Return why the whole day is off, a closure rather than a holiday."""
        found = [off for off in self.days_off if off.first <= day <= off.last and off.is_whole_day]
        return min(found, key=lambda off: off.is_holiday, default=None)


def open_days(session: Session, facility_id: uuid.UUID, around: date) -> OpenDays:
    """Return the open and closed days of a facility around a day.

    Known day by day from 75 days before to 106 days after ``around``; beyond that by weekday.
    """
    return open_days_of(session, [facility_id], around)[facility_id]


def facility_calendar(session: Session, facility_id: uuid.UUID, around: date) -> FacilityCalendar:
    """Return what ``policies`` needs to know of a facility to judge a wish for ``around``."""
    return open_days(session, facility_id, around).calendar


def open_days_of(
    session: Session, facility_ids: Sequence[uuid.UUID], around: date
) -> dict[uuid.UUID, OpenDays]:
    """Return ``open_days`` of several facilities, in one query."""
    # An address may name the first or the last day that there is.
    around = max(date.min + _BEFORE, min(around, date.max - _AFTER))
    first, last = around - _BEFORE, around + _AFTER
    span = _Span(around, first, last)
    if len(facility_ids) == 1:
        rows = _ROWS_OF_ONE.rows(session, {"id": facility_ids[0], "first": first, "last": last})
    else:
        rows = _ROWS.rows(session, {"ids": list(facility_ids), "first": first, "last": last})
    own: dict[uuid.UUID | None, list[_Row]] = defaultdict(list)
    for facility_id, *row in rows:
        own[facility_id].append(_Row(*row))
    holidays = [_day_off(row) for row in own[None]]
    return {
        facility_id: _open_days(own[facility_id], holidays, span) for facility_id in facility_ids
    }


class _Row(NamedTuple):
    """A row of the statement, without its facility; what it means goes by ``what``."""

    what: str
    first: Any
    last: Any
    words: Any
    from_cell: Any
    to_cell: Any
    weekday: Any


class _Span(NamedTuple):
    """The days that are known one by one, both included, and the one they lie around."""

    around: date
    first: date
    last: date


def _day_off(row: _Row) -> DayOff:
    is_holiday = row.what == "holiday"
    return DayOff(row.first, row.last, row.words, row.from_cell, row.to_cell, is_holiday)


def _open_days(rows: Sequence[_Row], holidays: Sequence[DayOff], span: _Span) -> OpenDays:
    versions: dict[int, list[tuple[date, _Hours]]] = defaultdict(list)
    single: dict[date, bool] = {}
    closures: list[DayOff] = []
    rests_on_holidays = False
    for row in rows:
        if row.what == "pattern":
            hours = None if row.from_cell is None else (row.from_cell, row.to_cell)
            versions[row.weekday].append((row.first, hours))
        elif row.what == "override":
            single[row.first] = row.from_cell is not None
        elif row.what == "closure":
            closures.append(_day_off(row))
        else:
            rests_on_holidays = True
    single_open = (day for day, is_open in single.items() if is_open)
    since = min((known[0][0] for known in versions.values()), default=span.first)
    first_day = min([since, *single_open]) if since > span.first else None
    if first_day is not None:
        _carry_back(versions, since, span.first)
    days_off = (*closures, *(holidays if rests_on_holidays else ()))
    weekdays = frozenset(
        day for day in range(7) if _in_force(versions[day], span.around) is not None
    )
    closed, extra = set(), set()
    for day in _exceptions(days_off, single, versions, weekdays, span):
        hours = _in_force(versions[day.weekday()], day)
        is_open = single.get(day, hours is not None)
        whole = (0, CELLS) if day in single or hours is None else hours
        if not is_open or any(off.covers(day, whole) for off in days_off):
            closed.add(day)
        elif day.weekday() not in weekdays:
            extra.add(day)
    calendar = FacilityCalendar(
        open_weekdays=weekdays,
        closed_days=frozenset(closed),
        holidays=frozenset(off.first for off in holidays),
        closed_on_holidays=rests_on_holidays,
        extra_open_days=frozenset(extra),
        first_day=first_day,
    )
    return OpenDays(calendar, days_off)


def _carry_back(
    versions: Mapping[int, list[tuple[date, _Hours]]], since: date, start: date
) -> None:
    """Let the first patterns, of ``since``, hold from ``start``: deadlines count days before."""
    for known in versions.values():
        if known[0][0] == since:
            known.insert(0, (start, known[0][1]))


def _exceptions(
    days_off: Sequence[DayOff],
    single: Mapping[date, bool],
    versions: Mapping[int, Sequence[tuple[date, _Hours]]],
    weekdays: frozenset[int],
    span: _Span,
) -> set[date]:
    """Return the days that may differ from what their weekday says."""
    found = set(single)
    for off in days_off:
        start, end = max(off.first, span.first), min(off.last, span.last)
        found.update(start + _ONE_DAY * offset for offset in range((end - start).days + 1))
    for weekday, known in versions.items():
        # Before its first version a weekday is closed; each holds until the next.
        starts = [span.first, *(start for start, _ in known), span.last + _ONE_DAY]
        hours_of = [None, *(hours for _, hours in known)]
        for start, end, hours in zip(starts, starts[1:], hours_of, strict=False):
            if (hours is not None) != (weekday in weekdays):
                begin = max(start, span.first)
                begin += _ONE_DAY * ((weekday - begin.weekday()) % 7)
                count = (min(end, span.last + _ONE_DAY) - begin).days
                found.update(begin + _ONE_DAY * offset for offset in range(0, count, 7))
    return found


def _in_force(versions: Sequence[tuple[date, _Hours]], day: date) -> _Hours:
    """Return the hours of the newest pattern in force on ``day``; ``versions`` go by date."""
    hours: _Hours = None
    for in_force_from, version in versions:
        if in_force_from > day:
            break
        hours = version
    return hours
