"""The record with which the other children of a birth begin: what was written before it, copied.

Each text is sealed anew, bound to its own row and child; nothing of it counts as confirmed.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import record_store
from portal.families.models import Child
from portal.families.record_models import RecordSection
from portal.kernel.actor import Actor

#: Numbers of one person.
_OF_ONE_ALONE = frozenset({"insurance"})


def copy_record(
    session: Session, first: Child, other: Child, *, actor: Actor, now: datetime
) -> None:
    """Copy what is written about ``first`` to ``other``; of closed sections what the actor may see.

    Writes a row in the audit for ``other`` where there was anything.
    """
    known = record_store.head_of(session, first, actor)
    if known is None:
        return
    rows = record_store.rows_of(session, first, actor)
    record_store.carry_over(session, first, known, rows)
    head = record_store.head_to_write(session, other, actor, now)
    for key, row in rows.items():
        if key in _OF_ONE_ALONE:
            continue
        copied = record_store.new(RecordSection, other, head, key)
        copied.content = row.content or ""
        copied.written_at, copied.written_by = row.written_at, row.written_by
        copied.channel, copied.received_at = row.channel, row.received_at
        copied.confirmed_at = copied.confirmed_by = copied.confirmed_role = None
        session.add(copied)
    head.allergies, head.conditions = known.allergies, known.conditions
    head.habits, head.notes = known.habits, known.notes
    head.confirmed_on, head.updated_at = None, now
    session.flush()
    record(session, actor, "child_record.saved", other.id, family_id=other.family_id, copied=True)
