"""What nobody at an interview may read of a home: the facility asks for it before the stay."""

from __future__ import annotations

from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.reasons import BookingRefusal

#: They say by themselves that nobody has answered, or shown a paper.
_NOT_SAID = frozenset({BookingRefusal.GATE_UNANSWERED, BookingRefusal.PROOF_MISSING})


def is_left_to_facility(reason: Reason, case: Case) -> bool:
    """Say whether a reason against a booking at the interview rests on what is not known there.

    The body that referred the family reads nothing of what it told the facility. Whatever is
    known, and speaks against the stay, speaks against it here too.
    """
    if not case.on_the_spot:
        return False
    match reason.code:
        case BookingRefusal.NOT_RESIDENT:
            home = case.household
            return home.city is None and home.ward is None and home.prefecture is None
        case BookingRefusal.ENROLLED_ELSEWHERE:
            return any(
                child.child_id == reason.child_id and child.enrolment is None
                for child in case.children
            )
        case code:
            return code in _NOT_SAID
