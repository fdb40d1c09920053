"""States of a pre-registration and what follows what. Pure."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from portal.kernel.age import fiscal_year
from portal.kernel.errors import Refusal


class PreregistrationState(StrEnum):
    """Where an application stands; both sides see it."""

    APPLIED = "applied"
    ASKED_BACK = "asked_back"
    WAITING = "waiting"  # for a registration to become free, in order of receipt
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class PreregistrationEvent(StrEnum):
    """What happens to an application, by either side."""

    ASK_BACK = "ask_back"  # the facility has a question
    ANSWER = "answer"  # the family answers it
    WAIT = "wait"  # all registrations are taken
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"  # the family no longer wants it
    EXTEND = "extend"  # the facility lets a registration go on
    RENEW = "renew"  # applied for again after its end


class PreregistrationRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    NOT_POSSIBLE_NOW = "not_possible_now"
    DECIDED_MEANWHILE = "decided_meanwhile"
    NO_CHILD_CHOSEN = "no_child_chosen"
    NOT_BORN_YET = "not_born_yet"
    RECORD_NOT_CONFIRMED = "record_not_confirmed"
    ALREADY_APPLIED = "already_applied"
    FACILITY_TAKES_NONE = "facility_takes_none"
    TEXT_MISSING = "text_missing"
    RECEIVED_IN_FUTURE = "received_in_future"
    REGISTRATIONS_TAKEN = "registrations_taken"
    OTHERS_WAIT_LONGER = "others_wait_longer"
    STEP_FIRST = "step_first"  # the rules want it before the acceptance
    NO_LIMIT_TO_WAIT_FOR = "no_limit_to_wait_for"
    RENEWAL_NOT_OPEN = "renewal_not_open"
    RECORD_TO_CONFIRM_AGAIN = "record_to_confirm_again"


class MessageKind(StrEnum):
    """What a message is."""

    WORD = "word"  # a question, an answer, a note
    REASON = "reason"  # why the facility cannot accept
    CONDITIONS = "conditions"  # under which it accepts


class Side(StrEnum):
    """The two who must understand each other first."""

    FAMILY = "family"
    FACILITY = "facility"


_S, _E = PreregistrationState, PreregistrationEvent

#: A table that staff can read; declined and withdrawn are ends, a new application is a new row.
NEXT_STATE = {
    (_S.APPLIED, _E.ASK_BACK): _S.ASKED_BACK,
    (_S.APPLIED, _E.WAIT): _S.WAITING,
    (_S.APPLIED, _E.ACCEPT): _S.ACCEPTED,
    (_S.APPLIED, _E.DECLINE): _S.DECLINED,
    (_S.APPLIED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.ASKED_BACK, _E.ANSWER): _S.APPLIED,
    (_S.ASKED_BACK, _E.WAIT): _S.WAITING,
    (_S.ASKED_BACK, _E.ACCEPT): _S.ACCEPTED,  # answered on the phone
    (_S.ASKED_BACK, _E.DECLINE): _S.DECLINED,
    (_S.ASKED_BACK, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.WAITING, _E.ACCEPT): _S.ACCEPTED,
    (_S.WAITING, _E.DECLINE): _S.DECLINED,
    (_S.WAITING, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.ACCEPTED, _E.EXTEND): _S.ACCEPTED,
    (_S.ACCEPTED, _E.RENEW): _S.APPLIED,
}

#: States in which a child has its one application at a facility.
LIVE = frozenset({_S.APPLIED, _S.ASKED_BACK, _S.WAITING, _S.ACCEPTED})
#: States in which it is the facility's turn.
WAITING_FOR_FACILITY = frozenset({_S.APPLIED})
#: States after the decision: words go back and forth without changing them.
WITH_WORDS = frozenset({_S.WAITING, _S.ACCEPTED})


def advance(state: PreregistrationState, event: PreregistrationEvent) -> PreregistrationState:
    """Return the state after ``event``.

    Raises:
        Refusal: the event is not possible in this state.
    """
    try:
        return NEXT_STATE[state, event]
    except KeyError:
        raise Refusal([PreregistrationRefusal.NOT_POSSIBLE_NOW]) from None


def possible(state: PreregistrationState) -> frozenset[PreregistrationEvent]:
    """Return what may happen next, for the buttons of a page."""
    return frozenset(event for from_state, event in NEXT_STATE if from_state is state)


def accepted_until(on: date) -> date:
    """Return the last day on which an acceptance of the local day ``on`` holds: 31 March."""
    return date(fiscal_year(on) + 1, 3, 31)


def has_ended(state: PreregistrationState, until: date | None, today: date) -> bool:
    """Say whether an acceptance is over since its last day is; then it may be renewed."""
    return state is _S.ACCEPTED and until is not None and until < today


def mark_of(state: PreregistrationState, decided_at: datetime | None) -> str:
    """Return what a page remembers of an application, to notice that another was quicker."""
    return f"{state.value} {decided_at.isoformat() if decided_at else ''}".strip()
