"""Reads of a home's facts. Pages that show them leave a trace; deciding a wish shows nobody."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.homes.models import StoredHomeFact
from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date


def live(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[StoredHomeFact]:
    """Return what stands of a home for this actor, the oldest first.

    A family sees what every provider wrote; a provider what itself and the family did.
    """
    del actor  # row-level security knows who asks
    return session.scalars(
        select(StoredHomeFact)
        .where(StoredHomeFact.family_id == family_id, StoredHomeFact.ended_at.is_(None))
        .order_by(StoredHomeFact.said_at, StoredHomeFact.id)
    ).all()


def shown(
    session: Session,
    family_id: uuid.UUID,
    *,
    actor: Actor,
    telling_papers: Collection[str] = (),
) -> Sequence[StoredHomeFact]:
    """Return the same for a page, and leave the trace that it was read.

    What tells how the family lives is left out for staff who need not know.

    Args:
        telling_papers: Kinds of proof that tell it by the rules in force.
    """
    rows = [
        row
        for row in live(session, family_id, actor=actor)
        if may_know(fact_of(row), actor, telling_papers)
    ]
    if rows:
        record_read(session, actor, "home_facts", family_id, family_id=family_id)
    return rows


def stored(
    session: Session, family_id: uuid.UUID, fact_id: uuid.UUID, *, actor: Actor
) -> StoredHomeFact:
    """Return one fact of a family, ended or not.

    Raises:
        sqlalchemy.exc.NoResultFound: none that this actor may see.
    """
    row = session.scalars(
        select(StoredHomeFact).where(
            StoredHomeFact.id == fact_id, StoredHomeFact.family_id == family_id
        )
    ).one()
    if not may_know(fact_of(row), actor):
        raise NoResultFound("for staff who need to know")
    return row


def may_know(fact: HomeFact, actor: Actor, telling_papers: Collection[str] = ()) -> bool:
    """Say whether a fact is this actor's to read and to write down."""
    is_telling = fact.is_telling or (
        fact.kind is HomeFactKind.PAPER and fact.code in telling_papers
    )
    return not is_telling or not actor.is_provider or actor.knows_support


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
