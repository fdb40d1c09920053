"""What a booking uses of each limit and what is left then, in words, before anything is booked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.documents.wording.cap_words import cap_amount, cap_period, cap_scope
from portal.policies.cap_count import CapUse
from portal.policies.caps import SUMMED, CapMetric, Per
from portal.policies.purposes import PurposesRule
from portal.rulebooks.words_caps import cap_name


def cap_lines(
    uses: Iterable[CapUse],
    names: Mapping[uuid.UUID, str],
    purposes: PurposesRule | None = None,
) -> list[str]:
    """Return a line for each limit: ``11月は14日のうち5日使いました。……残りは8日です。``.

    Nothing of how many nurseries a child is registered with: no booking changes that.

    Args:
        names: The children who would come, with さん; of several each line names its own.
        purposes: The types of use as the document names them.
    """
    counted = (use for use in uses if use.unit is not CapMetric.REGISTRATIONS)
    return [_line(use, names, purposes) for use in counted]


def _line(use: CapUse, names: Mapping[uuid.UUID, str], purposes: PurposesRule | None) -> str:
    child = names.get(use.child_id) if use.child_id and len(names) > 1 else None
    said = sentences(*_said(use))
    for name in (cap_name(use.cap, purposes), child):
        if name:
            said = _("%(name)s：%(said)s") % {"name": name, "said": said}
    return said


def _said(use: CapUse) -> Iterator[str]:
    """Yield what was used of the limit, what this booking makes of it, and what is left."""
    values = {
        "when": _when(use),
        "whose": _("ご家庭みんなで、") if use.cap.per is Per.HOUSEHOLD else "",
        "where": cap_scope(use.cap.scope.value),
        "limit": _amount(use, use.limit),
        "used": _amount(use, use.used),
    }
    if use.unit is CapMetric.UPCOMING_VISITS:
        yield _("これからの予約は、%(whose)s%(where)s%(limit)sまで持てます。") % values
    elif use.used and use.unit in SUMMED:
        yield _("%(when)s%(whose)s%(where)s%(limit)sのうち%(used)s使いました。") % values
    else:
        yield _("%(when)s%(whose)s%(where)s%(limit)sまで使えます。") % values
    if use.this:
        yield _("この予約で、%(total)sになります。") % {"total": _amount(use, use.used + use.this)}
    else:
        yield _("この予約をしても、使った数は変わりません。")
    if use.is_breached:
        yield _("上限をこえます。")
    elif use.unit in SUMMED or use.unit is CapMetric.UPCOMING_VISITS:
        yield _("残りは%(left)sです。") % {"left": _amount(use, use.left)}


def _when(use: CapUse) -> str:
    if use.period is not None:
        return _("%(period)sは") % {"period": cap_period(use.period)}
    return _("この事情では、") if use.cap.per_cause else ""


def _amount(use: CapUse, amount: Decimal) -> str:
    # What is still to come is counted in stays; the sentence says which.
    is_to_come = use.unit is CapMetric.UPCOMING_VISITS
    metric = CapMetric.VISITS if is_to_come else use.unit
    return cap_amount((float(amount), metric.value))
