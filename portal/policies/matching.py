"""Which variants hold for a wish, and the document that they make; each made once and kept."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from portal.kernel.age import age_in_months, class_age
from portal.policies.calendar import WEEKDAYS, FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.first_use import has_used
from portal.policies.hours import open_days
from portal.policies.laying import laid, touched
from portal.policies.rule import moment_on
from portal.policies.variants import VariantWhen


@dataclass(frozen=True, slots=True)
class Asked:
    """What conditions are looked at: a day, and the wish and the child where they are known."""

    document: RulesDocument
    calendar: FacilityCalendar
    day: date
    case: Case | None = None
    child: ChildFacts | None = None


def document_for(case: Case, child: ChildFacts) -> RulesDocument:
    """Return the rules that hold for one child of a wish: its variants laid over the usual ones.

    The document itself where none holds.
    """
    if not case.document.variants:
        return case.document
    return _laid_for(Asked(case.document, case.calendar, case.span.day, case, child))


def document_on(document: RulesDocument, calendar: FacilityCalendar, day: date) -> RulesDocument:
    """Return the rules of a local day for whoever looks: no child and no wish is known.

    Only conditions on the day itself can be met.
    """
    if not document.variants:
        return document
    return _laid_for(Asked(document, calendar, day))


def calendar_for(document: RulesDocument, calendar: FacilityCalendar) -> FacilityCalendar:
    """Return the facility's calendar with the opening days of the rules laid over it.

    Deadlines and openings are counted with it. Each day has the hours that hold on it for
    whoever looks; what is different for some children says nothing about open days.
    """
    if document.hours is None and not document.variants:
        return calendar
    plan = _plan_of(document)
    if plan.changes_hours:
        return replace(calendar, pattern=_DayByDay(document))
    known = plan.calendars[-1] if plan.calendars else None
    if known is None or known[0] is not calendar:
        known = (calendar, open_days(document.hours, calendar))
        plan.calendars[:] = [known]
    return known[1]


@dataclass(frozen=True, slots=True)
class _DayByDay:
    """Opening days where variants change the hours of some."""

    document: RulesDocument

    def opens_on(self, day: date, calendar: FacilityCalendar) -> bool:
        """Say whether ``day`` is open, single days of ``calendar`` apart."""
        hours = document_on(self.document, calendar, day).hours
        if hours is None:
            return replace(calendar, pattern=None).is_open(day)
        return hours.opens_on(day, calendar)


def documents_for(case: Case) -> tuple[tuple[RulesDocument, tuple[ChildFacts, ...]], ...]:
    """Return the rules that hold, each with the children it holds for, in the order of the wish."""
    if not case.document.variants:
        return ((case.document, case.children),)
    groups: dict[int, tuple[RulesDocument, list[ChildFacts]]] = {}
    for child in case.children:
        document = document_for(case, child)
        groups.setdefault(id(document), (document, []))[1].append(child)
    return tuple((document, tuple(children)) for document, children in groups.values())


def variants_that_hold(case: Case, child: ChildFacts) -> tuple[str, ...]:
    """Return the names of the variants laid for one child of a wish, in the order they are laid."""
    asked = Asked(case.document, case.calendar, case.span.day, case, child)
    plan = _plan_of(case.document)
    return tuple(case.document.variants[n].name for n in plan.holding(asked))


def conditions_hold(when: VariantWhen, case: Case, child: ChildFacts) -> bool:
    """Say whether conditions hold for one child of a wish, wherever they stand in a document."""
    asked = Asked(case.document, case.calendar, case.span.day, case, child)
    return all(holds(value, asked) for holds, value in _made_ready(when))


# --- conditions ---

_Condition = Callable[[Any, Asked], bool]


def _weekdays(value: Iterable[str], asked: Asked) -> bool:
    return WEEKDAYS[asked.day.weekday()] in value


def _holidays(value: bool, asked: Asked) -> bool:  # noqa: FBT001 - the value of a condition
    return (asked.day in asked.calendar.holidays) is value


def _with_case(test: Callable[[Any, Case], bool]) -> _Condition:
    def holds(value: Any, asked: Asked) -> bool:
        return asked.case is not None and test(value, asked.case)

    return holds


def _with_child(test: Callable[[Any, ChildFacts, Asked, Case], bool]) -> _Condition:
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
CONDITIONS: Mapping[str, _Condition] = MappingProxyType(
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


# --- what is kept for each document ---


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The conditions of a document's variants made ready, and the documents laid until now."""

    conditions: tuple[tuple[tuple[_Condition, Any], ...], ...]
    #: Whether any of them says something about opening days.
    changes_hours: bool
    laid: dict[tuple[int, ...], RulesDocument] = field(default_factory=dict)
    #: The calendar asked for last, and what it became: a facility's stays the same for a while.
    calendars: list[tuple[FacilityCalendar, FacilityCalendar]] = field(default_factory=list)

    def holding(self, asked: Asked) -> tuple[int, ...]:
        """Return the numbers of the variants whose conditions are all met."""
        return tuple(
            number
            for number, conditions in enumerate(self.conditions)
            if all(holds(value, asked) for holds, value in conditions)
        )


def _laid_for(asked: Asked) -> RulesDocument:
    plan = _plan_of(asked.document)
    which = plan.holding(asked)
    if not which:
        return asked.document
    known = plan.laid.get(which)
    if known is None:
        known = _lay(asked.document, which)
        if known is not asked.document:  # which what is kept with it must not hold
            plan.laid[which] = known
    return known


def _lay(document: RulesDocument, which: tuple[int, ...]) -> RulesDocument:
    """Lay variants one by one, without those that contradict the ones before.

    Documents are tried for that when they are written; only where many variants change one kind
    can three of them contradict unseen, and an answer by the rest is better than none.
    """
    content = document.model_dump(mode="json", exclude={"variants"})
    found = document
    taken: list[int] = []
    for number in which:
        some = [document.variants[n] for n in (*taken, number)]
        try:
            found = RulesDocument.model_validate(laid(content, some))
        except ValidationError:
            continue
        taken.append(number)
    return found


#: By the identity of the document, since comparing whole documents would cost more than it saves;
#: an entry goes with its document.
_Kept = tuple[weakref.ref[RulesDocument], _Plan]
_PLANS: dict[int, _Kept] = {}


def _plan_of(document: RulesDocument) -> _Plan:
    key = id(document)
    known = _PLANS.get(key)
    if known is not None and known[0]() is document:
        return known[1]
    plan = _Plan(
        tuple(_made_ready(variant.when) for variant in document.variants),
        changes_hours=any("hours" in touched(variant) for variant in document.variants),
    )
    _PLANS[key] = (weakref.ref(document, _forgetting(key, _PLANS)), plan)
    return plan


def _forgetting(key: int, plans: dict[int, _Kept]) -> Callable[[object], None]:
    # The names of a module are gone before the last documents are.
    def forget(_gone: object) -> None:
        plans.pop(key, None)

    return forget


def _made_ready(when: VariantWhen) -> tuple[tuple[_Condition, Any], ...]:
    """The conditions on the day first: they are the quickest to say no."""
    return tuple(
        (CONDITIONS[name], getattr(when, name)) for name in CONDITIONS if name in when.given
    )
