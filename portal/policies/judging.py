"""Children of a wish who are judged together: by the same rules, laid for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from portal.kernel.clock import local_date
from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.allocation import ALLOCATION_WORDS, AllocationRule
from portal.policies.cap_count import CapUse, cap_notes, cap_reasons, caps_of, minutes_above
from portal.policies.case import Case
from portal.policies.charging import charge, charge_actual
from portal.policies.decision import Outcome
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee
from portal.policies.matching import calendar_for, documents_for
from portal.policies.noshow_count import no_show_standing
from portal.policies.notes import AWAITING
from portal.policies.purposes import Approver, PurposesRule, purpose_of
from portal.policies.reasons import BookingRefusal
from portal.policies.reasons_of_child import notes_of_child, reasons_of_child
from portal.policies.reasons_of_day import notes_of_day, reasons_of_day
from portal.policies.regular import REGULAR
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


def parts_of(case: Case, *, asked_at: datetime, now: datetime) -> list[Part]:
    """Return the children of a wish in groups that the same rules hold for, each judged.

    The type of use is that of the reason, wherever rules go by it, and days are open as the rules
    say.
    """
    return [
        _judged(laid, children, said=case.purpose, asked_at=asked_at, now=now)
        for laid, children in _laid(case)
    ]


def fee_of(case: Case, *, now: datetime) -> Fee:
    """Return what the stay costs alone, each child by the rules laid for it."""
    fees = [_fee(laid, children, _caps(laid, children, now)) for laid, children in _laid(case)]
    return Fee(tuple(line for fee in fees for line in fee.lines))


def fee_as_used(case: Case, actual: Span, *, now: datetime, counts: Iterable[str] = ()) -> Fee:
    """Return what the stay costs once it is over, each child by the rules laid for it.

    Args:
        case: The stay as booked.
        actual: When the children came and left.
        counts: What was used by number, each as an option: ``nappies:3``.
    """
    fees = []
    for laid, children in _laid(case):
        above = minutes_above(_caps(laid, children, now), laid.span.minutes)
        fees.append(_of(charge_actual(laid, actual, above_cap=above, counts=counts), children))
    return Fee(tuple(line for fee in fees for line in fee.lines))


def rules_laid(case: Case) -> dict[uuid.UUID, RulesDocument]:
    """Return the rules that hold for each child of a wish, by its id."""
    return {child.child_id: laid.document for laid, children in _laid(case) for child in children}


def _laid(case: Case) -> list[tuple[Case, tuple[ChildFacts, ...]]]:
    purpose = purpose_of(case.document.purposes, case.purpose, case.reason)
    calendar = calendar_for(case.document, case.calendar)
    if purpose != case.purpose or calendar is not case.calendar:
        case = replace(case, purpose=purpose, calendar=calendar)
    return [
        (case if document is case.document else replace(case, document=document), children)
        for document, children in documents_for(case)
    ]


def _caps(case: Case, children: tuple[ChildFacts, ...], now: datetime) -> tuple[CapUse, ...]:
    return caps_of(case, now=now, children=children) if case.document.caps else ()


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
    window = rule.window(span.day, case.calendar, span).at(asked_at)
    if document.regular is not None and REGULAR in case.options:
        # Who applies for a term goes by the dates of its application, where the rule gives some.
        window = document.regular.window(span.day) or window
    caps = _caps(case, children, now)
    past = [
        no_show_standing(document.no_show, case, child, asked_on=local_date(asked_at))
        for child in children
    ]
    allocation = allocation_in(document, window)
    notes = (
        *allocation.notes(),
        *notes_of_day(case, said=said),
        *(note for child in children for note in notes_of_child(case, child)),
        *cap_notes(caps),
        *(note for each in past for note in each.notes),
    )
    fee = _fee(case, children, caps)
    cancel = document.cancel
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
        outcome=_outcome(allocation, notes),
        fee=fee,
        cancel_until=cancel.until(span, case.calendar) if cancel else None,
    )


def allocation_in(document: RulesDocument, window: BookingWindow) -> AllocationRule:
    """Return how places are given in this phase of a window, or as always."""
    own = window.phase.allocation if window.phase else None
    usual = document.allocation
    return usual if own in {None, usual.method} else usual.model_copy(update={"method": own})


def by_people(document: RulesDocument, window: BookingWindow) -> Reason | None:
    """Return that people decide in this phase of a window, with how where asking is collected."""
    allocation = allocation_in(document, window)
    if allocation.outcome is Outcome.LOTTERY:
        how = (ALLOCATION_WORDS[allocation.method],)
        return Reason(BookingRefusal.DECIDED_BY_PEOPLE, {"how": how})
    if allocation.outcome is not Outcome.CONFIRMED or all_are_approved(document.purposes):
        return Reason(BookingRefusal.DECIDED_BY_PEOPLE)
    return None


def decided_by_people(document: RulesDocument) -> bool:
    """Say whether asking never settles a booking, in whichever round and for whatever use.

    Staff enter what they, or the city, have decided. Of variants nothing is said.
    """
    usual, window = document.allocation, document.booking_window
    rounds = window.phases if window else ()
    methods = {each.allocation or usual.method for each in rounds} or {usual.method}
    outcomes = {usual.model_copy(update={"method": method}).outcome for method in methods}
    return Outcome.CONFIRMED not in outcomes or all_are_approved(document.purposes)


def all_are_approved(rule: PurposesRule | None) -> bool:
    """Say whether somebody agrees to whatever use a family may name."""
    if rule is None or not rule.types:
        return False
    asked = [kind.approved_by for kind in rule.types]
    asked += [reason.approved_by for reason in rule.reasons if reason.approved_by is not None]
    return Approver.NOBODY not in asked


def _outcome(allocation: AllocationRule, notes: Iterable[Reason]) -> Outcome:
    """What a wish becomes as places are given, and since somebody still agrees."""
    outcome = allocation.outcome
    awaits = any(note.code in AWAITING for note in notes)
    return Outcome.AWAITS_APPROVAL if awaits and outcome is not Outcome.LOTTERY else outcome


def _fee(case: Case, children: tuple[ChildFacts, ...], caps: Iterable[CapUse]) -> Fee:
    """What these children cost, in their order among all of the wish."""
    fee = charge(case, above_cap=minutes_above(caps, case.span.minutes))
    return fee if len(children) == len(case.children) else _of(fee, children)


def _of(fee: Fee, children: Iterable[ChildFacts]) -> Fee:
    ids = {child.child_id for child in children}
    return Fee(tuple(line for line in fee.lines if line.child_id in ids))
