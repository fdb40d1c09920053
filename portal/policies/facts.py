"""What rules know of a child: no name, no health, nothing that a reason could give away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from portal.policies.standing import FIRST_PART, NOTHING_DONE, StepStanding, TrialStanding


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """A child as far as rules need it.

    Both ends of the registration are days on which it holds. ``registered_until`` is None where
    no pre-registration has been accepted. ``has_application``: one runs or holds there. ``trial``
    is known for a wish of trial care alone.
    """

    child_id: uuid.UUID
    born_on: date
    registered_until: date | None = None
    registered_from: date | None = None
    has_application: bool = False
    steps: StepStanding = NOTHING_DONE
    trial: TrialStanding = FIRST_PART
    #: Whether each side has said that it read what it needs to know of the other.
    family_agreed: bool = False
    facility_agreed: bool = False
    #: Whether the facility accepted with conditions.
    has_conditions: bool = False
    #: Whether the child's record was confirmed lately; asked where the rules demand it alone.
    record_holds: bool = True
