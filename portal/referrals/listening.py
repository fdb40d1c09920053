"""What referrals do when something happens elsewhere.

A consent ends, a child is no longer expected, a family comes to see, is registered, is there for
the first time. The packages below know nothing of referrals; ``app`` says who listens.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.attendance import hooks as stay_hooks
from portal.bookings.models import Booking
from portal.consents.models import Consent
from portal.families.expected_hooks import Listener
from portal.families.models import Child
from portal.families.progress_hooks import Progress
from portal.kernel.actor import Actor
from portal.messages.outbox import enqueue
from portal.referrals.models import Referral, ReferralItem
from portal.referrals.queries import under_way
from portal.referrals.rules import NEXT_STATE, ReferralEvent
from portal.referrals.service import move

_STOP = text("SELECT stop_referrals(:consent)")
_TO_TELL = text("SELECT user_id, organisation_id FROM referral_receivers(:referral)")
_END = text("SELECT end_referrals(:child)")
_RESUME = text("SELECT resume_referrals(:child, :was)")
_COPY = text("SELECT copy_referrals(:first, :other)")
_EVENTS = {
    Progress.CONTACTED: ReferralEvent.CONTACT,
    Progress.VISITED: ReferralEvent.VISIT,
    Progress.REGISTERED: ReferralEvent.REGISTER,
    Progress.USED: ReferralEvent.USE,
}


def on_withdrawn(session: Session, consent: Consent, actor: Actor, now: datetime) -> None:
    """Recall what rests on a consent that was withdrawn, and tell the receivers to stop."""
    del actor, now  # whoever withdrew it, and the database knows when
    stopped = session.execute(_STOP, {"consent": consent.id}).scalars().all()
    for row in list(session):
        if isinstance(row, Referral | ReferralItem):  # what the caller holds besides stays as it is
            session.expire(row)
    for referral_id in stopped:
        _tell_receiver(session, referral_id)


def _tell_receiver(session: Session, referral_id: uuid.UUID) -> None:
    for reader in session.execute(_TO_TELL, {"referral": referral_id}).all():
        enqueue(
            session,
            "referrals/recalled",
            about=[referral_id],
            to_user=reader.user_id,
            organisation_id=reader.organisation_id,
            context={"state": "recalled"},
        )


def _ended(session: Session, child: Child, *, actor: Actor, now: datetime) -> Any:
    """Take a closed child out of every referral. No mail: nobody is told why, or at once."""
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


LISTENER = Listener("referrals", ended=_ended, resumed=_resumed, copied=_copied)


def on_progress(
    session: Session,
    family_id: uuid.UUID,
    organisation_id: uuid.UUID,
    progress: Progress,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Bring the family's referrals to this body as far as it has come; never back.

    Only as staff of the body say it: what a guardian does on her own reaches no referral's words.
    """
    if actor.organisation_id != organisation_id:
        return
    event = _EVENTS[progress]
    rows: list[Referral] = list(under_way(session, family_id, organisation_id))
    for row in rows:
        if (row.state, event) in NEXT_STATE:
            move(session, row.id, event, actor=actor, now=now)


def _arrived(session: Session, booking: Booking, *, actor: Actor, now: datetime) -> None:
    on_progress(
        session, booking.family_id, booking.organisation_id, Progress.USED, actor=actor, now=now
    )


STAYS = stay_hooks.Listener("referrals", arrived=_arrived)
