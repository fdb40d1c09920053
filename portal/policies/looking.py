"""The rules of a day for whoever looks at it before there is a wish: a calendar, a day, a form.

Pages say what deciding will say: of a class or of certain children, and of the time once it is
chosen. What nobody can know yet (where a family lives, why it comes) counts as not so.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, lru_cache

from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, Span, cell_time, span_on
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.channels import Action, ChannelName
from portal.policies.charging import usual_fee
from portal.policies.class_births import births_let_in, births_of_class, is_over
from portal.policies.conditions import OF_THE_BIRTHDAY, OF_THE_DAY, OF_THE_TIME
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLine
from portal.policies.hours import Hours
from portal.policies.judging import by_people
from portal.policies.matching import (
    at_time,
    calendar_for,
    changed_by_time,
    conditions_hold,
    conditions_of,
    document_known,
    kept_with,
    possible,
)
from portal.policies.purposes import purpose_of
from portal.policies.reasons import BookingRefusal
from portal.policies.stays_within import in_all, in_minutes, stays_within
from portal.policies.units import Stays, UnitsRule, stays
from portal.policies.variants import VariantWhen
from portal.policies.window import BookingWindow, BookingWindowRule, WindowState

_ALWAYS_OPEN = BookingWindowRule()
#: What says which stays there are; where it goes by the time, each stay is looked at.
_OF_SHAPE = frozenset({"units", "hours"})
_OUTSIDE = frozenset(
    {
        BookingRefusal.OUTSIDE_HOURS,
        BookingRefusal.ARRIVAL_OUTSIDE_TIMES,
        BookingRefusal.PICK_UP_OUTSIDE_TIMES,
    }
)


@dataclass(frozen=True, slots=True)
class Onlooker:
    """What is known of whoever looks at a day.

    Args:
        class_ages: One child of these class ages is meant; where rules differ among them, what
            holds for all of them counts.
        children: The children who would come together; then ``class_ages`` say nothing.
        channel: The way by which they would book, where the page leads there.
        purpose: The type of use, where it is said already.
        case: A stay that is booked already, with all that is known of its family; then the others
            say nothing.
    """

    class_ages: tuple[int, ...] = ()
    children: tuple[ChildFacts, ...] = ()
    channel: str | None = None
    purpose: str | None = None
    case: Case | None = None


#: Somebody of whom nothing is known.
ANYBODY = Onlooker()


def by_web(*class_ages: int) -> Onlooker:
    """Return a family on a public page that looks for a child of one of these classes."""
    return Onlooker(class_ages=class_ages, channel=ChannelName.WEB.value)


@dataclass(frozen=True)
class DayRules:
    """The rules of a local day as they hold for an onlooker.

    Where children are judged by several documents, all of them have to let the stay be.
    """

    document: RulesDocument
    calendar: FacilityCalendar
    day: date
    who: Onlooker = ANYBODY

    @cached_property
    def documents(self) -> tuple[RulesDocument, ...]:
        """The rules laid for the day, each document once; no time is chosen yet."""
        return self._documents(None)

    def at(self, span: Span) -> tuple[RulesDocument, ...]:
        """Return the rules laid for a chosen time of the day, each document once."""
        return self._documents(span)

    # --- when ---

    @cached_property
    def days(self) -> FacilityCalendar:
        """The facility's calendar with the opening days of the rules."""
        return calendar_for(self.document, self.calendar)

    def state(self, now: datetime, span: Span | None = None) -> WindowState:
        """Return where ``now`` lies in the time to book a day, or a stay: open once for all."""
        states = {window.state(now) for window in self.windows_at(span)}
        return next(
            (each for each in (WindowState.AFTER, WindowState.BEFORE) if each in states),
            WindowState.OPEN,
        )

    def opens_at(self, now: datetime, span: Span | None = None) -> datetime | None:
        """Return when booking opens, or did; None where nothing is announced or it always was."""
        opens = [window.at(now) for window in self.windows_at(span)]
        if not all(window.is_announced for window in opens):
            return None
        return max((window.opens_at for window in opens if window.opens_at), default=None)

    @property
    def notice_minutes(self) -> int:
        """How long before its start a stay is asked for at the latest."""
        rules = (document.booking_window for document in self.documents)
        return max((rule.notice_minutes for rule in rules if rule), default=0)

    def cancel_until(self, span: Span) -> datetime | None:
        """Return until when cancelling a stay is free; None where it always is."""
        rules = (document.cancel for document in self.at(span))
        return min((rule.until(span, self.days) for rule in rules if rule), default=None)

    @cached_property
    def hours(self) -> tuple[Hours, ...]:
        """The opening hours by each document that says any."""
        rules = (document.hours for document in self.documents)
        found = (rule.hours_on(self.day, self.calendar) for rule in rules if rule)
        return tuple(hours for hours in found if hours is not None)

    # --- which stays ---

    @property
    def units(self) -> UnitsRule | None:
        """The shape of stays; where children's differ, that of the first."""
        return self._units_of(self.documents[0])

    @cached_property
    def stays(self) -> Stays:
        """All stays of whole half hours that the rules let be on the day, places apart."""
        if not changed_by_time(self.document, _OF_SHAPE):
            return in_all([self._stays_by(document) for document in self.documents])
        return self._stays_by_time()

    def reasons_of_shape(self, span: Span) -> list[Reason]:
        """Return what units and hours say against a stay, each once."""
        found: list[Reason] = []
        for document in self.at(span):
            units, hours = self._units_of(document), document.hours
            said = units.reasons(span) if units else []
            if hours is not None:
                against = hours.reasons(span, self.calendar)
                said = [*said, *(reason for reason in against if reason.code in _OUTSIDE)]
            found += [reason for reason in said if reason not in found]
        return found

    # --- who ---

    def ages(self) -> Iterator[AgeRule]:
        """Yield the age rules that hold."""
        return (document.age for document in self.documents if document.age)

    def lets_class_come(self) -> bool:
        """Say whether some child of the class that is looked for is of the right age."""
        births = [born for age in self.who.class_ages for born in births_of_class(age, self.day)]
        if not births:
            return True
        first, last = min(births), max(births)
        return not any(
            rule.first_day(first) > self.day or is_over(rule, last, self.day)
            for rule in self.ages()
        )

    def against_booking(self, now: datetime) -> Reason | None:
        """Return why nobody books by this page, whatever the time: others decide, or other ways."""
        for document, window in zip(self.documents, self.windows, strict=True):
            phase, rule, channel = window.at(now).phase, document.channels, self.who.channel
            if phase is not None and (other_ways := [*phase.reasons(channel)]):
                return other_ways[0]
            if channel is not None and rule and channel not in rule.offered(Action.BOOK):
                return next(rule.reasons(channel, now, self.days))
            if decided := by_people(document, window.at(now)):
                return decided
        return None

    def by_people(self, now: datetime) -> Reason | None:
        """Return that people decide a wish made now, however it is made, and how."""
        pairs = zip(self.documents, self.windows, strict=True)
        return next(filter(None, (by_people(each, window.at(now)) for each, window in pairs)), None)

    # --- what it costs ---

    def fees(self, span: Span) -> tuple[Fee, ...]:
        """Return what a stay costs the children together; of a class by its eldest and youngest.

        By what is known: no reduction for a home, no ticket. What a stay costs that is booked
        already, ``judging.fee_of`` says.
        """
        case = self._case(span)
        if self.who.children:
            return (self._fee_of(case),)
        return tuple(self._fee_of(replace(case, children=(each,))) for each in case.children)

    def _fee_of(self, case: Case) -> Fee:
        """Each child by the rules laid for it, in its order among all."""
        known = self._known(case.span)
        lines: list[FeeLine] = []
        for child in case.children:
            laid = replace(case, document=document_known(case, child, known))

            def holds(when: VariantWhen, each: ChildFacts, *, by: Case = laid) -> bool:
                return conditions_hold(when, by, each, known)

            fee = usual_fee(laid.document, case.children, case.span, holds=holds)
            lines += fee.for_child(child.child_id).lines
        return Fee(tuple(lines))

    # --- inside ---

    @cached_property
    def windows(self) -> tuple[BookingWindow, ...]:
        """When the day can be booked, by each document."""
        return self._windows(self.documents)

    def windows_at(self, span: Span | None) -> tuple[BookingWindow, ...]:
        """Return the same for a chosen time of the day."""
        return self.windows if span is None else self._windows(self.at(span), span)

    def _windows(
        self, documents: Sequence[RulesDocument], span: Span | None = None
    ) -> tuple[BookingWindow, ...]:
        rules = (document.booking_window or _ALWAYS_OPEN for document in documents)
        return tuple(rule.window(self.day, self.days, span) for rule in rules)

    def _documents(self, span: Span | None) -> tuple[RulesDocument, ...]:
        if not self.document.variants:
            return (self.document,)
        case, known = self._case(span), self._known(span)
        if self._is_of_class:
            return (document_known(case, None, known),)
        found = [document_known(case, child, known) for child in case.children]
        return tuple({id(document): document for document in found}.values())

    @property
    def _is_of_class(self) -> bool:
        return self.who.case is None and not self.who.children

    def _known(self, span: Span | None) -> frozenset[str] | None:
        """The conditions that can be looked at; None for all."""
        if self.who.case is not None:
            if span is not None:
                return None
            return conditions_of(self.document) - OF_THE_TIME
        known = OF_THE_DAY | {"trial"}
        if self.who.children:
            known |= OF_THE_BIRTHDAY | {"min_children"}
        elif self.who.class_ages:
            known |= OF_THE_BIRTHDAY
        if self.who.channel is not None:
            known |= {"channels"}
        if self.who.purpose is not None:
            known |= {"purposes"}
        return known | OF_THE_TIME if span is not None else known

    def _case(self, span: Span | None) -> Case:
        """The wish as far as it is known; without a time any of the day stands in for it."""
        span = span or _any_time(self.day)
        booked = self.who.case
        if booked is not None:
            purpose = purpose_of(self.document.purposes, booked.purpose, booked.reason)
            booked = replace(booked, document=self.document, calendar=self.calendar)
            return replace(booked, span=span, purpose=purpose)
        return Case(
            self.document,
            self.calendar,
            self.who.children or self._of_class(),
            span,
            received_at=span.starts_at,
            channel=self.who.channel,
            purpose=self.who.purpose,
        )

    def _of_class(self) -> tuple[ChildFacts, ...]:
        """The eldest and the youngest child that may be meant."""
        is_asked = self.document.variants and conditions_of(self.document) & OF_THE_BIRTHDAY
        rule = self.document.age if is_asked else None
        births = [
            born
            for age in self.who.class_ages or (0,)
            for born in births_let_in(rule, age, self.day)
        ]
        return tuple(ChildFacts(uuid.UUID(int=n), born) for n, born in enumerate(births))

    def _units_of(self, document: RulesDocument) -> UnitsRule | None:
        """The shape of usual stays; each part of trial care has its own limits."""
        case, trial = self.who.case, document.steps.trial if document.steps else None
        if case is None or case.trial_part is None or trial is None:
            return document.units
        limits = trial.part(case.trial_part)
        return limits.as_units() if limits else document.units

    def _stays_by(self, document: RulesDocument) -> Stays:
        units, rule = self._units_of(document), document.hours
        if rule is None:
            return stays(units)
        hours = rule.hours_on(self.day, self.calendar)
        arrivals, pick_ups = (
            in_minutes(door for door in doors if door.concerns(self.day))
            for doors in (rule.arrivals, rule.pick_ups)
        )
        return stays_within(units, None if hours is None else in_minutes(hours), arrivals, pick_ups)

    def _stays_by_time(self) -> Stays:
        """Each stay by the rules of its own time; kept for all days on which they are the same."""
        case, known = self._case(None), self._known(None)
        those = {possible(case, child, known) for child in case.children}
        if self._is_of_class:
            first, *others = those
            those = {tuple(n for n in first if all(n in other for other in others))}
        kept, key = kept_with(self.document), ("by time", frozenset(those))
        if key not in kept:
            rows = _by_time(case, tuple(those))
            kept[key] = rows, {id(each): each for row in rows for some in row for each in some}
        by_time, laid = kept[key]
        table = {number: self._stays_by(each) for number, each in laid.items()}
        shown = ("stays", frozenset(those), frozenset(table.items()))
        if shown not in kept:
            kept[shown] = tuple(
                tuple(
                    end
                    for end, some in enumerate(row, start + 1)
                    if all(end in table[id(each)][start] for each in some)
                )
                for start, row in enumerate(by_time)
            )
        found: Stays = kept[shown]
        return found


def _by_time(case: Case, those: Sequence[tuple[int, ...]]) -> list[list[tuple[RulesDocument, ...]]]:
    """The rules of each stay of whole half hours, by start and end."""
    return [
        [
            tuple(at_time(there, each) for each in those)
            for end in range(start + 1, CELLS + 1)
            for there in [
                replace(case, span=span_on(case.span.day, cell_time(start), cell_time(end)))
            ]
        ]
        for start in range(CELLS)
    ]


def document_of_class(document: RulesDocument, day: date, class_age: int) -> RulesDocument:
    """Return the rules as they are for a class alone, on whatever day: who may come at all.

    Args:
        day: Any day of the fiscal year in which the children are of that class.
    """
    if not document.variants:
        return document
    rules = DayRules(document, _NO_CALENDAR, day, Onlooker(class_ages=(class_age,)))
    return document_known(rules._case(None), None, OF_THE_BIRTHDAY)  # noqa: SLF001 - same file


def age_rule_for(document: RulesDocument, born_on: date, day: date) -> AgeRule | None:
    """Return the rule of age for a child as it is on a local day, whatever day of care is meant."""
    if not document.variants:
        return document.age
    child = ChildFacts(uuid.UUID(int=0), born_on)
    rules = DayRules(document, _NO_CALENDAR, day, Onlooker(children=(child,)))
    return document_known(rules._case(None), child, OF_THE_BIRTHDAY).age  # noqa: SLF001 - same file


_NO_CALENDAR = FacilityCalendar(frozenset())


@lru_cache(maxsize=1024)
def _any_time(day: date) -> Span:
    return span_on(day, cell_time(18), cell_time(24))
