"""Every minute: raise, settle, remind."""

from __future__ import annotations

from datetime import datetime

from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS
from portal.noshow import raising


def each_minute(now: datetime) -> None:
    """Do what is due at ``now``, in transactions of their own: the worker's round.

    What is late with reminders must not hold up that somebody has not come.
    """
    for work in (raising.raise_due, raising.settle, raising.remind_overdue):
        with acting_as(ANONYMOUS), transaction() as session:
            work(session, now)
