"""On which later days facilities have something free, and which day people most likely mean."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.slots.published import Place

#: A day counts where each pool a child takes a place of has a free half hour.
_FREE_DAYS = text("""
    SELECT d.facility_id, d.day
      FROM unnest(CAST(:pools AS uuid[]), CAST(:counts AS int[])) AS w (pool, pools)
      JOIN pool_days d ON d.pool_id = w.pool
     WHERE d.day > :after AND d.day <= :last
       AND 0 < ANY (d.free) AND false = ANY (d.closed)
     GROUP BY d.facility_id, d.day, w.pools HAVING count(*) = w.pools
     ORDER BY d.day""")
_HOLIDAYS = text("SELECT day FROM holidays WHERE day BETWEEN :first AND :last")
#: Longer than any row of holidays and weekends.
_LOOK_AHEAD = timedelta(days=21)


def days_with_places(
    session: Session, places: Sequence[Place], age: int, after: date, last: date
) -> dict[uuid.UUID, list[date]]:
    """Return the days after ``after`` that may have a place for a class, by facility, in order.

    Whether the half hours of all its pools meet, and whether it can be booked now, is not asked
    here: look at the day before promising it.
    """
    pools, counts = [], []
    for place in places:
        own = place.pools_for(age)
        pools += list(own)
        counts += [len(own)] * len(own)
    found: dict[uuid.UUID, list[date]] = defaultdict(list)
    if not pools:
        return found
    values = {"pools": pools, "counts": counts, "after": after, "last": last}
    for row in session.execute(_FREE_DAYS, values):
        found[row.facility_id].append(row.day)
    return found


def usual_open_day(session: Session, today: date) -> date:
    """Return the first day after ``today`` on which most facilities are open.

    No weekend, no holiday, not the days around New Year.
    """
    last = today + _LOOK_AHEAD
    holidays = set(session.execute(_HOLIDAYS, {"first": today, "last": last}).scalars())
    days = (today + timedelta(days=n) for n in range(1, _LOOK_AHEAD.days + 1))
    usual = (day for day in days if day.weekday() < 5 and day not in holidays)  # noqa: PLR2004 - Saturday
    return next(day for day in usual if (day.month, day.day) not in _NEW_YEAR)


#: 29 December to 3 January. *Source:* 行政機関の休日に関する法律, which most facilities follow.
_NEW_YEAR = {(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)}
