"""Write facts of a home down, confirm an answer about a child, and end a fact."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.families import queries as families
from portal.homes import queries
from portal.homes.models import StoredHomeFact
from portal.homes.rules import (
    BY_PAPER,
    ONE_AT_A_TIME,
    SAID_BY_FAMILY,
    HomeFact,
    HomeFactKind,
    HomeFactRefusal,
    Slot,
    reasons_against,
)
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal


def say(
    session: Session, family_id: uuid.UUID, fact: HomeFact, *, actor: Actor, now: datetime
) -> StoredHomeFact:
    """Write a fact down; one of the same kind that can stand only once ends with it.

    A family's own word counts for every provider that sees it and is never ``is_seen``; what staff
    write is their provider's alone.

    Raises:
        Refusal: every reason at once; nothing has been written.
        sqlalchemy.exc.NoResultFound: not a family or child of the actor's, not for a family to say
            of itself, or not for these staff to know.
    """
    family = families.family(session, family_id, actor=actor)
    if not actor.is_provider and fact.kind not in SAID_BY_FAMILY:
        raise NoResultFound("written down by staff who have seen the paper")
    if not queries.may_know(fact, actor):
        raise NoResultFound("written down by staff who need to know")
    if fact.child_id is not None:
        child = families.child(session, fact.child_id, actor=actor)
        if child.family_id != family.id:
            raise NoResultFound("a child of another family")
    fact = replace(fact, code=fact.code.strip(), is_seen=fact.is_seen and actor.is_provider)
    if reasons := reasons_against(fact):
        raise Refusal(reasons)
    for row in queries.live(session, family.id, actor=actor):
        if row.organisation_id == actor.organisation_id and _takes_place_of(fact, row):
            row.ended_at, row.ended_by = now, actor.user_id
    written = StoredHomeFact(
        id=uuid.uuid4(),
        family_id=family.id,
        child_id=fact.child_id,
        organisation_id=actor.organisation_id if actor.is_provider else None,
        kind=fact.kind,
        valid_from=fact.valid_from,
        valid_until=fact.valid_until,
        seen_on=today(now) if fact.is_seen else None,
        said_at=now,
        said_by=actor.user_id,
    )
    written.said = json.dumps([fact.code, fact.number], ensure_ascii=False)
    session.add(written)
    session.flush()
    record(session, actor, "home.said", written.id, family_id=family.id)
    return written


def keep(
    session: Session,
    family_id: uuid.UUID,
    said: Mapping[Slot, HomeFact | None],
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Make the actor's side say exactly this of these things; return how many were changed.

    None ends what stands there. What says the same stays, with its day; an answer about a child
    becomes one of today.

    Raises:
        Refusal: every reason at once; nothing has been written.
    """
    side = actor.organisation_id if actor.is_provider else None
    standing = {
        queries.fact_of(row).slot: row
        for row in queries.live(session, family_id, actor=actor)
        if row.organisation_id == side
    }
    reasons = [
        reason for fact in said.values() if fact is not None for reason in reasons_against(fact)
    ]
    if reasons:
        raise Refusal({reason.code: reason for reason in reasons}.values())
    changed = 0
    for slot, fact in said.items():
        row = standing.get(slot)
        if fact is None:
            if row is not None:
                end(session, family_id, row.id, actor=actor, now=now)
                changed += 1
        elif row is None or not _says_the_same(row, fact, now):
            say(session, family_id, fact, actor=actor, now=now)
            changed += 1
    return changed


def confirm(
    session: Session, family_id: uuid.UUID, fact_id: uuid.UUID, *, actor: Actor, now: datetime
) -> StoredHomeFact:
    """Write down that staff have seen themselves what was answered about a child, or the paper.

    Raises:
        Refusal: it is not there any more, or is nothing that staff look at; a paper is confirmed
            by the side that wrote the fact down.
    """
    for row in queries.live(session, family_id, actor=actor):
        if row.id == fact_id and actor.is_provider and _may_be_seen(row, actor):
            seen = replace(queries.fact_of(row), is_seen=True)
            written = say(session, family_id, seen, actor=actor, now=now)
            if row.kind in BY_PAPER:
                row.ended_at, row.ended_by = now, actor.user_id  # else it would stand there twice
            return written
    raise Refusal([HomeFactRefusal.NOT_THERE])


def _may_be_seen(row: StoredHomeFact, actor: Actor) -> bool:
    is_own = row.organisation_id == actor.organisation_id
    return row.kind is HomeFactKind.GATE or (row.kind in BY_PAPER and is_own)


def _says_the_same(row: StoredHomeFact, fact: HomeFact, now: datetime) -> bool:
    before = queries.fact_of(row)
    is_fresh = row.kind is not HomeFactKind.GATE or before.said_on == today(now)
    return is_fresh and (before.code, before.number) == (fact.code.strip(), fact.number)


def end(
    session: Session, family_id: uuid.UUID, fact_id: uuid.UUID, *, actor: Actor, now: datetime
) -> StoredHomeFact:
    """End a fact that the actor's side wrote down.

    Raises:
        Refusal: it is not there any more, or another side's.
    """
    side = actor.organisation_id if actor.is_provider else None
    for row in queries.live(session, family_id, actor=actor):
        if row.id == fact_id and row.organisation_id == side:
            row.ended_at, row.ended_by = now, actor.user_id
            session.flush()
            record(session, actor, "home.ended", row.id, family_id=family_id)
            return row
    raise Refusal([HomeFactRefusal.NOT_THERE])


def _takes_place_of(fact: HomeFact, row: StoredHomeFact) -> bool:
    if row.kind is not fact.kind or row.child_id != fact.child_id:
        return False
    if fact.kind in ONE_AT_A_TIME:
        return True
    is_same = queries.fact_of(row).code == fact.code
    return is_same and fact.kind in {HomeFactKind.GATE, HomeFactKind.COUPON}
