"""When new words take the place of a consent, what rested on the old one rests on the new."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.consents import queries as consents
from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.kernel.actor import Actor
from portal.kernel.clock import today

_REST_ON = text("SELECT rest_on_instead(:ended, :after)")


def follow(session: Session, ended: Consent, actor: Actor, now: datetime) -> None:
    """Move open referrals on, as far as the new consent names all that they hold.

    Those that hold more stay on the ended one, and so are recalled by whoever follows next.
    """
    del actor
    if ended.purpose not in {SharingPurpose.SHARING, SharingPurpose.TOLD}:
        return
    after = consents.holds(
        session,
        ended.family_id,
        ended.purpose,
        ended.receiver_id,
        today(now),
        asked_by=ended.organisation_id,
    )
    if after is not None and after.id != ended.id and after.family_id == ended.family_id:
        session.execute(_REST_ON, {"ended": ended.id, "after": after.id})
