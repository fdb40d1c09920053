"""The rules of a day for those who fill in a form, before all of their wish is known."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.families.models import Child
from portal.policies.calendar import FacilityCalendar
from portal.policies.channels import ChannelName
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.looking import DayRules, Onlooker
from portal.slots.opening import facility_calendar

_NOT_LOOKED_AT = FacilityCalendar(frozenset(range(7)))


def rules_of_form(
    session: Session,
    document: RulesDocument,
    facility_id: uuid.UUID,
    day: date,
    children: Sequence[Child] = (),
    *,
    chosen: Collection[uuid.UUID] = (),
) -> tuple[DayRules, ...]:
    """Return the rules of a local day for the children chosen, for each type of use that differs.

    A family says in the same form why it comes: what any reason allows can be chosen there.
    """
    is_plain = not document.variants and document.hours is None
    calendar = _NOT_LOOKED_AT if is_plain else facility_calendar(session, facility_id, day)
    meant = tuple(
        ChildFacts(child.id, child.born_on)
        for child in children
        if child.id in chosen and child.born_on
    )
    types = document.purposes.types if document.purposes and document.variants else ()
    codes: list[str | None] = [*(kind.code for kind in types)] or [None]
    return tuple(
        DayRules(
            document,
            calendar,
            day,
            Onlooker(children=meant, channel=ChannelName.WEB.value, purpose=code),
        )
        for code in codes
    )
