"""Put new rules in force for a programme."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.models import Programme
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.policies.document import RulesDocument
from portal.rulebooks.models import Rulebook
from portal.rulebooks.rules import reasons_against_start


def publish(
    session: Session,
    programme_id: uuid.UUID,
    document: RulesDocument,
    in_force_from: date,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Add a version of a programme's rules, in force from a local day, and return its id.

    Versions never change: bookings keep the one they were made under. With its first rules a
    programme is open for bookings, as soon as its facility is published.

    Raises:
        Refusal: codes are those of ``RulebookRefusal``.
        sqlalchemy.exc.NoResultFound: the programme is not the actor's organisation's.
    """
    programme = session.scalars(
        select(Programme)
        .where(Programme.id == programme_id, Programme.organisation_id == actor.organisation_id)
        .with_for_update()
    ).one()
    newest = session.scalar(
        select(func.max(Rulebook.version)).where(Rulebook.programme_id == programme_id)
    )
    if reasons := reasons_against_start(in_force_from, is_first=newest is None, today=today(now)):
        raise Refusal(reasons)
    rulebook = Rulebook(
        id=uuid.uuid4(),
        programme_id=programme.id,
        facility_id=programme.facility_id,
        organisation_id=programme.organisation_id,
        version=(newest or 0) + 1,
        in_force_from=in_force_from,
        document=document.model_dump(mode="json"),
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(rulebook)
    if programme.published_at is None:
        programme.published_at = now
    session.flush()
    record(
        session,
        actor,
        "rulebook.published",
        rulebook.id,
        programme.id,
        version=rulebook.version,
        in_force_from=in_force_from.isoformat(),
    )
    return rulebook.id
