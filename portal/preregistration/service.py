"""What can be done with a pre-registration. Start at ``apply``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.facilities.models import Facility
from portal.families import queries as families
from portal.families.models import Child
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.preregistration import queries
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import (
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
    accepted_until,
    advance,
    has_ended,
)

_OPEN_FAMILY_TO = text("SELECT open_family_to(:organisation)")


def apply(
    session: Session,
    facility_id: uuid.UUID,
    child_ids: Sequence[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
    note: str = "",
    channel: Channel = Channel.WEB,
    received_at: datetime | None = None,
    family_id: uuid.UUID | None = None,
) -> tuple[uuid.UUID, ...]:
    """Apply to a facility for children, and return a pre-registration for each.

    A guardian applying opens her family to the provider in the same transaction; staff enter a
    caller's application for a family they may see. An acceptance of a past fiscal year is renewed
    on its own row. Queues ``preregistration/received``.

    Args:
        received_at: When the call or the paper came in; it counts for the order. ``now`` for web.
        family_id: The caller's family; a guardian's own by default.

    Raises:
        Refusal: with every reason against it. Nothing has been written.
        NoResultFound: facility or child is not one this actor may see.
    """
    received = received_at or now
    facility = queries.facility_to_apply_to(session, facility_id, actor=actor)
    children = [families.child(session, child_id, actor=actor) for child_id in child_ids]
    wanted_family = family_id or actor.family_id
    live = queries.live_between(session, child_ids, facility_id, actor=actor)
    reasons = [*reasons_against_text(note)]
    if not children or any(child.family_id != wanted_family for child in children):
        reasons.append(Reason(PreregistrationRefusal.NO_CHILD_CHOSEN))
    if received > now:
        reasons.append(Reason(PreregistrationRefusal.RECEIVED_IN_FUTURE))
    reasons += _against_children(session, children, live, actor=actor, now=now)
    if reasons:
        raise Refusal(reasons)
    organisation_id = _organisation_of(facility)
    if not actor.is_provider:
        session.execute(_OPEN_FAMILY_TO, {"organisation": organisation_id})
    applied = []
    for child in children:
        row = live.get(child.id)
        if row is None:
            row = _new(child, facility, actor, channel, received)
            session.add(row)
        else:
            row.state = advance(row.state, PreregistrationEvent.RENEW)
            row.accepted_until = row.decided_at = row.decided_by = None
        row.applied_at = now
        session.flush()
        if note.strip():
            _write(session, row, note, actor=actor, now=now)
        record(
            session,
            actor,
            "preregistration.applied",
            row.id,
            family_id=child.family_id,
            channel=channel.value,
            received_at=received.isoformat(),
        )
        applied.append(row)
    _tell(session, "received", *applied)
    return tuple(row.id for row in applied)


def ask_back(
    session: Session, preregistration_id: uuid.UUID, question: str, *, actor: Actor, now: datetime
) -> Preregistration:
    """Ask the family something before deciding; she answers in the portal or by phone.

    Raises:
        Refusal: no question, or it is not the facility's turn.
        NoResultFound: not at this actor's provider.
    """
    row = _decide(session, preregistration_id, PreregistrationEvent.ASK_BACK, actor=actor, now=now)
    _write(session, row, _needed(question), actor=actor, now=now)
    _tell(session, "asked_back", row)
    return row


def accept(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Preregistration:
    """Accept: the child may be booked until the end of the fiscal year.

    Raises:
        Refusal: not possible in its state.
        NoResultFound: not at this actor's provider.
    """
    return accept_all(session, [preregistration_id], actor=actor, now=now)[0]


def accept_all(
    session: Session, preregistration_ids: Sequence[uuid.UUID], *, actor: Actor, now: datetime
) -> Sequence[Preregistration]:
    """Accept brothers and sisters at once, as ``accept``; the family gets one mail.

    Raises:
        Refusal: not possible in its state.
        NoResultFound: not at this actor's provider.
    """
    rows = [
        _decide(session, each, PreregistrationEvent.ACCEPT, actor=actor, now=now)
        for each in preregistration_ids
    ]
    _tell(session, "accepted", *rows)
    return rows


def decline(
    session: Session, preregistration_id: uuid.UUID, reason: str, *, actor: Actor, now: datetime
) -> Preregistration:
    """Decline with a reason that the family reads.

    Raises:
        Refusal: no reason given, or not possible in its state.
        NoResultFound: not at this actor's provider.
    """
    row = _decide(session, preregistration_id, PreregistrationEvent.DECLINE, actor=actor, now=now)
    _write(session, row, _needed(reason), actor=actor, now=now)
    _tell(session, "declined", row)
    return row


def answer(
    session: Session, preregistration_id: uuid.UUID, words: str, *, actor: Actor, now: datetime
) -> Preregistration:
    """Answer the facility's question; it is the facility's turn again.

    Raises:
        Refusal: nothing written, or there is no open question.
        NoResultFound: not of this actor's family.
    """
    row = _change(session, preregistration_id, PreregistrationEvent.ANSWER, actor=actor, now=now)
    row.applied_at = now
    session.flush()
    _write(session, row, _needed(words), actor=actor, now=now)
    return row


def withdraw(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor, now: datetime
) -> Preregistration:
    """End an application or acceptance at the family's wish. Existing bookings stay.

    Raises:
        Refusal: it has ended already.
        NoResultFound: not one this actor may see.
    """
    return _change(session, preregistration_id, PreregistrationEvent.WITHDRAW, actor=actor, now=now)


def open_messages(
    session: Session, preregistration_id: uuid.UUID, *, actor: Actor
) -> Sequence[PreregistrationMessage]:
    """Return what both sides wrote, to be shown, and leave the trace."""
    row = queries.preregistration(session, preregistration_id, actor=actor)
    found = queries.messages(session, preregistration_id, actor=actor)
    if found:
        record_read(session, actor, "preregistration_messages", row.id, family_id=row.family_id)
    return found


def _against_children(
    session: Session,
    children: Sequence[Child],
    live: dict[uuid.UUID, Preregistration],
    *,
    actor: Actor,
    now: datetime,
) -> list[Reason]:
    confirmed = families.confirmed_days(session, [child.id for child in children], actor=actor)
    reasons = []
    for child in children:
        there = live.get(child.id)
        over = there is not None and has_ended(there.state, there.accepted_until, today(now))
        against = {
            PreregistrationRefusal.NOT_BORN_YET: child.born_on is None,
            PreregistrationRefusal.RECORD_NOT_CONFIRMED: child.id not in confirmed,
            PreregistrationRefusal.ALREADY_APPLIED: there is not None and not over,
        }
        reasons += [Reason(code, child_id=child.id) for code, applies in against.items() if applies]
    return reasons


def _new(
    child: Child, facility: Facility, actor: Actor, channel: Channel, received_at: datetime
) -> Preregistration:
    return Preregistration(
        id=uuid.uuid4(),
        family_id=child.family_id,
        child_id=child.id,
        facility_id=facility.id,
        organisation_id=_organisation_of(facility),
        state=PreregistrationState.APPLIED,
        channel=channel,
        received_at=received_at,
        created_by=actor.user_id,
    )


def _organisation_of(facility: Facility) -> uuid.UUID:
    if facility.organisation_id is None:
        raise Refusal([PreregistrationRefusal.FACILITY_TAKES_NONE])
    return facility.organisation_id


def _change(
    session: Session,
    preregistration_id: uuid.UUID,
    event: PreregistrationEvent,
    *,
    actor: Actor,
    now: datetime,
) -> Preregistration:
    row = queries.locked(session, preregistration_id, actor=actor)
    row.state = advance(row.state, event)
    is_accepted = row.state is PreregistrationState.ACCEPTED
    row.accepted_until = accepted_until(today(now)) if is_accepted else None
    session.flush()
    record(session, actor, f"preregistration.{event.value}", row.id, family_id=row.family_id)
    return row


def _decide(
    session: Session,
    preregistration_id: uuid.UUID,
    event: PreregistrationEvent,
    *,
    actor: Actor,
    now: datetime,
) -> Preregistration:
    row = _change(session, preregistration_id, event, actor=actor, now=now)
    row.decided_at = now
    row.decided_by = actor.user_id
    session.flush()
    return row


def _needed(words: str) -> str:
    reasons = [*reasons_against_text(words)]
    if not words.strip():
        reasons.append(Reason(PreregistrationRefusal.TEXT_MISSING))
    if reasons:
        raise Refusal(reasons)
    return words


def _write(
    session: Session, row: Preregistration, words: str, *, actor: Actor, now: datetime
) -> None:
    message = PreregistrationMessage(
        id=uuid.uuid4(),
        preregistration_id=row.id,
        family_id=row.family_id,
        organisation_id=row.organisation_id,
        is_from_family=actor.family_id is not None,
        written_by=actor.user_id,
        written_at=now,
    )
    message.text = words
    session.add(message)
    session.flush()


def _tell(session: Session, mail: str, *rows: Preregistration) -> None:
    """Queue one mail to the family about all of them; without an address it goes nowhere."""
    enqueue(
        session,
        f"preregistration/{mail}",
        about=[row.id for row in rows],
        to_family=rows[0].family_id,
        organisation_id=rows[0].organisation_id,
    )
