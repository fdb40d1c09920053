"""What waits for a facility's answer, and what ends soon: counts and moments, no names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from portal.kernel.actor import Actor
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.queries import mine
from portal.preregistration.rules import WAITING_FOR_FACILITY, PreregistrationState


@dataclass(frozen=True, slots=True)
class Waiting:
    """An application whose next step is the facility's."""

    received_at: datetime
    #: When the family answered the facility's question; ``None`` where none was asked.
    answered_at: datetime | None

    @property
    def since(self) -> datetime:
        """Since when it waits."""
        return self.answered_at or self.received_at


def waiting_for_facility(session: Session, *, actor: Actor) -> Sequence[Waiting]:
    """Return what waits for the actor's provider, the longest waiting first."""
    question = aliased(PreregistrationMessage)
    answered = (
        select(func.max(PreregistrationMessage.written_at))
        .where(
            PreregistrationMessage.preregistration_id == Preregistration.id,
            PreregistrationMessage.is_from_family,
            # What she adds unasked moves nobody to the end of the line.
            exists().where(
                question.preregistration_id == Preregistration.id,
                question.is_from_family.is_(False),
                question.written_at <= PreregistrationMessage.written_at,
            ),
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(Preregistration.received_at, answered.label("answered_at")).where(
            Preregistration.state.in_(WAITING_FOR_FACILITY), mine(actor)
        )
    )
    return sorted(
        (Waiting(row.received_at, row.answered_at) for row in rows), key=lambda one: one.since
    )


def ending_until(
    session: Session, first: date, last: date, *, actor: Actor
) -> Sequence[tuple[date, int]]:
    """Return on which days acceptances end between two days, both included, and how many."""
    rows = session.execute(
        select(Preregistration.accepted_until, func.count())
        .where(
            Preregistration.state == PreregistrationState.ACCEPTED,
            Preregistration.accepted_until.between(first, last),
            mine(actor),
        )
        .group_by(Preregistration.accepted_until)
        .order_by(Preregistration.accepted_until)
    )
    return [(day, count) for day, count in rows if day is not None]
