"""Two registrations of one child: why the second is closed, and why it cannot be yet. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from portal.kernel.errors import Reason


class TwiceBecause(StrEnum):
    """How it came that a child was registered twice; a code that the audit keeps."""

    TYPED_TWICE = "typed_twice"
    FAMILY_AND_STAFF = "family_and_staff"  # each of them entered it
    OTHER = "other"


class TwiceRefusal(StrEnum):
    """Why not; sentences stand in ``documents/wording``."""

    BOOKINGS_RUN = "bookings_run"
    APPLICATIONS_RUN = "applications_run"
    VISITS_COME = "visits_come"
    NO_OTHER = "no_other"


#: What the database answers that runs for a child, at whichever provider.
_RUNS = {
    "bookings": TwiceRefusal.BOOKINGS_RUN,
    "applications": TwiceRefusal.APPLICATIONS_RUN,
    "visits": TwiceRefusal.VISITS_COME,
}


def reasons_against_closing(runs: Iterable[str]) -> tuple[Reason, ...]:
    """Return every reason against closing a registration for which this runs."""
    return tuple(Reason(_RUNS[each]) for each in runs)
