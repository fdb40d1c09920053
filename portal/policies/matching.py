"""Which variants hold for a wish, and the document that they make; each made once and kept."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.conditions import Asked, Condition, made_ready
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.hours import open_days
from portal.policies.laying import laid, touched
from portal.policies.variants import VariantWhen


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
    return all(holds(value, asked) for holds, value in made_ready(when))


# --- what is kept for each document ---


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The conditions of a document's variants made ready, and the documents laid until now."""

    conditions: tuple[tuple[tuple[Condition, Any], ...], ...]
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
        tuple(made_ready(variant.when) for variant in document.variants),
        changes_hours=any("hours" in touched(variant) for variant in document.variants),
    )
    _PLANS[key] = (weakref.ref(document, _forgetting(key, _PLANS)), plan)
    return plan


def _forgetting(key: int, plans: dict[int, _Kept]) -> Callable[[object], None]:
    # The names of a module are gone before the last documents are.
    def forget(_gone: object) -> None:
        plans.pop(key, None)

    return forget
