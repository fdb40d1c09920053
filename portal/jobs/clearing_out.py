"""Take away what has served its time: answers by key, counted tries, ended sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS

#: How long a form that was sent once is recognised when it is sent again.
ANSWERS_FOR = timedelta(days=7)


def clear_out(now: datetime) -> None:
    """Delete answers older than a week, tries of two days, sign-ins ended for a month."""
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            text("DELETE FROM given_answers WHERE created_at < :before"),
            {"before": now - ANSWERS_FOR},
        )
        session.execute(text("SELECT clear_out_sign_in(:now)"), {"now": now})
