"""Which variants hold for a wish, and the document that they make; each made once and kept."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pydantic import ValidationError

from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.conditions import OF_THE_TIME, Asked, Condition, made_ready
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


def document_known(
    case: Case, child: ChildFacts | None, known: frozenset[str] | None
) -> RulesDocument:
    """Return the rules as they hold when of a wish only the conditions in ``known`` can be told.

    The others count as not met; None tells all of them.

    Args:
        child: A child of the wish; None for what holds for all of its children alike.
    """
    document = case.document
    if not document.variants:
        return document
    plan, which = _plan_of(document), None
    for each in case.children if child is None else (child,):
        asked = Asked(document, case.calendar, case.span.day, case, each, known)
        held = plan.holding(asked)
        which = held if which is None else tuple(n for n in which if n in held)
    return _laid_of(document, which or ())


def possible(case: Case, child: ChildFacts, known: frozenset[str] | None) -> tuple[int, ...]:
    """Return which variants hold for a child at some time of the day; as ``document_known``."""
    asked = Asked(case.document, case.calendar, case.span.day, case, child, known)
    return _plan_of(case.document).holding(asked, at_any_time=True)


def at_time(case: Case, those: tuple[int, ...]) -> RulesDocument:
    """Return the rules of a time of the day, of variants that are ``possible`` on it."""
    plan, asked = _plan_of(case.document), Asked(case.document, case.calendar, case.span.day, case)
    which = tuple(
        number
        for number in those
        if all(holds(value, asked) for holds, value in plan.of_time[number])
    )
    return _laid_of(case.document, which)


def kept_with(document: RulesDocument) -> dict[Hashable, Any]:
    """Return where what has been found out of a document can be kept for as long as it lives."""
    return _plan_of(document).kept


def changed_by_time(document: RulesDocument, kinds: frozenset[str]) -> bool:
    """Say whether any variant changes one of ``kinds`` for some hours or lengths alone."""
    return any(
        variant.when.given & OF_THE_TIME and touched(variant) & kinds
        for variant in document.variants
    )


def conditions_of(document: RulesDocument) -> frozenset[str]:
    """Return the names of the conditions that any variant of a document has."""
    return frozenset().union(*_plan_of(document).given) if document.variants else frozenset()


def calendar_for(document: RulesDocument, calendar: FacilityCalendar) -> FacilityCalendar:
    """Return the facility's calendar with the opening days of the rules laid over it.

    Deadlines and openings are counted with it. Each day has the hours that hold on it for
    whoever looks; what is different for some children says nothing about open days.
    """
    if document.hours is None and not document.variants:
        return calendar
    plan = _plan_of(document)
    if plan.changes_hours:
        # Kept with the calendar, whose pattern holds the document: its id stands for it that long.
        key = ("days of", id(document))
        if key not in calendar.kept:
            calendar.kept[key] = replace(calendar, pattern=_DayByDay(document))
        return calendar.kept[key]
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


def conditions_hold(
    when: VariantWhen, case: Case, child: ChildFacts, known: frozenset[str] | None = None
) -> bool:
    """Say whether conditions hold for one child of a wish, wherever they stand in a document.

    Args:
        known: As of ``document_known``.
    """
    if known is not None and not when.given <= known:
        return False
    asked = Asked(case.document, case.calendar, case.span.day, case, child)
    return all(holds(value, asked) for holds, value in made_ready(when))


# --- what is kept for each document ---


@dataclass(frozen=True, slots=True, eq=False)
class _Plan:
    """The conditions of a document's variants made ready, and the documents laid until now."""

    conditions: tuple[tuple[tuple[Condition, Any], ...], ...]
    #: The same without what goes by the chosen time.
    at_any_time: tuple[tuple[tuple[Condition, Any], ...], ...]
    #: What of each goes by the chosen time alone.
    of_time: tuple[tuple[tuple[Condition, Any], ...], ...]
    #: The names of the conditions of each variant.
    given: tuple[frozenset[str], ...]
    #: Whether any of them says something about opening days.
    changes_hours: bool
    laid: dict[tuple[int, ...], RulesDocument] = field(default_factory=dict)
    kept: dict[Hashable, Any] = field(default_factory=dict)
    #: The calendar asked for last, and what it became: a facility's stays the same for a while.
    calendars: list[tuple[FacilityCalendar, FacilityCalendar]] = field(default_factory=list)

    def holding(self, asked: Asked, *, at_any_time: bool = False) -> tuple[int, ...]:
        """Return the numbers of the variants whose conditions are all met."""
        tests = self.at_any_time if at_any_time else self.conditions
        known = asked.known
        if known is not None and at_any_time:
            known = known | OF_THE_TIME
        return tuple(
            number
            for number, conditions in enumerate(tests)
            if (known is None or self.given[number] <= known)
            and all(holds(value, asked) for holds, value in conditions)
        )


def _laid_for(asked: Asked) -> RulesDocument:
    return _laid_of(asked.document, _plan_of(asked.document).holding(asked))


def _laid_of(document: RulesDocument, which: tuple[int, ...]) -> RulesDocument:
    if not which:
        return document
    plan = _plan_of(document)
    known = plan.laid.get(which)
    if known is None:
        known = _lay(document, which)
        if known is not document:  # which what is kept with it must not hold
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
    return _sharing(found, document)


def _sharing(found: RulesDocument, document: RulesDocument) -> RulesDocument:
    """Return rules laid with what did not change as the very same rules, as days were kept for."""
    same = {
        name: rule
        for name in RulesDocument.model_fields
        if (rule := getattr(document, name)) == getattr(found, name)
    }
    return found.model_copy(update=same) if found is not document else document


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
        tuple(made_ready(variant.when, besides=OF_THE_TIME) for variant in document.variants),
        tuple(
            made_ready(variant.when, besides=variant.when.given - OF_THE_TIME)
            for variant in document.variants
        ),
        tuple(variant.when.given for variant in document.variants),
        changes_hours=any("hours" in touched(variant) for variant in document.variants),
    )
    _PLANS[key] = (weakref.ref(document, _forgetting(key, _PLANS)), plan)
    return plan


def _forgetting(key: int, plans: dict[int, _Kept]) -> Callable[[object], None]:
    # The names of a module are gone before the last documents are.
    def forget(_gone: object) -> None:
        plans.pop(key, None)

    return forget
