"""Stays of trial care after which nobody has said yet what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.trials.queries import waiting_for_outcome
from portal.web.todo import ToDo


def trials_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits, with the oldest: the family cannot book its next part before."""
    waiting = waiting_for_outcome(session, actor=actor)
    if waiting:
        yield ToDo(
            _("結果がまだの、ならし預かり"),
            _("%(count)s件") % {"count": len(waiting)},
            url_for("office_trials.show", trial_id=waiting[0].id),
            _("いちばん前は %(day)s です。結果を入れると、ご家庭が次を予約できます")
            % {"day": jdate(waiting[0].day, today(now))},
        )
