"""Take a provider in; set what a municipality decides."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Reason, Refusal
from portal.kernel.municipalities import is_code
from portal.organisations.models import Organisation, SettingChange
from portal.organisations.queries import bodies_of, provider_called
from portal.organisations.rules import SUPPORTING, OrganisationKind, OrganisationRefusal


def open_provider(
    session: Session, name: str, phone: str, *, actor: Actor, now: datetime
) -> uuid.UUID:
    """Add a provider and return its id. Its first director is invited next.

    Raises:
        Refusal: ``PROVIDER_EXISTS``: there is one of that name.
    """
    _one_at_a_time(session)
    if provider_called(session, name, actor) is not None:
        raise Refusal([Reason(OrganisationRefusal.PROVIDER_EXISTS, {"name": name})])
    provider_id = uuid.uuid4()
    session.execute(
        insert(Organisation)
        .values(
            id=provider_id,
            kind=OrganisationKind.PROVIDER,
            name=name,
            phone=phone or None,
            opened_by=actor.organisation_id if actor.role is Role.LIAISON else None,
            settings={},
            created_at=now,
        )
        .inline()
    )
    record(session, actor, "organisation.added", provider_id, kind=OrganisationKind.PROVIDER.value)
    return provider_id


@dataclass(frozen=True, slots=True)
class Contact:
    """What a body is called and by what it is reached; empty: it has none."""

    name: str
    phone: str
    fax: str
    mail: str


def open_body(
    session: Session,
    kind: OrganisationKind,
    municipality_id: uuid.UUID,
    contact: Contact,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Add a supporting body of a municipality and return its id. The operator alone does so.

    Raises:
        Refusal: ``BODY_EXISTS``: the municipality has one of that name.
        NoResultFound: no such municipality.
        ValueError: not a kind that supports families. A caller's mistake.
    """
    if kind not in SUPPORTING:
        raise ValueError(f"{kind} supports no families")
    _one_at_a_time(session)
    _municipality(session, municipality_id)
    _refuse_same_name(session, contact.name, municipality_id, None)
    body_id = uuid.uuid4()
    session.execute(
        insert(Organisation)
        .values(
            id=body_id,
            kind=kind,
            municipality_id=municipality_id,
            settings={},
            created_at=now,
            **_columns(contact),
        )
        .inline()
    )
    record(session, actor, "organisation.added", body_id, kind=kind.value)
    return body_id


def change_body(
    session: Session,
    body_id: uuid.UUID,
    municipality_id: uuid.UUID,
    contact: Contact,
    *,
    actor: Actor,
) -> None:
    """Write by what a supporting body is reached, and to which municipality it belongs.

    Raises:
        Refusal: ``BODY_EXISTS``: the municipality has another of that name.
        NoResultFound: no such body or municipality, or the actor is not the operator.
    """
    _one_at_a_time(session)
    _municipality(session, municipality_id)
    if actor.role is not Role.OPERATOR:
        raise NoResultFound
    of = session.scalars(
        select(Organisation).where(Organisation.id == body_id, Organisation.kind.in_(SUPPORTING))
    ).one()
    _refuse_same_name(session, contact.name, municipality_id, body_id)
    of.municipality_id = municipality_id
    for column, value in _columns(contact).items():
        setattr(of, column, value)
    session.flush()
    record(session, actor, "organisation.changed", body_id)


def _columns(contact: Contact) -> dict[str, str | None]:
    return {
        "name": contact.name.strip(),
        "phone": contact.phone.strip() or None,
        "fax": contact.fax.strip() or None,
        "mail": contact.mail.strip() or None,
    }


def _municipality(session: Session, municipality_id: uuid.UUID) -> Organisation:
    return session.scalars(
        select(Organisation).where(
            Organisation.id == municipality_id, Organisation.kind == OrganisationKind.MUNICIPALITY
        )
    ).one()


def _refuse_same_name(
    session: Session, name: str, municipality_id: uuid.UUID, own_id: uuid.UUID | None
) -> None:
    for body in bodies_of(session, municipality_id):
        if body.name == name.strip() and body.id != own_id:
            raise Refusal([Reason(OrganisationRefusal.BODY_EXISTS, {"name": name.strip()})])


def set_municipality_code(
    session: Session, municipality_id: uuid.UUID, code: str, *, actor: Actor
) -> None:
    """Write the six figures (全国地方公共団体コード) of a municipality: its lists begin with them.

    Args:
        code: One that ``kernel.municipalities.is_code`` takes.

    Raises:
        Refusal: ``CODE_TAKEN``: another municipality has it.
        ValueError: it is no code. A caller's mistake.
    """
    if not is_code(code):
        raise ValueError(f"{code!r} is no code of a municipality")
    if not session.scalar(select(func.set_municipality_code(municipality_id, code))):
        raise Refusal([Reason(OrganisationRefusal.CODE_TAKEN, {"code": code})])
    session.refresh(session.get_one(Organisation, municipality_id))
    record(session, actor, "organisation.code_set", municipality_id, code=code)


def change_settings(
    session: Session,
    municipality_id: uuid.UUID,
    changes: Mapping[str, Mapping[str, Any]],
    *,
    actor: Actor,
    now: datetime,
) -> bool:
    """Set what a municipality decides; what was set before is kept in its history.

    Args:
        changes: By section (``contact``, ``cases``); sections that are not given stay.

    Returns:
        Whether anything is different now.

    Raises:
        NoResultFound: not the actor's own municipality.
    """
    if actor.role is not Role.LIAISON or actor.organisation_id != municipality_id:
        raise NoResultFound
    of = session.scalars(
        select(Organisation)
        .where(
            Organisation.id == municipality_id, Organisation.kind == OrganisationKind.MUNICIPALITY
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    was = {section: of.settings.get(section, {}) for section in changes}
    becomes = {section: dict(values) for section, values in changes.items()}
    if was == becomes:
        return False
    of.settings = {**of.settings, **becomes}
    session.add(
        SettingChange(
            id=uuid.uuid4(),
            organisation_id=municipality_id,
            changed_by=actor.user_id,
            changed_at=now,
            was=was,
            becomes=becomes,
        )
    )
    record(session, actor, "organisation.settings_changed", municipality_id, becomes=becomes)
    return True


def _one_at_a_time(session: Session) -> None:
    """Wait for another provider being taken in: both could have the same name."""
    key = func.hashtextextended("organisations.open_provider", 0)
    session.execute(func.pg_advisory_xact_lock(key).select())
