"""The stored facilities as lists to hand out: a city's own, and what is open to everybody."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from portal.facilities import queries
from portal.facilities.lists.columns import BY_CODE, NATIONAL_4, Shape
from portal.facilities.lists.exporting import ListTable, list_table
from portal.facilities.lists.projecting import NOBODY, Body, Listed
from portal.facilities.models import Facility
from portal.facilities.rules import city_of, portal_number
from portal.organisations.models import Organisation


def listed(facility: Facility) -> Listed:
    """Return a facility as its list told it, or, where no list did, as the portal knows it."""
    shape = BY_CODE.get(facility.list_shape or "")
    if shape is not None and facility.list_row:
        return Listed(shape, facility.list_row, portal_number(facility.number))
    ages = (facility.age_from_text, facility.age_until_text)
    has_care = facility.has_temporary_care
    told = {
        "name": facility.name,
        "name_kana": facility.name_kana,
        "kind": facility.kind,
        "owner_name": facility.owner_name,
        "address": facility.address,
        "building": facility.building,
        "latitude": None if facility.latitude is None else str(facility.latitude),
        "longitude": None if facility.longitude is None else str(facility.longitude),
        "access": facility.access_note,
        "phone": facility.phone,
        "fax": facility.fax,
        "capacity": None if facility.capacity is None else str(facility.capacity),
        "age_from": "～".join(age or "" for age in ages) if any(ages) else None,
        "opens": facility.opens_text,
        "closes": facility.closes_text,
        "has_temporary_care": None if has_care is None else NATIONAL_4.yes_no[not has_care],
        "url": facility.url,
    }
    raw = {NATIONAL_4.fields[name]: text or "" for name, text in told.items()}
    return Listed(NATIONAL_4, raw, portal_number(facility.number))


def body_of(city: Organisation | None) -> Body:
    """Return what lists say of the municipality that keeps them."""
    if city is None:
        return NOBODY
    town = city.name if city.name.endswith(("町", "村")) else ""
    return Body(city.municipality_code or "", city_of(city.name) or town)


def city_list(session: Session, municipality_id: uuid.UUID, shape: Shape) -> ListTable:
    """Return all facilities of a city, hidden ones with them: for the city itself.

    What the shape has no column for follows in columns of its own, so that importing the file
    again changes nothing.

    Raises:
        sqlalchemy.exc.NoResultFound: there is no such municipality.
    """
    city = queries.municipality(session, municipality_id)
    facilities = queries.facilities_to_export(session, municipality_id)
    return list_table(map(listed, facilities), shape, body_of(city))


def public_list(session: Session, shape: Shape) -> ListTable:
    """Return what anybody may see, in the columns of a standard and no others.

    A city's own columns may hold notes that were never meant to be published.
    """
    facilities = queries.published_facilities(session)
    bodies = {city.id: body_of(city) for city in queries.municipalities(session)}
    tables = [
        list_table(
            [listed(one)],
            shape,
            bodies.get(one.municipality_id or uuid.UUID(int=0), NOBODY),
            own_columns=False,
        )
        for one in facilities
    ]
    return ListTable(shape, shape.columns, tuple(row for table in tables for row in table.rows))


def file_name(shape: Shape, code: str | None) -> str:
    """Return the name a list has by the standard, without ending: ``072036_preschool``.

    *Source:* definition book 2.1: six figures of the municipality and the name of the data set.
    """
    name = "preschool" if shape.is_national else "nurseryFacilities"
    return f"{code}_{name}" if code else name
