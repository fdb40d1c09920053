"""Which refusals rest on what nobody has told yet, so that a page can ask instead of saying no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from portal.bookings.queries.cases import CaseFile
from portal.bookings.rules import BookingChangeRefusal
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal


def as_known(reasons: Iterable[Reason], file: CaseFile) -> list[Reason]:
    """Return the reasons; those of a fact that nobody has told say that it is missing.

    Rules that accept nobody unknown give one code for "lives elsewhere" and "has not said".
    """
    home = file.household
    is_unknown = home.city is None and home.ward is None and home.prefecture is None
    asked = {child.id for child in file.children if child.facts.enrolment is None}
    found = []
    for reason in reasons:
        code = reason.code
        if code is BookingRefusal.NOT_RESIDENT and is_unknown:
            found.append(replace(reason, code=BookingChangeRefusal.HOME_NOT_TOLD))
        elif code is BookingRefusal.ENROLLED_ELSEWHERE and reason.child_id in asked:
            found.append(replace(reason, code=BookingChangeRefusal.ENROLMENT_NOT_TOLD))
        else:
            found.append(reason)
    return found
