"""What a consent is about, and where it comes from. Pure."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class ConsentSource(StrEnum):
    """In which form it was given."""

    PORTAL = "portal"  # ticked by a guardian who had signed in
    PAPER_FORM = "paper_form"  # a signed paper; its date is kept
    SPOKEN = "spoken"  # said on the phone or at the counter
    TABLET = "tablet"  # confirmed by her own hand on the interviewer's tablet


class ConsentRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    NOT_ANSWERED = "not_answered"
    NEEDED_TO_APPLY = "needed_to_apply"
    ALREADY_WITHDRAWN = "already_withdrawn"
    PAPER_DATE_MISSING = "paper_date_missing"
    PAPER_IN_FUTURE = "paper_in_future"
    BOOKINGS_STAND = "bookings_stand"


def holds(withdrawn: bool, until_on: date | None, today: date) -> bool:  # noqa: FBT001 - a fact of the row
    """Say whether a consent holds on a local day; its last day is included."""
    return not withdrawn and (until_on is None or today <= until_on)
