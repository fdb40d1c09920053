"""How far a family that a receiver knows already has come there, before a referral was joined."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portal.attendance.models import Attendance
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralEvent


def come_so_far(
    session: Session, row: Referral, *, actor: Actor, now: datetime
) -> ReferralEvent | None:
    """Return the last step that the joined family has taken with the actor's provider, if any.

    A stay from before the referral is none: what was asked for is that she comes now.
    """
    came = exists().where(
        Attendance.family_id == row.client_family_id,
        Attendance.organisation_id == actor.organisation_id,
        Attendance.arrived_at >= row.sent_at,
    )
    if session.scalar(select(came)):
        return ReferralEvent.USE
    holds = exists().where(
        Preregistration.family_id == row.client_family_id,
        Preregistration.organisation_id == actor.organisation_id,
        Preregistration.state == PreregistrationState.ACCEPTED,
        or_(
            Preregistration.accepted_until.is_(None),
            Preregistration.accepted_until >= today(now),
        ),
    )
    return ReferralEvent.REGISTER if session.scalar(select(holds)) else None
