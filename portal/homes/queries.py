"""Reads of a home's facts. Pages that show them leave a trace; deciding a wish shows nobody."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.homes.models import StoredHomeFact
from portal.homes.rules import HomeFact
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date


def live(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[StoredHomeFact]:
    """Return what stands of a home for this actor, the oldest first."""
    del actor  # row-level security knows who asks
    return session.scalars(
        select(StoredHomeFact)
        .where(StoredHomeFact.family_id == family_id, StoredHomeFact.ended_at.is_(None))
        .order_by(StoredHomeFact.said_at, StoredHomeFact.id)
    ).all()


def shown(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[StoredHomeFact]:
    """Return the same for a page, and leave the trace that it was read."""
    rows = live(session, family_id, actor=actor)
    if rows:
        record_read(session, actor, "home_facts", family_id, family_id=family_id)
    return rows


def facts_of(rows: Sequence[StoredHomeFact]) -> tuple[HomeFact, ...]:
    """Return stored rows as rules read them, in their order."""
    return tuple(fact_of(row) for row in rows)


def fact_of(row: StoredHomeFact) -> HomeFact:
    """Return one stored row as rules read it."""
    code, number = json.loads(row.said or '["", null]')
    return HomeFact(
        kind=row.kind,
        code=code,
        number=number,
        child_id=row.child_id,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        is_seen=row.seen_on is not None,
        said_on=row.seen_on or local_date(row.said_at),
    )
