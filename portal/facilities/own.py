"""What a provider decides about its own facilities: on the public pages or not, its programmes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities import queries
from portal.facilities.models import Programme
from portal.facilities.rules import FacilityRefusal, ProgrammeKind
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal


def publish_facility(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Show a facility on the public pages. Nothing happens when it is there already.

    Raises:
        Refusal: ``HIDDEN_BY_CITY``.
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    if facility.is_hidden:
        raise Refusal([FacilityRefusal.HIDDEN_BY_CITY])
    if facility.published_at is None:
        facility.published_at = facility.updated_at = now
        session.flush()
        record(session, actor, "facility.published", facility_id)


def unpublish_facility(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Take a facility off the public pages; its bookings stay.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    if facility.published_at is not None:
        facility.published_at, facility.updated_at = None, now
        session.flush()
        record(session, actor, "facility.unpublished", facility_id)


def change_facility(
    session: Session,
    facility_id: uuid.UUID,
    *,
    access_note: str | None,
    closed_on_holidays: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Write what the provider itself says about a facility.

    After a change of ``closed_on_holidays`` the caller has the days filled again.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    facility.access_note = access_note or None
    facility.closed_on_holidays = closed_on_holidays
    facility.updated_at = now
    session.flush()
    record(session, actor, "facility.changed", facility_id, closed_on_holidays=closed_on_holidays)


@dataclass(frozen=True, slots=True)
class ProgrammeWords:
    """What a provider says about a programme; plain text."""

    name: str
    description: str = ""
    belongings: str = ""


def add_programme(
    session: Session,
    facility_id: uuid.UUID,
    kind: ProgrammeKind,
    words: ProgrammeWords,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Add a programme. It takes bookings once it has rules (``rulebooks.service.publish``).

    Raises:
        sqlalchemy.exc.NoResultFound: the facility is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    programme = Programme(
        id=uuid.uuid4(),
        facility_id=facility.id,
        organisation_id=facility.organisation_id,
        kind=kind,
        name=words.name,
        description=words.description,
        belongings=words.belongings,
        created_at=now,
    )
    session.add(programme)
    session.flush()
    record(session, actor, "programme.added", programme.id, facility.id, kind=kind.value)
    return programme.id


def change_programme(
    session: Session, programme_id: uuid.UUID, words: ProgrammeWords, *, actor: Actor
) -> None:
    """Write a programme's name and texts.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    programme = queries.own_programme(session, programme_id, actor.organisation_id)
    programme.name = words.name
    programme.description = words.description
    programme.belongings = words.belongings
    session.flush()
    record(session, actor, "programme.changed", programme_id)
