"""What waits for a second person before, or after, something goes out without consent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.referrals.ground_queries import waiting
from portal.web.todo import ToDo


def grounds_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what the actor may answer as the second person: reviews of urgent ones first."""
    on = today(now)
    rows = waiting(session, actor=actor)
    others = [each for each in rows if each.row.decided_by != actor.user_id]
    days = [each.row.review_due_on for each in others if each.waits_for_review]
    due = [day for day in days if day is not None]
    if due:
        yield ToDo(
            _("急ぎで伝えたことの確認（同意によらないもの）"),
            _("%(count)s件") % {"count": len(due)},
            url_for("grounds.index"),
            _("%(day)s まで") % {"day": jdate(min(due), on)},
            is_urgent=min(due) <= on,
        )
    releases = [each for each in others if each.waits_for_release]
    if releases:
        yield ToDo(
            _("同意によらず伝えることの確認"),
            _("%(count)s件") % {"count": len(releases)},
            url_for("grounds.index"),
            _("確認がすむまで、何も伝わりません"),
        )
