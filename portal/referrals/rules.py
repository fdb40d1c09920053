"""Stages, items and states of a referral, and what must stand before it leaves. Pure."""

from __future__ import annotations

from enum import StrEnum

from portal.kernel.errors import Refusal


class Stage(StrEnum):
    """The interviews of 伴走型相談支援 (notice, annex 1(1))."""

    NOTIFICATION = "notification"  # 妊娠届出時
    EIGHTH_MONTH = "eighth_month"  # 妊娠8か月頃
    AFTER_BIRTH = "after_birth"  # 出生後
    OTHER = "other"


class Item(StrEnum):
    """What may be passed on, each only as far as it was agreed to."""

    NAME_AND_PHONE = "name_and_phone"
    ADDRESS = "address"
    CHILDREN = "children"  # due date, ages, names
    FATIGUE = "fatigue"
    LONELINESS = "loneliness"
    WISHES = "wishes"
    HEALTH = "health"  # the guardian's
    SUPPORT_NEEDS = "support_needs"
    NO_SHOW = "no_show"  # that she did not come, and what was found
    NURSERY_NOTES = "nursery_notes"  # what the nursery noticed


#: Without these nobody can be reached, and no referral makes sense.
NEEDED_ITEMS = frozenset({Item.NAME_AND_PHONE, Item.CHILDREN})


class SharingPurpose(StrEnum):
    """The three records of an interview, each a row of ``consents``, and sharing afterwards."""

    SHARING = "referral_sharing"  # R11: named items to a named receiver
    TOLD = "contact_told"  # R13: contact will come, by whom, until when, how
    BOOKING = "booking_on_the_spot"  # R14


class Urgency(StrEnum):
    """How soon somebody must act."""

    NORMAL = "normal"
    SOON = "soon"
    URGENT = "urgent"


class ReferralSource(StrEnum):
    """By what way it was written."""

    INTERVIEW = "interview"
    ONWARD = "onward"
    API = "api"
    CSV = "csv"
    PAPER = "paper"


class LegalGround(StrEnum):
    """Grounds to pass on without consent; a second person releases (docs/consents.md).

    *Source:* 個人情報保護法 27条1項 (private providers), 69条2項 (municipalities); 児童虐待防止法
    6条, 13条の4; 児童福祉法 25条.
    """

    LIFE_OR_BODY = "life_or_body"
    HEALTHY_UPBRINGING = "healthy_upbringing"
    CHILD_PROTECTION = "child_protection"
    PUBLIC_BODY = "public_body"


class ReferralState(StrEnum):
    """Where a referral stands; the sender sees each, with the days it has waited."""

    DRAFT = "draft"
    SENT = "sent"
    RECEIVED = "received"
    IN_CONTACT = "in_contact"
    VISITED = "visited"
    REGISTERED = "registered"
    USED = "used"
    CLOSED = "closed"
    REFUSED = "refused"
    PASSED_ON = "passed_on"
    RECALLED = "recalled"


class ReferralEvent(StrEnum):
    """What happens to a referral."""

    SEND = "send"
    RECEIVE = "receive"
    CONTACT = "contact"
    VISIT = "visit"
    REGISTER = "register"
    USE = "use"
    CLOSE = "close"
    REFUSE = "refuse"
    HAND_ON = "hand_on"
    RECALL = "recall"


class ReferralRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    NOT_POSSIBLE_NOW = "not_possible_now"
    NO_CONSENT = "no_consent"
    NOT_TOLD = "not_told"
    NO_GUIDE_TICK = "no_guide_tick"
    ITEM_NOT_CONSENTED = "item_not_consented"
    NEEDED_ITEM_MISSING = "needed_item_missing"
    ALREADY_REFERRED = "already_referred"
    AGE_NOT_TAKEN = "age_not_taken"
    OUTCOME_MISSING = "outcome_missing"


_S, _E = ReferralState, ReferralEvent
#: States in which somebody still has to do something.
OPEN = frozenset({_S.SENT, _S.RECEIVED, _S.IN_CONTACT, _S.VISITED, _S.REGISTERED})
#: How far a family has come, in order; a later step may come without the earlier ones.
WAY = (_S.SENT, _S.RECEIVED, _S.IN_CONTACT, _S.VISITED, _S.REGISTERED, _S.USED)
_STEPS = {
    _E.RECEIVE: _S.RECEIVED,
    _E.CONTACT: _S.IN_CONTACT,
    _E.VISIT: _S.VISITED,
    _E.REGISTER: _S.REGISTERED,
    _E.USE: _S.USED,
}
_ENDS = {_E.CLOSE: _S.CLOSED, _E.HAND_ON: _S.PASSED_ON, _E.RECALL: _S.RECALLED}

#: A table that staff can read; what is not in it is refused.
NEXT_STATE = {
    (_S.DRAFT, _E.SEND): _S.SENT,
    (_S.DRAFT, _E.RECALL): _S.RECALLED,
    (_S.SENT, _E.REFUSE): _S.REFUSED,
    (_S.RECEIVED, _E.REFUSE): _S.REFUSED,
    **{
        (state, event): later
        for event, later in _STEPS.items()
        for state in WAY
        if WAY.index(state) < WAY.index(later)
    },
    **{(state, event): end for event, end in _ENDS.items() for state in WAY},
    (_S.REFUSED, _E.HAND_ON): _S.PASSED_ON,
}


def advance(state: ReferralState, event: ReferralEvent) -> ReferralState:
    """Return the state after ``event``.

    Raises:
        Refusal: not possible in this state.
    """
    try:
        return NEXT_STATE[state, event]
    except KeyError:
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW]) from None
