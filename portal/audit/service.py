"""Leave a trace. Insert only, in the caller's transaction."""

from __future__ import annotations

import uuid
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.kernel.actor import Actor

_RECORD = Statement("""
    INSERT INTO audit_log (id, user_id, organisation_id, family_id, role, action, subjects, detail)
    VALUES (%(id)s, %(user_id)s, %(organisation_id)s, %(family_id)s, %(role)s, %(action)s,
            %(subjects)s, %(detail)s)""")


def record(
    session: Session,
    actor: Actor,
    action: str,
    *subjects: uuid.UUID,
    family_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Write what ``actor`` did, as a dotted code (``booking.placed``) on ``subjects``.

    Args:
        family_id: The family concerned, where there is one; the actor's own by default.
        detail: Plain values: codes, counts, ids as text. Never names, health or free text.
    """
    session.flush()
    _RECORD.run(
        session,
        {
            "id": uuid.uuid4(),
            "user_id": actor.user_id,
            "organisation_id": actor.organisation_id,
            "family_id": family_id or actor.family_id,
            "role": actor.role.value if actor.role else None,
            "action": action,
            "subjects": list(subjects),
            "detail": Jsonb(detail),
        },
    )


def record_read(
    session: Session,
    actor: Actor,
    what: str,
    *subjects: uuid.UUID,
    family_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Write that ``actor`` saw health, support or referral data, as ``read.<what>``.

    The caller commits before the page leaves: who saw something is known even if the answer
    is lost on its way.
    """
    record(session, actor, f"read.{what}", *subjects, family_id=family_id, **detail)
