"""Take a provider in, by the operator or by its municipality."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Reason, Refusal
from portal.kernel.municipalities import is_code
from portal.organisations.models import Organisation
from portal.organisations.queries import provider_called
from portal.organisations.rules import OrganisationKind, OrganisationRefusal


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


def _one_at_a_time(session: Session) -> None:
    """Wait for another provider being taken in: both could have the same name."""
    key = func.hashtextextended("organisations.open_provider", 0)
    session.execute(func.pg_advisory_xact_lock(key).select())
