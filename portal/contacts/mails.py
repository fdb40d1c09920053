"""What each mail of the portal is to a family, and the limit that holds back those that press.

One table for all mails, so that none slips past: a kind that is missing makes the tests red.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.contacts import service
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, Nature
from portal.messages.gate import Gate
from portal.messages.models import OutboxMessage

_ANSWER, _DUTY, _ADVANCE = Nature.ANSWER, Nature.DUTY, Nature.ADVANCE

#: ``None``: goes to staff alone. Whoever adds a mail asks: did the family do something that this
#: answers, or must it know for a child's sake? Else it is an advance.
NATURE_OF_MAIL: Mapping[str, Nature | None] = {
    # Accounts and families: asked for on a page, this very minute.
    "accounts/sign_up": _ANSWER,
    "accounts/invitation": None,
    "accounts/password_reset": _ANSWER,
    "accounts/mail_change": _ANSWER,
    "accounts/told_of_change": _ANSWER,
    "families/signed_out": _DUTY,  # somebody was signed out by another guardian
    "families/joined": _DUTY,
    # Staff wrote something into the family's own record: it must be able to say that it is wrong.
    "families/guardian_entered": _DUTY,
    "families/birth_entered": _DUTY,
    "facilities/claim_asked": None,
    "facilities/claim_decided": None,
    # What the family booked, applied for or asked. The reminder of a stay that it booked answers
    # that: it brings the way to say late or not coming, without which a case would begin.
    "bookings/placed": _ANSWER,
    "bookings/changed": _ANSWER,
    "bookings/cancelled": _ANSWER,
    "attendance/reminder": _ANSWER,
    "attendance/word_taken": _ANSWER,
    "preregistration/received": _ANSWER,
    "preregistration/asked_back": _ANSWER,
    "preregistration/waiting": _ANSWER,
    "preregistration/accepted": _ANSWER,
    "preregistration/declined": _ANSWER,
    "preregistration/withdrawn": _ANSWER,
    "preregistration/word": _ANSWER,
    "preregistration/renew": _ADVANCE,  # "go on?": nobody asked for that
    "preregistration/extended": _ANSWER,
    # Once a year by the calendar, whether or not a stay is booked: she did nothing that it answers,
    # and whoever books is asked for the record there. What she applied for is answered above.
    "preregistration/record": _ADVANCE,
    "trials/outcome": _ANSWER,
    "visits/booked": _ANSWER,
    "visits/moved": _ANSWER,
    "visits/cancelled": _ANSWER,
    "visits/changed_by_facility": _DUTY,
    "visits/cancelled_by_facility": _DUTY,
    "visits/reminder": _ANSWER,
    "visits/missed": _ADVANCE,  # there are other dates
    "datarequests/asked": _ANSWER,
    "datarequests/answered": _ANSWER,
    "datarequests/waiting": None,
    "datarequests/erased": _ANSWER,
    "drafts/ending": _ADVANCE,  # a form begun and not sent
    # A closure must be known before somebody stands at the gate with a child; the same words carry
    # infections. They go to families that use the facility.
    "notices/sent": _DUTY,
    "notices/again": _DUTY,
    # Between bodies; no family gets one.
    "consents/withdrawn": None,
    "referrals/sent": None,
    "referrals/moved": None,
    "referrals/recalled": None,
    "referrals/booked": None,
    "noshow/alert": None,
    "noshow/reported": None,
    "noshow/overdue_answer": None,
    "noshow/step_overdue": None,
    "noshow/overdue_check": None,
    "noshow/no_answer": None,
    "noshow/answered": None,
    # Outreach: all of it encourages.
    "outreach/tour": _ADVANCE,
    "outreach/procedure": _ADVANCE,
    "outreach/reminder": _ADVANCE,
    "outreach/first_stay": _ADVANCE,
}


def is_advance(kind: str) -> bool:
    """Say whether a kind is limited; one that nobody has classed yet is, to be safe."""
    return NATURE_OF_MAIL.get(kind, _ADVANCE) is _ADVANCE


def _contact_of(session: Session, row: OutboxMessage) -> Contact | None:
    return session.scalars(select(Contact).where(Contact.message_id == row.id)).one_or_none()


def opens_at(
    session: Session, row: OutboxMessage, family_id: uuid.UUID, now: datetime
) -> datetime | None:
    """Return from when a queued mail may leave; ``None``: the family does not want it.

    Takes the family's lock until the mail's step is over, so that two workers, or a worker and
    somebody with a phone in the hand, do not both find room for the same one.
    """
    if not is_advance(row.kind):
        return now
    service.lock(session, family_id)
    if _contact_of(session, row) is not None:
        return service.counted_already_may_leave(session, family_id, ContactChannel.MAIL, now=now)
    return service.allowed_from(session, family_id, ContactChannel.MAIL, now=now)


def passed(session: Session, row: OutboxMessage, family_id: uuid.UUID, now: datetime) -> None:
    """Count an advance that has left: once, to however many guardians it went."""
    if not is_advance(row.kind) or _contact_of(session, row) is not None:
        return
    session.add(
        Contact(
            id=uuid.uuid4(),
            family_id=family_id,
            organisation_id=row.organisation_id,
            user_id=None,
            nature=_ADVANCE,
            channel=ContactChannel.MAIL,
            about=row.kind[:40],
            result=None,
            words_sealed=None,
            at=now,
            referral_id=None,
            case_id=None,
            message_id=row.id,
            created_at=now,
        )
    )
    session.flush()


#: What a worker asks; see ``portal.commands.worker``.
FAMILY_GATE = Gate(opens_at, passed)
