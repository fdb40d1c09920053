"""What can be done with a pre-registration. Start at ``apply``; decisions are in ``deciding``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.db.errors import refuse_on
from portal.facilities.models import Facility
from portal.families import queries as families
from portal.families.models import Child
from portal.families.rules import reasons_against_text
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.clock import local_date, today
from portal.kernel.errors import Reason, Refusal
from portal.preregistration import queries
from portal.preregistration.deciding import accept, accept_all, decline, move_up, wait
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import (
    WAITING_FOR_FACILITY,
    WITH_WORDS,
    PreregistrationEvent,
    PreregistrationRefusal,
    PreregistrationState,
    Side,
    advance,
    has_ended,
)
from portal.preregistration.terms import answer_by, terms_of
from portal.preregistration.writing import change, decide, needed, tell, write

__all__ = [
    "accept",
    "accept_all",
    "answer",
    "apply",
    "ask_back",
    "decline",
    "move_up",
    "open_messages",
    "say",
    "wait",
    "withdraw",
]

#: Somebody closed the registration of an expected child in the same moment.
_CHILD_GOES_ON = "ck_preregistrations_child_goes_on"
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
    caller's application for a family they may see. An acceptance that has ended is applied for
    again on its own row. Children of one application stay together where they wait. Queues
    ``preregistration/received``.

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
    rule = terms_of(session, facility.id, today(now)).rule
    promised = answer_by(session, facility.id, rule, local_date(received))
    application_id = uuid.uuid4()
    for child in children:
        row = live.get(child.id)
        if row is None:
            row = _new(child, facility, actor)
            session.add(row)
        else:
            _begin_again(row)
        row.channel, row.received_at, row.applied_at = channel, received, now
        # The days within which the facility answers run from the birth.
        row.application_id, row.answer_by = application_id, promised if child.born_on else None
        with refuse_on(_CHILD_GOES_ON, PreregistrationRefusal.NOT_POSSIBLE_NOW):
            session.flush()
        if note.strip():
            write(session, row, note, actor=actor, now=now)
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
    tell(session, "received", *applied)
    return tuple(row.id for row in applied)


def ask_back(
    session: Session,
    preregistration_id: uuid.UUID,
    question: str,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Preregistration:
    """Ask the family something before deciding; she answers in the portal or by phone.

    Raises:
        Refusal: no question, or it is not the facility's turn.
        NoResultFound: not at this actor's provider.
    """
    event = PreregistrationEvent.ASK_BACK
    row = decide(session, preregistration_id, event, actor=actor, now=now, seen=seen)
    row.answer_by = None
    write(session, row, needed(question), actor=actor, now=now)
    tell(session, "asked_back", row)
    return row


def answer(
    session: Session, preregistration_id: uuid.UUID, words: str, *, actor: Actor, now: datetime
) -> Preregistration:
    """Answer the facility's question; it is the facility's turn again.

    Raises:
        Refusal: nothing written, or there is no open question.
        NoResultFound: not of this actor's family.
    """
    row = change(session, preregistration_id, PreregistrationEvent.ANSWER, actor=actor, now=now)
    row.applied_at = now
    rule = terms_of(session, row.facility_id, today(now)).rule
    row.answer_by = answer_by(session, row.facility_id, rule, today(now))
    session.flush()
    write(session, row, needed(words), actor=actor, now=now)
    return row


def say(
    session: Session, preregistration_id: uuid.UUID, words: str, *, actor: Actor, now: datetime
) -> Preregistration:
    """Write to the other side; after the decision, it is that side's turn to answer.

    Before it, the family alone: what waits for the facility anyway says a little more.

    An answer of the facility closes the matter; what the family then writes opens it again. The
    family is told by mail that there is a word, not which.

    Raises:
        Refusal: nothing written, or it is not this side's to write now, or it is over.
        NoResultFound: not one this actor may see.
    """
    row = queries.locked(session, preregistration_id, actor=actor)
    is_before = row.state in WAITING_FOR_FACILITY and not actor.is_provider
    if row.state not in WITH_WORDS and not is_before:
        raise Refusal([PreregistrationRefusal.NOT_POSSIBLE_NOW])
    kept = needed(words)
    if not actor.is_provider:
        row.word_waits_for = None if is_before else Side.FACILITY
    else:
        row.word_waits_for = None if row.word_waits_for is Side.FACILITY else Side.FAMILY
    session.flush()
    write(session, row, kept, actor=actor, now=now)
    record(session, actor, "preregistration.word", row.id, family_id=row.family_id)
    if actor.is_provider:
        tell(session, "word", row)
    return row


def withdraw(
    session: Session,
    preregistration_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    seen: str | None = None,
) -> Preregistration:
    """End an application or acceptance at the family's wish. Existing bookings stay.

    The family gets a mail that says so, whoever entered it.

    Where others wait for a registration, the next moves up: at once when staff withdraw it for a
    caller, with the worker's next round otherwise.

    Raises:
        Refusal: it has ended already.
        NoResultFound: not one this actor may see.
    """
    event = PreregistrationEvent.WITHDRAW
    row = change(session, preregistration_id, event, actor=actor, now=now, seen=seen)
    row.answer_by = row.word_waits_for = row.renewal_asked_at = None
    session.flush()
    tell(session, "withdrawn", row)
    move_up(session, row.facility_id, actor=actor, now=now)
    return row


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
            # What is said of a body before the birth holds no more after it: asked then.
            PreregistrationRefusal.RECORD_NOT_CONFIRMED: child.born_on is not None
            and child.id not in confirmed,
            PreregistrationRefusal.ALREADY_APPLIED: there is not None and not over,
        }
        reasons += [Reason(code, child_id=child.id) for code, applies in against.items() if applies]
    return reasons


def _new(child: Child, facility: Facility, actor: Actor) -> Preregistration:
    return Preregistration(
        id=uuid.uuid4(),
        family_id=child.family_id,
        child_id=child.id,
        facility_id=facility.id,
        organisation_id=_organisation_of(facility),
        state=PreregistrationState.APPLIED,
        created_by=actor.user_id,
    )


def _begin_again(row: Preregistration) -> None:
    row.state = advance(row.state, PreregistrationEvent.RENEW)
    row.accepted_until = row.decided_at = row.decided_by = None
    row.family_agreed_at = row.family_agreed_by = row.family_agreed_channel = None
    row.family_agreed_rulebook_id = row.facility_agreed_at = row.facility_agreed_by = None
    row.renewal_asked_at = row.renewal_asked_by = row.renewal_channel = None
    row.has_conditions, row.word_waits_for = False, None


def _organisation_of(facility: Facility) -> uuid.UUID:
    if facility.organisation_id is None:
        raise Refusal([PreregistrationRefusal.FACILITY_TAKES_NONE])
    return facility.organisation_id
