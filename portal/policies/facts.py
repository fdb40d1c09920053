"""What rules know of a child: no name, no health, nothing that a reason could give away."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """A child as far as rules need it.

    Both ends of the registration are days on which it holds. ``registered_until`` is None where
    no pre-registration has been accepted.
    """

    child_id: uuid.UUID
    born_on: date
    registered_until: date | None = None
    registered_from: date | None = None
