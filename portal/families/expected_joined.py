"""A child that is no longer expected ends in every record that a referral has joined, quietly.

A family that was referred stands in two records: as the sender met it, and as a nursery keeps it.
Whoever closes the child in one need not see the other: the database says which child it is there,
by its id, and only where that is certain. What is not certain waits with the nursery.
"""

from __future__ import annotations

from datetime import datetime

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families.expected_hooks import listeners
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.channel import Told

_CLOSE = text("SELECT child_id, in_family FROM close_joined_children(:child)")
_KEEP = text("SELECT keep_joined_end(:child, :joined, :was)")
_REOPEN = text("SELECT child_id, in_family, was FROM reopen_joined_children(:child)")
_LEAVE = text("SELECT leave_joined_children(:child)")


def end_joined(session: Session, child: Child, *, actor: Actor, now: datetime, told: Told) -> None:
    """Close the same child in joined records, with what runs for it there. No word goes out."""
    values = {"child": child.id}
    for row in session.execute(_CLOSE, values).all():
        there = Child(id=row.child_id, family_id=row.in_family)
        was = {
            listener.name: listener.ended(session, there, actor=actor, now=now)
            for listener in listeners()
        }
        session.execute(_KEEP, values | {"joined": row.child_id, "was": Jsonb(was)})
        record(session, actor, "child.closed", row.child_id, family_id=row.in_family, **told.detail)


def bring_back_joined(
    session: Session, child: Child, *, actor: Actor, now: datetime, told: Told
) -> int:
    """Expect them again, and return how much of what ended could not come back."""
    values = {"child": child.id}
    left_out = 0
    for row in session.execute(_REOPEN, values).all():
        there, was = Child(id=row.child_id, family_id=row.in_family), row.was or {}
        left_out += sum(
            listener.resumed(session, there, was[listener.name], actor=actor, now=now)
            for listener in listeners()
            if was.get(listener.name)
        )
        record(
            session, actor, "child.reopened", row.child_id, family_id=row.in_family, **told.detail
        )
    session.execute(_LEAVE, values)
    return left_out
