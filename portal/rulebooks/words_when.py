"""Conditions in words: on which days, for which use, for whom something holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from portal.documents.dates import jday, jduration, weekday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, pgettext
from portal.policies.calendar import WEEKDAY_WORDS, WEEKDAYS, Weekday
from portal.policies.channels import CHANNEL_WORDS
from portal.policies.enrolment import ENROLMENT_WORDS
from portal.policies.marks import option_words
from portal.policies.purposes import PURPOSE_WORDS, PurposesRule
from portal.policies.residence import CIRCUMSTANCE_WORDS
from portal.policies.variants import AgeSpan, DaySpan, LengthSpan, TimeSpan, VariantWhen
from portal.rulebooks.words_day import classes_words, months_words
from portal.rulebooks.words_marks import mark_name

#: Lengths are told in steps of so many minutes.
_STEP = 5


def when_words(when: VariantWhen, purposes: PurposesRule | None = None) -> str:
    """Return conditions as ``利用日が土曜日で、市外に住む方``: all of them must be so.

    Args:
        purposes: The types of use and the reasons as the document names them.
    """
    parts = [
        words(getattr(when, name), purposes) for name, words in _WORDS.items() if name in when.given
    ]
    return listed(parts, "で、")


def _any_of(words: Iterable[str]) -> str:
    return _("か").join(words)


def day_span_words(span: DaySpan) -> str:
    """Return ``2026年12月29日（火）から2027年1月3日（日）まで``."""
    parts = []
    if span.from_ is not None:
        parts.append(_("%(day)sから") % {"day": _day(span.from_)})
    if span.until is not None:
        parts.append(_("%(day)sまで") % {"day": _day(span.until)})
    return "".join(parts)


def _day(day: date) -> str:
    return jday(day, with_year=True)


def _purposes(codes: Iterable[str], rule: PurposesRule | None) -> str:
    names = [rule.name_of(code) if rule else PURPOSE_WORDS.get(code, code) for code in codes]
    return _("利用区分が%(names)s") % {"names": _any_of(_(name) for name in names)}


def _reasons(codes: Iterable[str], rule: PurposesRule | None) -> str:
    found = [(rule.reason_of(code) if rule else None) for code in codes]
    names = [getattr(one, "label", "") or code for one, code in zip(found, codes, strict=True)]
    return _("利用の理由が%(names)s") % {"names": _any_of(names)}


def _ages(span: AgeSpan, _rule: PurposesRule | None) -> str:
    parts = []
    if span.from_months is not None:
        parts.append(_("%(age)sから") % {"age": months_words(span.from_months)})
    if span.below_months is not None:
        parts.append(_("%(age)sになる前まで") % {"age": months_words(span.below_months)})
    return _("利用日の年齢が%(ages)s") % {"ages": "".join(parts)}


def _starts(span: TimeSpan, _rule: PurposesRule | None) -> str:
    parts = []
    if span.from_ is not None:
        parts.append(_("%(time)s 以降") % {"time": span.from_.removeprefix("0")})
    if span.until is not None:
        parts.append(_("%(time)s より前") % {"time": span.until.removeprefix("0")})
    return _("%(times)sに始まる利用") % {"times": listed(parts)}


def _length(span: LengthSpan, _rule: PurposesRule | None) -> str:
    parts = []
    if span.from_minutes is not None:
        more, over = _border(span.from_minutes, _("%(length)s以上"), _("%(length)sをこえる長さ"))
        parts.append(over % {"length": more})
    if span.below_minutes is not None:
        less, upto = _border(span.below_minutes, _("%(length)s未満"), _("%(length)sまで"))
        parts.append(upto % {"length": less})
    return _("%(lengths)sの利用") % {"lengths": listed(parts)}


def _border(minutes: int, at_it: str, past_it: str) -> tuple[str, str]:
    """A length and how it is told: from 241 minutes is what is longer than four hours."""
    is_past = minutes % _STEP == 1
    return jduration(minutes - is_past), past_it if is_past else at_it


def _class_ages(ages: Iterable[int], _rule: PurposesRule | None) -> str:
    return classes_words(ages)


def _weekdays(days: Iterable[Weekday], _rule: PurposesRule | None) -> str:
    named = listed([weekday(WEEKDAY_WORDS[day]) for day in WEEKDAYS if day in set(days)], "・")
    return _("%(days)s曜日の利用") % {"days": named}


def _months_of_use(months: Iterable[int], _rule: PurposesRule | None) -> str:
    names = _any_of(pgettext("month", f"{month}月") for month in months)
    return _("利用の月が%(names)s") % {"names": names}


def _named(template: str, words: Callable[[Any], str]) -> Callable[[Any, Any], str]:
    def said(values: Iterable[Any], _rule: PurposesRule | None) -> str:
        return _(template) % {"names": _any_of(_(words(value)) for value in values)}

    return said


def _either(yes: str, no: str) -> Callable[[Any, Any], str]:
    return lambda value, _rule: _(yes) if value else _(no)


_RESIDENCE = {
    "resident": "市内（きまりの地域）に住む方",
    "non_resident": "きまりの地域の外に住む方",
}

#: In the order in which they are told.
_WORDS: Mapping[str, Callable[[Any, PurposesRule | None], str]] = MappingProxyType(
    {
        "days": lambda value, _rule: _any_of(day_span_words(span) for span in value),
        "months": _months_of_use,
        "weekdays": _weekdays,
        "holidays": _either("祝日の利用", "祝日でない日の利用"),
        "purposes": _purposes,
        "reasons": _reasons,
        "units": lambda value, _rule: (
            _("%(names)sの枠の利用")
            % {"names": _any_of(_("「%(name)s」") % {"name": _(unit)} for unit in value)}
        ),
        "starts": _starts,
        "length": _length,
        "trial": _either("ならし預かり", "ならし預かりでない利用"),
        "first_use": _either("はじめての利用", "2回目からの利用"),
        "options": _named("選んだことが「%(names)s」", option_words),
        "channels": _named("申し込みが%(names)s", lambda name: CHANNEL_WORDS.get(name, name)),
        "ages": _ages,
        "class_ages": _class_ages,
        "residence": lambda value, _rule: _(_RESIDENCE[value]),
        "cities": _named("%(names)sに住む方", str),
        "wards": _named("%(names)sに住む方", str),
        "circumstances": _named("%(names)s", lambda code: CIRCUMSTANCE_WORDS.get(code, code)),
        "enrolments": _named("お子さんの在籍が%(names)s", lambda one: ENROLMENT_WORDS[one]),
        "marks": lambda value, _rule: _any_of(mark_name(code) for code in value),
        "min_children": lambda value, _rule: (
            _("きょうだい%(count)s人以上でいっしょの利用") % {"count": value}
        ),
    }
)
