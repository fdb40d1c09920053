"""Limits that mostly are not meant so: out of reach, written twice, or of units that are not. Pure.

Limits that another of a longer time takes the effect of on every day are refused (``senseless``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from types import MappingProxyType
from typing import Final

from portal.documents.i18n import gettext as _
from portal.policies.cap_periods import CapPeriod
from portal.policies.caps import HOUR_METRICS, CapMetric, CapRule, Per
from portal.policies.document import RulesDocument
from portal.rulebooks.caution import Caution

#: The most days that a time can have.
_DAYS: Mapping[CapPeriod, int] = MappingProxyType(
    {
        CapPeriod.DAY: 1,
        CapPeriod.WEEK: 7,
        CapPeriod.MONTH: 31,
        CapPeriod.HALF_YEAR: 184,
        CapPeriod.FISCAL_YEAR: 366,
        CapPeriod.CALENDAR_YEAR: 366,
    }
)
#: In which a week can lie only partly.
_LONGER_THAN_A_WEEK = frozenset(_DAYS) - {CapPeriod.DAY, CapPeriod.WEEK}
_OF_DAYS = frozenset({CapMetric.DAYS, CapMetric.HALF_DAYS})
#: What two limits may differ in, and still count the same stays.
_OF_EACH: Final = {"amount", "period", "label", "week_starts"}


def caps_doubted(document: RulesDocument) -> Iterator[Caution]:
    """Yield what of the limits is mostly not meant so."""
    for number, cap in enumerate(document.caps):
        most = _most_possible(cap)
        if most is not None and cap.amount > most:
            said = _(
                "この期間は、多くても%(most)sなので、この上限には届きません。数を見てください。"
            )
            unit = _("%(count)s時間") if cap.metric in HOUR_METRICS else _("%(count)s日")
            said %= {"most": unit % {"count": most}}
            yield Caution(("caps", number, "amount"), said)
        yield from _weeks(document, number, cap)
        yield from _unknown_units(document, number, cap)
    for (_n, one), (number, other) in combinations(enumerate(document.caps), 2):
        if one == other.model_copy(update={"label": one.label}):
            said = _("前に書いた上限と同じです。どちらかを消してください。")
            yield Caution(("caps", number), said)


def is_of_the_same(one: CapRule, other: CapRule) -> bool:
    """Say whether two limits count the same stays in the same way, perhaps in other times."""
    return one.model_dump(exclude=_OF_EACH) == other.model_dump(exclude=_OF_EACH)


def _most_possible(cap: CapRule) -> int | None:
    """Return the most that a child could use in the period; None where nobody can say."""
    if cap.per is not Per.CHILD or cap.extensions or cap.per_cause:
        return None
    days = 7 if cap.weekly_average else _days_of(cap)
    if days is None:
        return None
    if cap.metric in HOUR_METRICS:
        return days * 24
    return days if cap.metric in _OF_DAYS else None


def _days_of(cap: CapRule) -> int | None:
    return cap.running_days or (_DAYS.get(cap.period) if cap.period else None)


def _weeks(document: RulesDocument, number: int, cap: CapRule) -> Iterator[Caution]:
    if cap.period is not CapPeriod.WEEK:
        return
    for other in document.caps:
        if (
            other.period in _LONGER_THAN_A_WEEK
            and cap.amount > other.amount
            and not (other.weekly_average or other.extensions)
            and is_of_the_same(cap, other)
        ):
            said = _(
                "もっと長い期間の上限（%(amount)s）より多いので、その期間が週のとちゅうで"
                "変わる週のほかは、この上限には届きません。数を見てください。"
            ) % {"amount": _plain(other.amount)}
            yield Caution(("caps", number, "amount"), said)
            return


def _unknown_units(document: RulesDocument, number: int, cap: CapRule) -> Iterator[Caution]:
    """Units of blocks that are listed nowhere: nothing is ever counted as half."""
    known = {block.label for block in document.units.blocks} if document.units else set()
    named = [(("half_day_units", n), unit) for n, unit in enumerate(cap.half_day_units)]
    named += [(("weights", n), one.unit) for n, one in enumerate(cap.weights) if one.unit]
    for path, unit in named:
        if unit not in known:
            said = _(
                "「%(unit)s」という枠は units.blocks にないので、1と数えます。"
                "枠を書くか、half_day_minutes か up_to_minutes（何分まで）で書いてください。"
            )
            yield Caution(("caps", number, *path), said % {"unit": unit})


def _plain(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
