"""Children of a wish who are judged together: by the same rules, laid for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.kernel.clock import local_date
from portal.kernel.errors import Reason
from portal.policies.allocation import AllocationMethod
from portal.policies.cap_count import CapUse, cap_notes, cap_reasons, caps_of
from portal.policies.case import Case
from portal.policies.decision import Outcome
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLabel, FeeLine
from portal.policies.matching import documents_for
from portal.policies.noshow_count import no_show_standing
from portal.policies.notes import AWAITING
from portal.policies.purposes import purpose_of
from portal.policies.reasons_of_child import notes_of_child, reasons_of_child
from portal.policies.reasons_of_day import notes_of_day, reasons_of_day
from portal.policies.steps import TrialFeeKind
from portal.policies.window import BookingWindow, BookingWindowRule

_ALWAYS_OPEN = BookingWindowRule()


@dataclass(frozen=True, slots=True)
class Part:
    """What the rules say of children for whom the same rules are laid.

    ``fee`` is theirs alone, though brothers and sisters keep their order in the whole wish.
    """

    case: Case
    children: tuple[ChildFacts, ...]
    window: BookingWindow
    of_day: tuple[Reason, ...]
    of_children: tuple[Reason, ...]
    notes: tuple[Reason, ...]
    caps: tuple[CapUse, ...]
    outcome: Outcome
    fee: Fee
    cancel_until: datetime | None
    late_cancel_yen: int


def parts_of(case: Case, *, asked_at: datetime, now: datetime) -> list[Part]:
    """Return the children of a wish in groups that the same rules hold for, each judged.

    The type of use is that of the reason, wherever rules go by it.
    """
    said = case.purpose
    purpose = purpose_of(case.document.purposes, said, case.reason)
    if purpose != said:
        case = replace(case, purpose=purpose)
    return [
        _judged(
            case if document is case.document else replace(case, document=document),
            children,
            said=said,
            asked_at=asked_at,
            now=now,
        )
        for document, children in documents_for(case)
    ]


def _judged(
    case: Case,
    children: tuple[ChildFacts, ...],
    *,
    said: str | None,
    asked_at: datetime,
    now: datetime,
) -> Part:
    document, span = case.document, case.span
    rule = document.booking_window or _ALWAYS_OPEN
    window = rule.window(span.day, case.calendar).at(asked_at)
    caps = caps_of(case, now=now, document=document, children=children)
    past = [
        no_show_standing(document.no_show, case, child, asked_on=local_date(asked_at))
        for child in children
    ]
    notes = (
        *notes_of_day(case, said=said),
        *(note for child in children for note in notes_of_child(case, child)),
        *cap_notes(caps),
        *(note for each in past for note in each.notes),
    )
    fee = _of(_fee(case), children, case)
    cancel = document.cancel
    late = cancel.late_fee if cancel else None
    return Part(
        case=case,
        children=children,
        window=window,
        of_day=tuple(reasons_of_day(case, window, said=said, asked_at=asked_at, now=now)),
        of_children=(
            *(reason for child in children for reason in reasons_of_child(case, child)),
            *cap_reasons(caps),
            *(reason for each in past for reason in each.reasons),
        ),
        notes=notes,
        caps=caps,
        outcome=_outcome(document, window, notes),
        fee=fee,
        cancel_until=cancel.until(span, case.calendar) if cancel else None,
        late_cancel_yen=late.amount(fee, len(children)) if late else 0,
    )


_BY_METHOD = {
    AllocationMethod.FIRST_COME: Outcome.CONFIRMED,
    AllocationMethod.STAFF_APPROVAL: Outcome.AWAITS_APPROVAL,
    AllocationMethod.PROVISIONAL: Outcome.PROVISIONAL,
    AllocationMethod.LOTTERY: Outcome.LOTTERY,
}


def _outcome(document: RulesDocument, window: BookingWindow, notes: Iterable[Reason]) -> Outcome:
    """What a wish becomes in this phase of the window, and since somebody still agrees."""
    own = window.phase.allocation if window.phase else None
    outcome = _BY_METHOD[own or document.allocation.method]
    awaits = any(note.code in AWAITING for note in notes)
    return Outcome.AWAITS_APPROVAL if awaits and outcome is not Outcome.LOTTERY else outcome


def _of(fee: Fee, children: tuple[ChildFacts, ...], case: Case) -> Fee:
    if len(children) == len(case.children):
        return fee
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
