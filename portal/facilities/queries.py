"""Facilities and imports as stored. Row-level security decides whose rows there are to find."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Row, and_, not_, select
from sqlalchemy.orm import Session, defer

from portal.facilities.models import Facility, FacilityClaim, FacilityImport, Programme
from portal.facilities.rules import ClaimState
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind


def stored_rows(
    session: Session, municipality_id: uuid.UUID, shape: str
) -> dict[str, tuple[Mapping[str, str], int]]:
    """Return the raw cells of a city's facilities and the portal's number for each, by key."""
    found = session.execute(
        select(Facility.list_key, Facility.list_row, Facility.number)
        .where(Facility.municipality_id == municipality_id, Facility.list_shape == shape)
        .order_by(Facility.created_at, Facility.list_key)
    )
    return {row.list_key: (row.list_row, row.number) for row in found}


def facilities_by_key(
    session: Session, municipality_id: uuid.UUID, shape: str, keys: Sequence[str]
) -> dict[str, Facility]:
    """Return the facilities of a list that have one of ``keys``."""
    found = session.scalars(
        select(Facility).where(
            Facility.municipality_id == municipality_id,
            Facility.list_shape == shape,
            Facility.list_key.in_(keys),
        )
    )
    return {facility.list_key: facility for facility in found if facility.list_key}


def facilities_by_id(session: Session, ids: Sequence[uuid.UUID]) -> dict[str, Facility]:
    """Return facilities by the text of their id."""
    found = session.scalars(select(Facility).where(Facility.id.in_(ids)))
    return {str(facility.id): facility for facility in found}


def not_of_shape(session: Session, municipality_id: uuid.UUID, shape: str) -> Sequence[Facility]:
    """Return a city's facilities that come from a list of another shape, or from none.

    Not what a provider entered and the city refused: it would stand beside the city's own.
    """
    return session.scalars(
        select(Facility)
        .where(
            Facility.municipality_id == municipality_id,
            Facility.list_shape.is_distinct_from(shape),
            not_(_is_only_claimed(ClaimState.REFUSED)),
        )
        .order_by(Facility.created_at, Facility.id)
    ).all()


def facilities_to_export(session: Session, municipality_id: uuid.UUID) -> Sequence[Facility]:
    """Return all facilities of a city in the order in which its lists brought them.

    What a provider entered itself is the city's once the city has confirmed it.
    """
    return session.scalars(
        select(Facility)
        .where(
            Facility.municipality_id == municipality_id,
            not_(_is_only_claimed(ClaimState.WAITING, ClaimState.REFUSED)),
        )
        .order_by(Facility.created_at, Facility.list_key, Facility.id)
    ).all()


def _is_only_claimed(*states: ClaimState) -> ColumnElement[bool]:
    """Return whether no list names a facility and its claim stands in one of ``states``."""
    return and_(Facility.list_key.is_(None), is_claimed(*states))


def is_claimed(*states: ClaimState) -> ColumnElement[bool]:
    """Return the condition that a facility's claim stands in one of ``states``."""
    return (
        select(FacilityClaim.id)
        .where(FacilityClaim.facility_id == Facility.id, FacilityClaim.state.in_(states))
        .correlate(Facility)
        .exists()
    )


def published_facilities(session: Session) -> Sequence[Facility]:
    """Return what anybody may see: published, and not hidden (非公開) by its city."""
    return session.scalars(
        select(Facility)
        .where(Facility.published_at.is_not(None), Facility.is_hidden.is_(False))
        .order_by(Facility.municipality_id, Facility.name, Facility.id)
    ).all()


def municipality(session: Session, municipality_id: uuid.UUID) -> Organisation:
    """Return a municipality.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none of that id.
    """
    return session.scalars(
        select(Organisation).where(
            Organisation.id == municipality_id, Organisation.kind == OrganisationKind.MUNICIPALITY
        )
    ).one()


def standing_by_key(
    session: Session, municipality_id: uuid.UUID, shape: str
) -> dict[str, tuple[str, bool]]:
    """Return of a city's facilities by key the name, and whether the public sees it."""
    found = session.execute(
        select(Facility.list_key, Facility.name, Facility.published_at).where(
            Facility.municipality_id == municipality_id, Facility.list_shape == shape
        )
    )
    return {row.list_key: (row.name, row.published_at is not None) for row in found}


def facility(session: Session, facility_id: uuid.UUID) -> Facility:
    """Return a facility.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is not to be seen.
    """
    return session.scalars(select(Facility).where(Facility.id == facility_id)).one()


def own_facility(
    session: Session, facility_id: uuid.UUID, organisation_id: uuid.UUID | None
) -> Facility:
    """Return a facility that ``organisation_id`` runs; others' published ones are not found.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not theirs.
    """
    return session.scalars(
        select(Facility).where(
            Facility.id == facility_id, Facility.organisation_id == organisation_id
        )
    ).one()


def facilities_of(session: Session, organisation_id: uuid.UUID | None) -> Sequence[Facility]:
    """Return the facilities that an organisation runs, by name."""
    return session.scalars(
        select(Facility)
        .where(Facility.organisation_id == organisation_id)
        .order_by(Facility.name, Facility.id)
    ).all()


def facilities_run_by(
    session: Session, organisation_ids: Iterable[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[Facility]]:
    """Return the facilities of several organisations, by name, as far as the actor sees them."""
    found: dict[uuid.UUID, list[Facility]] = {}
    for facility in session.scalars(
        select(Facility)
        .where(Facility.organisation_id.in_(list(organisation_ids)))
        .order_by(Facility.name, Facility.id)
    ):
        if facility.organisation_id is not None:
            found.setdefault(facility.organisation_id, []).append(facility)
    return found


def programmes_of(session: Session, organisation_id: uuid.UUID | None) -> Sequence[Programme]:
    """Return the programmes of an organisation, oldest first."""
    return session.scalars(
        select(Programme)
        .where(Programme.organisation_id == organisation_id)
        .order_by(Programme.created_at, Programme.id)
    ).all()


def own_programme(
    session: Session, programme_id: uuid.UUID, organisation_id: uuid.UUID | None
) -> Programme:
    """Return a programme of ``organisation_id``.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not theirs.
    """
    return session.scalars(
        select(Programme).where(
            Programme.id == programme_id, Programme.organisation_id == organisation_id
        )
    ).one()


def import_by_id(session: Session, import_id: uuid.UUID) -> FacilityImport:
    """Return an uploaded list with its bytes.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is another city's.
    """
    return session.scalars(select(FacilityImport).where(FacilityImport.id == import_id)).one()


def waiting_import(
    session: Session, municipality_id: uuid.UUID, filename: str, sha256: bytes
) -> uuid.UUID | None:
    """Return the upload of that file that was not taken yet."""
    return session.scalars(
        select(FacilityImport.id)
        .where(
            FacilityImport.municipality_id == municipality_id,
            FacilityImport.file_name == filename,
            FacilityImport.sha256 == sha256,
            FacilityImport.applied_at.is_(None),
        )
        .limit(1)
    ).one_or_none()


def recent_imports(session: Session, *, limit: int = 30) -> Sequence[Row[FacilityImport, str]]:
    """Return the newest uploads as (import, name of the city), without their bytes."""
    return session.execute(
        select(FacilityImport, Organisation.name)
        .join(Organisation, Organisation.id == FacilityImport.municipality_id)
        .options(defer(FacilityImport.content))
        .order_by(FacilityImport.created_at.desc(), FacilityImport.id)
        .limit(limit)
    ).all()


def is_code_taken(session: Session, code: str) -> bool:
    """Say whether a municipality has that code."""
    return any(city.municipality_code == code for city in municipalities(session))


def municipalities(session: Session) -> Sequence[Organisation]:
    """Return every municipality, by name."""
    return session.scalars(
        select(Organisation)
        .where(Organisation.kind == OrganisationKind.MUNICIPALITY)
        .order_by(Organisation.name, Organisation.id)
    ).all()


def organisation_named(session: Session, kind: OrganisationKind, name: str) -> uuid.UUID | None:
    """Return the organisation of that kind and name, the oldest of several."""
    return session.scalars(
        select(Organisation.id)
        .where(Organisation.kind == kind, Organisation.name == name)
        .order_by(Organisation.created_at, Organisation.id)
        .limit(1)
    ).one_or_none()


def facilities_called(session: Session, name: str, address_part: str = "") -> Sequence[Facility]:
    """Return the facilities of exactly that name whose address contains ``address_part``."""
    return session.scalars(
        select(Facility)
        .where(Facility.name == name, Facility.address.contains(address_part, autoescape=True))
        .order_by(Facility.address, Facility.id)
    ).all()
