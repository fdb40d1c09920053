"""Rules being written: kept as typed until they are put in force; versions to come withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.facilities.queries import own_programme
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.policies.document import RulesDocument
from portal.rulebooks.models import Rulebook, RulebookDraft
from portal.rulebooks.rules import RulebookRefusal

#: What a form holds, by the names of its fields.
Fields = Mapping[str, str | Sequence[str]]


def save_draft(
    session: Session,
    programme_id: uuid.UUID,
    fields: Fields,
    document: RulesDocument | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Keep what was typed, right or not yet; what was kept before is written over.

    Args:
        document: What it comes to; ``None`` while something is wrong with it.

    Raises:
        sqlalchemy.exc.NoResultFound: the programme is not the actor's organisation's.
    """
    programme = own_programme(session, programme_id, actor.organisation_id)
    kept = {
        "fields": dict(fields),
        "document": document.model_dump(mode="json") if document else null(),
        "saved_by": actor.user_id,
        "saved_at": now,
    }
    session.execute(
        insert(RulebookDraft)
        .values(
            programme_id=programme.id,
            facility_id=programme.facility_id,
            organisation_id=programme.organisation_id,
            **kept,
        )
        .on_conflict_do_update(index_elements=["programme_id"], set_=kept)
    )
    record(session, actor, "rulebook.draft_saved", programme.id)


def drop_draft(session: Session, programme_id: uuid.UUID, *, actor: Actor) -> None:
    """Throw away what was typed; nothing happens where there is nothing.

    Raises:
        sqlalchemy.exc.NoResultFound: the programme is not the actor's organisation's.
    """
    programme = own_programme(session, programme_id, actor.organisation_id)
    session.execute(delete(RulebookDraft).where(RulebookDraft.programme_id == programme.id))
    record(session, actor, "rulebook.draft_dropped", programme.id)


def withdraw_version(
    session: Session, rulebook_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Rulebook:
    """Take back a version that has not begun, and return it; the one before goes on.

    Those whose place it took, that would have begun on the same day, go with it. Bookings made
    under any of them meanwhile keep it.

    Raises:
        Refusal: it is in force already, or was taken back.
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    version = session.scalars(
        select(Rulebook)
        .where(Rulebook.id == rulebook_id, Rulebook.organisation_id == actor.organisation_id)
        .execution_options(populate_existing=True)
    ).one()
    if version.withdrawn_at is not None:
        raise Refusal([RulebookRefusal.ALREADY_WITHDRAWN])
    if version.in_force_from <= today(now):
        raise Refusal([RulebookRefusal.ALREADY_IN_FORCE])
    version.withdrawn_at = now
    session.flush()
    session.execute(
        update(Rulebook)
        .where(
            Rulebook.programme_id == version.programme_id,
            Rulebook.in_force_from == version.in_force_from,
            Rulebook.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now)
    )
    record(session, actor, "rulebook.withdrawn", rulebook_id, version.programme_id)
    return version
