"""Families referred to providers, as they stand before anybody has called. Each commits."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import update

from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.families.models import Guardian
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.outreach import service
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import About, Until
from portal.referrals.models import Referral, ReferralItem
from portal.referrals.rules import Item, ReferralSource, ReferralState, Urgency
from tests.factories.support import agreed, met

#: Ten in the morning in Japan, the day after tomorrow: no quiet hour is near, and what a test
#: holds back is not due by the database's own clock.
MORNING = clock.at(clock.today(clock.now()) + timedelta(days=2), time(10)).astimezone(UTC)
PERSON = (
    '{"name": "高橋 あかり", "name_kana": "たかはし あかり", "relation": "母",'
    ' "phone": "090-1111-2222", "mail": null}'
)


def refer(
    center: Actor,
    receiver: Actor,
    family_id: uuid.UUID | None = None,
    *,
    facility_id: uuid.UUID | None = None,
    state: ReferralState = ReferralState.RECEIVED,
    person: str = PERSON,
) -> Referral:
    """Return a referral that has left, with consent, to ``receiver``'s body, who has opened it."""
    assert center.organisation_id is not None
    assert receiver.organisation_id is not None
    assert center.user_id is not None
    family_id = family_id or met(center)[0]
    sharing, told = agreed(center, family_id, receiver.organisation_id)
    row = Referral(
        id=uuid.uuid4(),
        family_id=family_id,
        sender_id=center.organisation_id,
        sent_by=center.user_id,
        receiver_id=receiver.organisation_id,
        facility_id=facility_id,
        child_ids=[],
        source=ReferralSource.INTERVIEW,
        state=state,
        state_at=clock.now(),
        urgency=Urgency.NORMAL,
        consent_id=sharing.id,
        told_id=told.id,
        sent_at=clock.now(),
    )
    item = ReferralItem(
        id=uuid.uuid4(), referral_id=row.id, family_id=family_id, item=Item.NAME_AND_PHONE
    )
    item.value = person
    with acting_as(center), transaction() as session:
        session.add(row)
        session.flush()
        session.add(item)
    return row


def plan(
    referral: Referral,
    receiver: Actor,
    *,
    now: datetime,
    next_on: date | None = None,
    channel: ContactChannel = ContactChannel.PHONE,
    until: Until = Until.USED,
) -> OutreachPlan:
    """Return the receiver's plan for a referral, due today."""
    with acting_as(receiver), transaction() as session:
        return service.begin(
            session,
            referral.id,
            next_on=next_on or clock.today(now),
            channel=channel,
            about=About.TOUR,
            until=until,
            by_user=receiver.user_id,
            actor=receiver,
            now=now,
        )


def gives_mail(center: Actor, family_id: uuid.UUID, mail: str = "akari@example.test") -> None:
    """Let the body that met the family know its address; nobody else is told of it."""
    with acting_as(center), transaction() as session:
        session.execute(update(Guardian).where(Guardian.family_id == family_id).values(mail=mail))


def days(count: float) -> timedelta:
    return timedelta(days=count)
