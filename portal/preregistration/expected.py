"""Applications of an expected child: they go on with its birth, and end with the expecting."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.drafts.service import keep_quiet_about
from portal.families.expected_hooks import Listener
from portal.families.models import Child
from portal.kernel.actor import Actor

_END = text("SELECT end_applications(:child)")
_RESUME = text("SELECT resume_applications(:child, :was)")
_COPY = text("SELECT copy_applications(:first, :other)")


def _ended(session: Session, child: Child, *, actor: Actor, now: datetime) -> Any:
    """End them at every provider, also those this actor may not see; no word goes out.

    Of one that she has begun to write, none either.
    """
    keep_quiet_about(session, child.id, actor=actor, now=now)
    return _fresh(session, session.execute(_END, {"child": child.id}).scalar_one())


def _resumed(session: Session, child: Child, was: Any, *, actor: Actor, now: datetime) -> int:
    del actor, now
    values = {"child": child.id, "was": Jsonb(was)}
    left_out: int = _fresh(session, session.execute(_RESUME, values).scalar_one())
    return left_out


def _copied(session: Session, first: Child, other: Child, *, actor: Actor, now: datetime) -> None:
    del now
    made = session.execute(_COPY, {"first": first.id, "other": other.id}).scalar_one()
    if made:
        record(session, actor, "preregistration.copied", *made, family_id=first.family_id)
    _fresh(session, None)


def _fresh(session: Session, answer: Any) -> Any:
    """Let rows that the function changed be read again."""
    session.expire_all()
    return answer


LISTENER = Listener("applications", ended=_ended, resumed=_resumed, copied=_copied)
