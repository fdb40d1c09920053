"""What a family may ask about its data, and what follows what. Pure.

*Source:* 個人情報の保護に関する法律 33条 (disclosure), 34条 (correction), 35条 (erasure).
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.errors import Reason, Refusal


class RequestKind(StrEnum):
    """What is asked for."""

    CORRECTION = "correction"
    ERASURE = "erasure"


class RequestTopic(StrEnum):
    """Which record is meant; ``EVERYTHING`` is an erasure's alone."""

    ATTENDANCE = "attendance"
    FEE = "fee"
    BOOKING = "booking"
    RECORD = "record"
    OTHER = "other"
    EVERYTHING = "everything"


class RequestState(StrEnum):
    """Where a request stands; both sides see it."""

    OPEN = "open"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class DataRequestRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    TEXT_MISSING = "text_missing"
    ANSWER_MISSING = "answer_missing"
    ALREADY_ANSWERED = "already_answered"
    ALREADY_ASKED = "already_asked"
    BOOKINGS_STILL_OPEN = "bookings_still_open"
    NOT_CONFIRMED = "not_confirmed"
    PROVIDER_KNOWS_NOTHING = "provider_knows_nothing"
    NOT_HERS_TO_ERASE = "not_hers_to_erase"
    RECEIVED_IN_FUTURE = "received_in_future"


#: Topics of a correction: what a family cannot put right by itself.
CORRECTABLE = (
    RequestTopic.ATTENDANCE,
    RequestTopic.FEE,
    RequestTopic.BOOKING,
    RequestTopic.RECORD,
    RequestTopic.OTHER,
)

#: The law says "without delay"; this many days is what the portal holds providers to.
DAYS_TO_ANSWER = 14


def due_on(received_on: date) -> date:
    """Return the local day by which a request received on ``received_on`` is answered."""
    return received_on + timedelta(days=DAYS_TO_ANSWER)


def answered(state: RequestState, into: RequestState) -> RequestState:
    """Return the state after an answer or a withdrawal.

    Raises:
        Refusal: it has been answered or taken back before.
    """
    if state is not RequestState.OPEN or into is RequestState.OPEN:
        raise Refusal([DataRequestRefusal.ALREADY_ANSWERED])
    return into


def reasons_against_correction(text: str) -> tuple[Reason, ...]:
    """Return why what is wrong, and how it should be, is not said well enough."""
    return () if text.strip() else (Reason(DataRequestRefusal.TEXT_MISSING),)


def reasons_against_answer(
    into: RequestState, kind: RequestKind, answer: str
) -> tuple[Reason, ...]:
    """Return why an answer is not enough: a refusal says why, a correction says what was done.

    *Source:* 個人情報の保護に関する法律 34条3項, 36条.
    """
    if answer.strip() or (into is RequestState.DONE and kind is RequestKind.ERASURE):
        return ()
    return (Reason(DataRequestRefusal.ANSWER_MISSING),)


def all_agreed(states: tuple[RequestState, ...]) -> bool:
    """Say whether every provider asked in one round has agreed."""
    return all(state is RequestState.DONE for state in states)
