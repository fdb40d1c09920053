"""Write down care outside the portal, and take it back: for the family, or staff who were told."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.uses import queries
from portal.uses.models import DeclaredUse
from portal.uses.rules import UseRefusal, reasons_against


def tell(
    session: Session,
    family_id: uuid.UUID,
    child_id: uuid.UUID,
    days: Sequence[date],
    minutes: int,
    *,
    use_type: str | None = None,
    actor: Actor,
    now: datetime,
) -> tuple[uuid.UUID, ...]:
    """Write down days of one child, each of the same length; return their ids.

    Raises:
        Refusal: every reason at once; nothing has been written.
        sqlalchemy.exc.NoResultFound: not a child that the actor may see.
    """
    family = families.family(session, family_id, actor=actor)
    child = families.child(session, child_id, actor=actor)
    before = {
        row.day for row in queries.told(session, family.id, actor=actor) if row.child_id == child.id
    }
    wanted = sorted(set(days))
    if reasons := reasons_against(wanted, minutes, told=before, on=today(now)):
        raise Refusal(reasons)
    rows = [
        DeclaredUse(
            id=uuid.uuid4(),
            family_id=family.id,
            child_id=child.id,
            day=day,
            minutes=minutes,
            use_type=use_type,
            told_at=now,
            told_by=actor.user_id,
        )
        for day in wanted
    ]
    session.add_all(rows)
    session.flush()
    ids = tuple(row.id for row in rows)
    record(session, actor, "use.told", *ids, family_id=family.id)
    return ids


def take_back(
    session: Session, family_id: uuid.UUID, use_id: uuid.UUID, *, actor: Actor, now: datetime
) -> DeclaredUse:
    """Take back one day that was told; limits no longer count it.

    Raises:
        Refusal: it is not told any more, or never was.
    """
    rows = {row.id: row for row in queries.told(session, family_id, actor=actor)}
    row = rows.get(use_id)
    if row is None:
        raise Refusal([UseRefusal.NOT_TOLD])
    row.retracted_at, row.retracted_by = now, actor.user_id
    session.flush()
    record(session, actor, "use.taken_back", row.id, family_id=family_id)
    return row
