"""Ages as Japanese childcare counts them. Pure: dates in, whole numbers out."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def fiscal_year(on: date) -> int:
    """Return the fiscal year (年度) of a day: it runs from 1 April to 31 March."""
    return on.year if (on.month, on.day) >= (4, 1) else on.year - 1


def class_age(born: date, on: date) -> int:
    """Return the child's class age (年度年齢) in whole years on a given day.

    Classes, staffing ratios and fee bands go by the age reached on 1 April of the fiscal
    year (年度) that ``on`` falls in, and stay fixed until 31 March, whatever birthdays
    fall between. A child born on 1 April belongs with the older year (早生まれ), since an
    age is completed at the end of the day before the birthday.

    Args:
        born: Date of birth, in the local calendar.
        on: The day asked about, in the local calendar.

    Returns:
        Completed years, 0 or more; 0 too for a child born during the fiscal year of ``on``.

    Raises:
        ValueError: ``on`` is before ``born``. A caller's mistake, not a refusal.

    Source: Act on Calculation of Ages (年齢計算ニ関スル法律), items 1-2.
    """
    if on < born:
        raise ValueError(f"{on} is before the child's birth on {born}")
    birthday_after_april_first = (born.month, born.day) > (4, 1)
    return max(0, fiscal_year(on) - born.year - birthday_after_april_first)


def age_in_months(born: date, on: date) -> int:
    """Return completed months of life on a given day.

    A month is completed on the same day-number as the birth, or on the month's last day where
    that number does not exist: born on 31 August, six months are completed on 28 February.

    Raises:
        ValueError: ``on`` is before ``born``. A caller's mistake, not a refusal.
    """
    if on < born:
        raise ValueError(f"{on} is before the child's birth on {born}")
    months = (on.year - born.year) * 12 + on.month - born.month
    if on.day >= born.day:
        return months
    last_day = calendar.monthrange(on.year, on.month)[1]
    return months - (on.day < last_day)


def months_later(day: date, months: int) -> date:
    """Return the same day-number so many months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def last_day_of_months(first: date, months: int) -> date:
    """Return the last day of so many months that begin on a day.

    It is the day before the same day-number, or the last day of a month that lacks it: six months
    from 31 August end on 28 February.

    Source: Civil Code (民法), article 143 (2).
    """
    end = months_later(first, months)
    return end if end.day < first.day else end - timedelta(days=1)


def age(born: date, on: date) -> int:
    """Return completed years of life on a given day, as said in daily talk.

    Counts from the birthday itself. Law completes a year at the end of the day before; rules that
    need that reading say so in their own parameters.
    """
    return age_in_months(born, on) // 12
