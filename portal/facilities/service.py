"""Take a city's list in, and hand its facilities to their providers (``own`` is their part).

A list's columns are the city's: an import writes them. Whose a facility is, whether it is
published, ``closed_on_holidays``, ``access_note`` (which a new facility gets from the list) and the
programmes are the provider's: no import touches them, except that a facility the city now marks
非公開 is taken off the public pages at once.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities import queries
from portal.facilities.exports import body_of, listed
from portal.facilities.lists.columns import BY_CODE
from portal.facilities.lists.compare import Preview, compare
from portal.facilities.lists.parsing import read_list
from portal.facilities.lists.projecting import Listed
from portal.facilities.lists.rows import FacilityRow, ParsedList
from portal.facilities.lists.values import municipality_code
from portal.facilities.models import Facility, FacilityImport
from portal.facilities.rules import FacilityRefusal, area_of, city_of, portal_number
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.kernel.municipalities import is_code
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.organisations.service import set_municipality_code

#: What a provider may say itself where the list says nothing.
OWN_WHERE_EMPTY = frozenset({"phone", "fax", "url"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking a list would do to a city's facilities as they are stored now."""

    parsed: ParsedList
    preview: Preview
    #: Names of those the city has from lists of other shapes and that this list does not name.
    names_of_other_shapes: tuple[str, ...]

    @property
    def other_shapes(self) -> int:
        """How many these are."""
        return len(self.names_of_other_shapes)

    @property
    def counts(self) -> dict[str, Any]:
        """How many rows of each kind; facilities only in the portal under ``missing``."""
        return {
            "rows": len(self.parsed.rows) + len(self.parsed.refused_rows),
            "new": len(self.preview.new),
            "changed": len(self.preview.changed),
            "unchanged": len(self.preview.unchanged),
            "refused": len(self.parsed.refused_rows),
            "remarks": len(self.preview.remarks),
            "missing": len(self.preview.missing),
            "blank": len(self.parsed.blank_rows),
            "hidden": sum(row.is_hidden for row in self.parsed.rows),
        }

    def rows_of_other_cities(self, city: str) -> int:
        """Return how many rows have an address that names another municipality."""
        return sum(count for name, count in self.cities.items() if name != city)

    @property
    def cities(self) -> Counter[str]:
        """How many rows have an address that names which municipality."""
        named = (city_of(row.address) for row in self.parsed.rows)
        return Counter(name for name in named if name is not None)

    def is_of_another_city(self, city: str) -> bool:
        """Say whether the addresses name other municipalities alone: mostly the wrong file."""
        return bool(self.cities) and city not in self.cities

    def code_for(self, city: Organisation | None) -> str | None:
        """Return the code a city without one is told by this list: of all its rows the same."""
        if city is None or city.municipality_code:
            return None
        column = BY_CODE[self.parsed.shape].fields.get("municipality_code", "")
        told = {municipality_code(row.raw.get(column, "")).value or "" for row in self.parsed.rows}
        code = told.pop() if len(told) == 1 else ""
        is_sure = is_code(code) and not self.rows_of_other_cities(city.name)
        return code if is_sure else None

    @property
    def fingerprint(self) -> str:
        """A short text that differs as soon as taking the list would do something else."""
        what = [
            [row.key for row in self.preview.new],
            [
                [changed.row.key, [[c.column, c.old, c.new] for c in changed.changes]]
                for changed in self.preview.changed
            ],
        ]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Imported:
    """A list that was taken: under which id it is kept, and what it did."""

    import_id: uuid.UUID
    plan: Plan


def plan_import(
    session: Session,
    data: bytes,
    filename: str,
    municipality_id: uuid.UUID,
    *,
    invent_numbers: bool = False,
) -> Plan:
    """Return what taking the list would do. Writes nothing.

    Args:
        invent_numbers: For demos: phone and FAX numbers are replaced by ones that nobody has.

    Raises:
        Refusal: the file is not a list that is known; codes are those of ``ListRefusal``.
    """
    parsed = read_list(data, filename, invent_numbers=invent_numbers)
    shape = BY_CODE[parsed.shape]
    stored = queries.stored_rows(session, municipality_id, parsed.shape)
    existing = {
        key: Listed(shape, raw, portal_number(counted)) for key, (raw, counted) in stored.items()
    }
    others = queries.not_of_shape(session, municipality_id, parsed.shape)
    elsewhere = {str(other.id): listed(other) for other in others}
    body = body_of(session.get(Organisation, municipality_id))
    preview = compare(parsed, existing, elsewhere, body)
    unmatched = set(preview.unmatched)
    return Plan(parsed, preview, tuple(one.name for one in others if str(one.id) in unmatched))


def store_import(
    session: Session,
    data: bytes,
    filename: str,
    municipality_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    invent_numbers: bool = False,
) -> Imported:
    """Keep a list byte for byte, so that exactly what is previewed can be taken later.

    The same file for the same city that still waits is not kept a second time.

    Raises:
        Refusal: the file is not a list that is known; nothing is kept then.
    """
    plan = plan_import(session, data, filename, municipality_id, invent_numbers=invent_numbers)
    digest = hashlib.sha256(data).digest()
    waiting = queries.waiting_import(session, municipality_id, filename, digest)
    if waiting is not None:
        return Imported(waiting, plan)
    stored = FacilityImport(
        id=uuid.uuid4(),
        municipality_id=municipality_id,
        file_name=filename,
        content=data,
        sha256=digest,
        counts=plan.counts,
        created_by=actor.user_id,
        created_at=now,
    )
    session.add(stored)
    session.flush()
    record(session, actor, "facility.list_uploaded", stored.id, municipality_id, **plan.counts)
    return Imported(stored.id, plan)


def plan_of(session: Session, stored: FacilityImport, *, invent_numbers: bool = False) -> Plan:
    """Return what taking a kept list would do now."""
    return plan_import(
        session,
        stored.content,
        stored.file_name,
        stored.municipality_id,
        invent_numbers=invent_numbers,
    )


def apply_import(
    session: Session,
    import_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
    may_be_of_another_city: bool = True,
    invent_numbers: bool = False,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Imported:
    """Take a kept list: add its new facilities, write the city's columns of the changed ones.

    Facilities that the list does not name stay as they are. A city without a code learns it from
    the list.

    Args:
        seen: The fingerprint of the plan somebody agreed to.
        may_be_of_another_city: Whether somebody said that the list is meant for this city although
            no address lies in it.
        tell: Called with how many rows are done of how many.

    Raises:
        Refusal: ``ALREADY_IMPORTED``; ``CHANGED_SINCE_PREVIEW``: facilities were changed after
            ``seen`` was shown, so that taking the list would now do something else;
            ``OF_ANOTHER_CITY``.
        sqlalchemy.exc.NoResultFound: there is no such import, or it is another city's.
    """
    stored = queries.import_by_id(session, import_id)
    _one_at_a_time(session, stored.municipality_id)
    session.refresh(stored)
    if stored.applied_at is not None:
        raise Refusal([FacilityRefusal.ALREADY_IMPORTED])
    plan = plan_of(session, stored, invent_numbers=invent_numbers)
    if seen is not None and seen != plan.fingerprint:
        raise Refusal([FacilityRefusal.CHANGED_SINCE_PREVIEW])
    city = session.get(Organisation, stored.municipality_id)
    if city is not None and plan.is_of_another_city(city.name) and not may_be_of_another_city:
        raise Refusal([FacilityRefusal.OF_ANOTHER_CITY])
    _write(session, plan, stored.municipality_id, now, tell)
    if (code := plan.code_for(city)) and not queries.is_code_taken(session, code):
        set_municipality_code(session, stored.municipality_id, code, actor=actor)
    stored.applied_at = now
    stored.counts = plan.counts
    session.flush()
    record(session, actor, "facility.imported", stored.id, stored.municipality_id, **plan.counts)
    return Imported(stored.id, plan)


def import_file(
    session: Session,
    data: bytes,
    filename: str,
    municipality_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> Imported:
    """Keep a list and take it at once: what upload and button do in two steps.

    Arguments and refusals are those of both.
    """
    kept = store_import(session, data, filename, municipality_id, actor=actor, now=now)
    return apply_import(session, kept.import_id, actor=actor, now=now, seen=seen, tell=tell)


def municipality_named(
    session: Session, name: str, *, actor: Actor, now: datetime, code: str | None = None
) -> uuid.UUID:
    """Return the municipality of that name, made when there is none. For the operator.

    Args:
        code: Its six figures, written where they are not there yet or others.

    Raises:
        Refusal: ``CODE_TAKEN``.
    """
    city = _organisation(session, OrganisationKind.MUNICIPALITY, name, actor, now)
    if code is not None and queries.municipality(session, city).municipality_code != code:
        set_municipality_code(session, city, code, actor=actor)
    return city


def provider_named(session: Session, name: str, *, actor: Actor, now: datetime) -> uuid.UUID:
    """Return the provider of that name, made when there is none. For the operator."""
    return _organisation(session, OrganisationKind.PROVIDER, name, actor, now)


def _organisation(
    session: Session, kind: OrganisationKind, name: str, actor: Actor, now: datetime
) -> uuid.UUID:
    found = queries.organisation_named(session, kind, name)
    if found is not None:
        return found
    made = Organisation(id=uuid.uuid4(), kind=kind, name=name, created_at=now)
    session.add(made)
    session.flush()
    record(session, actor, "organisation.added", made.id, kind=kind.value)
    return made.id


def claim_facility(
    session: Session,
    facility_id: uuid.UUID,
    organisation_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Hand a facility to the provider that runs it. For the operator.

    Raises:
        Refusal: ``RUN_BY_ANOTHER``.
        sqlalchemy.exc.NoResultFound: no such facility.
    """
    facility = queries.facility(session, facility_id)
    if facility.organisation_id == organisation_id:
        return
    if facility.organisation_id is not None:
        raise Refusal([FacilityRefusal.RUN_BY_ANOTHER])
    facility.organisation_id = organisation_id
    facility.updated_at = now
    session.flush()
    record(session, actor, "facility.claimed", facility_id, organisation_id)


def _one_at_a_time(session: Session, municipality_id: uuid.UUID) -> None:
    """Wait for another import of the same city: both would add the same facilities."""
    session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(str(municipality_id), 0)))
    )


def _write(
    session: Session,
    plan: Plan,
    municipality_id: uuid.UUID,
    now: datetime,
    tell: Callable[[int, int], None],
) -> None:
    preview, shape = plan.preview, plan.parsed.shape
    total = len(preview.new) + len(preview.changed)
    for done, row in enumerate(preview.new, start=1):
        session.add(
            Facility(
                id=uuid.uuid4(),
                municipality_id=municipality_id,
                list_shape=shape,
                access_note=row.access,
                created_at=now,
                updated_at=now,
                **_columns_of_the_list(row),
            )
        )
        tell(done, total)
    keys = [changed.stored_key for changed in preview.changed if changed.stored_key]
    ids = [uuid.UUID(changed.elsewhere_id) for changed in preview.changed if changed.elsewhere_id]
    known = queries.facilities_by_key(session, municipality_id, shape, keys)
    known |= queries.facilities_by_id(session, ids)
    for done, changed in enumerate(preview.changed, start=len(preview.new) + 1):
        facility = known[changed.stored_key or changed.elsewhere_id or ""]
        facility.list_shape = shape
        _update(facility, changed.row, now)
        tell(done, total)
    session.flush()


def _update(facility: Facility, row: FacilityRow, now: datetime) -> None:
    for column, value in _columns_of_the_list(row).items():
        setattr(facility, column, value)
    facility.updated_at = now
    if row.is_hidden:
        facility.published_at = None


def _columns_of_the_list(row: FacilityRow) -> dict[str, Any]:
    return {
        "list_key": row.key,
        "list_row": dict(row.raw),
        "name": row.name.strip(),
        "name_kana": row.name_kana,
        "kind": row.kind,
        "owner_name": row.owner_name,
        "address": row.address.strip(),
        "building": row.building,
        "area": area_of(row.address),
        "latitude": row.latitude,
        "longitude": row.longitude,
        "phone": row.phone,
        "fax": row.fax,
        "capacity": row.capacity,
        "age_from_text": row.age_from_text,
        "age_until_text": row.age_until_text,
        "opens_text": row.opens_text,
        "closes_text": row.closes_text,
        "has_temporary_care": row.has_temporary_care,
        "url": row.url,
        "is_hidden": row.is_hidden,
    }
