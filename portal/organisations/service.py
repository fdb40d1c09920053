"""Take a provider in, by the operator or by its municipality."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Reason, Refusal
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


def _one_at_a_time(session: Session) -> None:
    """Wait for another provider being taken in: both could have the same name."""
    key = func.hashtextextended("organisations.open_provider", 0)
    session.execute(func.pg_advisory_xact_lock(key).select())
