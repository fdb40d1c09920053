"""Children of a wish who are judged together: by the same rules, laid for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.policies.matching import documents_for
from portal.policies.reasons_of_child import reasons_of_child
from portal.policies.reasons_of_day import reasons_of_day
from portal.policies.steps import TrialFeeKind
from portal.policies.window import BookingWindow, BookingWindowRule

_ALWAYS_OPEN = BookingWindowRule()


@dataclass(frozen=True, slots=True)
class Part:
    """What the rules say of children for whom the same rules are laid.

    ``fee`` is what the whole wish costs by these rules, so that brothers and sisters keep their
    order; only the lines of ``children`` are theirs.
    """

    case: Case
    children: tuple[ChildFacts, ...]
    window: BookingWindow
    of_day: tuple[Reason, ...]
    of_children: tuple[Reason, ...]
    fee: Fee
    cancel_until: datetime | None
    late_cancel_yen: int


def parts_of(case: Case, *, asked_at: datetime, now: datetime) -> list[Part]:
    """Return the children of a wish in groups that the same rules hold for, each judged."""
    return [
        _judged(
            case if document is case.document else replace(case, document=document),
            children,
            asked_at=asked_at,
            now=now,
        )
        for document, children in documents_for(case)
    ]


def _judged(
    case: Case, children: tuple[ChildFacts, ...], *, asked_at: datetime, now: datetime
) -> Part:
    document, span = case.document, case.span
    rule = document.booking_window or _ALWAYS_OPEN
    window = rule.window(span.day, case.calendar).at(asked_at)
    fee = _fee(case)
    cancel = document.cancel
    late = cancel.late_fee if cancel else None
    its = fee if len(children) == len(case.children) else _of(fee, children)
    return Part(
        case=case,
        children=children,
        window=window,
        of_day=tuple(reasons_of_day(case, window, asked_at=asked_at, now=now)),
        of_children=tuple(r for child in children for r in reasons_of_child(case, child)),
        fee=its,
        cancel_until=cancel.until(span, case.calendar) if cancel else None,
        late_cancel_yen=late.amount(its, len(children)) if late else 0,
    )


def _of(fee: Fee, children: tuple[ChildFacts, ...]) -> Fee:
    ids = {child.child_id for child in children}
    return Fee(tuple(line for line in fee.lines if line.child_id in ids))


def _fee(case: Case) -> Fee:
    document = case.document
    usual = document.fee.fee(case.children, case.span) if document.fee else Fee()
    trial = document.steps.trial if document.steps else None
    if case.trial_part is None or trial is None or trial.fee is TrialFeeKind.USUAL:
        return usual
    values = {"part": case.trial_part}
    yen = trial.fixed_yen or 0
    return Fee(tuple(FeeLine(FeeLabel.TRIAL_CARE, values, c.child_id, yen) for c in case.children))
