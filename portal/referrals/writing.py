"""What every change of a referral writes: the event, the audit row, whose turn it is, the mail."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.consents.models import Consent
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.messages.outbox import enqueue
from portal.organisations.models import Organisation
from portal.referrals import queries
from portal.referrals.models import Referral, ReferralEventRow
from portal.referrals.rules import ReferralState, Side, turn_after

_MOMENTS = {
    ReferralState.SENT: "sent_at",
    ReferralState.RECEIVED: "received_at",
    ReferralState.IN_CONTACT: "contacted_at",
    ReferralState.VISITED: "visited_at",
    ReferralState.REGISTERED: "registered_at",
    ReferralState.USED: "used_at",
}
_ENDS = frozenset(
    {
        ReferralState.CLOSED,
        ReferralState.REFUSED,
        ReferralState.PASSED_ON,
        ReferralState.RECALLED,
    }
)


def enter(session: Session, row: Referral, state: ReferralState, now: datetime) -> None:
    """Bring a referral to a state, with its moment and whose turn it is from here on."""
    row.state, row.state_at, row.updated_at = state, now, now
    if state in _MOMENTS:
        setattr(row, _MOMENTS[state], now)
    row.closed_at = now if state in _ENDS else None
    told = session.get(Consent, row.told_id) if row.told_id else None
    turn = turn_after(
        state,
        today(now),
        urgency=row.urgency,
        target_on=row.target_on,
        told_until=told.until_on if told else None,
    )
    row.next_on = turn.by if turn else None
    row.next_what = turn.what.value if turn else None
    row.next_by = None
    if turn is not None:
        row.next_by = row.sender_id if turn.side is Side.SENDER else row.receiver_id


def note(
    session: Session,
    row: Referral,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> None:
    """Write what happened, for both sides and for the audit."""
    if actor.organisation_id is None:
        raise PermissionError("what happens to a referral is said by one of its two bodies")
    event = ReferralEventRow(
        id=uuid.uuid4(),
        referral_id=row.id,
        family_id=row.family_id,
        organisation_id=actor.organisation_id,
        by_user=actor.user_id,
        kind=kind,
        at=now,
    )
    event.words = words
    session.add(event)
    session.flush()
    record(session, actor, f"referral.{kind}", row.id, family_id=row.family_id)


def tell(session: Session, row: Referral, body: uuid.UUID, mail: str) -> None:
    """Queue a mail to those of one side who read it; it names nobody and is asked again.

    A body in which nobody has an account gets it at its own address, where it has one.
    """
    readers: list[uuid.UUID | None] = list(queries.readers(session, row, body))
    address = None if readers else session.get_one(Organisation, body).mail
    for user_id in readers or ([None] if address else []):
        enqueue(
            session,
            f"referrals/{mail}",
            about=[row.id],
            to_user=user_id,
            to_mail=address,
            organisation_id=body,
            context={"state": row.state.value},
        )
