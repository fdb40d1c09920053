"""From a case as written to the case that rules decide. Pure; the document fills what is open."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

import jpholiday

from portal.kernel.clock import local_date
from portal.kernel.spans import Span
from portal.policies.calendar import WEEKDAYS, FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts, Coupon, Household
from portal.policies.history import History, PastUse, UseState
from portal.policies.matching import document_on
from portal.policies.purposes import purpose_of
from portal.policies.registration import NO_END
from portal.policies.rule import moment_on
from portal.policies.standing import TrialStanding
from portal.policies.units import Block
from portal.rulebooks.trying import assumed
from portal.rulebooks.trying.case_file import By, WrittenCase
from portal.rulebooks.trying.written_calendar import DayRange, WrittenCalendar
from portal.rulebooks.trying.written_people import WrittenChild
from portal.rulebooks.trying.written_use import WrittenUse

#: National holidays are known for so many years before and after the day of care.
_YEARS_AROUND = 2


class NoSuchBlock(Exception):  # noqa: N818 - an answer, not an error
    """A case names a unit that the rules do not have: ``label``; those there are, and the case."""

    def __init__(self, label: str, labels: tuple[str, ...], case: str = "") -> None:
        super().__init__(label)
        self.label, self.labels, self.case = label, labels, case


def build(
    written: WrittenCase,
    calendar: WrittenCalendar,
    document: RulesDocument,
    *,
    known_days: FacilityCalendar | None = None,
) -> Case:
    """Return the case to decide.

    Args:
        calendar: That of the file, for a case without its own.
        known_days: A facility's real days, which then stand in place of either.

    Raises:
        NoSuchBlock: it names a unit that is not among the blocks of the rules.
    """
    ids = {number: uuid.UUID(int=number) for number, _ in enumerate(written.children, start=1)}
    named = {
        child.name: ids[number] for number, child in enumerate(written.children, 1) if child.name
    }
    days = known_days or facility_calendar(written.calendar or calendar, written.date)
    purpose = assumed.purpose(written.purpose, written.reason, document)
    of_reason = purpose_of(document.purposes, purpose, written.reason)
    home = assumed.home(written.household, document)
    return Case(
        document=document,
        calendar=days,
        children=tuple(
            _child(ids[number], child, written, document)
            for number, child in enumerate(written.children, 1)
        ),
        span=_span(written, document, days),
        received_at=written.received_at or written.now,
        by_staff=written.by is not By.FAMILY,
        overruled=frozenset(written.overruled),
        purpose=purpose,
        trial_part=written.trial_part,
        on_the_spot=written.on_the_spot,
        household=_with_coupons(home, written, named),
        history=History(
            uses=tuple(
                stay
                for use in written.history
                for stay in _stays(use, written, of_reason, _Known(document, days, ids, named))
            ),
            # Where it is registered here, this facility is one of them.
            registrations=written.registrations + any(c.registered for c in written.children),
        ),
        reason=written.reason,
        cause=written.cause,
        channel=written.channel,
        options=frozenset(written.options),
        coupons=written.coupons,
        by_head=written.by is By.HEAD,
    )


def facility_calendar(written: WrittenCalendar, around: date) -> FacilityCalendar:
    """Return the calendar of a file, with the national holidays of the years ``around`` a day."""
    holidays = set(written.holidays)
    if written.use_japanese_holidays:
        for year in range(around.year - _YEARS_AROUND, around.year + _YEARS_AROUND + 1):
            holidays |= _national(year)
    weekdays = written.open_weekdays
    return FacilityCalendar(
        open_weekdays=frozenset(
            range(7) if weekdays is None else (WEEKDAYS.index(one) for one in weekdays)
        ),
        closed_days=frozenset(_days(written.closed)),
        holidays=frozenset(holidays),
        closed_on_holidays=written.closed_on_holidays,
        extra_open_days=frozenset(_days(written.opened)),
        first_day=written.first_day,
    )


@cache
def _national(year: int) -> frozenset[date]:
    return frozenset(day for day, _name in jpholiday.year_holidays(year))


def _days(ranges: tuple[DayRange, ...]) -> Iterator[date]:
    for one in ranges:
        for offset in range((one.until - one.from_).days + 1):
            yield one.from_ + timedelta(days=offset)


def _span(written: WrittenCase, document: RulesDocument, days: FacilityCalendar) -> Span:
    if written.unit is not None:
        block = _block(written.unit, written.date, document, days)
        starts, ends = block.starts, block.ends
    else:
        starts, ends = written.from_ or "", written.to or ""
    return Span(moment_on(written.date, starts), moment_on(written.date, ends))


def _block(label: str, day: date, document: RulesDocument, days: FacilityCalendar) -> Block:
    """The block of that name on a day, or on any other where that day has none."""
    several = (document_on(document, days, day), document)
    blocks = [block for one in several if one.units for block in one.units.blocks]
    found = next((block for block in blocks if block.label == label), None)
    if found is None:
        raise NoSuchBlock(label, tuple(dict.fromkeys(block.label for block in blocks)))
    return found


def _child(
    child_id: uuid.UUID, child: WrittenChild, written: WrittenCase, document: RulesDocument
) -> ChildFacts:
    return ChildFacts(
        child_id=child_id,
        born_on=child.born,
        registered_until=(child.registered_until or NO_END) if child.registered else None,
        registered_from=child.registered_from if child.registered else None,
        has_application=child.has_application,
        steps=assumed.steps(child),
        trial=TrialStanding(child.trial_next_part, child.trial_ahead, child.trial_paused),
        family_agreed=child.family_agreed,
        facility_agreed=child.facility_agreed,
        has_conditions=child.has_conditions,
        record_holds=child.record_holds,
        enrolment=child.enrolment,
        is_own_place_closed=child.own_place_closed,
        gates=assumed.answers(child, document, local_date(written.now)),
        marks=assumed.marks(child.marks),
    )


def _with_coupons(
    home: Household, written: WrittenCase, named: Mapping[str, uuid.UUID]
) -> Household:
    coupons = tuple(
        Coupon(one.code, one.left, one.from_, one.until, named[one.child] if one.child else None)
        for one in written.household.coupons
    )
    return replace(home, coupons=coupons)


class _Known(NamedTuple):
    """What the stays of a case are read by."""

    document: RulesDocument
    days: FacilityCalendar
    ids: Mapping[int, uuid.UUID]
    named: Mapping[str, uuid.UUID]


def _stays(
    use: WrittenUse, written: WrittenCase, purpose: str | None, known: _Known
) -> Iterator[PastUse]:
    for day in use.dates or ((use.date,) if use.date else ()):
        starts_at, minutes = _when(use, day, known)
        says_what_for = use.purpose is not None or use.reason is not None
        reason = use.reason if says_what_for else written.reason
        its = purpose_of(known.document.purposes, use.purpose, reason) if says_what_for else purpose
        yield PastUse(
            child_id=known.named[use.child] if use.child else known.ids[1],
            day=day,
            minutes=minutes,
            starts_at=starts_at,
            state=use.state or _state(day, written),
            purpose=its,
            reason=reason,
            cause=written.cause if use.cause is None and its == purpose else use.cause,
            unit=use.unit,
            is_trial=use.trial,
            is_here=use.here,
            is_same_programme=use.same_programme,
            is_same_provider=use.here if use.same_provider is None else use.same_provider,
            is_in_city=use.in_city,
            is_declared=use.declared,
            options=None if use.options is None else frozenset(use.options),
        )


def _when(use: WrittenUse, day: date, known: _Known) -> tuple[datetime | None, int]:
    if use.minutes is not None:
        return None, use.minutes
    if use.hours is not None:
        return None, round(use.hours * 60)
    if use.from_ is not None and use.to is not None:
        starts, ends = use.from_, use.to
    else:
        block = _block(use.unit or "", day, known.document, known.days)
        starts, ends = block.starts, block.ends
    span = Span(moment_on(day, starts), moment_on(day, ends))
    return span.starts_at, span.minutes


def _state(day: date, written: WrittenCase) -> UseState:
    return UseState.ATTENDED if day < local_date(written.now) else UseState.BOOKED
