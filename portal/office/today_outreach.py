"""Whom staff are to contact today, as one line on their home page."""

from __future__ import annotations

from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.outreach import queries
from portal.web.todo import ToDo


def outreach_to_do(session: Session, *, actor: Actor, now: datetime) -> list[ToDo]:
    """Return how many families are to be contacted, and how many nobody has planned for."""
    on, found = today(now), []
    due = [of for of, _referral in queries.running(session, actor=actor) if of.next_on <= on]
    unplanned = len(queries.without_plan(session, actor=actor))
    if due:
        found.append(
            ToDo(
                _("紹介された方への連絡"),
                _("%(count)s件") % {"count": len(due)},
                url_for("office_outreach.index"),
            )
        )
    if unplanned:
        found.append(
            ToDo(
                _("連絡の予定をつくる紹介"),
                _("%(count)s件") % {"count": unplanned},
                url_for("office_outreach.index"),
            )
        )
    return found
