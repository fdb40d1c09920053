"""Variants that can never hold, that change nothing, or that stand twice. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import combinations

from portal.documents.i18n import gettext as _
from portal.kernel.age import age_in_months, class_age
from portal.policies.age import AgeRule
from portal.policies.calendar import FacilityCalendar
from portal.policies.conditions import OF_THE_DAY, Asked, made_ready
from portal.policies.document import RulesDocument
from portal.policies.hours import open_days
from portal.policies.laying import touched
from portal.policies.variants import Variant, VariantWhen
from portal.rulebooks.caution import Caution, every_document
from portal.rulebooks.doubtful_days import SAMPLE
from portal.rulebooks.reading.mistakes import Path
from portal.rulebooks.trying.build import facility_calendar
from portal.rulebooks.trying.written_calendar import WrittenCalendar

#: Children born every so many days; wide enough for everybody before school.
_BIRTHS = tuple(timedelta(days=n) for n in range(0, 366 * 9, 10))
_DAYS_OF_AGES = SAMPLE[::15]
_MOST_DAYS = 800


def variants_doubted(document: RulesDocument) -> Iterator[Caution]:
    """Yield what of the variants is mostly not meant so."""
    if not document.variants:
        return
    laid = dict(every_document(document))
    documents = list(laid.values())
    for number, variant in enumerate(document.variants):
        path: Path = ("variants", number)
        yield from _never_on_a_day(variant.when, path, documents)
        yield from _never_at_an_age(variant.when, path, documents)
        yield from _without_names(document, variant.when, path)
        if _changes_nothing(document, number, laid.get(path)):
            said = _(
                "いつものきまりと同じで、何も変わりません。違うところを書くか、消してください。"
            )
            yield Caution(path, said)
    for (_n, one), (number, other) in combinations(enumerate(document.variants), 2):
        if one.when == other.when and touched(one) & touched(other):
            said = _(
                "「%(name)s」と同じとき（when）のきまりです。同じことは、あとに書いたほうが"
                "使われます。1つにまとめてください。"
            )
            yield Caution(("variants", number, "when"), said % {"name": one.name})


def _never_on_a_day(
    when: VariantWhen, path: Path, documents: Sequence[RulesDocument]
) -> Iterator[Caution]:
    """Open days are those of any rules: another variant may open the day."""
    if not when.given & OF_THE_DAY:
        return
    days = _days_of(when)
    calendar = facility_calendar(WrittenCalendar(), days[0])
    held = [day for day in days if _holds_on(when, documents[0], calendar, day)]
    if not held:
        said = _("この条件に合う日が、1日もありません。条件は、すべて合うときだけ使われます。")
        yield Caution((*path, "when"), said)
        return
    # Without hours in the rules the facility's own calendar says what is open.
    if any(document.hours is None for document in documents):
        return
    calendars = [open_days(document.hours, calendar) for document in documents]
    if not any(one.is_open(day) for one in calendars for day in held):
        said = _(
            "この条件に合う日は、どの日も休みなので、使われません。"
            "開いている日（hours）か、条件を見てください。"
        )
        yield Caution((*path, "when"), said)


def _days_of(when: VariantWhen) -> list[date]:
    """The days to look at: of the spans that are named, or of a year."""
    spans = [span for span in when.days if span.from_ is not None or span.until is not None]
    if not spans:
        return list(SAMPLE)
    found: dict[date, None] = {}
    for span in spans:
        first = span.from_ or (span.until or SAMPLE[0]) - timedelta(days=_MOST_DAYS)
        last = min(span.until or date.max, first + timedelta(days=_MOST_DAYS))
        found |= dict.fromkeys(first + timedelta(days=n) for n in range((last - first).days + 1))
    return list(found)


def _holds_on(
    when: VariantWhen, document: RulesDocument, calendar: FacilityCalendar, day: date
) -> bool:
    asked = Asked(document, calendar, day)
    of_others = when.given - OF_THE_DAY
    return all(holds(value, asked) for holds, value in made_ready(when, besides=of_others))


def _never_at_an_age(
    when: VariantWhen, path: Path, documents: Sequence[RulesDocument]
) -> Iterator[Caution]:
    rules = list(dict.fromkeys(document.age for document in documents))
    if not (when.class_ages or when.ages) or None in rules:
        return
    if not any(_may_come(rule, when) for rule in rules if rule is not None):
        said = _(
            "この年齢のお子さんは、年齢のきまり（age）で使えないので、このきまりは使われません。"
            "どちらかの年齢を見てください。"
        )
        yield Caution((*path, "when"), said)


def _may_come(rule: AgeRule, when: VariantWhen) -> bool:
    ranges = [rule, rule.for_siblings()] if rule.with_sibling else [rule]
    return any(
        one.first_day(born) <= day and ((last := one.last_day(born)) is None or day <= last)
        for day in _DAYS_OF_AGES
        for born in (day - age for age in _BIRTHS)
        if _is_meant(when, born, day)
        for one in ranges
    )


def _is_meant(when: VariantWhen, born: date, day: date) -> bool:
    if when.class_ages and class_age(born, day) not in when.class_ages:
        return False
    months, ages = age_in_months(born, day), when.ages
    return ages is None or (
        (ages.from_months is None or ages.from_months <= months)
        and (ages.below_months is None or months < ages.below_months)
    )


def _without_names(document: RulesDocument, when: VariantWhen, path: Path) -> Iterator[Caution]:
    """Reasons and blocks that are listed nowhere: no wish ever names one."""
    listed = _lists(document)
    for field, where in (("reasons", "purposes.reasons"), ("units", "units.blocks")):
        if getattr(when, field) and not listed[field]:
            said = _("きまりに %(where)s がないので、この条件は当てはまりません。") % {
                "where": where
            }
            yield Caution((*path, "when", field), said)


def _lists(document: RulesDocument) -> dict[str, bool]:
    everybody = [laid for _inside, laid in every_document(document)]
    return {
        "reasons": any(one.purposes and one.purposes.reasons for one in everybody),
        "units": bool(document.units and document.units.blocks),
    }


def _changes_nothing(document: RulesDocument, number: int, laid: RulesDocument | None) -> bool:
    """Whether a variant leaves the usual rules as they are; one may take back another's change."""
    variant = document.variants[number]
    others = _kinds_of(document.variants[:number])
    if laid is None or touched(variant) & others:
        return False
    return laid == document.model_copy(update={"variants": ()})


def _kinds_of(variants: Iterable[Variant]) -> frozenset[str]:
    return frozenset().union(*(touched(variant) for variant in variants))
