"""Reads of families. Each asks who acts, and row-level security asks again behind it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, exists, false, func, or_, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.families.models import (
    Child,
    ChildRecord,
    Family,
    FamilyAccess,
    Guardian,
    PickupPerson,
    SupportAccess,
)
from portal.families.search import FoundBy, Sought
from portal.kernel.actor import Actor
from portal.kernel.kana import TYPED, VARIANTS

#: A search shows no more than fits on a page; who looks for somebody types one letter more.
MOST_FOUND = 50
_FIND = text("SELECT * FROM find_families(:patterns, :digits, :number, :variants, :typed, :most)")


@dataclass(slots=True)
class FamilySummary:
    """A family with the people in it, for lists; found by a search, also by what."""

    family: Family
    guardians: list[Guardian] = field(default_factory=list)
    children: list[Child] = field(default_factory=list)
    found_by: tuple[FoundBy, ...] = ()


def visible(family_id: InstrumentedAttribute[uuid.UUID], actor: Actor) -> ColumnElement[bool]:
    """Return the condition: the actor's own family, or one open to her body now.

    A provider's by its access; one that a supporting body has met.
    """
    if actor.family_id is not None:
        return family_id == actor.family_id
    if actor.organisation_id is None or not (actor.is_provider or actor.is_support):
        return false()
    access = FamilyAccess if actor.is_provider else SupportAccess
    return exists().where(
        access.family_id == family_id,
        access.organisation_id == actor.organisation_id,
        access.from_at <= func.now(),
        or_(access.until_at.is_(None), access.until_at > func.now()),
    )


def family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Family:
    """Return a family.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(Family).where(Family.id == family_id, visible(Family.id, actor))
    ).one()


def guardians(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Guardian]:
    """Return the guardians of a family, the first to call first."""
    return session.scalars(
        select(Guardian)
        .where(Guardian.family_id == family_id, visible(Guardian.family_id, actor))
        .order_by(Guardian.is_primary.desc(), Guardian.created_at, Guardian.id)
    ).all()


def guardian(session: Session, guardian_id: uuid.UUID, *, actor: Actor) -> Guardian:
    """Return one guardian.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(Guardian).where(Guardian.id == guardian_id, visible(Guardian.family_id, actor))
    ).one()


def guardian_of_account(session: Session, *, actor: Actor) -> Guardian | None:
    """Return the guardian whose account acts, in the family she acts for."""
    return session.scalars(
        select(Guardian).where(
            Guardian.user_id == actor.user_id, visible(Guardian.family_id, actor)
        )
    ).one_or_none()


def number_of(session: Session, family_id: uuid.UUID, *, actor: Actor) -> str | None:
    """Return the number to say on the phone; ``None`` to a guardian who is shown no family."""
    return session.scalars(
        select(Family.number).where(Family.id == family_id, visible(Family.id, actor))
    ).one_or_none()


def children(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Child]:
    """Return the children of a family, the eldest first, the expected last; no closed ones."""
    return session.scalars(
        select(Child)
        .where(
            Child.family_id == family_id,
            Child.ended_at.is_(None),
            visible(Child.family_id, actor),
        )
        .order_by(func.coalesce(Child.born_on, Child.due_on), Child.created_at, Child.id)
    ).all()


def closed_among(session: Session, child_ids: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Return those of known children of whom the portal speaks no more."""
    if not child_ids:
        return frozenset()
    wanted = select(Child.id).where(Child.id.in_(child_ids), Child.ended_at.is_not(None))
    return frozenset(session.scalars(wanted))


def child(session: Session, child_id: uuid.UUID, *, actor: Actor) -> Child:
    """Return one child.

    Raises:
        NoResultFound: none that this actor may see, or closed; see ``expected.closed_child``.
    """
    return session.scalars(
        select(Child).where(
            Child.id == child_id, Child.ended_at.is_(None), visible(Child.family_id, actor)
        )
    ).one()


def pickup_persons(
    session: Session, family_id: uuid.UUID, *, actor: Actor
) -> Sequence[PickupPerson]:
    """Return who may pick the children up now, besides the guardians."""
    return session.scalars(
        select(PickupPerson)
        .where(
            PickupPerson.family_id == family_id,
            PickupPerson.removed_at.is_(None),
            visible(PickupPerson.family_id, actor),
        )
        .order_by(PickupPerson.created_at, PickupPerson.id)
    ).all()


def pickup_person(session: Session, person_id: uuid.UUID, *, actor: Actor) -> PickupPerson:
    """Return one pick-up person still in force.

    Raises:
        NoResultFound: none that this actor may see.
    """
    return session.scalars(
        select(PickupPerson).where(
            PickupPerson.id == person_id,
            PickupPerson.removed_at.is_(None),
            visible(PickupPerson.family_id, actor),
        )
    ).one()


def record_of(session: Session, child_id: uuid.UUID, *, actor: Actor) -> ChildRecord | None:
    """Return a child's record, or ``None`` while nobody has filled it in.

    Whoever shows it uses ``service.open_record``, which leaves the trace.
    """
    return session.scalars(
        select(ChildRecord).where(
            ChildRecord.child_id == child_id, visible(ChildRecord.family_id, actor)
        )
    ).one_or_none()


def confirmed_days(
    session: Session, child_ids: Sequence[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, date]:
    """Return for each child with a record the day on which it was last confirmed.

    Says nothing about health, so it leaves no trace in the audit.
    """
    rows = session.execute(
        select(ChildRecord.child_id, ChildRecord.confirmed_on).where(
            ChildRecord.child_id.in_(child_ids),
            ChildRecord.confirmed_on.is_not(None),
            visible(ChildRecord.family_id, actor),
        )
    )
    return {row.child_id: row.confirmed_on for row in rows}


def to_confirm_again(
    session: Session, child_ids: Sequence[uuid.UUID], *, actor: Actor
) -> frozenset[uuid.UUID]:
    """Return the children whose record was written before they were born, and not looked at since.

    Says nothing about health, so it leaves no trace in the audit.
    """
    rows = session.scalars(
        select(ChildRecord.child_id).where(
            ChildRecord.child_id.in_(child_ids),
            ChildRecord.confirmed_on.is_(None),
            visible(ChildRecord.family_id, actor),
        )
    )
    return frozenset(rows)


def search_families(session: Session, words: str, *, actor: Actor) -> list[FamilySummary]:
    """Return the families that a caller could mean, newest first, ``MOST_FOUND`` at most.

    Finds by names or kana of guardians and children, however typed and in any order, by the end of
    a phone number from four digits on, and by the family's number; each says by what it was found.
    Without words, the newest families. Staff of a provider alone; for others there are none.
    """
    if actor.organisation_id is None or not actor.is_provider:
        return []
    sought = Sought.of(words)
    if words.strip() and sought.is_nothing:
        return []
    ids = session.scalars(
        _FIND,
        {
            "patterns": [f"%{_escaped(key)}%" for key in sought.keys],
            "digits": sought.digits,
            "number": sought.number,
            "variants": VARIANTS,
            "typed": TYPED,
            "most": MOST_FOUND,
        },
    ).all()
    order = {family_id: place for place, family_id in enumerate(ids)}
    families = session.scalars(
        select(Family).where(Family.id.in_(ids), visible(Family.id, actor))
    ).all()
    found = _with_people(session, sorted(families, key=lambda one: order[one.id]), actor)
    if sought.is_nothing:
        return found
    for summary in found:
        summary.found_by = sought.reasons(summary.family, summary.guardians, summary.children)
    # Found by somebody whom this actor may not see is not found.
    return [summary for summary in found if summary.found_by]


def _escaped(key: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", key)


def families_with_phone(session: Session, digits: str, *, actor: Actor) -> list[FamilySummary]:
    """Return the families in which a guardian has this phone number: perhaps the caller's own."""
    wanted = select(Family).where(
        visible(Family.id, actor),
        exists().where(Guardian.family_id == Family.id, Guardian.phone_digits == digits),
    )
    return _with_people(session, session.scalars(wanted.order_by(Family.created_at)).all(), actor)


def _with_people(session: Session, families: Sequence[Family], actor: Actor) -> list[FamilySummary]:
    summaries = {found.id: FamilySummary(found) for found in families}
    for guardian_of in session.scalars(
        select(Guardian)
        .where(Guardian.family_id.in_(summaries), visible(Guardian.family_id, actor))
        .order_by(Guardian.is_primary.desc(), Guardian.created_at, Guardian.id)
    ):
        summaries[guardian_of.family_id].guardians.append(guardian_of)
    for child_of in session.scalars(
        select(Child)
        .where(
            Child.family_id.in_(summaries),
            Child.ended_at.is_(None),
            visible(Child.family_id, actor),
        )
        .order_by(func.coalesce(Child.born_on, Child.due_on), Child.created_at, Child.id)
    ):
        summaries[child_of.family_id].children.append(child_of)
    return list(summaries.values())
