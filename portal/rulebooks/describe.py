"""A rules document in words for families: what may be booked when, what it costs, until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import NamedTuple

from portal.documents.dates import (
    jdate,
    jdatetime,
    jday,
    jmonth,
)
from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import local_date
from portal.kernel.errors import Reason
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.document import RulesDocument
from portal.policies.fee import FeeRule
from portal.policies.in_force import LaterRules, in_force
from portal.policies.looking import ANYBODY, DayRules, Onlooker
from portal.policies.purposes import PurposesRule
from portal.policies.steps import StepKind
from portal.policies.window import MonthlyOpening, RollingOpening, WindowState
from portal.rulebooks import words_money
from portal.rulebooks.fact import Fact, all_ended
from portal.rulebooks.record_words import record_words
from portal.rulebooks.steps_words import steps_words
from portal.rulebooks.words_application import application_facts
from portal.rulebooks.words_cancel import cancel_facts
from portal.rulebooks.words_dates import window_facts
from portal.rulebooks.words_hours import hours_facts
from portal.rulebooks.words_money import payment_facts, price_rows, rows_words
from portal.rulebooks.words_papers import paper_facts, programme_facts
from portal.rulebooks.words_people import (
    age_words,
    eldest_words,
    people_facts,
    youngest_words,
)
from portal.rulebooks.words_registration import registration_facts, registration_words
from portal.rulebooks.words_shape import capacity_words, units_facts
from portal.rulebooks.words_tariffs import from_price
from portal.rulebooks.words_use import use_facts
from portal.rulebooks.words_variants import variant_facts

__all__ = [
    "NextOpening",
    "age_words",
    "eldest_words",
    "facts",
    "fee_facts",
    "from_price",
    "next_opening",
    "next_opening_words",
    "registration_words",
    "summary",
    "youngest_words",
]

#: From the babies to those before school.
_ALL_CLASSES = range(6)
#: How far ahead the next opening is looked for.
_LOOK_AHEAD = 100


class NextOpening(NamedTuple):
    """From when which care can be booked."""

    what: str
    opens_at: datetime
    #: How it is decided then, where asking alone books nothing.
    decided: Reason | None = None


def summary(document: RulesDocument, classes: Sequence[int] = _ALL_CLASSES) -> str:
    """Return the one sentence under a facility's name: ages, and the least price of classes."""
    parts = [age_words(document.age) if document.age else "", from_price(document.fee, classes)]
    return sentences(*(_("%(said)s。") % {"said": _begun(part)} for part in parts if part))


def _begun(words: str) -> str:
    """Return words as they begin a sentence, in languages of capitals; others keep readings."""
    first = words[0].upper()
    return words if first == words[0] else first + words[1:]


def facts(document: RulesDocument, ordered: Collection[StepKind] = ()) -> list[Fact]:
    """Return the rules as lines; kinds that ask for nothing are left out.

    Args:
        ordered: The steps that staff asked of the child that is spoken of.
    """
    return [*usual_facts(document, ordered), *differing_facts(document)]


def usual_facts(document: RulesDocument, ordered: Collection[StepKind] = ()) -> list[Fact]:
    """Return the lines that hold where no variant does."""
    return all_ended(_usual(document, ordered))


def differing_facts(document: RulesDocument) -> list[Fact]:
    """Return what is different when: how to read it, and a line for each variant."""
    by_age = document.fee is not None and len(document.fee.tariff.bands) > 1
    then = partial(_with_prices, by_age=by_age)
    return all_ended(variant_facts(document, then))


def fee_facts(
    rule: FeeRule | None, purposes: PurposesRule | None = None, age: AgeRule | None = None
) -> list[Fact]:
    """Return what a stay costs as lines.

    Args:
        purposes: The types of use as the document names them.
        age: Who may come.
    """
    return all_ended(words_money.fee_facts(rule, purposes, age))


def _with_prices(document: RulesDocument, *, by_age: bool) -> list[Fact]:
    """All lines, the table of prices being one: another table has other rows.

    Args:
        by_age: Whether prices go by age where no variant holds.
    """
    if document.fee is None:
        return _usual(document)
    rows = len(price_rows(document.fee))
    more = words_money.fee_facts(document.fee, document.purposes)[rows:]
    named = [Fact(_("料金：%(for)s") % {"for": each.term}, each.text) for each in more]
    table = Fact(_("料金"), rows_words(document.fee, document.age, by_age=by_age))
    return [*_usual(document), table, *named]


def _usual(document: RulesDocument, ordered: Collection[StepKind] = ()) -> list[Fact]:
    """The lines of the rules, variants apart."""
    found: list[Fact] = [*programme_facts(document.programme), *people_facts(document)]
    if document.booking_window:
        found += window_facts(document.booking_window)
    if document.hours:
        found += hours_facts(document.hours)
    if document.units:
        found += units_facts(document.units)
    if document.capacity:
        found += capacity_words(document.capacity)
    found += use_facts(document)
    if document.cancel:
        found += cancel_facts(document.cancel)
    found += payment_facts(document.payment)
    if document.registration:
        found += registration_facts(document.registration)
    if document.application:
        found += application_facts(document.application)
    found += [Fact(*line) for line in steps_words(document.steps, ordered, document.purposes)]
    if asked := record_words(document.record):
        found.append(Fact(_("体のことの確認"), asked))
    found += paper_facts(document)
    return found


def next_opening(
    document: RulesDocument,
    calendar: FacilityCalendar,
    *,
    now: datetime,
    who: Onlooker = ANYBODY,
    later: LaterRules = (),
) -> NextOpening | None:
    """Return which care opens next and when.

    ``None`` where each day opens by itself, unless no day can be booked yet.

    Args:
        who: For whom; a class can have a window of its own.
        later: The versions that come into force after ``document``.
    """
    rule = DayRules(document, calendar, local_date(now), who).documents[0].booking_window
    if rule is None or (rule.opens is None and not rule.phases):
        return None
    today = local_date(now)
    if isinstance(rule.opens, RollingOpening):
        return _first_opening(document, calendar, today, who, now=now, later=later)
    for offset in range(_LOOK_AHEAD):
        day = today + timedelta(days=offset)
        rules = DayRules(in_force(document, later, day), calendar, day, who)
        window, of_day = rules.windows[0].at(now), rules.documents[0].booking_window or rule
        if window.state(now) is WindowState.BEFORE and window.opens_at is not None:
            opens = window.phase.opens if window.phase is not None else of_day.opens
            is_month = isinstance(opens, MonthlyOpening)
            what = _("%(month)s分") % {"month": jmonth(day, day)}
            if not is_month:
                what = _("%(day)sからの分") % {"day": jday(day)}
            return NextOpening(what, window.opens_at, rules.by_people(now))
    return None


def _first_opening(
    document: RulesDocument,
    calendar: FacilityCalendar,
    today: date,
    who: Onlooker,
    *,
    now: datetime,
    later: LaterRules,
) -> NextOpening | None:
    for offset in range(_LOOK_AHEAD):
        day = today + timedelta(days=offset)
        rules = DayRules(in_force(document, later, day), calendar, day, who)
        window, state = rules.windows[0], rules.state(now)
        if state is WindowState.AFTER or not rules.days.is_open(day):
            continue
        if state is WindowState.OPEN or window.opens_at is None:
            return None
        what = _("%(day)sの分") % {"day": jdate(day, today)}
        return NextOpening(what, window.opens_at, rules.by_people(now))
    return None


def next_opening_words(opening: NextOpening, *, now: datetime) -> str:
    """Return ``12月分は11月15日（日）9:00 から予約できます``, or how it is decided then."""
    values = {"what": opening.what, "at": jdatetime(opening.opens_at, local_date(now))}
    if opening.decided is not None:
        asked = _("%(what)sは%(at)s から申し込めます。") % values
        return sentences(asked, sentence(opening.decided))
    return _("%(what)sは%(at)s から予約できます") % values
