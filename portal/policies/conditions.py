"""Conditions of variants and prices: what each looks at in a wish, a child and a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from portal.kernel.age import age_in_months, class_age
from portal.policies.calendar import WEEKDAYS, FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.first_use import has_used
from portal.policies.rule import moment_on
from portal.policies.variants import VariantWhen


@dataclass(frozen=True, slots=True)
class Asked:
    """What conditions are looked at: a day, and the wish and the child where they are known.

    Where of a wish only some is known, ``known`` names the conditions that can be looked at; the
    others count as not met.
    """

    document: RulesDocument
    calendar: FacilityCalendar
    day: date
    case: Case | None = None
    child: ChildFacts | None = None
    known: frozenset[str] | None = None


#: What a day tells by itself, what a child's birthday tells, and what a chosen time tells.
OF_THE_DAY = frozenset({"weekdays", "holidays", "days", "months"})
OF_THE_BIRTHDAY = frozenset({"ages", "class_ages"})
OF_THE_TIME = frozenset({"units", "starts", "length"})


Condition = Callable[[Any, Asked], bool]


def _weekdays(value: Iterable[str], asked: Asked) -> bool:
    return WEEKDAYS[asked.day.weekday()] in value


def _holidays(value: bool, asked: Asked) -> bool:  # noqa: FBT001 - the value of a condition
    return (asked.day in asked.calendar.holidays) is value


def _with_case(test: Callable[[Any, Case], bool]) -> Condition:
    def holds(value: Any, asked: Asked) -> bool:
        return asked.case is not None and test(value, asked.case)

    return holds


def _with_child(test: Callable[[Any, ChildFacts, Asked, Case], bool]) -> Condition:
    def holds(value: Any, asked: Asked) -> bool:
        child, case = asked.child, asked.case
        return child is not None and case is not None and test(value, child, asked, case)

    return holds


def _ages(value: Any, child: ChildFacts, asked: Asked, case: Case) -> bool:  # noqa: ARG001 - one shape
    if child.born_on > asked.day:
        return False
    months = age_in_months(child.born_on, asked.day)
    return (value.from_months is None or months >= value.from_months) and (
        value.below_months is None or months < value.below_months
    )


def _class_ages(value: Any, child: ChildFacts, asked: Asked, case: Case) -> bool:  # noqa: ARG001 - one shape
    return child.born_on <= asked.day and class_age(child.born_on, asked.day) in value


def _marks(value: Any, child: ChildFacts, asked: Asked, case: Case) -> bool:
    return any(
        mark.code in value and mark.holds_on(asked.day)
        for mark in (*case.household.marks, *child.marks)
    )


def _residence(value: Any, asked: Asked) -> bool:
    """Where nobody knows, or no rule says who lives here, neither holds."""
    rule, case = asked.document.residence, asked.case
    is_resident = rule.is_resident(case.household) if rule and case else None
    return is_resident is not None and is_resident is (value == "resident")


def _units(value: Any, case: Case) -> bool:
    """The labels of the usual blocks: conditions are met before anything is laid."""
    units = case.document.units
    return units is not None and not set(units.labels(case.span)).isdisjoint(value)


def _starts(value: Any, case: Case) -> bool:
    day, starts_at = case.span.day, case.span.starts_at
    return (value.from_ is None or moment_on(day, value.from_) <= starts_at) and (
        value.until is None or starts_at < moment_on(day, value.until)
    )


def _length(value: Any, case: Case) -> bool:
    minutes = case.span.minutes
    return (value.from_minutes is None or value.from_minutes <= minutes) and (
        value.below_minutes is None or minutes < value.below_minutes
    )


#: What each condition of ``VariantWhen`` looks at; a test holds that none is forgotten.
CONDITIONS: Mapping[str, Condition] = MappingProxyType(
    {
        "weekdays": _weekdays,
        "holidays": _holidays,
        "days": lambda value, asked: any(span.holds(asked.day) for span in value),
        "months": lambda value, asked: asked.day.month in value,
        "purposes": _with_case(lambda value, case: case.purpose in value),
        "reasons": _with_case(lambda value, case: case.reason in value),
        "ages": _with_child(_ages),
        "class_ages": _with_child(_class_ages),
        "residence": _residence,
        "cities": _with_case(lambda value, case: case.household.city in value),
        "wards": _with_case(lambda value, case: case.household.ward in value),
        "circumstances": _with_case(
            lambda value, case: not case.household.circumstances.isdisjoint(value)
        ),
        "enrolments": _with_child(lambda value, child, _asked, _case: child.enrolment in value),
        "marks": _with_child(_marks),
        "channels": _with_case(lambda value, case: case.channel in value),
        "options": _with_case(lambda value, case: not case.options.isdisjoint(value)),
        "first_use": _with_child(
            lambda value, child, _asked, case: has_used(case.history, child, case.span) is not value
        ),
        "units": _with_case(_units),
        "starts": _with_case(_starts),
        "length": _with_case(_length),
        "trial": _with_case(lambda value, case: (case.trial_part is not None) is value),
        "min_children": _with_case(lambda value, case: len(case.children) >= value),
    }
)


def made_ready(
    when: VariantWhen, *, besides: frozenset[str] = frozenset()
) -> tuple[tuple[Condition, Any], ...]:
    """Return the tests of what is given; those of the day first, the quickest to say no.

    Args:
        besides: Names of conditions that are not to be tested.
    """
    given = when.given - besides
    return tuple((CONDITIONS[name], getattr(when, name)) for name in CONDITIONS if name in given)
