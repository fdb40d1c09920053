"""Kind G16, whose price: the age that picks a row of a price table, and the rows themselves."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from pydantic import Field, model_validator

from portal.kernel.age import age_in_months, class_age, fiscal_year
from portal.policies.age import AgeReading
from portal.policies.facts import ChildFacts
from portal.policies.rule import Rule

_YEAR = 12


class AgeBasis(StrEnum):
    """Which age picks the row. It need not be the age that decides who may come."""

    CLASS_AGE = "class_age"  # as on 1 April, all year
    ON_THE_DAY = "on_the_day"  # completed on the day of care
    MONTH_START = "month_start"  # completed on the 1st of the month of care
    FISCAL_YEAR_START = "fiscal_year_start"  # completed on 1 April of the year of care
    REGISTRATION_DAY = "registration_day"  # completed on the day the registration began


AGE_BASIS_WORDS: Mapping[AgeBasis, str] = MappingProxyType(
    {
        AgeBasis.CLASS_AGE: "利用する年度の4月1日の年齢（年度年齢、○歳児クラス）",
        AgeBasis.ON_THE_DAY: "利用日の年齢",
        AgeBasis.MONTH_START: "利用する月の1日の年齢",
        AgeBasis.FISCAL_YEAR_START: "利用する年度の4月1日の年齢",
        AgeBasis.REGISTRATION_DAY: "登録が始まった日の年齢",
    }
)


def months_for_price(
    basis: AgeBasis, child: ChildFacts, day: date, reading: AgeReading = AgeReading.BIRTHDAY
) -> int:
    """Return the age in completed months that picks the child's row on ``day``.

    A class age is given in months too (the class of two: 24). Before birth it is 0. Who has no
    registration yet is looked at on the day of care.
    """
    if basis is AgeBasis.CLASS_AGE:
        return class_age(child.born_on, day) * _YEAR if day >= child.born_on else 0
    looked_at = {
        AgeBasis.MONTH_START: day.replace(day=1),
        AgeBasis.FISCAL_YEAR_START: date(fiscal_year(day), 4, 1),
        AgeBasis.REGISTRATION_DAY: child.registered_from or day,
    }.get(basis, day)
    if looked_at < child.born_on:
        return 0
    return age_in_months(child.born_on, _read_on(child.born_on, looked_at, reading))


def _read_on(born_on: date, day: date, reading: AgeReading) -> date:
    """The day whose age in daily talk is the age that ``reading`` gives on ``day``."""
    tomorrow = day + timedelta(days=1)
    last = calendar.monthrange(tomorrow.year, tomorrow.month)[1]
    # Without a matching day both readings end with the month.
    if reading is AgeReading.BIRTHDAY or (tomorrow.day == last and born_on.day > last):
        return day
    return tomorrow


class Band(Rule):
    """One row of a price table, for children younger than its limit.

    Without a limit it is everybody else, and stands last.
    """

    below_age: int | None = Field(
        default=None,
        ge=1,
        le=12,
        description="何歳未満の行か（満年齢。age_basis が class_age なら何歳児クラスより下か）。"
        "書かない行は「それより上の全員」で、最後に1つだけ置きます。",
        examples=[3],
    )
    below_months: int | None = Field(
        default=None,
        ge=1,
        le=144,
        description="何か月未満の行か。below_age の代わりに、月で切るときに書きます。",
        examples=[18],
    )

    @model_validator(mode="after")
    def _has_one_limit(self) -> Band:
        if self.below_age is not None and self.below_months is not None:
            raise ValueError("give either an age in years or in months")
        return self

    @property
    def limit_months(self) -> int | None:
        """The age in months from which the row no longer holds; None is never."""
        return self.below_months if self.below_age is None else self.below_age * _YEAR


B = TypeVar("B", bound=Band)


def band_of(bands: Sequence[B], months: int) -> B:
    """Return the row that an age in months falls in."""
    return next(band for band in bands if band.limit_months is None or months < band.limit_months)


def check_bands(bands: Sequence[Band]) -> None:
    """See that the rows have no gap.

    Raises:
        ValueError: some age has no row, or two.
    """
    limits = [band.limit_months for band in bands]
    if not limits or limits[-1] is not None:
        raise ValueError("the last band has no upper age")
    known = [limit for limit in limits[:-1] if limit is not None]
    if len(known) != len(limits) - 1 or known != sorted(set(known)):
        raise ValueError("bands go up by age, and only the last one is open")
