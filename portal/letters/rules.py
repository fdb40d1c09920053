"""Which mails become letters, and how a letter is passed on. Pure."""

from __future__ import annotations

import uuid
from datetime import date
from enum import StrEnum

from portal.kernel.errors import Reason


class Way(StrEnum):
    """How a letter came to the family, or why it need not."""

    HANDED = "handed"
    POSTED = "posted"
    FAXED = "faxed"
    TOLD = "told"  # by phone or face to face, without the paper
    NOT_NEEDED = "not_needed"  # what it spoke of has changed before it was printed


#: What staff can say; the last one the portal finds out by itself.
BY_STAFF = (Way.HANDED, Way.POSTED, Way.FAXED, Way.TOLD)


class LetterRefusal(StrEnum):
    """Why a letter cannot be marked as passed on."""

    NOTHING_CHOSEN = "nothing_chosen"
    IN_FUTURE = "in_future"
    BEFORE_IT_WAS = "before_it_was"  # {since}: the day on which the mail would have left
    CLOSED_ALREADY = "closed_already"


#: Mails about somebody's own account: who has none is not meant.
_OF_ACCOUNTS = frozenset({"accounts", "drafts", "families", "facilities"})
#: Mails from one body to another: no family gets them, on paper or otherwise.
_BETWEEN_BODIES = frozenset({"consents", "referrals", "noshow"})
#: Over before any letter could be there, or not for the family.
_NOT_ON_PAPER = frozenset({"datarequests/erased", "datarequests/waiting", "notices/again"})


#: What says how it stands now: of several about the same, the latest says all.
_SAID_ANEW = frozenset({"trials/outcome", "visits/changed_by_facility", "bookings/changed"})


def is_said_anew(kind: str) -> bool:
    """Say whether a later letter of this kind, about the same, takes an earlier one's place."""
    return kind in _SAID_ANEW


def is_for_paper(kind: str) -> bool:
    """Say whether a mail of this kind is printed where none can be sent.

    Not reminders: the letter of the booking says the same, and they would come too late.
    """
    feature, _, name = kind.partition("/")
    if feature in _OF_ACCOUNTS | _BETWEEN_BODIES:
        return False
    return kind not in _NOT_ON_PAPER and "remind" not in name


def letter_id(message_id: uuid.UUID, guardian_id: uuid.UUID) -> uuid.UUID:
    """Return the id of the letter that a mail is to a guardian, made or not: always the same."""
    return uuid.uuid5(message_id, str(guardian_id))


def reasons_against_day(on: date, *, since: date, today: date) -> tuple[Reason, ...]:
    """Return what speaks against ``on`` as the day on which a letter was passed on."""
    reasons = []
    if on > today:
        reasons.append(Reason(LetterRefusal.IN_FUTURE))
    if on < since:
        reasons.append(Reason(LetterRefusal.BEFORE_IT_WAS, {"since": since}))
    return tuple(reasons)
