"""How far what a body sent has come, page by page, for other programs; names nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.actor import Actor
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralState


@dataclass(frozen=True, slots=True)
class Asked:
    """Which of the sent referrals are asked for."""

    state: ReferralState | None = None
    #: Those of which something has changed at that moment or later.
    changed_since: datetime | None = None
    #: Those behind this number of the portal's.
    after: int = 0
    limit: int = 50


def sent_page(
    session: Session, asked: Asked, *, actor: Actor
) -> tuple[Sequence[Referral], int | None]:
    """Return a page of what the actor's body sent, by number, and behind which the next begins."""
    query = select(Referral).where(
        Referral.sender_id == actor.organisation_id,
        Referral.sent_at.is_not(None),
        Referral.number > asked.after,
    )
    if asked.state is not None:
        query = query.where(Referral.state == asked.state)
    if asked.changed_since is not None:
        query = query.where(Referral.updated_at >= asked.changed_since)
    rows = session.scalars(query.order_by(Referral.number).limit(asked.limit + 1)).all()
    if len(rows) <= asked.limit:
        return rows, None
    return rows[: asked.limit], rows[asked.limit - 1].number
