"""Kind G19 (its first part), registration: an accepted pre-registration before the first use."""

from __future__ import annotations

from datetime import date, timedelta

from pydantic import Field

from portal.kernel.errors import Reason
from portal.policies.facts import ChildFacts
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule


class RegistrationRule(Rule):
    """Whether the child must be registered, and how long before its first use.

    ``lead_days=3``: registered from the 1st, first use on the 4th.
    """

    required: bool = True
    lead_days: int = Field(default=0, ge=0, le=90)

    def reasons(self, child: ChildFacts, day: date) -> list[Reason]:
        """Return what the child's registration says against care on ``day``."""
        if not self.required:
            return []
        if child.registered_until is None:
            return [Reason(BookingRefusal.NOT_REGISTERED, {}, child.child_id)]
        found: list[Reason] = []
        begins = child.registered_from
        if begins is not None and day < begins:
            values: dict[str, object] = {"from_on": begins}
            found.append(Reason(BookingRefusal.REGISTRATION_NOT_YET_VALID, values, child.child_id))
        elif begins is not None and day < begins + timedelta(days=self.lead_days):
            from_on = begins + timedelta(days=self.lead_days)
            values = {"lead_days": self.lead_days, "from_on": from_on}
            found.append(Reason(BookingRefusal.REGISTRATION_TOO_RECENT, values, child.child_id))
        if day > child.registered_until:
            values = {"last_on": child.registered_until}
            found.append(Reason(BookingRefusal.REGISTRATION_ENDED, values, child.child_id))
        return found
