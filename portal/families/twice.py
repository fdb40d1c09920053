"""A child that was registered twice: staff close the second registration, and can bring it back.

Nothing is moved from one to the other. So it is closed only while nothing runs for it anywhere:
what runs is first cancelled or withdrawn, or the other registration is closed instead. The database
holds the same (``twice_has_nothing``), also against a booking made at the same moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.families.expected import bring_back, end_child, ended_as, ended_lately
from portal.families.models import Child
from portal.families.queries import visible
from portal.families.rules import EndedKind
from portal.families.twice_rules import TwiceBecause, TwiceRefusal, reasons_against_closing
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason, Refusal

_RUNS = text("SELECT runs_for_child(:child)")
_TWICE = EndedKind.ENTERED_TWICE


def against_closing(session: Session, child_id: uuid.UUID) -> tuple[Reason, ...]:
    """Return why a registration cannot be closed now: what runs for it, at any provider."""
    runs: list[str] = session.execute(_RUNS, {"child": child_id}).scalar_one()
    return reasons_against_closing(runs)


def close_second(
    session: Session,
    child_id: uuid.UUID,
    same_as: uuid.UUID,
    because: TwiceBecause,
    *,
    actor: Actor,
    now: datetime,
) -> Child:
    """Close the second registration of a child; the one that goes on stays as it is.

    Raises:
        Refusal: something runs for it, or the other is no child of the family that goes on.
        NoResultFound: not a child that this actor may see, or closed already.
    """
    # Both are held, in one order: two people may each close the other one.
    held = session.scalars(
        select(Child)
        .where(
            Child.id.in_([child_id, same_as]),
            Child.ended_at.is_(None),
            visible(Child.family_id, actor),
        )
        .order_by(Child.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    found = {child.id: child for child in held}
    if child_id not in found:
        raise NoResultFound("no such child, or closed already")
    child, other = found[child_id], found.get(same_as)
    reasons = list(against_closing(session, child_id))
    if other is None or other is child or other.family_id != child.family_id:
        reasons.append(Reason(TwiceRefusal.NO_OTHER))
    if reasons:
        raise Refusal(reasons)
    child.same_as = same_as
    end_child(session, child, _TWICE, actor=actor, now=now, because=because.value)
    return child


def reopen_second(session: Session, child_id: uuid.UUID, *, actor: Actor, now: datetime) -> Child:
    """Show a second registration again that was closed by mistake.

    Raises:
        Refusal: too long ago.
        NoResultFound: none of these that this actor may see.
    """
    child = session.scalars(
        ended_as(_TWICE, actor).where(Child.id == child_id).with_for_update()
    ).one()
    return bring_back(session, child, actor=actor, now=now).child


def closed_second(session: Session, child_id: uuid.UUID, *, actor: Actor) -> Child | None:
    """Return a second registration that was closed; ``None``: none that this actor may see."""
    return session.scalars(ended_as(_TWICE, actor).where(Child.id == child_id)).one_or_none()


def closed_seconds(
    session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Sequence[Child]:
    """Return the second registrations of a family that can still be brought back."""
    return ended_lately(session, family_id, _TWICE, actor=actor, now=now)
