"""Reads of unfinished forms: one's own, and nobody else's."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.orm import Session, defer

from portal.drafts.models import Draft
from portal.kernel.actor import Actor


def own(actor: Actor) -> ColumnElement[bool]:
    """Return the condition: this very person's."""
    return false() if actor.user_id is None else Draft.user_id == actor.user_id


def draft(session: Session, form: str, *, actor: Actor) -> Draft | None:
    """Return what the actor has filled in of a form so far, or ``None``."""
    return session.scalars(select(Draft).where(Draft.form == form, own(actor))).one_or_none()


def locked(session: Session, form: str, *, actor: Actor) -> Draft | None:
    """Return the same as it is now, held until the transaction ends."""
    return session.scalars(
        select(Draft)
        .where(Draft.form == form, own(actor))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def drafts(session: Session, *, actor: Actor) -> Sequence[Draft]:
    """Return all of the actor's unfinished forms, the newest first, without their contents."""
    return session.scalars(
        select(Draft)
        .where(own(actor))
        .options(defer(Draft.content_sealed))
        .order_by(Draft.saved_at.desc(), Draft.id)
    ).all()
