"""Stages, items and states of a referral, and what must stand before it leaves. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.consents.rules import SharingPurpose as SharingPurpose  # noqa: PLC0414 - theirs as ours
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


class GroundRefusal(StrEnum):
    """Why a decision to pass on without consent does not stand; sentences in the wording."""

    REASON_MISSING = "reason_missing"
    ITEMS_MISSING = "items_missing"
    SECOND_PERSON_NEEDED = "second_person_needed"
    PHONE_FIRST = "phone_first"
    PHONED_LATER = "phoned_later"
    ALREADY_DECIDED = "already_decided"


class ProvisionKind(StrEnum):
    """By what data was passed on."""

    REFERRAL = "referral"
    REFERRAL_ON_PAPER = "referral_on_paper"  # printed once more, for FAX, post or hand
    NO_SHOW_REPORT = "no_show_report"
    WORRY_REPORT = "worry_report"


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
    NO_CHILD = "no_child"
    NO_RECEIVER = "no_receiver"
    HELD_IN_FUTURE = "held_in_future"
    TICKED_IN_FUTURE = "ticked_in_future"
    TARGET_PAST = "target_past"
    NO_FAMILY_RECORD = "no_family_record"
    RECEIVED_IN_FUTURE = "received_in_future"
    WORDING_UNKNOWN = "wording_unknown"
    RECORD_UNKNOWN = "record_unknown"  # no such record of this family in the portal
    RECORD_DIFFERS = "record_differs"
    RECEIVER_UNKNOWN = "receiver_unknown"
    RECEIVER_OF_TWO = "receiver_of_two"
    MAIL_UNREADABLE = "mail_unreadable"
    NOT_REACHABLE = "not_reachable"
    NUMBER_TAKEN = "number_taken"
    CHILD_IN_USE = "child_in_use"
    ADDRESS_NOT_SHARED = "address_not_shared"  # told of letters alone, and nobody knows where
    WAY_UNREACHABLE = "way_unreachable"  # told of calls, and there is no number


class FileRefusal(StrEnum):
    """Why a file of referrals, or a row of it, is not taken; sentences stand in the wording."""

    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_A_TABLE = "not_a_table"
    UNREADABLE_ENCODING = "unreadable_encoding"
    EMPTY = "empty"
    MALFORMED = "malformed"
    UNKNOWN_COLUMNS = "unknown_columns"
    DUPLICATE_COLUMN = "duplicate_column"
    CHANGED_SINCE_PREVIEW = "changed_since_preview"
    PORTAL_NUMBER = "portal_number"
    NUMBER_MISSING = "number_missing"
    STAGE_MISSING = "stage_missing"
    DAY_MISSING = "day_missing"
    DAY_UNREADABLE = "day_unreadable"
    NO_CHOICE = "no_choice"
    FORM_MISSING = "form_missing"
    RECEIVER_UNCLEAR = "receiver_unclear"


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
    (_S.REFUSED, _E.CLOSE): _S.CLOSED,
}


class Side(StrEnum):
    """Who passed the family on, and who was asked to help."""

    SENDER = "sender"
    RECEIVER = "receiver"


_EITHER = frozenset(Side)
#: Whose it is to say that something happened.
SAID_BY = {
    _E.SEND: frozenset({Side.SENDER}),
    _E.RECALL: frozenset({Side.SENDER}),
    **{event: frozenset({Side.RECEIVER}) for event in (*_STEPS, _E.REFUSE)},
    _E.CLOSE: _EITHER,
    _E.HAND_ON: _EITHER,
}


class Outcome(StrEnum):
    """What came of a referral. The last two are said by nobody: they happen."""

    USED = "used"
    NOT_NEEDED = "not_needed"
    NOT_WISHED = "not_wished"
    OTHER_HELP = "other_help"
    NOT_REACHED = "not_reached"
    MOVED = "moved"
    WITHDRAWN = "withdrawn"  # the consent was
    ENDED = "ended"  # no child is meant any more; nobody is told why


#: What somebody who closes a referral chooses from.
CHOSEN_OUTCOMES = tuple(each for each in Outcome if each not in {Outcome.WITHDRAWN, Outcome.ENDED})


class Todo(StrEnum):
    """What comes next, for whoever's turn it is."""

    RECEIVE = "receive"
    CONTACT = "contact"
    VISIT = "visit"
    REGISTER = "register"
    USE = "use"
    DECIDE = "decide"  # the receiver said no: where else?


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, what for, and the last day for it."""

    side: Side
    what: Todo
    by: date


#: Days that a step may take, and who takes it. A receiver answers an urgent one the same day.
_TURNS = {
    _S.SENT: (Side.RECEIVER, Todo.RECEIVE, 2),
    _S.RECEIVED: (Side.RECEIVER, Todo.CONTACT, 3),
    _S.IN_CONTACT: (Side.RECEIVER, Todo.VISIT, 14),
    _S.VISITED: (Side.RECEIVER, Todo.REGISTER, 14),
    _S.REGISTERED: (Side.RECEIVER, Todo.USE, 30),
    _S.REFUSED: (Side.SENDER, Todo.DECIDE, 3),
}
_FIRST_STEPS = frozenset({_S.SENT, _S.RECEIVED, _S.REFUSED})
_SOONER = {Urgency.NORMAL: None, Urgency.SOON: 1, Urgency.URGENT: 0}


def turn_after(
    state: ReferralState,
    on: date,
    *,
    urgency: Urgency,
    target_on: date | None = None,
    told_until: date | None = None,
) -> Turn | None:
    """Return whose turn it is once a referral has come to ``state`` on a local day.

    Args:
        target_on: By when the family should have used it; the first use is due by then.
        told_until: By when the family was told that contact will come; contact is due by then.
    """
    if state not in _TURNS:
        return None
    side, what, days = _TURNS[state]
    sooner = _SOONER[urgency]
    if state in _FIRST_STEPS and sooner is not None:
        days = sooner
    by = on + timedelta(days=days)
    if what is Todo.CONTACT and told_until is not None and urgency is not Urgency.URGENT:
        by = max(on, told_until)
    if what is Todo.USE and target_on is not None:
        by = max(on, target_on)
    return Turn(side, what, by)


def is_overdue(
    state: ReferralState, next_on: date | None, target_on: date | None, *, today: date
) -> bool:
    """Say whether somebody should have done something by now (R15).

    Its step is late, or the family has not used it by the day that was aimed at.
    """
    if state is ReferralState.REFUSED:
        return next_on is not None and next_on < today
    if state not in OPEN:
        return False
    return any(day is not None and day < today for day in (next_on, target_on))


def days_waiting(since: date, *, today: date) -> int:
    """Return for how many days it has stood as it stands."""
    return max(0, (today - since).days)


def possible(state: ReferralState, side: Side) -> frozenset[ReferralEvent]:
    """Return what one side may say in a state."""
    return frozenset(
        event for known, event in NEXT_STATE if known is state and side in SAID_BY[event]
    )


def reasons_against_sending(
    *,
    has_guide_tick: bool,
    has_consent: bool,
    is_told: bool,
    has_ground: bool,
    children: int,
    consented: Collection[Item],
    filled: Collection[Item],
) -> tuple[ReferralRefusal, ...]:
    """Return everything that is missing before a referral may leave (R8, R11, R12, R13)."""
    against = {
        ReferralRefusal.NO_GUIDE_TICK: not has_guide_tick,
        ReferralRefusal.NO_CONSENT: not (has_consent or has_ground),
        ReferralRefusal.NOT_TOLD: not (is_told or has_ground),
        ReferralRefusal.NO_CHILD: not children,
        ReferralRefusal.NEEDED_ITEM_MISSING: (has_consent or has_ground)
        and not (set(consented) & set(filled)).issuperset(NEEDED_ITEMS),
    }
    return tuple(code for code, applies in against.items() if applies)


def advance(state: ReferralState, event: ReferralEvent) -> ReferralState:
    """Return the state after ``event``.

    Raises:
        Refusal: not possible in this state.
    """
    try:
        return NEXT_STATE[state, event]
    except KeyError:
        raise Refusal([ReferralRefusal.NOT_POSSIBLE_NOW]) from None
