"""Reads of priorities, for those who need to know; the reason leaves the trace that it was read."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.kernel.actor import Actor
from portal.priorities.models import Priority


def in_force(session: Session, family_id: uuid.UUID, on: date, *, actor: Actor) -> Priority | None:
    """Return the priority of a family at the actor's provider that holds on a day.

    Whom it says nothing to, it says nothing: staff who need not know always get ``None``.
    """
    return session.scalars(
        select(Priority).where(
            Priority.family_id == family_id,
            Priority.organisation_id == actor.organisation_id,
            Priority.ended_at.is_(None),
            Priority.until_on >= on,
        )
    ).one_or_none()


def live(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Priority | None:
    """Return the priority that nobody has ended, its day may be past."""
    return session.scalars(
        select(Priority).where(
            Priority.family_id == family_id,
            Priority.organisation_id == actor.organisation_id,
            Priority.ended_at.is_(None),
        )
    ).one_or_none()


def read(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Priority]:
    """Return every priority of a family at the actor's provider, the latest first.

    Leaves the trace that the reasons were read; the caller commits before the page leaves. The
    trace names no family: the log of a family is read by more people than may know.
    """
    rows = session.scalars(
        select(Priority)
        .where(
            Priority.family_id == family_id,
            Priority.organisation_id == actor.organisation_id,
        )
        .order_by(Priority.decided_at.desc(), Priority.id)
    ).all()
    if rows:
        record_read(session, actor, "priority", *(row.id for row in rows))
    return rows
