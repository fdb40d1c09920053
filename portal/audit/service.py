"""Leave a trace. Insert only, in the caller's transaction."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.audit.models import AuditEntry
from portal.kernel.actor import Actor


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
    session.execute(
        insert(AuditEntry).inline(),
        {
            "id": uuid.uuid4(),
            "user_id": actor.user_id,
            "organisation_id": actor.organisation_id,
            "family_id": family_id or actor.family_id,
            "role": actor.role.value if actor.role else None,
            "action": action,
            "subjects": list(subjects),
            "detail": detail,
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
