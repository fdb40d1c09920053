"""Kind G2, age: how old a child must be, and until when it may come."""

from __future__ import annotations

import calendar
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule


class AgeUnit(StrEnum):
    """What an age limit is counted in."""

    DAYS = "days"  # completed days: 57 is the 58th day counting the day of birth
    WEEKS = "weeks"  # completed weeks: 8 weeks are 56 completed days
    MONTHS = "months"  # completed months
    YEARS = "years"  # completed years, the same as twelve months each
    CLASS_AGE = "class_age"
    MATERNITY_LEAVE_END = "maternity_leave_end"  # lower limit only: the day after the 8 weeks
    SCHOOL_ENTRY = "school_entry"  # upper limit only: 31 March before primary school


AGE_UNIT_WORDS: Mapping[AgeUnit, str] = MappingProxyType(
    {
        AgeUnit.DAYS: "生後の日数（生まれた日は0日。57日は、生まれた日から数えて58日目）",
        AgeUnit.WEEKS: "生後の週数（8週は生後56日）",
        AgeUnit.MONTHS: "月齢（同じ日付の日に1か月を数える。その日がない月は月の最後の日）",
        AgeUnit.YEARS: "満年齢（1歳は12か月と同じ）",
        AgeUnit.CLASS_AGE: "年度年齢（4月1日の年齢、0歳児クラスは0）",
        AgeUnit.MATERNITY_LEAVE_END: "産後休業（産後8週間）が終わった次の日から。minにだけ書く",
        AgeUnit.SCHOOL_ENTRY: "小学校に入る前の3月31日まで。maxにだけ書く",
    }
)


class AgeReference(StrEnum):
    """The day on which ages in days, weeks, months and years are looked at."""

    DAY_OF_USE = "day_of_use"
    REGISTRATION_DAY = "registration_day"  # first day of the registration that holds
    FIRST_OF_MONTH = "first_of_month"
    FISCAL_YEAR_START = "fiscal_year_start"  # 1 April of the year of use
    DAY_BEFORE_FISCAL_YEAR = "day_before_fiscal_year"  # 31 March before it


AGE_REFERENCE_WORDS: Mapping[AgeReference, str] = MappingProxyType(
    {
        AgeReference.DAY_OF_USE: "利用する日",
        AgeReference.REGISTRATION_DAY: "登録した日（登録がわからないときは利用する日）",
        AgeReference.FIRST_OF_MONTH: "利用する月の1日",
        AgeReference.FISCAL_YEAR_START: "利用する年度の4月1日",
        AgeReference.DAY_BEFORE_FISCAL_YEAR: "利用する年度の前の日（3月31日）",
    }
)


class AgeReading(StrEnum):
    """When an age in months or years counts as reached."""

    BIRTHDAY = "birthday"  # on the same day-number, as said in daily talk
    DAY_BEFORE = "day_before"  # on the day before, as the law completes an age


AGE_READING_WORDS: Mapping[AgeReading, str] = MappingProxyType(
    {
        AgeReading.BIRTHDAY: "誕生日（と同じ日付の日）に年をとる、ふだんの数え方",
        AgeReading.DAY_BEFORE: "誕生日の前の日に年をとる、法律の数え方",
    }
)

#: Eight weeks from the day after birth; the first day after them.
_MATERNITY_LEAVE_DAYS = 57
_WITHOUT_VALUE = frozenset({AgeUnit.SCHOOL_ENTRY, AgeUnit.MATERNITY_LEAVE_END})


class AgeLimit(Rule):
    """One end of the range. As lower limit: from that age on. As upper: see ``AgeRule``.

    ``reference`` and ``reading`` are the rule's where they are left out.
    """

    unit: AgeUnit = Field(description="数え方", examples=["months"])
    value: int = Field(
        default=0,
        ge=0,
        le=4000,
        description="数。school_entryとmaternity_leave_endでは書かない",
        examples=[6],
    )
    inclusive: bool = Field(
        default=False,
        description="maxだけ。trueなら、その年齢のあいだ（次の年齢になる前の日）まで。"
        "falseなら、その年齢になる前の日まで。class_ageはいつもそのクラスの年度の終わりまで",
        examples=[True],
    )
    days_before: int | None = Field(
        default=None,
        ge=0,
        le=366,
        description="maxだけ。その年齢の誕生日の何日前までか（その日を含む）。"
        "「3歳の誕生日の前々日まで」は2。readingより優先する",
        examples=[2],
    )
    reference: AgeReference | None = Field(
        default=None,
        description="この端だけ、別の日の年齢で見るとき。書かなければageのreference",
        examples=["fiscal_year_start"],
    )
    reading: AgeReading | None = Field(
        default=None,
        description="この端だけ、数え方がちがうとき。書かなければageのreading",
        examples=["day_before"],
    )

    @model_validator(mode="after")
    def _fits_its_unit(self) -> AgeLimit:
        if self.days_before is not None and self.unit not in {AgeUnit.MONTHS, AgeUnit.YEARS}:
            raise ValueError("days before a birthday need an age in months or years")
        if self.inclusive and (self.days_before is not None or self.unit in _WITHOUT_VALUE):
            raise ValueError("an inclusive limit is an age")
        return self


class AgeRange(Rule):
    """Another range, for a child that comes together with a brother or sister."""

    min: AgeLimit | None = Field(
        default=None,
        description="何歳から。書かなければ、ふだんと同じ",
        examples=[{"unit": "months", "value": 6}],
    )
    max: AgeLimit | None = Field(
        default=None,
        description="何歳まで。書かなければ、ふだんと同じ",
        examples=[{"unit": "school_entry"}],
    )

    @model_validator(mode="after")
    def _ends_fit(self) -> AgeRange:
        _check(self.min, self.max)
        return self


class AgeRule(Rule):
    """Who is old enough and not too old.

    ``min``: from this age. ``max`` in days to years: *under* this age (36 months = until the child
    is three), or ``inclusive`` of it; in class ages: up to and including this class. ``born_from``
    and ``born_until``: dates of birth, both included.

    Class age and school entry are fixed for the fiscal year of the day of use; ``reference`` and
    ``reading`` do not touch them.

    Source: Act on Calculation of Ages, items 1-2; Civil Code, article 143 (2).
    """

    min: AgeLimit | None = Field(
        default=None,
        description="何歳から（その年齢になった日を含む）",
        examples=[{"unit": "months", "value": 6}],
    )
    max: AgeLimit | None = Field(
        default=None,
        description="何歳まで。日・週・月・年では、その年齢になる前の日まで（inclusiveで変えられる）。"
        "class_ageでは、そのクラスの年度の終わりまで",
        examples=[{"unit": "school_entry"}, {"unit": "years", "value": 3, "days_before": 2}],
    )
    reference: AgeReference = Field(
        default=AgeReference.DAY_OF_USE,
        description="いつの年齢で見るか（class_ageとschool_entryには関わらない）",
        examples=["fiscal_year_start"],
    )
    reading: AgeReading = Field(
        default=AgeReading.BIRTHDAY,
        description="誕生日に年をとる（birthday）か、その前の日に年をとる（day_before、法律の数え方）か",
        examples=["day_before"],
    )
    born_from: date | None = Field(
        default=None,
        description="この日からあとに生まれた子（この日も）",
        examples=["2023-04-02"],
    )
    born_until: date | None = Field(
        default=None, description="この日までに生まれた子（この日を含む）", examples=["2024-04-01"]
    )
    with_sibling: AgeRange | None = Field(
        default=None,
        description="きょうだいといっしょに申し込むときの年齢。書いた端だけが変わる",
        examples=[{"min": {"unit": "months", "value": 6}}],
    )

    @model_validator(mode="after")
    def _ends_fit(self) -> AgeRule:
        _check(self.min, self.max)
        if self.born_from and self.born_until and self.born_until < self.born_from:
            raise ValueError("dates of birth end after they begin")
        return self

    def first_day(self, born_on: date, registered_on: date | None = None) -> date:
        """Return the first day on which the child is old enough; never before its birth.

        Where ages are looked at on the day of registration: the first day on which it could be
        registered, or, of a child registered old enough, the day of its registration. No day
        helps a child that was registered too young: ``reasons`` says so. Dates of birth are
        ``last_day``'s to say.
        """
        if self.min is None:
            return born_on
        if self.min.unit is AgeUnit.CLASS_AGE:
            return max(born_on, _class_begins(born_on, self.min.value))
        reached = _reached_on(born_on, self.min, self.min.reading or self.reading)
        reference = self.min.reference or self.reference
        if reference is AgeReference.REGISTRATION_DAY and registered_on is not None:
            reached = max(reached, registered_on)
        return max(born_on, _first_day_seen(reached, reference))

    def last_day(self, born_on: date, registered_on: date | None = None) -> date | None:
        """Return the last day on which the child may come, or None without upper limit.

        The day before its birth where its date of birth is not among those asked for. Of a child
        that was registered young enough where that is what counts: None.
        """
        if not self._is_born_in_range(born_on):
            return born_on - timedelta(days=1)
        if self.max is None:
            return None
        if self.max.unit is AgeUnit.SCHOOL_ENTRY:
            return _class_begins(born_on, 6) - timedelta(days=1)
        if self.max.unit is AgeUnit.CLASS_AGE:
            return _class_begins(born_on, self.max.value + 1) - timedelta(days=1)
        reached = _passed_on(born_on, self.max, self.max.reading or self.reading)
        reference = self.max.reference or self.reference
        if reference is AgeReference.REGISTRATION_DAY and registered_on is not None:
            return None if registered_on < reached else reached - timedelta(days=1)
        return _first_day_seen(reached, reference) - timedelta(days=1)

    def for_siblings(self) -> AgeRule:
        """Return the rule as it is for a child that comes with a brother or sister."""
        other = self.with_sibling
        if other is None:
            return self
        changed = {end: limit for end in ("min", "max") if (limit := getattr(other, end))}
        return self.model_copy(update={**changed, "with_sibling": None})

    def reasons(
        self,
        child_id: uuid.UUID,
        born_on: date,
        day: date,
        *,
        registered_on: date | None = None,
        has_sibling: bool = False,
    ) -> list[Reason]:
        """Return what the child's age says against care on ``day``.

        Args:
            registered_on: The first day of its registration; None where there is none.
            has_sibling: Whether a brother or sister is in the same wish.
        """
        if has_sibling and self.with_sibling is not None:
            return self.for_siblings().reasons(child_id, born_on, day, registered_on=registered_on)
        if not self._is_born_in_range(born_on):
            return [self._reason_of_birth(child_id, born_on)]
        found: list[Reason] = []
        first = self.first_day(born_on, registered_on)
        last = self.last_day(born_on, registered_on)
        is_registered_early = self._is_registered_early(born_on, registered_on)
        if day < first or is_registered_early:
            limit = self.min or AgeLimit(unit=AgeUnit.DAYS)
            # It has to register again: a later day does not help.
            from_on = None if is_registered_early else first
            values = {"limit": limit.value, "unit": limit.unit.value, "from_on": from_on}
            found.append(Reason(BookingRefusal.TOO_YOUNG, values, child_id))
        if self.max is not None and last is not None and day > last:
            values = {"limit": self.max.value, "unit": self.max.unit.value, "last_on": last}
            found.append(Reason(BookingRefusal.TOO_OLD, values, child_id))
        return found

    def _is_registered_early(self, born_on: date, registered_on: date | None) -> bool:
        """Whether the day of registration counts, and the child was too young on it."""
        lower = self.min
        if lower is None or lower.unit is AgeUnit.CLASS_AGE or registered_on is None:
            return False
        if (lower.reference or self.reference) is not AgeReference.REGISTRATION_DAY:
            return False
        return registered_on < _reached_on(born_on, lower, lower.reading or self.reading)

    def _is_born_in_range(self, born_on: date) -> bool:
        return (self.born_from is None or self.born_from <= born_on) and (
            self.born_until is None or born_on <= self.born_until
        )

    def _reason_of_birth(self, child_id: uuid.UUID, born_on: date) -> Reason:
        """No day helps, so none is told."""
        if self.born_until is not None and born_on > self.born_until:
            values = {"limit": None, "unit": "born_on", "from_on": None}
            return Reason(BookingRefusal.TOO_YOUNG, values, child_id)
        values = {"limit": None, "unit": "born_on", "last_on": None}
        return Reason(BookingRefusal.TOO_OLD, values, child_id)


def _check(lower: AgeLimit | None, upper: AgeLimit | None) -> None:
    if lower is not None:
        if lower.unit is AgeUnit.SCHOOL_ENTRY:
            raise ValueError("school entry is an upper limit")
        if lower.days_before is not None or lower.inclusive:
            raise ValueError("inclusive and days_before stand at the upper limit")
    if upper is not None and upper.unit is AgeUnit.MATERNITY_LEAVE_END:
        raise ValueError("the end of maternity leave is a lower limit")


def _class_begins(born_on: date, class_age: int) -> date:
    """The 1 April on which the child's class age becomes ``class_age``."""
    late_in_year = (born_on.month, born_on.day) > (4, 1)
    return date(born_on.year + class_age + late_in_year, 4, 1)


def _reached_on(born_on: date, limit: AgeLimit, reading: AgeReading) -> date:
    """The first day on which the child counts as that old."""
    days = {
        AgeUnit.DAYS: limit.value,
        AgeUnit.WEEKS: limit.value * 7,
        AgeUnit.MATERNITY_LEAVE_END: _MATERNITY_LEAVE_DAYS,
    }.get(limit.unit)
    if days is not None:
        return born_on + timedelta(days=days)
    months = limit.value * (12 if limit.unit is AgeUnit.YEARS else 1)
    years, month = divmod(born_on.month - 1 + months, 12)
    year, month = born_on.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    if born_on.day > last:
        # Without a matching day both readings end with the month: an age is completed at the
        # end of its last day.
        return date(year, month, last)
    matching = date(year, month, born_on.day)
    return matching - timedelta(days=reading is AgeReading.DAY_BEFORE)


def _passed_on(born_on: date, limit: AgeLimit, reading: AgeReading) -> date:
    """The first day on which the child counts as too old for an upper limit."""
    if limit.days_before is not None:
        # By the law an age is reached on the eve of the birthday: of 29 February, that of 1 March.
        eve = _reached_on(born_on, limit, AgeReading.DAY_BEFORE)
        return eve - timedelta(days=limit.days_before - 2)
    if limit.inclusive:
        limit = limit.model_copy(update={"value": limit.value + 1})
    return _reached_on(born_on, limit, reading)


def _first_day_seen(reached: date, reference: AgeReference) -> date:
    """The first day of use whose reference day is ``reached`` or later."""
    if reference is AgeReference.FIRST_OF_MONTH and reached.day > 1:
        return (reached.replace(day=28) + timedelta(days=4)).replace(day=1)
    if reference is AgeReference.FISCAL_YEAR_START and (reached.month, reached.day) != (4, 1):
        return date(fiscal_year(reached) + 1, 4, 1)
    if reference is AgeReference.DAY_BEFORE_FISCAL_YEAR:
        return date(fiscal_year(reached) + 1, 4, 1)
    return reached
