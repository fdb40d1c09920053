"""The months between which pages that try rules are turned, and the one that an address names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import abort, request

from portal.documents.dates import jmonth
from portal.kernel import clock


class Months:
    """The firsts of the months that a page shows: so many back from that of ``today`` and ahead."""

    def __init__(self, today: date, *, back: int = 0, ahead: int) -> None:
        """Lay them out in their order."""
        self._firsts = [today.replace(day=1)]
        for _each in range(back):
            self._firsts.insert(0, month_before(self._firsts[0]))
        for _each in range(ahead):
            self._firsts.append(month_after(self._firsts[-1]))

    def asked(self, otherwise: date) -> date:
        """Return the first of the month in the address (``month=2026-11``), or ``otherwise``.

        Answers 404 for a month that is not shown, and for what is no month.
        """
        written = request.args.get("month")
        if written is None:
            return otherwise
        try:
            first = clock.written_day(f"{written}-01")
        except ValueError:
            abort(404)
        if first not in self._firsts:
            abort(404)
        return first

    def turn(self, first: date, step: int, href: Callable[[date], str]) -> dict[str, str] | None:
        """Return the link to the month so many steps on, where it is shown."""
        place = self._firsts.index(first) + step
        if not 0 <= place < len(self._firsts):
            return None
        to = self._firsts[place]
        return {"href": href(to), "label": jmonth(to, to)}


def month_before(day: date) -> date:
    """Return the first of the month before that of ``day``."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def month_after(day: date) -> date:
    """Return the first of the month after that of ``day``."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)
