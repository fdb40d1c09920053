"""What every change of an application has in common: the lock, the state, the trace, the words."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.audit.service import record
from portal.documents.i18n import gettext as _
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.preregistration import queries
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import (
    NEXT_STATE,
    MessageKind,
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
    advance,
    mark_of,
)
from portal.preregistration.terms import terms_of

#: What a facility decides of a child it can see: an expected one waits for its birth.
_AFTER_BIRTH = frozenset({PreregistrationEvent.ACCEPT, PreregistrationEvent.WAIT})


def change(
    session: Session,
    preregistration_id: uuid.UUID,
    event: PreregistrationEvent,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
    **detail: Any,
) -> Preregistration:
    """Take one step in the table of states, with its trace; held until the transaction ends.

    An acceptance is until the day that the facility's rules in force today say.

    Args:
        seen: What the page knew of it (``rules.mark_of``); ``None`` for no page.

    Raises:
        Refusal: not possible in its state, or somebody was quicker.
        NoResultFound: not one this actor may see.
    """
    row = queries.locked(session, preregistration_id, actor=actor)
    if actor.is_provider and (
        (row.state, event) not in NEXT_STATE
        or (seen is not None and seen != mark_of(row.state, row.decided_at))
    ):
        raise Refusal([_what_came_before(session, row)])
    if event in _AFTER_BIRTH and row.child.born_on is None:
        raise Refusal([Reason(PreregistrationRefusal.NOT_BORN_YET, child_id=row.child_id)])
    row.state = advance(row.state, event)
    if row.state is not PreregistrationState.ACCEPTED:
        row.accepted_until = None
    elif event is PreregistrationEvent.ACCEPT:
        on = today(now)
        rule = terms_of(session, row.facility_id, on).rule
        row.accepted_until = rule.until(on, row.child.born_on)
    session.flush()
    record(
        session, actor, f"preregistration.{event.value}", row.id, family_id=row.family_id, **detail
    )
    return row


def decide(
    session: Session,
    preregistration_id: uuid.UUID,
    event: PreregistrationEvent,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Preregistration:
    """Take a step that is the facility's, as ``change``, and note who decided when."""
    row = change(session, preregistration_id, event, actor=actor, now=now, seen=seen)
    row.decided_at = now
    if actor.user_id is not None:  # the worker moves up whom staff have let wait
        row.decided_by = actor.user_id
    session.flush()
    return row


def needed(words: str) -> str:
    """Return what was written.

    Raises:
        Refusal: it is empty, or cannot be kept as it stands.
    """
    reasons = [*reasons_against_text(words)]
    if not words.strip():
        reasons.append(Reason(PreregistrationRefusal.TEXT_MISSING))
    if reasons:
        raise Refusal(reasons)
    return words


def write(
    session: Session,
    row: Preregistration,
    words: str,
    *,
    actor: Actor,
    now: datetime,
    kind: MessageKind = MessageKind.WORD,
) -> None:
    """Keep a word of either side, sealed."""
    message = PreregistrationMessage(
        id=uuid.uuid4(),
        preregistration_id=row.id,
        family_id=row.family_id,
        organisation_id=row.organisation_id,
        is_from_family=actor.family_id is not None,
        written_by=actor.user_id,
        written_at=now,
        kind=kind,
    )
    message.text = words
    session.add(message)
    session.flush()


def tell(session: Session, mail: str, *rows: Preregistration) -> None:
    """Queue one mail to the family about all of them; without an address it goes nowhere."""
    enqueue(
        session,
        f"preregistration/{mail}",
        about=[row.id for row in rows],
        to_family=rows[0].family_id,
        organisation_id=rows[0].organisation_id,
    )


def _what_came_before(session: Session, row: Preregistration) -> Reason:
    name = None
    values: dict[str, object] = {"done": _done(row.state)}
    if row.state is not PreregistrationState.WITHDRAWN and row.decided_at is not None:
        values["at"] = row.decided_at
        name = session.scalar(select(User.name).where(User.id == row.decided_by))
    if name:
        values["name"] = name
    return Reason(PreregistrationRefusal.DECIDED_MEANWHILE, values)


def _done(state: PreregistrationState) -> str:
    return {
        PreregistrationState.APPLIED: _("返事待ち"),
        PreregistrationState.ASKED_BACK: _("質問"),
        PreregistrationState.WAITING: _("空き待ち"),
        PreregistrationState.ACCEPTED: _("承諾"),
        PreregistrationState.DECLINED: _("お断り"),
        PreregistrationState.WITHDRAWN: _("取り下げ"),
    }[state]
