"""What becomes of a no-show or a worry: a table that staff can read. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from portal.kernel.errors import Refusal
from portal.organisations.limits import CaseLimits

#: Within how long the provider finds out what happened (R21), where no municipality has set it.
CHECK_WITHIN = CaseLimits().check_within
#: After so long past its limit a step is brought before more people.
ESCALATE_AFTER = timedelta(hours=24)
#: Two staff who write the same result within this time write of one call.
SAME_CALL = timedelta(minutes=10)


class CaseKind(StrEnum):
    """Why the case is open."""

    NO_SHOW = "no_show"
    WORRY = "worry"  # noticed by staff (R26)


class CaseState(StrEnum):
    """Where a case stands. Whoever took over ends it, or a provider with nothing to tell."""

    SUSPECTED = "suspected"  # start and grace have passed, no child, no word
    EXCUSED = "excused"  # came late, or told why
    CHECKED = "checked"  # the provider has said what it found
    REPORTED = "reported"  # others were told
    TAKEN_OVER = "taken_over"  # one of them says what comes next, and who does it
    CLOSED = "closed"


class CaseEvent(StrEnum):
    """What happens to a case."""

    CHILD_ARRIVED = "child_arrived"
    ARRIVAL_UNDONE = "arrival_undone"  # tapped by mistake
    FAMILY_EXPLAINED = "family_explained"
    RESULT = "result"
    REPORT = "report"
    TAKE_OVER = "take_over"
    CLOSE = "close"


class CheckResult(StrEnum):
    """What the provider found out."""

    CAME_LATE = "came_late"
    ILL = "ill"
    FORGOT = "forgot"
    REACHED_WELL = "reached_well"
    REACHED_WORRIED = "reached_worried"
    NOT_REACHED = "not_reached"


class NextStep(StrEnum):
    """How the support goes on (R17)."""

    BOOK_AGAIN = "book_again"
    VISIT = "visit"  # 訪問
    PHONE = "phone"
    OTHER_SERVICE = "other_service"
    SUPPORT_PLAN = "support_plan"  # サポートプランで検討
    WATCH = "watch"
    NO_MORE_NEEDED = "no_more_needed"


class CaseRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    NOT_POSSIBLE_NOW = "not_possible_now"
    NO_CONSENT_TO_SHARE = "no_consent_to_share"
    NOT_AGREED_WITH = "not_agreed_with"
    SOMEBODY_MUST_TAKE_OVER = "somebody_must_take_over"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    PHONE_FIRST = "phone_first"
    PHONE_IN_FUTURE = "phone_in_future"
    STEP_MISSING = "step_missing"
    STEP_IN_PAST = "step_in_past"
    RECEIVER_MISSING = "receiver_missing"
    WORDS_MISSING = "words_missing"
    CHANGED_MEANWHILE = "changed_meanwhile"


_S, _E = CaseState, CaseEvent
#: Cases about which somebody still has to do something.
OPEN = frozenset(CaseState) - {_S.CLOSED}

#: What is not in it is refused. A case about a family that was referred, or about a worry, leaves
#: CHECKED and EXCUSED by CLOSE only as ``advance`` says.
NEXT_STATE = {
    (_S.SUSPECTED, _E.CHILD_ARRIVED): _S.EXCUSED,
    (_S.CHECKED, _E.CHILD_ARRIVED): _S.EXCUSED,
    (_S.EXCUSED, _E.ARRIVAL_UNDONE): _S.SUSPECTED,
    (_S.SUSPECTED, _E.FAMILY_EXPLAINED): _S.EXCUSED,
    (_S.CHECKED, _E.FAMILY_EXPLAINED): _S.EXCUSED,
    (_S.SUSPECTED, _E.RESULT): _S.CHECKED,
    (_S.CHECKED, _E.RESULT): _S.CHECKED,
    (_S.REPORTED, _E.RESULT): _S.REPORTED,
    (_S.TAKEN_OVER, _E.RESULT): _S.TAKEN_OVER,
    (_S.SUSPECTED, _E.REPORT): _S.REPORTED,
    (_S.CHECKED, _E.REPORT): _S.REPORTED,
    (_S.REPORTED, _E.REPORT): _S.REPORTED,
    (_S.TAKEN_OVER, _E.REPORT): _S.TAKEN_OVER,
    (_S.CHECKED, _E.TAKE_OVER): _S.TAKEN_OVER,
    (_S.REPORTED, _E.TAKE_OVER): _S.TAKEN_OVER,
    (_S.TAKEN_OVER, _E.TAKE_OVER): _S.TAKEN_OVER,
    (_S.TAKEN_OVER, _E.CLOSE): _S.CLOSED,
    (_S.EXCUSED, _E.CLOSE): _S.CLOSED,
    (_S.CHECKED, _E.CLOSE): _S.CLOSED,
}


def advance(
    state: CaseState, event: CaseEvent, *, may_share: bool, must_be_taken_over: bool
) -> CaseState:
    """Return the state after ``event``.

    Args:
        may_share: A consent or a released legal ground holds *now*; one given at the interview and
            withdrawn since is none.
        must_be_taken_over: The family was referred, a worry was noticed, or others were told: then
            the provider alone does not end it (R17), and a reason told too late is a result to be
            passed on like any other.

    Raises:
        Refusal: not possible in this state, may not be shared, or nobody has taken over.
    """
    if event is _E.REPORT and not may_share:
        raise Refusal([CaseRefusal.NO_CONSENT_TO_SHARE])
    if event is _E.CLOSE and must_be_taken_over and state is _S.CHECKED:
        raise Refusal([CaseRefusal.SOMEBODY_MUST_TAKE_OVER])
    if event is _E.FAMILY_EXPLAINED and must_be_taken_over:
        event = _E.RESULT
    try:
        return NEXT_STATE[state, event]
    except KeyError:
        raise Refusal([CaseRefusal.NOT_POSSIBLE_NOW]) from None


def follows(state: CaseState, event: CaseEvent) -> bool:
    """Say whether the table knows ``event`` in ``state``, for what happens anyway (an arrival)."""
    return (state, event) in NEXT_STATE
