"""What is known before anybody fills in a form: what is still to be done, and where it is for."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date
from enum import StrEnum

from portal.facilities.models import Programme
from portal.families.models import Child
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import LIVE, PreregistrationState, has_ended


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


def likely_programme(
    programmes: Sequence[Programme],
    applications: Sequence[Preregistration],
    *,
    on: date,
    asked: uuid.UUID | None = None,
) -> Programme | None:
    """Return what a family's booking is most likely for, so that nobody books at another facility.

    That of the facility asked for, else of one where a child of the family is registered, else
    where it has applied, else the first; None where there is none.

    Args:
        applications: The family's, the newest first.
        on: The local day of the booking; what has ended by then counts no more.
    """
    live = [
        row
        for row in applications
        if row.state in LIVE and not has_ended(row.state, row.accepted_until, on)
    ]
    live.sort(key=lambda row: row.state is not PreregistrationState.ACCEPTED)
    by_facility = {each.facility_id: each for each in reversed(programmes)}
    meant = (by_facility.get(each) for each in (asked, *(row.facility_id for row in live)) if each)
    return next(filter(None, meant), programmes[0] if programmes else None)
