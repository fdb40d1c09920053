"""Families that have used up a limit, one for each kind of use that has limits of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, Decimal

from portal.bookings.use_kinds import offered
from portal.documents.i18n import gettext as _
from portal.policies.cap_count import CapUse
from portal.policies.cap_periods import CapPeriod
from portal.policies.cap_terms import HOUR_METRICS
from portal.policies.caps import CapMetric, CapRule
from portal.policies.decision import Decision
from portal.policies.document import RulesDocument

#: An answer of the form by the name of its input, as an address carries it.
Params = dict[str, str]
#: A family's key, what it is called, and in what it differs from the usual one.
Family = tuple[str, str, Params]

_OF_PERIOD = {
    CapPeriod.WEEK: "used_week",
    CapPeriod.MONTH: "used_month",
    CapPeriod.FISCAL_YEAR: "used_year",
}
_MOST_OF = {"used_week": 6, "used_month": 30, "used_year": 366}
#: Of these so many days, each with one stay, are as many of what is counted.
_BY_DAYS = {CapMetric.DAYS, CapMetric.HALF_DAYS, CapMetric.VISITS}
#: A day on which hours are used up is no longer than that.
_LONGEST_HOURS = 8


def cap_families(
    document: RulesDocument, decided: Callable[[Params], Decision]
) -> Iterator[Family]:
    """Yield a family for each group of limits that hold for the same uses.

    It is of the first limit of the group that it can be seen to break: a limit can also lie out of
    the reach of what the form asks, or be another one for the family at hand.

    Args:
        decided: What the rules decide of the usual family, with these answers in place of its own.
    """
    kinds = [{"use": kind.written} for kind, _words in offered(document)] or [{}]
    found = [(kind, decided(kind).caps) for kind in kinds] if document.caps else []
    done = set()
    for cap in document.caps:
        whose = (cap.purposes, cap.except_purposes, cap.reasons, cap.except_reasons)
        kind, use = next(((k, u) for k, uses in found for u in uses if u.cap == cap), ({}, None))
        if whose in done or use is None:
            continue
        used = next((each for each in _used_up(use) if _breaks(cap, decided(kind | each))), None)
        if used is not None:
            done.add(whose)
            title = _("「%(cap)s」まで使った子") % {"cap": cap.label or _("上限")}
            yield "cap", title, kind | used


def _breaks(cap: CapRule, decision: Decision) -> bool:
    return any(use.cap == cap and use.is_breached for use in decision.caps)


def _used_up(use: CapUse) -> Iterator[Params]:
    """Yield what could use the limit up, as it is in the period of the wish (an average is)."""
    more: Params = {}
    if use.unit in HOUR_METRICS:
        days = (use.limit / _LONGEST_HOURS).to_integral_value(ROUND_CEILING)
        more = {"used_hours": _plain(use.limit / days)} if days else {}
    elif use.unit in _BY_DAYS:
        days = use.limit
    else:
        return
    named = _OF_PERIOD.get(use.cap.period) if use.cap.period else None
    for name in (named,) if named else _MOST_OF:
        if 0 < days <= _MOST_OF[name]:
            yield {name: _plain(days), **more}


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
