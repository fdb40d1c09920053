"""Kind G19, registration: who is accepted before use, for how long, how many, how renewed."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year
from portal.kernel.errors import Reason
from portal.policies.facts import ChildFacts
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule

#: The last day of a registration without an end; people read "no end", never this date.
NO_END = date(9999, 12, 31)
_SCHOOL_AGE = 6
_MONTHS = 12


class Validity(StrEnum):
    """Until when an acceptance holds."""

    FISCAL_YEAR = "fiscal_year"  # 31 March
    HALF_YEAR = "half_year"  # 30 September or 31 March
    SCHOOL = "school"  # 31 March before primary school
    MONTHS = "months"  # so many months from the acceptance
    NONE = "none"


class RenewalPart(StrEnum):
    """What a family confirms anew before it goes on."""

    RECORD = "record"  # the child's record
    CONTACTS = "contacts"  # guardians, phones, who picks up
    AGREEMENT = "agreement"  # the provider's own words


class RenewalRule(Rule):
    """The renewal season: from so many days before the end, and what is confirmed anew in it."""

    days_before: int = Field(default=30, ge=1, le=120)
    confirm: tuple[RenewalPart, ...] = (RenewalPart.RECORD,)


class RegistrationRule(Rule):
    """Whether the child must be registered, and how a registration begins, ends and goes on.

    ``lead_days=3``: registered from the 1st, first use on the 4th. ``next_period_days=12``: who is
    accepted in the last 12 days of a period is accepted until the end of the next one.
    ``limit``: so many children are registered at once; the others wait in order of receipt.
    ``agreement``: both sides say what they have read before the first use. ``answer_days``: within
    so many open days the facility answers.
    """

    required: bool = True
    lead_days: int = Field(default=0, ge=0, le=90)
    validity: Validity = Validity.FISCAL_YEAR
    months: int | None = Field(default=None, ge=1, le=60)
    next_period_days: int = Field(default=0, ge=0, le=92)
    renewal: RenewalRule | None = None
    limit: int | None = Field(default=None, ge=1, le=10_000)
    agreement: bool = False
    answer_days: int | None = Field(default=None, ge=1, le=60)

    @model_validator(mode="after")
    def _months_where_months_count(self) -> RegistrationRule:
        if self.validity is Validity.MONTHS and self.months is None:
            raise ValueError("give the number of months")
        return self

    def until(self, on: date, born_on: date | None) -> date:
        """Return the last day of what is accepted on the local day ``on``."""
        end = self._end(on, born_on)
        if end == NO_END or self.validity is Validity.MONTHS:
            return end
        if end - on < timedelta(days=self.next_period_days):
            return self._end(end + timedelta(days=1), born_on)
        return end

    def renewed_until(self, until: date, on: date, born_on: date | None) -> date:
        """Return the last day once a registration that ends on ``until`` goes on, from ``on``."""
        if until == NO_END:
            return NO_END
        return max(until, self._end(max(on, until + timedelta(days=1)), born_on))

    def renewal_opens(self, until: date) -> date | None:
        """Return the first day of the renewal season; ``None`` where nothing is renewed."""
        if self.renewal is None or until == NO_END:
            return None
        return until - timedelta(days=self.renewal.days_before - 1)

    def reasons(self, child: ChildFacts, day: date) -> list[Reason]:
        """Return what the child's registration says against care on ``day``."""
        if not self.required:
            return self._against_agreement(child, asks=False)
        if child.registered_until is None:
            return [Reason(BookingRefusal.NOT_REGISTERED, {}, child.child_id)]
        found: list[Reason] = self._against_agreement(child, asks=self.agreement)
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

    @staticmethod
    def _against_agreement(child: ChildFacts, *, asks: bool) -> list[Reason]:
        if child.registered_until is None:
            return []
        found = []
        # Conditions are the family's to agree to, whatever the rules ask.
        if (asks or child.has_conditions) and not child.family_agreed:
            found.append(Reason(BookingRefusal.FAMILY_HAS_NOT_AGREED, {}, child.child_id))
        if asks and not child.facility_agreed:
            found.append(Reason(BookingRefusal.FACILITY_HAS_NOT_AGREED, {}, child.child_id))
        return found

    def _end(self, on: date, born_on: date | None) -> date:
        year_end = date(fiscal_year(on) + 1, 3, 31)
        if self.validity is Validity.NONE:
            return NO_END
        if self.validity is Validity.MONTHS and self.months is not None:
            return _months_after(on, self.months) - timedelta(days=1)
        if self.validity is Validity.HALF_YEAR:
            return date(on.year, 9, 30) if 4 <= on.month <= 9 else year_end  # noqa: PLR2004 - months
        if self.validity is Validity.SCHOOL and born_on is not None:
            is_of_older_year = (born_on.month, born_on.day) <= (4, 1)
            school = date(born_on.year + _SCHOOL_AGE + (not is_of_older_year), 3, 31)
            return max(school, year_end) if school < on else school
        return year_end


def _months_after(on: date, months: int) -> date:
    year, month = divmod(on.year * _MONTHS + on.month - 1 + months, _MONTHS)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))
