"""Reads of care outside the portal; row-level security knows whose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.uses.models import DeclaredUse


def told(
    session: Session, family_id: uuid.UUID, *, actor: Actor, since: date | None = None
) -> Sequence[DeclaredUse]:
    """Return what stands of a family, the latest day first; nothing that was taken back.

    Args:
        since: Only days from this local day on.
    """
    del actor  # row-level security knows who asks
    rows = (
        select(DeclaredUse)
        .where(DeclaredUse.family_id == family_id, DeclaredUse.retracted_at.is_(None))
        .order_by(DeclaredUse.day.desc(), DeclaredUse.child_id, DeclaredUse.id)
    )
    if since is not None:
        rows = rows.where(DeclaredUse.day >= since)
    return session.scalars(rows).all()


def taken_back(
    session: Session, family_id: uuid.UUID, *, actor: Actor, since: datetime | None = None
) -> Sequence[DeclaredUse]:
    """Return what was taken back and not told again since, the latest first.

    Args:
        since: Only what was taken back from this moment on.
    """
    standing = {(row.child_id, row.day) for row in told(session, family_id, actor=actor)}
    rows = select(DeclaredUse).where(
        DeclaredUse.family_id == family_id, DeclaredUse.retracted_at.is_not(None)
    )
    if since is not None:
        rows = rows.where(DeclaredUse.retracted_at >= since)
    found: dict[tuple[uuid.UUID, date], DeclaredUse] = {}
    for row in session.scalars(rows.order_by(DeclaredUse.retracted_at.desc(), DeclaredUse.id)):
        if (row.child_id, row.day) not in standing:
            found.setdefault((row.child_id, row.day), row)
    return list(found.values())


def use(session: Session, family_id: uuid.UUID, use_id: uuid.UUID, *, actor: Actor) -> DeclaredUse:
    """Return one day of a family, taken back or not.

    Raises:
        sqlalchemy.exc.NoResultFound: none that this actor may see.
    """
    del actor  # row-level security knows who asks
    return session.scalars(
        select(DeclaredUse).where(DeclaredUse.id == use_id, DeclaredUse.family_id == family_id)
    ).one()
