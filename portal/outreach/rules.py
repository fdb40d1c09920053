"""What a plan of contact holds, and when it is over. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.referrals.rules import OPEN, WAY, ReferralState


class About(StrEnum):
    """What the next contact is about (notice, annex 2(1))."""

    TOUR = "tour"
    PROCEDURE = "procedure"
    REMINDER = "reminder"
    FIRST_STAY = "first_stay"


class Until(StrEnum):
    """The end condition of a plan: it ends by itself once this has come."""

    VISITED = "visited"
    REGISTERED = "registered"
    USED = "used"


class EndReason(StrEnum):
    """Why a plan is over."""

    REACHED = "reached"
    NOT_WISHED = "not_wished"
    WITHDRAWN = "withdrawn"
    REFERRAL_CLOSED = "referral_closed"
    ERASED = "erased"


class CallResult(StrEnum):
    """What came of a call, one tap each."""

    TALKED = "talked"
    MESSAGE_LEFT = "message_left"
    NOT_REACHED = "not_reached"
    LATER = "later"  # she asked to be called another day
    NOT_WISHED = "not_wished"
    NOT_MADE = "not_made"  # nobody called after all; does not count


#: What stands as the result of a letter or a mail that staff had sent.
SENT = "sent"


class OutreachRefusal(StrEnum):
    """Why a plan is not made or a contact not recorded; sentences in ``documents/wording``."""

    PLAN_EXISTS = "plan_exists"
    PLAN_OVER = "plan_over"
    REFERRAL_OVER = "referral_over"
    RECORDED_MEANWHILE = "recorded_meanwhile"
    RESULT_WRITTEN = "result_written"
    NEXT_DAY_PAST = "next_day_past"
    NEXT_DAY_FAR = "next_day_far"
    NO_MAIL = "no_mail"


#: When to look again after a result, in days; staff may choose another day.
_AGAIN_IN = {
    CallResult.TALKED: 14,
    CallResult.MESSAGE_LEFT: 4,
    CallResult.NOT_REACHED: 4,
    CallResult.LATER: 7,
    CallResult.NOT_MADE: 0,
}
#: A plan whose next day lies farther ahead is forgotten, not continued (R19).
FARTHEST = timedelta(days=190)
_UNTIL = {
    Until.VISITED: ReferralState.VISITED,
    Until.REGISTERED: ReferralState.REGISTERED,
    Until.USED: ReferralState.USED,
}


def is_reached(until: Until, state: ReferralState) -> bool:
    """Say whether the end condition has come: this step of the way, or a later one."""
    return state in WAY and WAY.index(state) >= WAY.index(_UNTIL[until])


def is_running(until: Until, state: ReferralState) -> bool:
    """Say whether there is still something to contact the family about."""
    return state in OPEN and not is_reached(until, state)


def next_day(result: CallResult, today: date) -> date:
    """Return the day proposed for the next contact."""
    return today + timedelta(days=_AGAIN_IN.get(result, 7))


def reasons_against_day(day: date, *, today: date) -> tuple[OutreachRefusal, ...]:
    """Return why ``day`` cannot be the next one."""
    if day < today:
        return (OutreachRefusal.NEXT_DAY_PAST,)
    if day - today > FARTHEST:
        return (OutreachRefusal.NEXT_DAY_FAR,)
    return ()
