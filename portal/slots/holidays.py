"""National holidays into their table, which everything else reads."""

from __future__ import annotations

from datetime import date

import jpholiday
from sqlalchemy import Engine, text

_ADD = text("INSERT INTO holidays (day, name) VALUES (:day, :name) ON CONFLICT (day) DO NOTHING")


def sync_holidays(owner: Engine, this_year: int) -> int:
    """Add the national holidays of ``this_year`` and the two after it; return how many are new.

    As the role ``portal_owner``. Days that stand in the table stay as they are: a law of the last
    minute is entered there by hand and wins over the library. Days laid out before are not changed;
    the daily ``extend_horizon`` does that.

    *Source:* 国民の祝日に関する法律, as the library jpholiday reads it.
    """
    rows = [
        {"day": day, "name": name}
        for year in range(this_year, this_year + 3)
        for day, name in _of_year(year)
    ]
    with owner.begin() as connection:
        return sum(connection.execute(_ADD, row).rowcount for row in rows)


def _of_year(year: int) -> list[tuple[date, str]]:
    return [(day, name) for day, name in jpholiday.year_holidays(year)]
