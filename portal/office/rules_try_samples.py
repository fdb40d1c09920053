"""Families to try rules with: usual ones, and those that some of the rules at hand are about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from werkzeug.datastructures import MultiDict

from portal.documents.i18n import gettext as _
from portal.kernel.clock import JST, local_date
from portal.kernel.spans import cell_label
from portal.office.rules_try_caps import Family, Params, cap_families
from portal.office.rules_try_case import case_of
from portal.office.rules_try_form import CIRCUMSTANCE, ELSEWHERE, Asks, form_class
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.decide import decide
from portal.policies.decision import Decision
from portal.policies.document import RulesDocument
from portal.policies.matching import calendar_for
from portal.policies.regular import REGULAR, Use
from portal.rulebooks.candidates import admitted, purposes_of
from portal.rulebooks.preview import PreviewDay, preview_days
from portal.rulebooks.trying.build import build
from portal.rulebooks.trying.written_calendar import WrittenCalendar

#: Days from now on among which a usual one is looked for.
_AHEAD = range(7, 100)
#: Ages in months, those that come most often first.
_AGES = (30, 18, 42, 10, 54, 66, 5, 2)
_AGES_OF_SIBLINGS = (54, *_AGES)
_HALF_HOUR = timedelta(minutes=30)
_A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Sample:
    """A family to try: what it is called, and what the form is filled with."""

    key: str
    title: str
    params: Params


def samples(asks: Asks, calendar: FacilityCalendar, *, now: datetime) -> list[Sample]:
    """Return families for these rules, the usual one first.

    Args:
        calendar: The facility's own days, known for the weeks to come.
    """
    usual = _usual_day(asks.document, calendar, now)
    base = _usual(asks.document, usual, now)
    if _decided(base, asks, calendar).reasons and (other := _admitted(asks, calendar, now)):
        usual, base = other

    def decided(more: Params) -> Decision:
        return _decided({**base, **more}, asks, calendar)

    return [
        Sample(key, title, {**base, **more})
        for key, title, more in _families(asks, usual, base, decided)
    ]


def _families(
    asks: Asks, usual: PreviewDay, base: Params, decided: Callable[[Params], Decision]
) -> Iterator[Family]:
    yield "usual", _("いつも使っている子"), {}
    yield from _children(asks, usual.day, base)
    yield from cap_families(asks.document, decided)
    if asks.document.no_show is not None:
        yield "no_show", _("連絡なしの休みが3回"), {"no_shows": "3"}
    yield from _moments(usual, base)
    yield from _homes(asks)


def _children(asks: Asks, day: date, base: Params) -> Iterator[Family]:
    document = asks.document
    if document.registration is not None:
        yield "new", _("登録がまだの子"), {"registered": "no"}
    if document.age is not None and document.age.min is not None:
        yield "baby", _("小さい子（生後2か月）"), _date("born", _months_before(day, 2))
    yield "siblings", _("きょうだい2人"), _date("sibling", _sibling(document.age, day, base))
    if document.steps is not None and document.steps.trial is not None:
        # What stands before trial care is done: else nothing of its time and fee is to be seen.
        yield "trial", _("ならし預かりの1回目"), {"trial": "1"}
    for number, code in enumerate(asks.gates):
        if not asks.asked.is_for_the_morning(code):
            question = _("「%(gate)s」に、預かれない答えの子")
            words = asks.asked.gate_words(code)[0]
            yield "gate", question % {"gate": words}, {f"gate_{number}": "bad"}
            break


def _moments(usual: PreviewDay, base: Params) -> Iterator[Family]:
    if usual.rounds and usual.rounds[0].opens_at is not None:
        early = usual.rounds[0].opens_at - _HALF_HOUR
        yield "early", _("受付の30分前に申し込む"), _asked(early)
    if usual.rounds and usual.span and usual.rounds[-1].closes_at <= usual.span.starts_at:
        late = _asked(usual.rounds[-1].closes_at + _HALF_HOUR)
        yield "late", _("しめきりのあとに申し込む"), late
        words = _("しめきりのあとに、職員が特別に認める")
        yield "aside", words, {**late, "by": "staff", "aside": "y"}
    called = _asked(_morning(usual.day, base))
    yield "staff", _("職員が、当日の朝に電話で受ける"), {**called, "by": "staff"}


def _homes(asks: Asks) -> Iterator[Family]:
    asked = asks.asked
    if asked.residence:
        yield "elsewhere", _("ほかの市町村の家庭"), {"home": ELSEWHERE}
        if asks.document.exceptions is not None:
            head = {"home": ELSEWHERE, "by": "head", "aside": "y"}
            yield "head", _("ほかの市町村の家庭を、園長や市区町村長が特別に認める"), head
    for code, words in list(asked.circumstances.items())[:1]:
        title = _("よその家庭：%(why)s") % {"why": words}
        yield "circumstance", title, {"home": f"{CIRCUMSTANCE}{code}"}
    if asked.enrolment:
        yield "enrolled", _("認可の園に通う子"), {"enrolment": "licensed"}
    for code, words in list(asked.marks.items())[:2]:
        yield f"mark_{code}", words, {"marks": code}


def _decided(params: Params, asks: Asks, calendar: FacilityCalendar) -> Decision:
    form = form_class(asks)(formdata=MultiDict(params), meta={"csrf": False})
    form.validate()
    case, at = case_of(form, asks, calendar)
    return decide(case, now=at)


def _admitted(
    asks: Asks, calendar: FacilityCalendar, now: datetime
) -> tuple[PreviewDay, Params] | None:
    """Return a day and a family that the rules admit, where the usual one is none of theirs."""
    document, today = asks.document, local_date(now)
    days = preview_days(document, calendar, today + timedelta(1), today + _A_YEAR)
    opened = {day.day: day for day in days if day.is_open}
    laid = calendar_for(document, calendar)
    for purpose in purposes_of(document) if opened else ():
        found = admitted(document, laid, list(opened), purpose, set())
        if found is not None and found.from_ and found.to:
            case = build(found, WrittenCalendar(), document, known_days=calendar)
            opens_at = decide(case, now=found.now).opens_at
            return opened[found.date], {
                **_date("born", found.children[0].born),
                **_date("day", found.date),
                "start": found.from_.removeprefix("0"),
                "end": found.to.removeprefix("0"),
                **_asked(max(found.now, opens_at or found.now)),
                "by": "family",
                **({"use": purpose} if purpose else {}),
                **({"options": found.options[0]} if found.options else {}),
            }
    return None


def _usual_day(document: RulesDocument, calendar: FacilityCalendar, now: datetime) -> PreviewDay:
    """Return the first open day from next week on; where none is, next week's."""
    today = local_date(now)
    days = preview_days(
        document, calendar, today + timedelta(_AHEAD[0]), today + timedelta(_AHEAD[-1])
    )
    fits = [day for day in days if day.is_open and day.span is not None]
    return fits[0] if fits else days[0]


def _usual(document: RulesDocument, day: PreviewDay, now: datetime) -> Params:
    span = day.span
    start, end = (span.first_cell, span.end_cell) if span else (18, 24)
    return {
        **_date("born", _born(document.age, day.day)),
        **_date("day", day.day),
        "start": cell_label(start),
        "end": cell_label(end),
        **_asked(_in_time(day, now)),
        "by": "family",
        **_needed(document),
    }


def _needed(document: RulesDocument) -> Params:
    """What every wish says under these rules."""
    is_regular = document.regular is not None and document.regular.use is Use.REGULAR_ONLY
    return {"options": REGULAR} if is_regular else {}


def _in_time(day: PreviewDay, now: datetime) -> datetime:
    """Now, or the nearest half hour at which the day can be booked."""
    window = day.rounds[-1] if day.rounds else None
    if window is None:
        return now
    if window.opens_at is not None and now < window.opens_at:
        return window.opens_at
    return now if now < window.closes_at else (window.opens_at or now)


def _born(rule: AgeRule | None, day: date) -> date:
    return next(_of_age(rule, day, _AGES), _months_before(day, _AGES[0]))


def _sibling(rule: AgeRule | None, day: date, base: Params) -> date:
    """Return when a brother or sister is born who may come too, of another age if one may."""
    births = list(_of_age(rule, day, _AGES_OF_SIBLINGS))
    others = (born for born in births if not _date("born", born).items() <= base.items())
    return next(others, births[0] if births else _months_before(day, _AGES_OF_SIBLINGS[0]))


def _of_age(rule: AgeRule | None, day: date, ages: Sequence[int]) -> Iterator[date]:
    """Yield births of children who are so many months old on a day, and may come."""
    for born in (_months_before(day, months) for months in ages):
        last = rule.last_day(born) if rule else None
        if rule is None or (rule.first_day(born) <= day and (last is None or day <= last)):
            yield born


def _morning(day: date, base: Params) -> datetime:
    hour, minute = (int(part) for part in base["start"].split(":"))
    starts = datetime(day.year, day.month, day.day, tzinfo=JST)
    return starts + timedelta(hours=max(0, hour - 1), minutes=minute)


def _asked(moment: datetime) -> Params:
    """The half hour in which a moment lies, or begins."""
    local = moment.astimezone(JST)
    past = timedelta(minutes=local.minute % 30, seconds=local.second)
    if past or local.microsecond:
        local = local - past - timedelta(microseconds=local.microsecond) + _HALF_HOUR
    return {**_date("asked", local.date()), "asked_at": f"{local.hour}:{local.minute:02d}"}


def _date(name: str, day: date) -> Params:
    return {f"{name}-{part}": str(getattr(day, part)) for part in ("year", "month", "day")}


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, 28))
