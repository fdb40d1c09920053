"""What a plan of contact holds, and when it is over. Pure."""

from __future__ import annotations

from enum import StrEnum


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
    PREGNANCY_ENDED = "pregnancy_ended"
    REFERRAL_CLOSED = "referral_closed"
    ERASED = "erased"


class OutreachRefusal(StrEnum):
    """Why a plan is not made or a contact not recorded; sentences in ``documents/wording``."""

    PLAN_EXISTS = "plan_exists"
    PLAN_OVER = "plan_over"
    REFERRAL_OVER = "referral_over"
    RECORDED_MEANWHILE = "recorded_meanwhile"
    NEXT_DAY_PAST = "next_day_past"
