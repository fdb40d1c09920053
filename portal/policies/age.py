"""Kind G2, age: how old a child must be, and until when it may come."""

from __future__ import annotations

import calendar
import uuid
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule


class AgeUnit(StrEnum):
    """What an age limit is counted in."""

    DAYS = "days"  # completed days: 57 is the 58th day counting the day of birth
    MONTHS = "months"  # completed months; years are written as months (2 years = 24)
    CLASS_AGE = "class_age"
    SCHOOL_ENTRY = "school_entry"  # upper limit only: 31 March before primary school


class AgeReference(StrEnum):
    """The day on which ages in days and months are looked at."""

    DAY_OF_USE = "day_of_use"
    FIRST_OF_MONTH = "first_of_month"
    FISCAL_YEAR_START = "fiscal_year_start"  # 1 April of the year of use
    DAY_BEFORE_FISCAL_YEAR = "day_before_fiscal_year"  # 31 March before it


class AgeReading(StrEnum):
    """When an age in months counts as reached."""

    BIRTHDAY = "birthday"  # on the same day-number, as said in daily talk
    DAY_BEFORE = "day_before"  # on the day before, as the law completes an age


class AgeLimit(Rule):
    """One end of the range. As lower limit: from that age on. As upper: see ``AgeRule``."""

    unit: AgeUnit
    value: int = Field(default=0, ge=0, le=4000)


class AgeRule(Rule):
    """Who is old enough and not too old.

    ``min``: from this age. ``max`` in days or months: *under* this age (36 months = until the
    child is three); in class ages: up to and including this class.

    Class age and school entry are fixed for the fiscal year of the day of use; ``reference`` and
    ``reading`` do not touch them.

    Source: Act on Calculation of Ages, items 1-2; Civil Code, article 143 (2).
    """

    min: AgeLimit | None = None
    max: AgeLimit | None = None
    reference: AgeReference = AgeReference.DAY_OF_USE
    reading: AgeReading = AgeReading.BIRTHDAY

    @model_validator(mode="after")
    def _lower_end_is_an_age(self) -> AgeRule:
        if self.min and self.min.unit is AgeUnit.SCHOOL_ENTRY:
            raise ValueError("school entry is an upper limit")
        return self

    def first_day(self, born_on: date) -> date:
        """Return the first day on which the child is old enough; never before its birth."""
        if self.min is None:
            return born_on
        if self.min.unit is AgeUnit.CLASS_AGE:
            return max(born_on, _class_begins(born_on, self.min.value))
        reached = _reached_on(born_on, self.min, self.reading)
        return max(born_on, _first_day_seen(reached, self.reference))

    def last_day(self, born_on: date) -> date | None:
        """Return the last day on which the child may come, or None without upper limit."""
        if self.max is None:
            return None
        if self.max.unit is AgeUnit.SCHOOL_ENTRY:
            return _class_begins(born_on, 6) - timedelta(days=1)
        if self.max.unit is AgeUnit.CLASS_AGE:
            return _class_begins(born_on, self.max.value + 1) - timedelta(days=1)
        reached = _reached_on(born_on, self.max, self.reading)
        return _first_day_seen(reached, self.reference) - timedelta(days=1)

    def reasons(self, child_id: uuid.UUID, born_on: date, day: date) -> list[Reason]:
        """Return what the child's age says against care on ``day``."""
        found: list[Reason] = []
        first, last = self.first_day(born_on), self.last_day(born_on)
        if day < first:
            limit = self.min or AgeLimit(unit=AgeUnit.DAYS)
            values = {"limit": limit.value, "unit": limit.unit.value, "from_on": first}
            found.append(Reason(BookingRefusal.TOO_YOUNG, values, child_id))
        if self.max is not None and last is not None and day > last:
            values = {"limit": self.max.value, "unit": self.max.unit.value, "last_on": last}
            found.append(Reason(BookingRefusal.TOO_OLD, values, child_id))
        return found


def _class_begins(born_on: date, class_age: int) -> date:
    """The 1 April on which the child's class age becomes ``class_age``."""
    late_in_year = (born_on.month, born_on.day) > (4, 1)
    return date(born_on.year + class_age + late_in_year, 4, 1)


def _reached_on(born_on: date, limit: AgeLimit, reading: AgeReading) -> date:
    """The first day on which the child counts as that old."""
    if limit.unit is AgeUnit.DAYS:
        return born_on + timedelta(days=limit.value)
    years, month = divmod(born_on.month - 1 + limit.value, 12)
    year, month = born_on.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    if born_on.day > last:
        # Without a matching day both readings end with the month: an age is completed at the
        # end of its last day.
        return date(year, month, last)
    matching = date(year, month, born_on.day)
    return matching - timedelta(days=reading is AgeReading.DAY_BEFORE)


def _first_day_seen(reached: date, reference: AgeReference) -> date:
    """The first day of use whose reference day is ``reached`` or later."""
    if reference is AgeReference.FIRST_OF_MONTH and reached.day > 1:
        return (reached.replace(day=28) + timedelta(days=4)).replace(day=1)
    if reference is AgeReference.FISCAL_YEAR_START and (reached.month, reached.day) != (4, 1):
        return date(fiscal_year(reached) + 1, 4, 1)
    if reference is AgeReference.DAY_BEFORE_FISCAL_YEAR:
        return date(fiscal_year(reached) + 1, 4, 1)
    return reached
