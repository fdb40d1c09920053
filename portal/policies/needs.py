"""What must be known of a family before its wish can be judged by a document.

Whoever reads facts from a store asks here first: a plain document needs none, and in the opening
minute each statement counts.
"""

from __future__ import annotations

from datetime import date, timedelta

from portal.policies.cap_periods import CapPeriod
from portal.policies.document import RulesDocument
from portal.policies.fee import FeeRule
from portal.policies.fee_items import ONCE
from portal.policies.laying import touched
from portal.policies.reductions import SiblingOrder
from portal.policies.variants import VariantWhen

_YEAR = timedelta(days=366)
#: Beyond it no booking lies and nothing is counted.
_EVER = timedelta(days=366 * 7)


def needs_history(document: RulesDocument) -> bool:
    """Say whether past and booked stays can change an answer."""
    fee = document.fee
    return bool(
        document.caps
        or document.no_show
        or document.variants
        or document.regular
        or (document.units and document.units.first_visit)
        or (document.steps and document.steps.first_use_purposes)
        or (fee and (fee.items or fee.reductions or fee.coupons or fee.surcharges))
        or any(when.first_use is not None for when in _prices_when(fee))
    )


def needs_home(document: RulesDocument) -> bool:
    """Say whether anything of the home, or an answer about the child, can change an answer."""
    fee = document.fee
    siblings = fee.siblings if fee else None
    return bool(
        document.residence
        or document.enrolment
        or document.gates
        or document.purposes
        or document.variants
        or any(cap.extensions for cap in document.caps)
        or (document.no_show and document.no_show.spared_marks)
        or (fee and (fee.items or fee.reductions or fee.coupons or fee.surcharges))
        or _prices_when(fee)
        or (siblings and siblings.order_by is SiblingOrder.PRESCHOOLERS)
    )


def needs_options(document: RulesDocument) -> bool:
    """Say whether what was chosen beside earlier stays can change a price: it is paid once."""
    if any("fee" in touched(variant) for variant in document.variants):
        return True
    items = document.fee.items if document.fee else ()
    return any(item.per in ONCE and (item.with_option or item.without_option) for item in items)


def history_days(document: RulesDocument, day: date) -> tuple[date, date]:
    """Return the first and last local day of the stays that count for a wish on ``day``.

    Both are included. Caps and no-shows look a year back at most, unless they count for good.
    """
    counts_for_good = (
        any(
            cap.per_cause
            or cap.period in {None, CapPeriod.WHOLE_TIME, CapPeriod.REGISTRATION, CapPeriod.DATES}
            for cap in document.caps
        )
        or bool(document.variants)
        or bool(document.units and document.units.first_visit)
        or bool(document.steps and document.steps.first_use_purposes)
        or bool(document.fee and (document.fee.items or document.fee.reductions))
        or any(when.first_use is not None for when in _prices_when(document.fee))
    )
    back = _EVER if counts_for_good else _YEAR
    return day - back, day + _YEAR


def _prices_when(fee: FeeRule | None) -> list[VariantWhen]:
    """Return all conditions under which a part of the price is for some uses alone."""
    if fee is None:
        return []
    parts = (*fee.surcharges, *fee.items, *fee.reductions, *fee.coupons, fee.siblings, fee.overrun)
    return [part.when for part in parts if part is not None and part.when is not None]
