"""Class ages (クラス年齢) as families choose them on the calendar. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Protocol

from portal.documents.i18n import gettext as _
from portal.kernel.age import class_age, fiscal_year
from portal.policies.age import AgeRule
from portal.policies.document import RulesDocument
from portal.slots.rules import PoolKind

#: From birth to the year before school.
CLASSES = range(6)
#: Classes that many facilities care for together.
_THREE_AND_UP = 3


class Band(Protocol):
    """The part of a pool that says for whom it is."""

    @property
    def kind(self) -> PoolKind: ...  # noqa: D102 - see the class
    @property
    def youngest_class(self) -> int: ...  # noqa: D102 - see the class
    @property
    def oldest_class(self) -> int: ...  # noqa: D102 - see the class


@dataclass(frozen=True, slots=True)
class ClassChoice:
    """One or several class ages for which a facility has the same places."""

    youngest: int
    oldest: int

    @property
    def ages(self) -> range:
        """The class ages in it."""
        return range(self.youngest, self.oldest + 1)

    @property
    def label(self) -> str:
        """What families read: ``1歳児``, ``3歳以上``."""
        if self.oldest == self.youngest:
            return _("%(age)s歳児") % {"age": self.youngest}
        if self.oldest == CLASSES[-1]:
            return _("%(age)s歳以上") % {"age": self.youngest}
        return _("%(youngest)s〜%(oldest)s歳児") % {
            "youngest": self.youngest,
            "oldest": self.oldest,
        }

    def born_between(self, on: date) -> tuple[date, date]:
        """Return the first and the last birthday of children in these classes on ``on``."""
        year = fiscal_year(on)
        return date(year - self.oldest - 1, 4, 2), date(year - self.youngest, 4, 1)

    def holds(self, age: int) -> bool:
        """Say whether a class age is among them."""
        return self.youngest <= age <= self.oldest


def fits(band: Band, age: int) -> bool:
    """Say whether a child of class ``age`` takes a place of this pool."""
    return band.youngest_class <= age <= band.oldest_class


def choices(
    pools: Sequence[Band], rules_of: Callable[[int], RulesDocument], on: date
) -> list[ClassChoice]:
    """Return the classes a facility cares for, those from 3 on joined where nothing parts them.

    A class without a total is not cared for: nobody could take a place. Pools part classes, and
    rules of their own.

    Args:
        rules_of: The rules for a class age; the same document for those with the same rules.
    """
    served = [age for age in CLASSES if is_served(pools, rules_of(age).age, age, on)]
    upper = [age for age in served if age >= _THREE_AND_UP]
    parted = {
        (id(rules_of(age)), *(id(pool) for pool in pools if fits(pool, age))) for age in upper
    }
    single = served if len(parted) > 1 else [age for age in served if age < _THREE_AND_UP]
    joined = [ClassChoice(age, age) for age in single]
    if len(single) < len(served):
        joined.append(ClassChoice(upper[0], upper[-1]))
    return joined


def is_served(pools: Iterable[Band], rule: AgeRule | None, age: int, on: date) -> bool:
    """Say whether some child of this class could be cared for on ``on``."""
    if not any(pool.kind is PoolKind.TOTAL and fits(pool, age) for pool in pools):
        return False
    return fitting(rule, *ClassChoice(age, age).born_between(on), on) in {Fitting.ALL, Fitting.SOME}


class Fitting(Enum):
    """Which of several children an age rule lets come on a day."""

    ALL = auto()
    SOME = auto()
    TOO_YOUNG = auto()
    TOO_OLD = auto()


def fitting(rule: AgeRule | None, eldest: date, youngest: date, on: date) -> Fitting:
    """Return which children born from ``eldest`` to ``youngest`` are of the right age on ``on``."""
    if rule is None:
        return Fitting.ALL
    if rule.first_day(eldest) > on:
        return Fitting.TOO_YOUNG
    last_day = rule.last_day(youngest)
    if last_day is not None and last_day < on:
        return Fitting.TOO_OLD
    last_day = rule.last_day(eldest)
    is_whole = rule.first_day(youngest) <= on and (last_day is None or on <= last_day)
    return Fitting.ALL if is_whole else Fitting.SOME


def class_of_birth_month(year: int, month: int, on: date) -> int | None:
    """Return the class of children born in a month; ``None`` for those not of an age to come.

    In April the answer is for those born from the 2nd on; the 1st belongs with the older year.
    """
    if date(year, month, 1) > on:
        return None
    age = class_age(min(date(year, month, 15), on), on)
    return age if age in CLASSES else None
