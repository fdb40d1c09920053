"""What is answered: states, times and whose turn it is. No name of a family, no words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from portal.facilities.models import Facility
from portal.kernel.clock import local_date, today
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.outside_receivers import Possible
from portal.referrals.rules import (
    Outcome,
    ReferralSource,
    ReferralState,
    Todo,
    Urgency,
    days_waiting,
    is_overdue,
)


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Whose(StrEnum):
    """Whose turn it is."""

    SENDER = "sender"
    RECEIVER = "receiver"


class ReceiverOut(_Answer):
    """To whom a family may be referred."""

    organisation_id: uuid.UUID
    facility_id: uuid.UUID | None
    name: str


class ReceiversOut(_Answer):
    """Everybody to whom the token's body may refer, and the version of the words in force."""

    receivers: list[ReceiverOut]
    wording_version: str


class NextOut(_Answer):
    """What comes next, whose turn it is, and until when."""

    what: Todo
    by: Whose
    on: date | None


class ReferralOut(_Answer):
    """A referral and how far it has come."""

    id: uuid.UUID
    #: The portal's number, as its pages show it.
    portal_number: int
    #: The sender's own.
    number: str | None
    receiver: ReceiverOut
    source: ReferralSource
    urgency: Urgency
    target_on: date | None
    state: ReferralState
    state_at: datetime
    sent_at: datetime | None
    received_at: datetime | None
    contacted_at: datetime | None
    visited_at: datetime | None
    registered_at: datetime | None
    used_at: datetime | None
    closed_at: datetime | None
    outcome: Outcome | None
    days_waiting: int
    is_overdue: bool
    next: NextOut | None


class EventOut(_Answer):
    """Something that happened, and which side said so."""

    kind: str
    by: Whose
    at: datetime


class ReferralWithEventsOut(ReferralOut):
    """A referral with all that happened, the oldest first."""

    events: list[EventOut]


class TakenOut(_Answer):
    """What became of one request: a referral for each receiver."""

    referrals: list[ReferralOut]


class PageOut(_Answer):
    """A page of referrals, and what to ask ``after`` for the next one."""

    referrals: list[ReferralOut]
    next_after: int | None


def receiver_out(one: Possible) -> ReceiverOut:
    """Return a possible receiver as it is answered."""
    return ReceiverOut(
        organisation_id=one.organisation_id, facility_id=one.facility_id, name=one.name
    )


def referrals_out(
    session: Session, rows: Sequence[Referral], *, now: datetime
) -> list[ReferralOut]:
    """Return referrals as they are answered."""
    bodies = queries.body_names(session, [row.receiver_id for row in rows])
    on = today(now)
    return [_referral_out(session, row, bodies, on) for row in rows]


def with_events(session: Session, row: Referral, *, now: datetime) -> ReferralWithEventsOut:
    """Return one referral with what happened; its words stay in the portal."""
    [bare] = referrals_out(session, [row], now=now)
    return ReferralWithEventsOut(
        **bare.model_dump(),
        events=[
            EventOut(kind=each.kind, by=_side(row, each.organisation_id), at=each.at)
            for each in queries.happened(session, row)
        ],
    )


def _referral_out(
    session: Session, row: Referral, bodies: dict[uuid.UUID, str], on: date
) -> ReferralOut:
    place = session.get(Facility, row.facility_id) if row.facility_id else None
    following = None
    if row.next_what and row.next_by:
        following = NextOut(what=Todo(row.next_what), by=_side(row, row.next_by), on=row.next_on)
    return ReferralOut(
        id=row.id,
        portal_number=row.number,
        number=row.outside_number,
        receiver=ReceiverOut(
            organisation_id=row.receiver_id,
            facility_id=row.facility_id,
            name=place.name if place else bodies.get(row.receiver_id, ""),
        ),
        source=row.source,
        urgency=row.urgency,
        target_on=row.target_on,
        state=row.state,
        state_at=row.state_at,
        sent_at=row.sent_at,
        received_at=row.received_at,
        contacted_at=row.contacted_at,
        visited_at=row.visited_at,
        registered_at=row.registered_at,
        used_at=row.used_at,
        closed_at=row.closed_at,
        outcome=Outcome(row.outcome) if row.outcome else None,
        days_waiting=days_waiting(local_date(row.sent_at), today=queries.waiting_until(row, on))
        if row.sent_at
        else 0,
        is_overdue=is_overdue(row.state, row.next_on, row.target_on, today=on),
        next=following,
    )


def _side(row: Referral, body: uuid.UUID) -> Whose:
    return Whose.SENDER if body == row.sender_id else Whose.RECEIVER
