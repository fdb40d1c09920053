"""Go on contacting a family that was referred, and stop when it is time.

A call is asked for before it is made: beginning it counts it, so that of two people who reach for
one family the second is told, and does not dial.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.contacts import queries as contact_queries
from portal.contacts import service as contacts
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, ContactRefusal, Nature, Wishes
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue
from portal.messages.receivers import mail_reaches
from portal.outreach import queries
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import (
    SENT,
    About,
    CallResult,
    EndReason,
    OutreachRefusal,
    Until,
    is_running,
    next_day,
    reasons_against_day,
)
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralEvent, ReferralState
from portal.referrals.service import move

#: Until somebody answers the phone, these mean that contact has not come about yet.
_UNCONTACTED = frozenset({ReferralState.SENT, ReferralState.RECEIVED})


def begin(
    session: Session,
    referral_id: uuid.UUID,
    *,
    next_on: date,
    channel: ContactChannel,
    about: About,
    until: Until,
    by_user: uuid.UUID | None,
    actor: Actor,
    now: datetime,
) -> OutreachPlan:
    """Plan contacts with the family of a referral that came to the actor's body; receives it.

    Raises:
        Refusal: there is a plan, the referral is over, or the day cannot be.
        NoResultFound: not a referral to this body.
    """
    referral = queries.received_referral(session, referral_id, actor=actor)
    reasons: list[OutreachRefusal] = list(reasons_against_day(next_on, today=today(now)))
    if not is_running(until, referral.state) or not contact_queries.is_open(session, referral.id):
        reasons.append(OutreachRefusal.REFERRAL_OVER)
    if queries.live_plan(session, referral.id, actor=actor) is not None:
        reasons.append(OutreachRefusal.PLAN_EXISTS)
    if reasons or actor.organisation_id is None:
        raise Refusal(reasons)
    if referral.state is ReferralState.SENT:  # whoever plans has read it
        move(session, referral.id, ReferralEvent.RECEIVE, actor=actor, now=now)
    made = OutreachPlan(
        id=uuid.uuid4(),
        family_id=referral.family_id,
        organisation_id=actor.organisation_id,
        referral_id=referral.id,
        next_on=next_on,
        by_user=by_user,
        channel=channel,
        about=about,
        until=until,
        ended_at=None,
        end_reason=None,
        created_at=now,
        updated_at=now,
    )
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:  # a colleague planned it at the same moment
        raise Refusal([OutreachRefusal.PLAN_EXISTS]) from None
    _record(session, "outreach.planned", made, actor)
    return made


def change(
    session: Session,
    plan_id: uuid.UUID,
    *,
    next_on: date,
    channel: ContactChannel,
    about: About,
    until: Until,
    by_user: uuid.UUID | None,
    actor: Actor,
    now: datetime,
) -> OutreachPlan:
    """Plan something else.

    Raises:
        Refusal: the plan is over, or the day cannot be.
        NoResultFound: not a plan of this body.
    """
    of, _ = _running(session, plan_id, actor=actor, until=until)
    if against := reasons_against_day(next_on, today=today(now)):
        raise Refusal(against)
    of.next_on, of.channel, of.about, of.until, of.by_user = next_on, channel, about, until, by_user
    of.updated_at = now
    _record(session, "outreach.changed", of, actor)
    return of


def end(
    session: Session, plan_id: uuid.UUID, reason: EndReason, *, actor: Actor, now: datetime
) -> OutreachPlan:
    """End a plan with a reason; ending it twice changes nothing."""
    of = queries.plan(session, plan_id, actor=actor, lock=True)
    if of.ended_at is None:
        _end(session, of, reason, actor=actor, now=now)
    return of


def begin_call(session: Session, plan_id: uuid.UUID, *, actor: Actor, now: datetime) -> Contact:
    """Count a call that somebody is about to make, and return it; then its number is dialled.

    Raises:
        Refusal: a colleague is calling, the plan is over, or the limit or the family's wishes do
            not allow it; ``TOO_SOON`` carries ``from``.
        NoResultFound: not a plan of this body.
    """
    of, referral = _running(session, plan_id, actor=actor)
    running = queries.open_call(session, referral.id, actor=actor)
    if running is not None:
        raise Refusal(
            [Reason(OutreachRefusal.RECORDED_MEANWHILE, _by(session, running.user_id, running.at))]
        )
    return contacts.record_contact(
        session,
        of.family_id,
        nature=Nature.ADVANCE,
        channel=ContactChannel.PHONE,
        about=of.about.value,
        actor=actor,
        now=now,
        referral_id=referral.id,
    )


def finish_call(
    session: Session,
    contact_id: uuid.UUID,
    result: CallResult,
    *,
    actor: Actor,
    now: datetime,
    next_on: date | None = None,
    words: str | None = None,
) -> Contact:
    """Write down what came of a call, and when to contact the family next.

    That she wants no more contact stops it for everybody, and ends the plan.

    Args:
        next_on: Another day than the one that follows from the result.

    Raises:
        Refusal: a colleague has written it down meanwhile, or the day cannot be.
        NoResultFound: not a contact of this body.
    """
    if next_on is not None and (against := reasons_against_day(next_on, today=today(now))):
        raise Refusal(against)
    found = contact_queries.contact(session, contact_id, actor=actor, lock=True)
    if found.result is not None:
        values = _by(session, found.user_id, found.at)
        raise Refusal([Reason(OutreachRefusal.RESULT_WRITTEN, values)])
    contacts.record_result(session, contact_id, result.value, actor=actor, now=now, words=words)
    if found.referral_id is None:
        return found
    of = queries.live_plan(session, found.referral_id, actor=actor)
    if result is CallResult.NOT_WISHED:
        before = contact_queries.wishes(session, found.family_id)
        stop = Wishes(channels=before.channels, times=before.times, stops=True)
        contacts.set_wishes(session, found.family_id, stop, actor=actor, now=now)
        if of is not None:
            _end(session, of, EndReason.NOT_WISHED, actor=actor, now=now)
        return found
    if of is not None and result is not CallResult.NOT_MADE:
        _look_again(of, next_on or next_day(result, today(now)), now)
    if result in {CallResult.TALKED, CallResult.LATER}:
        _has_come_about(session, found.referral_id, actor=actor, now=now)
    return found


def send_mail(session: Session, plan_id: uuid.UUID, *, actor: Actor, now: datetime) -> Contact:
    """Queue the mail about what is planned, counted now; the delivery asks for wishes once more.

    Raises:
        Refusal: the plan is over, no mail would reach the family, or the limit or its wishes do
            not allow it.
        NoResultFound: not a plan of this body.
    """
    of, referral = _running(session, plan_id, actor=actor)
    family_id = queries.family_written_to(of, referral)
    if not mail_reaches(session, family_id):
        raise Refusal([OutreachRefusal.NO_MAIL])
    message_id = enqueue(
        session,
        f"outreach/{of.about.value}",
        about=[of.id, referral.id, *([referral.facility_id] if referral.facility_id else [])],
        to_family=family_id,
        organisation_id=actor.organisation_id,
    )
    return _written(session, of, ContactChannel.MAIL, message_id, actor=actor, now=now)


def send_letter(session: Session, plan_id: uuid.UUID, *, actor: Actor, now: datetime) -> Contact:
    """Count the letter about what is planned, which is printed next.

    Raises:
        Refusal, NoResultFound: as for ``send_mail``.
    """
    of, _ = _running(session, plan_id, actor=actor)
    return _written(session, of, ContactChannel.LETTER, None, actor=actor, now=now)


def note_answer(
    session: Session,
    plan_id: uuid.UUID,
    channel: ContactChannel,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> Contact:
    """Write down that the family called, wrote or came by itself; never refused, never counted."""
    of = queries.plan(session, plan_id, actor=actor, lock=True)
    made = contacts.record_contact(
        session,
        of.family_id,
        nature=Nature.ANSWER,
        channel=channel,
        about=of.about.value,
        actor=actor,
        now=now,
        result=CallResult.TALKED.value,
        words=words,
        referral_id=of.referral_id,
    )
    _has_come_about(session, of.referral_id, actor=actor, now=now)
    return made


def _written(
    session: Session,
    of: OutreachPlan,
    channel: ContactChannel,
    message_id: uuid.UUID | None,
    *,
    actor: Actor,
    now: datetime,
) -> Contact:
    made = contacts.record_contact(
        session,
        of.family_id,
        nature=Nature.ADVANCE,
        channel=channel,
        about=of.about.value,
        actor=actor,
        now=now,
        result=SENT,
        referral_id=of.referral_id,
        message_id=message_id,
    )
    _look_again(of, next_day(CallResult.TALKED, today(now)), now)
    return made


def _running(
    session: Session, plan_id: uuid.UUID, *, actor: Actor, until: Until | None = None
) -> tuple[OutreachPlan, Referral]:
    """Return a plan, held until the transaction ends, with its referral; both still under way."""
    of = queries.plan(session, plan_id, actor=actor, lock=True)
    referral = queries.received_referral(session, of.referral_id, actor=actor)
    session.refresh(referral)
    if of.ended_at is not None or not is_running(until or of.until, referral.state):
        raise Refusal([OutreachRefusal.PLAN_OVER])
    if not contact_queries.is_open(session, referral.id):
        raise Refusal([ContactRefusal.NO_CONSENT])
    return of, referral


def _has_come_about(
    session: Session, referral_id: uuid.UUID, *, actor: Actor, now: datetime
) -> None:
    referral = queries.received_referral(session, referral_id, actor=actor)
    if referral.state in _UNCONTACTED:
        move(session, referral_id, ReferralEvent.CONTACT, actor=actor, now=now)


def _look_again(of: OutreachPlan, on: date, now: datetime) -> None:
    of.next_on, of.updated_at = on, now


def _end(
    session: Session, of: OutreachPlan, reason: EndReason, *, actor: Actor, now: datetime
) -> None:
    of.ended_at = of.updated_at = now
    of.end_reason = reason
    _record(session, "outreach.ended", of, actor)


def _by(session: Session, user_id: uuid.UUID | None, at: datetime) -> dict[str, object]:
    name = queries.names(session, [user_id]).get(user_id) if user_id else None
    return {"at": at, **({"name": name} if name else {})}


def _record(session: Session, action: str, of: OutreachPlan, actor: Actor) -> None:
    record(
        session,
        actor,
        action,
        of.id,
        family_id=of.family_id,
        next_on=of.next_on.isoformat(),
        channel=of.channel.value,
        about=of.about.value,
        until=of.until.value,
        reason=of.end_reason.value if of.end_reason else None,
    )
