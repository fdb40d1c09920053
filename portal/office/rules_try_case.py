"""From the form that tries rules to the case that rules decide: an invented family's wish. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from portal.bookings.use_kinds import UseKind, read_kind
from portal.kernel.clock import at, local_date
from portal.kernel.spans import CELLS, cell_label
from portal.office.rules_months import month_after
from portal.office.rules_try_form import (
    CIRCUMSTANCE,
    CITY,
    ELSEWHERE,
    WARD,
    Asks,
    TryFamilyForm,
)
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.matching import calendar_for
from portal.policies.reasons import OVERRULABLE
from portal.policies.steps import StepKind
from portal.rulebooks.trying.build import build
from portal.rulebooks.trying.case_file import WrittenCase
from portal.rulebooks.trying.written_calendar import WrittenCalendar

#: What the children of a wish are called on the page, in their order.
NAMES = ("お子さん", "きょうだい", "きょうだい（2人目）")
_HALF = Decimal("0.5")
_DAY = timedelta(days=1)
_WEEK = 7
_APRIL = 4
#: The longest stay a day can have, in minutes.
_WHOLE_DAY = 1440
#: A day that counts as whole is longer than the longest half one.
_LONGER = 30


def case_of(form: TryFamilyForm, asks: Asks, calendar: FacilityCalendar) -> tuple[Case, datetime]:
    """Return the case of a form without problems, and the moment at which it is decided.

    What the form does not ask is in order, as in a file of cases.

    Args:
        calendar: The facility's own days around the day of the wish.
    """
    written = written_case(form, asks, calendar)
    case = build(written, WrittenCalendar(), asks.document, known_days=calendar)
    if form.aside.data:  # all that forms offer; the rules at hand say what of it is set aside
        case = replace(case, overruled=OVERRULABLE)
    return case, written.now


def asked_at(form: TryFamilyForm) -> datetime:
    """Return the moment of asking; 24:00 is the midnight that ends the day."""
    day, cell = form.asked.data, form.asked_at.data or 0
    if day is None:
        raise ValueError("the form has not been looked at")
    return at(day, time(0)) + timedelta(minutes=30 * cell)


def written_case(form: TryFamilyForm, asks: Asks, calendar: FacilityCalendar) -> WrittenCase:
    """Return the wish as it would stand in a file of cases."""
    day, start, end = form.day.data, form.start.data, form.end.data
    if day is None or start is None or end is None:
        raise ValueError("the form has not been looked at")
    said = _said(form)
    kind = read_kind(str(said.get("use") or "")) or UseKind()
    return WrittenCase.model_validate(
        {
            "name": NAMES[0],
            "now": asked_at(form),
            "by": form.by.data if form.by.data in {"staff", "head"} else "family",
            "date": day,
            "from": cell_label(start),
            "to": cell_label(end),
            "children": list(_children(form, asks, said)),
            "household": _household(asks, said, _births(form)),
            "history": list(_history(form, asks, calendar, said)),
            "registrations": said.get("registrations") or 0,
            "purpose": kind.type,
            "reason": kind.reason,
            "cause": "same" if said.get("same_cause") else None,
            "channel": said.get("channel") or None,
            "options": tuple(said.get("options") or ()),
            "coupons": tuple(_coupons(asks, said)),
            "trial_part": _part(said) if len(_births(form)) == 1 else None,
        }
    )


def _said(form: TryFamilyForm) -> dict[str, Any]:
    """What was answered of the facts that the rules ask for, by the name of the field."""
    return {name: form[name].data for names in form.added_to.values() for name in names}


def _births(form: TryFamilyForm) -> list[date]:
    fields = (form.born, form.sibling, form.sibling2)
    return [field.data for field in fields if field.data is not None]


def _part(said: dict[str, Any]) -> int | None:
    written = str(said.get("trial") or "")
    return int(written) if written.isdecimal() and 1 <= int(written) <= 10 else None  # noqa: PLR2004 - parts of a trial


def _children(form: TryFamilyForm, asks: Asks, said: dict[str, Any]) -> Iterator[dict[str, Any]]:
    part = _part(said)
    for name, born in zip(NAMES, _births(form), strict=False):
        child: dict[str, Any] = {
            "name": name,
            "born": born,
            "registered": said.get("registered") != "no",
            "has_application": said.get("registered") != "no" or part is not None,
            "record_holds": said.get("record") != "no",
            "enrolment": said.get("enrolment") or "none",
            "own_place_closed": bool(said.get("own_place_closed")),
        }
        if said.get("steps") == "no":
            child["steps_done"] = ()
        elif part is not None:
            child["steps_done"] = tuple(_before_trial(asks.document))
        if part is not None:
            child["trial_next_part"] = part
        if asks.gates:
            child["gates"] = dict(_answers(asks, said))
        yield child


def _before_trial(document: RulesDocument) -> Iterator[StepKind]:
    """Yield what a child has done whose trial care is next."""
    for step in document.steps.steps if document.steps else ():
        if step.kind is StepKind.TRIAL_CARE:
            return
        yield step.kind


def _answers(asks: Asks, said: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    for number, code in enumerate(asks.gates):
        answer = said.get(f"gate_{number}")
        if answer != "none":
            yield code, asks.asked.gates[code][0].needed is (answer != "bad")


def _household(asks: Asks, said: dict[str, Any], births: Sequence[date]) -> dict[str, Any]:
    home: dict[str, Any] = {}
    where = str(said.get("home") or "")
    if where.startswith(CITY):
        home["city"] = where.removeprefix(CITY)
    elif where.startswith(WARD):
        home["ward"] = where.removeprefix(WARD)
    elif where.startswith(CIRCUMSTANCE):
        home["circumstances"] = (where.removeprefix(CIRCUMSTANCE),)
    elif where == ELSEWHERE:
        home["resident"] = False
    if said.get("statement") == "no":
        home["statements"] = ()
    proven = said.get("marks_proven") != "no"
    home["marks"] = tuple({"code": code, "proven": proven} for code in said.get("marks") or ())
    if said.get("tax") is not None:
        home["tax_yen"] = said["tax"]
    if said.get("papers") == "no":
        home["papers"] = ()
    home["coupons"] = tuple(
        {"code": code, "left": said[f"coupon_{number}"]}
        for number, code in enumerate(asks.coupons)
        if said.get(f"coupon_{number}")
    )
    if said.get("at_home"):
        home["preschoolers"] = tuple(sorted({*births, said["at_home"]}))
    return home


def _coupons(asks: Asks, said: dict[str, Any]) -> Iterator[str]:
    for number, code in enumerate(asks.coupons):
        if said.get(f"coupon_{number}"):
            yield code


# --- what was used before ---


def _history(
    form: TryFamilyForm, asks: Asks, calendar: FacilityCalendar, said: dict[str, Any]
) -> Iterator[dict[str, Any]]:
    day, start, end = form.day.data, form.start.data, form.end.data
    if day is None or start is None or end is None:
        return
    lengths = _lengths(asks.document, int((form.used_hours.data or 0) * 60), (end - start) * 30)
    wanted = (form.used_week.data, form.used_month.data, form.used_year.data)
    laid = calendar_for(asks.document, calendar)
    used = list(spread(day, *(Decimal(each or 0) for each in wanted), calendar=laid))
    for on, share in used:
        is_half = share < 1
        yield {
            "date": on,
            "minutes": lengths.half if is_half else lengths.whole,
            "unit": lengths.half_unit if is_half else None,
            "here": not form.used_elsewhere.data,
        }
    taken = {on for on, _share in used}
    missed = said.get("no_shows") or 0
    before = (local_date(asked_at(form)) - _DAY * n for n in range(1, 120))
    free = [on for on in before if on not in taken and on != day]
    for on in [*filter(laid.is_open, free), *free][:missed]:
        yield {"date": on, "minutes": lengths.whole, "state": "no_show"}


class _Lengths(NamedTuple):
    """How long days were that were used, in minutes; half ones may have a block of their own."""

    whole: int
    half: int
    half_unit: str | None


def _lengths(document: RulesDocument, said: int, wished: int) -> _Lengths:
    """What limits count as a day and as half a day, unless the form says how long days were."""
    halves = [cap.half_day_minutes for cap in document.caps if cap.half_day_minutes]
    units = [unit for cap in document.caps for unit in cap.half_day_units]
    whole = said or max([wished, *(each + _LONGER for each in halves)])
    half = min([*halves, max(1, whole // 2)])
    return _Lengths(min(_WHOLE_DAY, whole), half, units[0] if units else None)


def spread(
    day: date, week: Decimal, month: Decimal, year: Decimal, *, calendar: FacilityCalendar
) -> Iterator[tuple[date, Decimal]]:
    """Yield days on which a child was there, each with its share of a day: 1, or 0.5 for a half.

    So many lie in the week of ``day`` (from Monday), so many in its month, so many in its fiscal
    year, each of the wider ones holding the narrower; never on ``day`` itself. Open days come
    before closed ones, and days before ``day`` before those after it.
    """
    monday = day - _DAY * day.weekday()
    of_week = [monday + _DAY * n for n in range(_WEEK)]
    of_month = _days_of(day.replace(day=1), month_after(day))
    april = date(day.year - (day.month < _APRIL), _APRIL, 1)
    of_year = _days_of(april, april.replace(year=april.year + 1))
    taken: dict[date, Decimal] = {}
    for days, wanted, inner in (
        (of_week, week, set[date]()),
        (of_month, month, set(of_week)),
        (of_year, year, {*of_week, *of_month}),
    ):
        there = sum((taken[on] for on in days if on in taken), Decimal(0))
        # Of a week that lies in two months, days of the same month count first.
        is_week = len(days) == _WEEK
        order = sorted(
            (on for on in days if on != day and on not in inner),
            key=lambda on, is_week=is_week: (  # type: ignore[misc]  # bound, not passed
                is_week and on.month != day.month,
                *_rank(on, day, calendar),
            ),
        )
        left = wanted - there
        for on in order:
            if left <= 0:
                break
            taken[on] = min(Decimal(1), left) if left >= _HALF else _HALF
            left -= taken[on]
    yield from sorted(taken.items())


def _rank(on: date, day: date, calendar: FacilityCalendar) -> tuple[bool, bool, int]:
    return (not calendar.is_open(on), on > day, abs((day - on).days))


def _days_of(first: date, end: date) -> list[date]:
    return [first + _DAY * n for n in range((end - first).days)]


def sets_aside_by_family(form: TryFamilyForm) -> bool:
    """Say whether a family would set rules aside for itself."""
    return bool(form.aside.data) and form.by.data not in {"staff", "head"}


def more_than_within(form: TryFamilyForm) -> str | None:
    """Return the field of a wider time in which fewer days were used than in one within it."""
    used = [(name, form[name].data) for name in ("used_week", "used_month", "used_year")]
    written = [(name, days) for name, days in used if days is not None]
    return next((wide for (_n, few), (wide, days) in pairwise(written) if days < few), None)


def fits_in_a_day(form: TryFamilyForm) -> bool:
    """Say whether the end lies after the start."""
    start, end = form.start.data, form.end.data
    return start is not None and end is not None and 0 <= start < end <= CELLS
