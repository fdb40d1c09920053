"""A family met in an interview, and a referral on its way. Each commits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import text

from portal.consents.rules import ConsentSource, SharingPurpose
from portal.consents.service import Given, take_down, withdraw
from portal.db.session import acting_as, transaction
from portal.families import queries
from portal.families.rules import ChildDetails, GuardianDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel, Told
from portal.referrals import queries as referrals
from portal.referrals import service
from portal.referrals.models import Interview, Referral
from portal.referrals.rules import Item, ReferralEvent, Stage, Urgency
from tests.factories.places import Site

ITEMS = (Item.NAME_AND_PHONE, Item.ADDRESS, Item.CHILDREN, Item.FATIGUE)


def interviewed(
    worker: Actor,
    *,
    name: str = "高橋 あかり",
    born_on: date = date(2024, 6, 15),
    due_in: int | None = 40,
    ticked: bool = True,
    now: datetime | None = None,
) -> Interview:
    """A mother with a child of two and one expected, tired and without anybody near."""
    now = now or clock.now()
    children = [ChildDetails("高橋 そら", born_on=born_on)]
    if due_in is not None:
        children.append(ChildDetails(None, due_on=clock.today(now) + timedelta(days=due_in)))
    guardian = GuardianDetails(name, "母", phone="090-0000-2468", address="みほん市中央1-2-3")
    with acting_as(worker), transaction() as session:
        family = service.meet_family(session, guardian, children, actor=worker, now=now)
        return service.enter_interview(
            session,
            family.family_id,
            stage=Stage.EIGHTH_MONTH,
            held_on=clock.today(now),
            guide_ticked_on=clock.today(now) if ticked else None,
            items={Item.FATIGUE: "夜に何度も起きます", Item.HEALTH: "血圧の薬"},
            actor=worker,
            now=now,
        )


def children_of(worker: Actor, family_id: uuid.UUID) -> list[uuid.UUID]:
    with acting_as(worker), transaction() as session:
        return [each.id for each in queries.children(session, family_id, actor=worker)]


def drafted(
    worker: Actor,
    of: Interview,
    receiver: Site | uuid.UUID,
    *,
    target_on: date | None = None,
    urgency: Urgency = Urgency.NORMAL,
    now: datetime | None = None,
) -> Referral:
    now = now or clock.now()
    children = children_of(worker, of.family_id)
    with acting_as(worker), transaction() as session:
        return service.draft(
            session,
            of.family_id,
            receiver.organisation_id if isinstance(receiver, Site) else receiver,
            child_ids=children,
            interview_id=of.id,
            facility_id=receiver.facility_id if isinstance(receiver, Site) else None,
            target_on=target_on,
            urgency=urgency,
            actor=worker,
            now=now,
        )


def agreed(
    worker: Actor,
    family_id: uuid.UUID,
    receiver_id: uuid.UUID,
    *purposes: SharingPurpose,
    items: Sequence[Item] = ITEMS,
    now: datetime | None = None,
) -> dict[str, uuid.UUID]:
    """Take the records down; both that a referral needs where none is named."""
    now = now or clock.now()
    on = clock.today(now)
    assert worker.organisation_id is not None
    given = []
    for purpose in purposes or (SharingPurpose.SHARING, SharingPurpose.TOLD):
        is_told = purpose is SharingPurpose.TOLD
        given.append(
            Given(
                purpose.value,
                "読み上げたことば",
                "test",
                receiver_id,
                worker.organisation_id,
                ("weekday_morning", "phone") if is_told else tuple(item.value for item in items),
                on + timedelta(days=5 if is_told else 180),
            )
        )
    with acting_as(worker), transaction() as session:
        rows = take_down(
            session,
            family_id,
            given,
            source=ConsentSource.TABLET,
            signed_name="高橋 あかり",
            actor=worker,
            now=now,
        )
        return {row.purpose: row.id for row in rows}


def sent(worker: Actor, referral_id: uuid.UUID, now: datetime | None = None) -> Referral:
    with acting_as(worker), transaction() as session:
        return service.send(session, referral_id, actor=worker, now=now or clock.now())


def referred(worker: Actor, site: Site, **wishes: object) -> Referral:
    """A family referred to a nursery, with everything that is needed before."""
    of = interviewed(worker, **wishes)  # type: ignore[arg-type]  # each caller names real wishes
    row = drafted(worker, of, site)
    agreed(worker, of.family_id, site.organisation_id)
    return sent(worker, row.id)


def joined_with(referral: Referral, mother: Actor, staff: Actor) -> Referral:
    """Join a referral with the record that a family made of itself, open to the nursery."""
    assert mother.family_id is not None
    with acting_as(mother), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": staff.organisation_id})
    with acting_as(staff), transaction() as session:
        return service.link_client(
            session, referral.id, mother.family_id, actor=staff, now=clock.now()
        )


def moved(actor: Actor, referral_id: uuid.UUID, event: ReferralEvent, words: str = "") -> Referral:
    with acting_as(actor), transaction() as session:
        return service.move(session, referral_id, event, actor=actor, now=clock.now(), words=words)


def seen(actor: Actor, referral_id: uuid.UUID) -> Referral:
    with acting_as(actor), transaction() as session:
        return referrals.referral(session, referral_id, actor=actor)


def items_of(actor: Actor, referral_id: uuid.UUID) -> dict[Item, str]:
    with acting_as(actor), transaction() as session:
        row = referrals.referral(session, referral_id, actor=actor)
        return referrals.items(session, row, actor=actor)


def withdrawn(actor: Actor, consent_id: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        withdraw(session, consent_id, actor=actor, now=clock.now(), told=Told(Channel.COUNTER))
