"""What stands before the first booking of a family, said before anybody fills in a form."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from enum import StrEnum

from portal.families.models import Child
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState


class Step(StrEnum):
    """The next thing to do, in the order in which they are done."""

    RECORD = "record"
    APPLY = "apply"
    ACCEPT = "accept"


def first_step(
    children: Sequence[Child],
    recorded: Collection[uuid.UUID],
    applications: Sequence[Preregistration],
) -> Step | None:
    """Return what must be done before any of a family's children can be booked, if anything.

    Args:
        recorded: The children whose record somebody has confirmed.
    """
    states = {row.state for row in applications}
    # Of a child that is not born yet nothing is asked, and nothing can be booked.
    born = [child for child in children if child.born_on is not None]
    if PreregistrationState.ACCEPTED in states or not born:
        return None
    if states & {PreregistrationState.APPLIED, PreregistrationState.ASKED_BACK}:
        return Step.ACCEPT
    return Step.APPLY if any(child.id in recorded for child in born) else Step.RECORD
