"""Contact a family, and write down how it wishes to be contacted.

Advances are counted from the family's side, over all bodies and channels. Whoever counts has taken
the family's lock first: of two who reach for it at once, the second waits and counts the first.
"""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.contacts import queries
from portal.contacts.models import Contact, ContactWish
from portal.contacts.rules import (
    ContactChannel,
    ContactRefusal,
    Nature,
    Wishes,
    next_advance_at,
)
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal

#: What stands as the result where somebody was about to call, and did not; it does not count.
NOT_MADE = "not_made"
_LOCK = text("SELECT lock_contacts(:family)")
_END_WISHES = text("SELECT end_wishes(:family, :at)")


def lock(session: Session, family_id: uuid.UUID) -> None:
    """Hold the family's count until the transaction ends. Before counting, never after."""
    session.execute(_LOCK, {"family": family_id})


def next_advance(
    session: Session,
    family_id: uuid.UUID,
    channel: ContactChannel,
    *,
    actor: Actor,
    now: datetime,
) -> datetime | None:
    """Return from when an advance is allowed; ``None``: not by this channel, or not at all.

    Only tells: somebody else may be first. ``record_contact`` and the delivery decide under lock.
    """
    del actor  # the database takes her from the signed value
    return allowed_from(session, family_id, channel, now=now)


def allowed_from(
    session: Session, family_id: uuid.UUID, channel: ContactChannel, *, now: datetime
) -> datetime | None:
    """Return from when an advance is allowed, for whoever holds the family's lock."""
    policy = queries.policy_of(session, family_id)
    earlier = queries.earlier_advances(session, family_id, now - policy.looks_back)
    return next_advance_at(earlier, policy, queries.wishes(session, family_id), channel, now=now)


def counted_already_may_leave(
    session: Session, family_id: uuid.UUID, channel: ContactChannel, *, now: datetime
) -> datetime | None:
    """Return when an advance that was counted when somebody asked for it may leave.

    The wishes and the quiet hours hold for it still.
    """
    policy = queries.policy_of(session, family_id)
    return next_advance_at((), policy, queries.wishes(session, family_id), channel, now=now)


def record_contact(
    session: Session,
    family_id: uuid.UUID,
    *,
    nature: Nature,
    channel: ContactChannel,
    about: str,
    actor: Actor,
    now: datetime,
    at: datetime | None = None,
    result: str | None = None,
    words: str | None = None,
    referral_id: uuid.UUID | None = None,
    case_id: uuid.UUID | None = None,
    message_id: uuid.UUID | None = None,
) -> Contact:
    """Write a contact down, or a try. An advance is asked for here, before it is made.

    Answers and duty calls are never refused, whatever the family wishes.

    Args:
        at: When it was; now by default. Aware.
        message_id: The queued mail that it is.

    Raises:
        Refusal: an advance that the limit or the family's wishes do not allow (``TOO_SOON`` carries
            ``from``), that rests on no consent any more; a moment to come.
        NoResultFound, sqlalchemy.exc.DBAPIError: a family that this body does not know.
    """
    moment = at or now
    if moment > now:
        raise Refusal([ContactRefusal.IN_FUTURE])
    if nature is Nature.ADVANCE:
        lock(session, family_id)
        _refuse(session, family_id, channel, moment, referral_id)
    made = Contact(
        id=uuid.uuid4(),
        family_id=family_id,
        organisation_id=actor.organisation_id,
        user_id=actor.user_id,
        nature=nature,
        channel=channel,
        about=about,
        result=result,
        at=moment,
        referral_id=referral_id,
        case_id=case_id,
        message_id=message_id,
        created_at=now,
    )
    if words:
        made.words = words
    session.add(made)
    record(
        session,
        actor,
        "contact.recorded",
        made.id,
        family_id=family_id,
        nature=nature.value,
        channel=channel.value,
        about=about,
        result=result,
    )
    return made


def _refuse(
    session: Session,
    family_id: uuid.UUID,
    channel: ContactChannel,
    moment: datetime,
    referral_id: uuid.UUID | None,
) -> None:
    if referral_id is not None and not queries.is_open(session, referral_id):
        raise Refusal([ContactRefusal.NO_CONSENT])
    wishes = queries.wishes(session, family_id)
    if wishes.stops:
        raise Refusal([ContactRefusal.STOPPED])
    if wishes.channels and channel not in wishes.channels:
        raise Refusal([ContactRefusal.CHANNEL_NOT_WISHED])
    policy = queries.policy_of(session, family_id)
    earlier = queries.earlier_advances(session, family_id, moment - policy.looks_back)
    allowed = next_advance_at(earlier, policy, wishes, channel, now=moment)
    if allowed is not None and allowed > moment:
        raise Refusal([Reason(ContactRefusal.TOO_SOON, {"from": allowed})])


def record_result(
    session: Session,
    contact_id: uuid.UUID,
    result: str,
    *,
    actor: Actor,
    now: datetime,
    words: str | None = None,
) -> Contact:
    """Write down what came of a contact; the first word stands.

    Raises:
        Refusal: a colleague has written it down meanwhile; carries ``result``.
        NoResultFound: not a contact of the actor's body.
    """
    del now
    found = queries.contact(session, contact_id, actor=actor, lock=True)
    if found.result is not None:
        raise Refusal([Reason(ContactRefusal.RECORDED_MEANWHILE, {"result": found.result})])
    found.result = result
    if words:
        found.words = words
    record(session, actor, "contact.result", found.id, family_id=found.family_id, result=result)
    return found


def wishes(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Wishes:
    """Return what the family wishes now."""
    del actor  # the database takes her from the signed value
    return queries.wishes(session, family_id)


def set_wishes(
    session: Session, family_id: uuid.UUID, wish: Wishes, *, actor: Actor, now: datetime
) -> None:
    """Write down how the family wishes to be contacted, by itself or by staff for it.

    Holds from this transaction's commit, for every body; what was wished before ends.

    Raises:
        Refusal: "not before" a day that is past.
    """
    if actor.user_id is None:
        raise PermissionError("somebody writes a wish down")
    if wish.not_before is not None and wish.not_before < today(now):
        raise Refusal([ContactRefusal.NOT_BEFORE_PAST])
    lock(session, family_id)
    session.execute(_END_WISHES, {"family": family_id, "at": now})
    session.add(
        ContactWish(
            id=uuid.uuid4(),
            family_id=family_id,
            organisation_id=actor.organisation_id,
            channels=sorted(wish.channels),
            times=sorted(wish.times),
            not_before=wish.not_before,
            stops=wish.stops,
            set_by=actor.user_id,
            set_at=now,
            ended_at=None,
        )
    )
    record(
        session,
        actor,
        "contact.wishes_set",
        family_id,
        family_id=family_id,
        stops=wish.stops,
        channels=sorted(wish.channels),
    )
