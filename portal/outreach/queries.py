"""Whom to contact today, and what stands in the way; scoped to the body that the family came to."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import User
from portal.consents.rules import ContactTime
from portal.contacts import queries as contacts
from portal.contacts import service as contacting
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, Nature, Wishes
from portal.families.models import Guardian
from portal.families.queries import visible as family_visible
from portal.kernel.actor import Actor
from portal.messages.receivers import mail_reaches
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import EndReason, is_running
from portal.referrals.models import Referral
from portal.referrals.passed_on import opened
from portal.referrals.queries import items, told
from portal.referrals.rules import OPEN, ReferralState


@dataclass(frozen=True, slots=True)
class Person:
    """Whom staff call: as she is known here, or as she was passed on."""

    name: str
    phone: str | None
    mail: str | None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A plan on the list, with everything that a call needs."""

    plan: OutreachPlan
    referral: Referral
    person: Person
    #: Whether a mail would reach the family, told of its address or not.
    mail_reaches: bool
    wishes: Wishes
    #: From when the planned contact is allowed; ``None``: not by this way, or not at all.
    allowed_from: datetime | None
    #: A call that somebody here has begun and said nothing about yet.
    open_call: Contact | None
    is_mine: bool


def received_referral(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> Referral:
    """Return a referral that the actor's body has received.

    Raises:
        NoResultFound: none such.
    """
    return session.scalars(
        select(Referral).where(
            Referral.id == referral_id, Referral.receiver_id == actor.organisation_id
        )
    ).one()


def may_be_planned(session: Session, referral: Referral) -> bool:
    """Say whether contacts about a referral can be planned: it runs, and the family agrees."""
    return referral.state in OPEN and contacts.is_open(session, referral.id)


def plan(session: Session, plan_id: uuid.UUID, *, actor: Actor, lock: bool = False) -> OutreachPlan:
    """Return a plan of the actor's body.

    Raises:
        NoResultFound: none such.
    """
    wanted = select(OutreachPlan).where(
        OutreachPlan.id == plan_id, OutreachPlan.organisation_id == actor.organisation_id
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(wanted).one()


def live_plan(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> OutreachPlan | None:
    """Return the plan that runs for a referral of the actor's body."""
    return session.scalars(
        select(OutreachPlan).where(
            OutreachPlan.referral_id == referral_id,
            OutreachPlan.organisation_id == actor.organisation_id,
            OutreachPlan.ended_at.is_(None),
        )
    ).one_or_none()


def running(session: Session, *, actor: Actor) -> list[tuple[OutreachPlan, Referral]]:
    """Return the plans that have something left to do, the earliest day first.

    Asked of the referral at each look: a family that registered, or took its consent back a moment
    ago, is on no list, whether or not anybody has ended the plan.
    """
    found = session.execute(
        select(OutreachPlan, Referral)
        .join(Referral, Referral.id == OutreachPlan.referral_id)
        .where(
            OutreachPlan.organisation_id == actor.organisation_id,
            OutreachPlan.ended_at.is_(None),
            Referral.receiver_id == actor.organisation_id,
        )
        .order_by(OutreachPlan.next_on, Referral.number)
    )
    return [
        (each, referral)
        for each, referral in found
        if is_running(each.until, referral.state) and contacts.is_open(session, referral.id)
    ]


def without_plan(session: Session, *, actor: Actor) -> Sequence[Referral]:
    """Return open referrals to the actor's body that nobody has planned a contact for."""
    planned = select(OutreachPlan.id).where(
        OutreachPlan.referral_id == Referral.id,
        OutreachPlan.end_reason.is_(None)
        | OutreachPlan.end_reason.in_((EndReason.NOT_WISHED, EndReason.REACHED)),
    )
    found = session.scalars(
        select(Referral)
        .where(
            Referral.receiver_id == actor.organisation_id,
            # One that nobody has received yet is opened on its own page first.
            Referral.state.in_(OPEN - {ReferralState.SENT}),
            ~planned.exists(),
        )
        .order_by(Referral.sent_at, Referral.number)
    ).all()
    return [each for each in found if contacts.is_open(session, each.id)]


def line(
    session: Session, of: OutreachPlan, referral: Referral, *, actor: Actor, now: datetime
) -> Line:
    """Return a plan with whom, how and from when; leaves the trace of the reading."""
    return Line(
        plan=of,
        referral=referral,
        person=person(session, referral, actor=actor),
        mail_reaches=mail_reaches(session, family_written_to(of, referral)),
        wishes=wishes(session, referral),
        allowed_from=contacting.next_advance(
            session, of.family_id, of.channel, actor=actor, now=now
        ),
        open_call=open_call(session, referral.id, actor=actor),
        is_mine=of.by_user == actor.user_id,
    )


def wishes(session: Session, referral: Referral) -> Wishes:
    """Return what the family wishes; when it suits her, as told in the interview, if not since."""
    wished, said = contacts.wishes(session, referral.family_id), told(session, referral)
    if wished.times or said is None:
        return wished
    return replace(wished, times=frozenset(each for each in ContactTime if each in said.items))


def open_call(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> Contact | None:
    """Return a call about a referral of which nobody has said what came of it."""
    return session.scalars(
        select(Contact)
        .where(
            Contact.referral_id == referral_id,
            Contact.organisation_id == actor.organisation_id,
            Contact.nature == Nature.ADVANCE,
            Contact.channel == ContactChannel.PHONE,
            Contact.result.is_(None),
        )
        .order_by(Contact.at.desc())
        .limit(1)
    ).one_or_none()


def contacts_about(session: Session, referral_id: uuid.UUID, *, actor: Actor) -> Sequence[Contact]:
    """Return the body's own contacts about a referral, the newest first."""
    return session.scalars(
        select(Contact)
        .where(Contact.referral_id == referral_id, contacts.visible(actor))
        .order_by(Contact.at.desc(), Contact.id)
    ).all()


def person(session: Session, referral: Referral, *, actor: Actor) -> Person:
    """Return whom to call: the family's own record here first, then what was passed on.

    Leaves the trace of the reading; the caller commits. What was passed on is hidden by the
    database once the consent ends: then only a dash is left.
    """
    known = _known_guardian(session, referral, actor)
    if known is not None:
        return Person(known.name, known.phone, known.mail, known.address)
    said = opened(items(session, referral, actor=actor), referral.child_ids)
    if said.person is None:
        return Person("—", None, None, None)
    return Person(said.person.name, said.person.phone, said.person.mail, said.address)


def family_written_to(of: OutreachPlan, referral: Referral) -> uuid.UUID:
    """Return whose addresses a mail goes to: the body's own client, else the referred family."""
    return referral.client_family_id or of.family_id


def _known_guardian(session: Session, referral: Referral, actor: Actor) -> Guardian | None:
    if referral.client_family_id is None:
        return None
    return session.scalars(
        select(Guardian)
        .where(
            Guardian.family_id == referral.client_family_id,
            family_visible(Guardian.family_id, actor),
        )
        .order_by(Guardian.is_primary.desc(), Guardian.created_at)
        .limit(1)
    ).one_or_none()


def names(session: Session, users: Sequence[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Return the names of colleagues."""
    wanted = {each for each in users if each is not None}
    rows = session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in rows}


def is_due(of: OutreachPlan, today: date) -> bool:
    """Say whether a plan belongs on today's list."""
    return of.next_on <= today
