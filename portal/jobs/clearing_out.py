"""Take away what has served its time: answers by key, counted tries, ended sign-ins."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS

#: How long a form that was sent once is recognised when it is sent again.
ANSWERS_FOR = timedelta(days=7)
#: How long a family can look up which mails left for it; a failed one stays until staff saw it.
MAILS_FOR = timedelta(days=90)
#: A good-bye to an erased address goes with the address.
GOODBYES_FOR = timedelta(days=1)


def clear_out(now: datetime) -> None:
    """Delete answers of a week, tries of two days, sign-ins ended for a month, mails of 90 days."""
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            text("DELETE FROM given_answers WHERE created_at < :before"),
            {"before": now - ANSWERS_FOR},
        )
        session.execute(
            text("DELETE FROM api_answers WHERE created_at < :before"),
            {"before": now - ANSWERS_FOR},
        )
        session.execute(text("SELECT clear_out_sign_in(:now)"), {"now": now})
        session.execute(
            text(
                "DELETE FROM outbox_messages"
                " WHERE coalesce(sent_at, dropped_at) < :mails"
                "    OR failed_at < :mails AND (seen_at IS NOT NULL OR organisation_id IS NULL)"
                "    OR kind = 'datarequests/erased'"
                "       AND coalesce(sent_at, dropped_at, failed_at) < :goodbyes"
            ),
            {"mails": now - MAILS_FOR, "goodbyes": now - GOODBYES_FOR},
        )
