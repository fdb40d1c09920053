"""Which refusals rest on what nobody has told yet, so that a page can ask instead of saying no."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from portal.bookings.queries.cases import CaseFile
from portal.bookings.rules import BookingChangeRefusal
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal

#: What one code says of a fact that is known and of one that is not, where it is not.
NOT_TOLD: Mapping[BookingRefusal, BookingChangeRefusal] = MappingProxyType(
    {
        BookingRefusal.NOT_RESIDENT: BookingChangeRefusal.HOME_NOT_TOLD,
        BookingRefusal.ENROLLED_ELSEWHERE: BookingChangeRefusal.ENROLMENT_NOT_TOLD,
    }
)


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
        if (code is BookingRefusal.NOT_RESIDENT and is_unknown) or (
            code is BookingRefusal.ENROLLED_ELSEWHERE and reason.child_id in asked
        ):
            found.append(replace(reason, code=NOT_TOLD[code]))
        else:
            found.append(reason)
    return found


def set_aside_of(kept: Mapping[str, Any]) -> list[Reason]:
    """Return what a booking says was set aside for it; what nobody knew then is said as that.

    Args:
        kept: A booking's ``overruled``.
    """
    unknown = frozenset(kept.get("asked_later", ()))
    codes = [BookingRefusal(code) for code in dict.fromkeys(kept["codes"])]
    return [Reason(NOT_TOLD.get(each, each) if each in unknown else each) for each in codes]
