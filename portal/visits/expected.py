"""Visits of an expected child: others of its birth come along; once it is closed, none stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.families.expected_hooks import Listener
from portal.families.models import Child
from portal.kernel.actor import Actor

_END = text("SELECT end_visits(:child)")
_RESUME = text("SELECT resume_visits(:child, :was)")
_COPY = text("SELECT copy_visits(:first, :other)")


def _ended(session: Session, child: Child, *, actor: Actor, now: datetime) -> Any:
    del actor, now
    was = session.execute(_END, {"child": child.id}).scalar_one()
    session.expire_all()
    return was


def _resumed(session: Session, child: Child, was: Any, *, actor: Actor, now: datetime) -> int:
    del actor, now
    values = {"child": child.id, "was": Jsonb(was)}
    left_out: int = session.execute(_RESUME, values).scalar_one()
    session.expire_all()
    return left_out


def _copied(session: Session, first: Child, other: Child, *, actor: Actor, now: datetime) -> None:
    del actor, now
    session.execute(_COPY, {"first": first.id, "other": other.id})
    session.expire_all()


LISTENER = Listener("visits", ended=_ended, resumed=_resumed, copied=_copied)
