"""What a family pays for what became of a stay: late cancelling, absence, a late pick-up. Pure."""

from __future__ import annotations

from datetime import datetime

from portal.kernel.spans import Span
from portal.policies.cancelling import cancel_fee
from portal.policies.case import Case
from portal.policies.decision import Decision
from portal.policies.judging import fee_as_used, rules_laid
from portal.policies.noshow_count import no_show_fee
from portal.policies.rule import moment_on
from portal.rulebooks.trying.written_then import WrittenThen


def paid_then(then: WrittenThen, case: Case, decision: Decision, now: datetime) -> int:
    """Return in whole yen what is paid for all children in the end.

    Args:
        now: When the stay was booked.

    Raises:
        ValueError: the children were picked up before they came.
    """
    if then.cancelled_at is not None:
        return _cancelled(then, then.cancelled_at, case, decision)
    if then.picked_up is None:
        return _absent(case, decision)
    day = case.span.day
    came = moment_on(day, then.came) if then.came else case.span.starts_at
    actual = Span(came, moment_on(day, then.picked_up))
    return fee_as_used(case, actual, now=now, counts=then.counts).total_yen


def _cancelled(then: WrittenThen, at: datetime, case: Case, decision: Decision) -> int:
    """Child by child, as each can be cancelled alone."""
    return sum(
        cancel_fee(
            case.document,
            case.calendar,
            case.span,
            fee=decision.fee.for_child(child_id),
            now=at,
            waived=then.because,
            laid=laid,
        ).amount_yen
        for child_id, laid in rules_laid(case).items()
    )


def _absent(case: Case, decision: Decision) -> int:
    """By the rule for it, else like cancelling when the stay begins."""
    found = 0
    for child_id, laid in rules_laid(case).items():
        fee = decision.fee.for_child(child_id)
        yen = no_show_fee(laid.no_show, fee, 1)
        if yen is None:
            days, begins = case.calendar, case.span.starts_at
            yen = cancel_fee(laid, days, case.span, fee=fee, now=begins, laid=laid).amount_yen
        found += yen
    return found
