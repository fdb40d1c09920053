"""What can be done with an unfinished form. Start at ``save``.

Savings leave no audit row: nobody but the person herself can read them, and a form is saved at
every step.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.drafts import queries
from portal.drafts.models import Draft, sealed
from portal.drafts.rules import (
    MOST_BYTES,
    MOST_DRAFTS,
    TOLD_BEFORE,
    DraftRefusal,
    Fields,
    Part,
    expires_on,
    is_conflict,
    part_of,
)
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.messages.outbox import enqueue

_END = text("SELECT draft_id, user_id FROM end_drafts(:now, :today, :tell_until)")


def save(
    session: Session,
    form: str,
    part: str,
    fields: Fields,
    *,
    actor: Actor,
    now: datetime,
    seen: int | None = None,
) -> int:
    """Keep one part of a form, beside the others, and return the draft's version.

    Args:
        seen: The version that the page showed; an older page does not write over a newer saving.

    Raises:
        Refusal: another page has saved this part since, or it is too much.
    """
    row = queries.locked(session, form, actor=actor) or _begin(session, form, actor=actor, now=now)
    content = row.opened()
    if is_conflict(part_of(content, part), seen, fields):
        raise Refusal([DraftRefusal.CHANGED_ELSEWHERE])
    row.version += 1
    content[part] = {"fields": dict(fields), "version": row.version}
    if len(json.dumps(content, ensure_ascii=False).encode()) > MOST_BYTES:
        raise Refusal([DraftRefusal.TOO_LONG])
    row.content_sealed = sealed(content, row.id, row.user_id)
    row.saved_at, row.told_at = now, None
    row.expires_on = expires_on(form, today(now))
    session.flush()
    return row.version


def parts(session: Session, form: str, *, actor: Actor) -> dict[str, Part]:
    """Return every saved part of a form; empty where nothing was saved."""
    row = queries.draft(session, form, actor=actor)
    content = {} if row is None else row.opened()
    return {name: part_of(content, name) for name in content}


def discard(session: Session, form: str, *, actor: Actor) -> None:
    """Forget a form: it was sent, or is not wanted any more."""
    session.execute(delete(Draft).where(Draft.form == form, queries.own(actor)))


def keep_quiet_about(session: Session, named: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """Let the actor's forms that name something end without a mail."""
    for row in session.scalars(select(Draft).where(queries.own(actor), Draft.told_at.is_(None))):
        if str(named) in json.dumps(row.opened()):
            row.told_at = now
    session.flush()


def end(now: datetime) -> None:
    """Delete the forms whose month is over, and tell whoever has one that ends soon: a round."""
    day = today(now)
    with acting_as(ANONYMOUS), transaction() as session:
        told = session.execute(_END, {"now": now, "today": day, "tell_until": day + TOLD_BEFORE})
        for row in told.all():
            enqueue(session, "drafts/ending", about=[row.draft_id], to_user=row.user_id)


def _begin(session: Session, form: str, *, actor: Actor, now: datetime) -> Draft:
    """Make the row, or find the one that another page made this very moment."""
    if actor.user_id is None:
        raise PermissionError("nobody in particular keeps no forms")
    count = session.scalar(select(func.count()).select_from(Draft).where(queries.own(actor)))
    if (count or 0) >= MOST_DRAFTS:
        raise Refusal([DraftRefusal.TOO_MANY])
    draft_id = uuid.uuid4()
    session.execute(
        insert(Draft)
        .values(
            id=draft_id,
            user_id=actor.user_id,
            family_id=actor.family_id,
            form=form,
            version=0,
            content_sealed=sealed({}, draft_id, actor.user_id),
            saved_at=now,
            expires_on=expires_on(form, today(now)),
        )
        .on_conflict_do_nothing(constraint="uq_drafts_form")
    )
    row = queries.locked(session, form, actor=actor)
    if row is None:
        raise LookupError("a form that was just begun is there")
    return row
