"""Between which birthdays the children of a class lie, and which of them an age rule lets come."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, timedelta
from functools import lru_cache

from portal.kernel.age import fiscal_year
from portal.policies.age import AgeRule


def births_of_class(class_age: int, day: date) -> tuple[date, date]:
    """Return the first and the last birthday of a class; newborns are in the youngest."""
    year = fiscal_year(day) - class_age
    return date(year - 1, 4, 2), min(day, date(year, 4, 1)) if class_age else day


@lru_cache(maxsize=4096)
def births_let_in(rule: AgeRule | None, class_age: int, day: date) -> tuple[date, ...]:
    """Return the first and the last birthday that an age rule lets come; without any, all of it."""
    first, last = births_of_class(class_age, day)
    if rule is not None:
        births = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        old_enough = births[: bisect_left(births, True, key=lambda b: rule.first_day(b) > day)]  # noqa: FBT003 - the value looked for
        if old_enough and not is_over(rule, old_enough[-1], day):
            last = old_enough[-1]
            at = bisect_left(old_enough, True, key=lambda b: not is_over(rule, b, day))  # noqa: FBT003 - the value looked for
            first = old_enough[at]
    return (first,) if first == last else (first, last)


def is_over(rule: AgeRule, born: date, day: date) -> bool:
    """Say whether a child born then is too old for the rule on a local day."""
    last_day = rule.last_day(born)
    return last_day is not None and last_day < day
