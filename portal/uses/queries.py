"""Reads of care outside the portal; row-level security knows whose."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

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
