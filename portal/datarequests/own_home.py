"""What is known of a family's home, and care outside the portal, as rows of plain values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.datarequests.plain import plain, rows_of
from portal.homes.asked import Asked
from portal.homes.models import StoredHomeFact
from portal.homes.queries import fact_of
from portal.homes.words import fact_words, kind_words
from portal.organisations.models import Organisation
from portal.uses.models import DeclaredUse


def home_of(
    session: Session, family_id: uuid.UUID, names: Mapping[uuid.UUID, str | None]
) -> list[dict[str, Any]]:
    """Return facts of the home that the actor may see, those that ended with the day too.

    Codes that a town made its own stand as codes: the rules that name them may be long gone.
    """
    rows = session.scalars(
        select(StoredHomeFact)
        .where(StoredHomeFact.family_id == family_id)
        .order_by(StoredHomeFact.said_at, StoredHomeFact.id)
    ).all()
    wrote = {row.organisation_id for row in rows if row.organisation_id}
    found = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wrote))
    providers = {row.id: row.name for row in session.execute(found)}
    usual = Asked()
    return [
        {
            "child": names.get(row.child_id) if row.child_id else None,
            "about": kind_words(row.kind),
            "text": fact_words(fact_of(row), usual),
            "provider": providers.get(row.organisation_id) if row.organisation_id else None,
            **rows_of([row], ("valid_from", "valid_until", "seen_on", "said_at"))[0],
            "finished_at": plain(row.ended_at),
        }
        for row in rows
    ]


def uses_of(
    session: Session, family_id: uuid.UUID, names: Mapping[uuid.UUID, str | None]
) -> list[dict[str, Any]]:
    """Return days of care outside the portal, those taken back with the moment."""
    rows = session.scalars(
        select(DeclaredUse)
        .where(DeclaredUse.family_id == family_id)
        .order_by(DeclaredUse.day, DeclaredUse.told_at, DeclaredUse.id)
    )
    return [
        {
            "child": names.get(row.child_id),
            **rows_of([row], ("day", "minutes", "use_type", "told_at", "retracted_at"))[0],
        }
        for row in rows
    ]
