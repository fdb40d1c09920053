"""Rules that each make sense and together do not: one takes the other's effect away. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType

from portal.documents.i18n import gettext as _
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelRule
from portal.policies.cap_periods import CapPeriod, WeekStart
from portal.policies.document import RulesDocument
from portal.policies.laying import touched
from portal.policies.rule import moment_on
from portal.rulebooks.doubtful_caps import is_of_the_same
from portal.rulebooks.doubtful_money import unpriced_blocks
from portal.rulebooks.fields import fields_of_document
from portal.rulebooks.problems import Problem

#: Which times lie whole within which: a week can lie in two months.
_WITHIN: Mapping[CapPeriod | None, frozenset[CapPeriod | None]] = MappingProxyType(
    {
        CapPeriod.DAY: frozenset(
            {
                *(CapPeriod.WEEK, CapPeriod.MONTH, CapPeriod.HALF_YEAR, CapPeriod.FISCAL_YEAR),
                *(CapPeriod.CALENDAR_YEAR, CapPeriod.WHOLE_TIME),
            }
        ),
        CapPeriod.MONTH: frozenset(
            {
                *(CapPeriod.HALF_YEAR, CapPeriod.FISCAL_YEAR, CapPeriod.CALENDAR_YEAR),
                CapPeriod.WHOLE_TIME,
            }
        ),
        CapPeriod.WEEK: frozenset({CapPeriod.WHOLE_TIME}),
        CapPeriod.HALF_YEAR: frozenset({CapPeriod.FISCAL_YEAR, CapPeriod.WHOLE_TIME}),
    }
)
#: Deadlines are compared for stays of so many days, with closed weekends between them.
_SAMPLE_DAYS = 62
_FIRST_DAY = date(2026, 4, 1)
_WEEKDAYS = FacilityCalendar(frozenset(range(5)))
_SIDES = frozenset({"resident", "non_resident"})


def senseless(document: RulesDocument) -> list[Problem]:
    """Return what can never have an effect because another rule stands beside it."""
    found = [*_tiers(document.cancel), *_exceptions(document)]
    found += [*_week_starts(document), *_caps_above_others(document)]
    found += _unpriced(document)
    for path, name, value, beside in fields_of_document(document):
        if name == "without_option" and value is not None and value == beside.get("with_option"):
            said = _("with_option と同じです。だれにもかかりません。どちらかを消してください。")
            found.append(Problem(path, said))
        if name == "residence" and value in _SIDES and not _knows_homes(document):
            said = _(
                "どこに住む方が使えるか（residence）のきまりがないので、この条件は"
                "当てはまりません。[residence] を書いてください。"
            )
            found.append(Problem(path, said))
    return found


def _tiers(cancel: CancelRule | None) -> Iterator[Problem]:
    """A step of the late fee that ends before it begins, on whatever day."""
    if cancel is None:
        return
    spans = [
        Span(moment_on(day, "09:00"), moment_on(day, "10:00"))
        for day in (_FIRST_DAY + timedelta(days=n) for n in range(_SAMPLE_DAYS))
    ]
    before = [cancel.until(span, _WEEKDAYS) for span in spans]
    for number, tier in enumerate(cancel.tiers):
        ends = [tier.ends_at(span, _WEEKDAYS) for span in spans]
        if all(end <= start for start, end in zip(before, ends, strict=True)):
            field = "until" if tier.until is not None else "until_minutes_before"
            said = _(
                "この段階は、無料の期限か前の段階より先に終わるので、使われません。"
                "期限を、早いほうから順に書いてください。"
            )
            yield Problem(("cancel", "tiers", number, field), said)
        else:
            before = list(ends)


def _exceptions(document: RulesDocument) -> Iterator[Problem]:
    rule = document.exceptions
    if rule is None:
        return
    for field, named in (("staff_may", rule.staff_may or ()), ("head_may", rule.head_may)):
        for number, code in enumerate(named):
            if code in rule.never:
                said = _("never にもあるので、だれも認められません。どちらかを消してください。")
                yield Problem(("exceptions", field, number), said)


def _week_starts(document: RulesDocument) -> Iterator[Problem]:
    for number, cap in enumerate(document.caps):
        # Monday is what stands there where nothing is written.
        if (
            cap.week_starts is not WeekStart.MON
            and cap.period is not CapPeriod.WEEK
            and not cap.weekly_average
        ):
            said = _("week_starts は、period が week のときだけ使います。消してください。")
            yield Problem(("caps", number, "week_starts"), said)


def _unpriced(document: RulesDocument) -> list[Problem]:
    """A block for which no price is written anywhere would be free."""
    fee = document.fee
    elsewhere = any("fee" in touched(variant) for variant in document.variants)
    if elsewhere or (fee is not None and fee.surcharges):
        return []  # its price may stand there, which a person is asked (``doubtful_money``)
    return [Problem(path, words) for path, words in unpriced_blocks(document)]


def _caps_above_others(document: RulesDocument) -> Iterator[Problem]:
    """A limit above another of the same or a longer time is never reached."""
    for number, cap in enumerate(document.caps):
        wider = _WITHIN.get(cap.period, frozenset())
        for other in document.caps:
            if (
                (other.period in wider or other.period is cap.period)
                and cap.amount > other.amount
                and not (other.weekly_average or other.extensions)
                and cap.on_breach is other.on_breach
                and is_of_the_same(cap, other)
            ):
                said = _(
                    "もっと長い期間の上限（%(amount)s）より多いので、この上限には届きません。"
                    "数を%(amount)s以下にするか、どちらかを消してください。"
                )
                if other.period is cap.period:
                    said = _(
                        "同じ期間に、もっと少ない上限（%(amount)s）があるので、"
                        "この上限には届きません。どちらかを消してください。"
                    )
                said %= {"amount": f"{other.amount.normalize():f}"}
                yield Problem(("caps", number, "amount"), said)
                break


def _knows_homes(document: RulesDocument) -> bool:
    return document.residence is not None or any(
        "residence" in variant.laid for variant in document.variants
    )
