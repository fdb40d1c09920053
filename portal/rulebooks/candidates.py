"""Wishes that a rules document could admit: days, children, uses and stays to try. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice, product

from portal.kernel.spans import Span
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import booking_window, decide
from portal.policies.document import RulesDocument
from portal.policies.facts import Enrolment
from portal.policies.matching import document_on
from portal.policies.reasons import BookingRefusal
from portal.policies.regular import REGULAR
from portal.policies.rule import moment_on
from portal.policies.units import UnitsRule
from portal.rulebooks.trying.build import build
from portal.rulebooks.trying.case_file import WrittenCase
from portal.rulebooks.trying.written_calendar import WrittenCalendar

#: A stay of a day: from, until.
Stay = tuple[str, str]

#: So many wishes are tried before nobody is said to be admitted.
_MOST_TRIED = 8000
_STAYS_TRIED = 3
_DAYS_TRIED = 12
_GRID_LEAST = 5
#: The stay of a family that has come before: over a year, so that hardly a limit counts it.
_LONG_AGO = timedelta(days=400)
_DAY = 24 * 60
#: Units ask for the shape of a stay, on whatever day.
_ANY_DAY = date(2026, 4, 1)
_OF_THE_MOMENT = {BookingRefusal.NOT_YET_OPEN, BookingRefusal.CLOSED_FOR_BOOKING}
_ANY_WEEKDAY = FacilityCalendar(frozenset(range(7)))


def purposes_of(document: RulesDocument) -> list[str | None]:
    """Return the types of use that families can choose; None alone where they are not asked."""
    rule = document.purposes
    return [kind.code for kind in rule.types] or [None] if rule and rule.ask else [None]


def stays_on(document: RulesDocument, calendar: FacilityCalendar, day: date) -> tuple[Stay, ...]:
    """Return stays that hours and units let through on a day: blocks, or shortest and longest.

    Arrival and pick-up times are looked at by the decision alone.
    """
    units, spans = _hours_on(document, calendar, day)
    if units is not None and units.blocks:
        wanted = [(block.starts, block.ends) for block in units.blocks]
        return tuple(
            (starts, ends)
            for starts, ends in wanted
            if any(first <= starts and ends <= last for first, last in spans)
        )
    return tuple(dict.fromkeys(stay for span in spans for stay in _within(units, span)))


def _later_on(document: RulesDocument, calendar: FacilityCalendar, day: date) -> Iterator[Stay]:
    units, spans = _hours_on(document, calendar, day)
    if units is None or not units.blocks:
        yield from (stay for span in spans for stay in _later(units, span))


def _hours_on(
    document: RulesDocument, calendar: FacilityCalendar, day: date
) -> tuple[UnitsRule | None, list[Stay]]:
    """The units of a day, and its hours: all of it where none are said, empty where closed."""
    rules = document_on(document, calendar, day)
    hours = rules.hours.hours_on(day, calendar) if rules.hours else None
    spans = [("00:00", "24:00")] if hours is None else [(one.starts, one.ends) for one in hours]
    return rules.units, spans


def any_stay(units: UnitsRule) -> bool:
    """Say whether the units let any stay through, be it open day and night."""
    return bool(units.blocks or _within(units, ("00:00", "24:00")))


@lru_cache(maxsize=256)
def _within(units: UnitsRule | None, span: Stay) -> tuple[Stay, ...]:
    return tuple(_search(units, span))


def _search(units: UnitsRule | None, span: Stay) -> Iterator[Stay]:
    """The first stay that the units take within hours, for each length; short ones first."""
    for length in _lengths(units, span):
        yield from islice(_of_length(units, span, length), 1)


@lru_cache(maxsize=256)
def _later(units: UnitsRule | None, span: Stay) -> tuple[Stay, ...]:
    """Short stays at noon and late: what opens on the day itself is too late for the first one."""
    for length in _lengths(units, span):
        if stays := list(_of_length(units, span, length)):
            return (stays[len(stays) // 2], stays[-1])
    return ()


def _grid(units: UnitsRule | None) -> int:
    return max(_GRID_LEAST, units.grid_minutes if units else 30)


def _lengths(units: UnitsRule | None, span: Stay) -> range:
    grid, hours = _grid(units), _minutes(span[1]) - _minutes(span[0])
    shortest = max(units.min_minutes if units else 0, grid)
    return range(shortest, min(units.max_minutes if units else _DAY, hours) + 1, grid)


def _of_length(units: UnitsRule | None, span: Stay, length: int) -> Iterator[Stay]:
    grid, first, last = _grid(units), _minutes(span[0]), _minutes(span[1])
    for start in range(-(-first // grid) * grid, last - length + 1, grid):
        stay = (_clock(start), _clock(start + length))
        if units is None or takes(units, stay):
            yield stay


def takes(units: UnitsRule, stay: Stay) -> bool:
    """Say whether the units let a stay through, whatever the day."""
    return not any(units.reasons(_span(stay)))


def admitted(
    document: RulesDocument,
    calendar: FacilityCalendar,
    opened: list[date],
    purpose: str | None,
    against: set[BookingRefusal],
) -> WrittenCase | None:
    """Return a wish that the rules admit, or None where none was found.

    Args:
        opened: Open days to try, in order.
        purpose: The type of use that is wished.
        against: Takes what stood against the wishes that came closest.
    """
    closest = len(BookingRefusal)
    for written in islice(_wishes(document, calendar, opened, purpose), _MOST_TRIED):
        reasons = _against(written, document)
        if not reasons:
            return written
        if len(reasons) < closest:
            closest = len(reasons)
            against.clear()
        if len(reasons) == closest:
            against.update(code for code in reasons if isinstance(code, BookingRefusal))
    return None


def _against(written: WrittenCase, document: RulesDocument) -> set[StrEnum]:
    """What stands against a wish; asked too early or late, what does when it can be asked."""
    case = build(written, WrittenCalendar(), document)
    decision = decide(case, now=written.now)
    reasons = {reason.code for reason in decision.reasons}
    if decision.opens_at is None or not reasons & _OF_THE_MOMENT:
        return reasons
    case = replace(case, received_at=decision.opens_at)
    return {reason.code for reason in decide(case, now=decision.opens_at).reasons}


def _wishes(
    document: RulesDocument, calendar: FacilityCalendar, opened: list[date], purpose: str | None
) -> Iterator[WrittenCase]:
    """The usual family on every day first, then those whom rules may want instead."""
    reasons = document.purposes.reasons if document.purposes else ()
    reason = next((one.code for one in reasons if one.type == purpose), None)
    asked = [
        (day, stay, now)
        for day in _spread(opened)
        for stay in _tried_on(document, calendar, day)
        for now in _moments(document, calendar, day)
    ]
    # Closest together, so that the wishes tried before giving up know all of them.
    ways = list(product(_options(document), _pasts(document)))
    for household, enrolment, age in product(_homes(document), Enrolment, Age):
        for (day, (starts, ends), now), (options, past) in product(asked, ways):
            born = _born(document, day, age)
            yield WrittenCase.model_validate(
                {
                    "name": "-",
                    "now": now,
                    "date": day,
                    "from": starts,
                    "to": ends,
                    "children": [{"born": born, "enrolment": enrolment, "own_place_closed": True}],
                    "household": household,
                    "purpose": purpose,
                    "reason": reason,
                    "options": options,
                    "history": [{**use, "date": now.date() - _LONG_AGO} for use in past],
                }
            )


def _spread(opened: list[date]) -> list[date]:
    """The next open days, of every weekday, and some of each season."""
    return list(dict.fromkeys([*opened[:_DAYS_TRIED], *opened[:: len(opened) // _DAYS_TRIED + 1]]))


def _tried_on(document: RulesDocument, calendar: FacilityCalendar, day: date) -> tuple[Stay, ...]:
    """The shortest stays, the longest, and short ones later on the day."""
    stays = stays_on(document, calendar, day)
    later = _later_on(document, calendar, day)
    return tuple(dict.fromkeys((*stays[:_STAYS_TRIED], *stays[-1:], *later)))


def _moments(document: RulesDocument, calendar: FacilityCalendar, day: date) -> Iterator[datetime]:
    """Just when booking opens and halfway to its end."""
    window = booking_window(document, calendar, day)
    since = window.opens_at or window.closes_at - timedelta(days=30)
    yield since
    yield since + (window.closes_at - since) / 2


class Age(StrEnum):
    """Which of the ages that may come."""

    MIDDLE = "middle"
    YOUNGEST = "youngest"
    ELDEST = "eldest"


def _born(document: RulesDocument, day: date, age: Age) -> date:
    """The birth date of a child that may come on a day; any, where none may."""
    return _births(document_on(document, _ANY_WEEKDAY, day).age, day)[age]


@lru_cache(maxsize=1024)
def _births(rule: AgeRule | None, day: date) -> Mapping[Age, date]:
    births = [day - timedelta(days=30 * n) for n in range(12 * 8)]
    fitting = [
        born
        for born in births
        if rule is None
        or (rule.first_day(born) <= day and ((last := rule.last_day(born)) is None or day <= last))
    ]
    chosen = fitting or births[24:25]
    middle = chosen[len(chosen) // 2]
    return {Age.MIDDLE: middle, Age.YOUNGEST: chosen[0], Age.ELDEST: chosen[-1]}


def _homes(document: RulesDocument) -> list[dict[str, object]]:
    """A resident, and somebody with every reason to come from elsewhere."""
    others = document.residence.others if document.residence else ()
    return [{}, {"circumstances": [one.circumstance for one in others]}] if others else [{}]


def _options(document: RulesDocument) -> list[tuple[str, ...]]:
    """A single stay, and one of regular use where there is any."""
    return [(), (REGULAR,)] if document.regular is not None else [()]


def _pasts(document: RulesDocument) -> list[tuple[dict[str, object], ...]]:
    """A family that comes for the first time, and one that has begun as the rules want it."""
    first = document.steps.first_use_purposes if document.steps else ()
    visit = document.units.first_visit if document.units else None
    if not first and visit is None:
        return [()]
    return [(), ({"hours": 1, "purpose": next(iter(first), None)},)]


def _span(stay: Stay) -> Span:
    return Span(moment_on(_ANY_DAY, stay[0]), moment_on(_ANY_DAY, stay[1]))


def _minutes(clock_time: str) -> int:
    return int(clock_time[:2]) * 60 + int(clock_time[3:])


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
