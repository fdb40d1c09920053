"""What a provider decides about its own facilities: on the public pages or not, its programmes."""

from __future__ import annotations

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities import queries
from portal.facilities.claims import claim_of
from portal.facilities.lists.columns import SHAPES
from portal.facilities.models import Facility, Programme
from portal.facilities.rules import ClaimState, FacilityRefusal, ProgrammeKind, area_of
from portal.facilities.service import OWN_WHERE_EMPTY
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal


def publish_facility(
    session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    """Show a facility on the public pages. Nothing happens when it is there already.

    Raises:
        Refusal: ``HIDDEN_BY_CITY``, or ``NOT_CONFIRMED``: the municipality has not said yes yet.
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    claim = claim_of(session, facility_id, actor=actor)
    reasons = [FacilityRefusal.HIDDEN_BY_CITY] if facility.is_hidden else []
    if claim is not None and claim.state is not ClaimState.CONFIRMED:
        reasons.append(FacilityRefusal.NOT_CONFIRMED)
    if reasons:
        raise Refusal(reasons)
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


def set_no_show_minutes(
    session: Session, facility_id: uuid.UUID, minutes: int, *, actor: Actor, now: datetime
) -> None:
    """Set after how many minutes past its start a child without word counts as not arrived.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    before, facility.no_show_minutes, facility.updated_at = facility.no_show_minutes, minutes, now
    session.flush()
    record(session, actor, "facility.no_show_minutes", facility_id, before=before, after=minutes)


def set_holidays(
    session: Session, facility_id: uuid.UUID, *, closed: bool, actor: Actor, now: datetime
) -> None:
    """Say whether national holidays are days off; the caller has the days filled again.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    if facility.closed_on_holidays is not closed:
        facility.closed_on_holidays, facility.updated_at = closed, now
        session.flush()
        record(session, actor, "facility.changed", facility_id, closed_on_holidays=closed)


#: Never ``NULL`` once the provider has spoken: an empty way there was looked at and left empty.
_KEPT_EMPTY = frozenset({"name", "address", "access_note"})


@dataclass(frozen=True, slots=True)
class FacilityWords:
    """What a provider says about a facility; plain text.

    Where a list speaks of the facility, its name and address are the list's, and phone, FAX and
    address on the web where the list has them.
    """

    name: str
    address: str
    name_kana: str = ""
    building: str = ""
    phone: str = ""
    fax: str = ""
    url: str = ""
    access_note: str = ""


def set_by_list(facility: Facility) -> frozenset[str]:
    """Return which words of ``FacilityWords`` are the list's, and so not the provider's."""
    if facility.list_key is None:
        return frozenset()
    filled = {column for column in OWN_WHERE_EMPTY if _is_in_list(facility, column)}
    return frozenset({"name", "name_kana", "address", "building", *filled})


def describe_facility(
    session: Session, facility_id: uuid.UUID, said: FacilityWords, *, actor: Actor, now: datetime
) -> None:
    """Write what the provider says about a facility; what a list says stays.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    theirs = set_by_list(facility)
    for column, written in asdict(said).items():
        if column in theirs:
            continue
        setattr(facility, column, written if column in _KEPT_EMPTY else written or None)
    if "address" not in theirs:
        facility.area = area_of(said.address)
    facility.updated_at = now
    session.flush()
    record(session, actor, "facility.described", facility_id)


def _is_in_list(facility: Facility, column: str) -> bool:
    shape = next((one for one in SHAPES if one.code == facility.list_shape), None)
    name = shape.fields.get(column) if shape else None
    if name is None:
        return shape is None
    return bool(str(facility.list_row.get(name) or "").strip())


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
