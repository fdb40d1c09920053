"""Kinds G16 and G17 for a whole case: what the stay costs as asked for, and as it was used."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from portal.kernel.spans import Span
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee, FeeLabel, FeeLine, FeeRule, eldest_first
from portal.policies.fee_items import ItemPer
from portal.policies.history import PastUse
from portal.policies.matching import conditions_hold
from portal.policies.payment import EarlyPickup
from portal.policies.priced import Held, Holds, PricedStay, holds_never
from portal.policies.steps import TrialFeeKind
from portal.policies.variants import VariantWhen

AboveCap = Mapping[uuid.UUID | None, int]
_NONE_ABOVE: AboveCap = {}


def charge(case: Case, *, above_cap: AboveCap = _NONE_ABOVE) -> Fee:
    """Return what a stay costs, line by line, grouped by child, the eldest first.

    The document of the case is the one that holds for its children (``matching``). A child not
    yet born on the day has no lines.

    Args:
        above_cap: Minutes of the stay above a cap that costs more, by child; under None those of
            a cap that the whole household shares. ``cap_count.minutes_above`` gives them.
    """
    yen = _trial_fee(case)
    if case.trial_part is not None and yen is not None:
        values = {"part": case.trial_part}
        return Fee(tuple(_trial_line(child, values, yen) for child in case.children))
    rule = case.document.fee
    return Fee() if rule is None else rule.fee_of(case.children, priced(case, above_cap))


def charge_actual(
    case: Case,
    actual: Span,
    *,
    above_cap: AboveCap = _NONE_ABOVE,
    counts: Iterable[str] = (),
) -> Fee:
    """Return what a stay of one child costs once it is over.

    As booked; by its real length where the rules calculate an early pick-up anew; with overrun,
    and with what was used by number.

    Args:
        case: The stay as booked; its ``span`` is the booked one.
        actual: When the child came and left.
        counts: What was used by number, each as an option: ``nappies:3``.
    """
    case = replace(case, options=case.options | frozenset(counts))
    payment, rule = case.document.payment, case.document.fee
    is_anew = payment is not None and payment.on_early_pickup is EarlyPickup.RECALCULATED
    booked = case.span
    if is_anew and actual.ends_at < booked.ends_at:
        # Who comes late has had its place kept; only the end is the real one.
        earliest = min(booked.starts_at, actual.starts_at)
        case = replace(case, span=Span(earliest, actual.ends_at))
    fee = charge(case, above_cap=above_cap)
    if rule is None or rule.overrun is None:
        return fee
    stay = priced(case, above_cap)
    extra = [
        line
        for child in eldest_first(case.children, booked)
        if stay.applies(rule.overrun.when, child)
        for line in rule.overrun.lines(child, booked, actual)
    ]
    return Fee((*fee.lines, *extra))


def usual_fee(
    document: RulesDocument,
    children: Sequence[ChildFacts],
    span: Span,
    *,
    holds: Holds = holds_never,
) -> Fee:
    """Return what a stay costs a family of whom nobody knows more than the children's births.

    Args:
        holds: Says which conditions of prices are met; none of them where left out.
    """
    rule = document.fee
    if rule is None:
        return Fee()
    blocks = document.units.blocks if document.units else ()
    return rule.fee_of(children, PricedStay(span, holds=holds, blocks=tuple(blocks)))


def registration_fee(rule: FeeRule | None, child: ChildFacts) -> Fee:
    """Return what is paid once, when a child is registered (name tag, contact book)."""
    items = [item for item in rule.items if item.per is ItemPer.REGISTRATION] if rule else []
    return Fee(
        tuple(
            FeeLine(
                FeeLabel.ITEM,
                {"label": item.label, "per": item.per.value},
                child.child_id,
                item.yen,
            )
            for item in items
        )
    )


def waiting_for_proof(case: Case) -> tuple[tuple[uuid.UUID, str], ...]:
    """Return which reductions a child would have if a proof were shown: child and label."""
    rule = case.document.fee
    if rule is None:
        return ()
    stay = priced(case, _NONE_ABOVE)
    return tuple(
        (child.child_id, reduction.label)
        for child in case.children
        for reduction in rule.reductions
        if reduction.waits_for_proof(stay, child)
    )


def priced(case: Case, above_cap: AboveCap) -> PricedStay:
    """Return the case as prices look at it."""
    shared = above_cap.get(None, 0)
    units = case.document.units
    return PricedStay(
        case.span,
        holds=_holds(case),
        household=case.household,
        history=case.history,
        options=case.options,
        coupons=case.coupons,
        blocks=tuple(units.blocks) if units else (),
        held=_held(case),
        trials_pay=_trial_fee(case) is None,
        above_cap={
            child.child_id: max(shared, above_cap.get(child.child_id, 0)) for child in case.children
        },
    )


def _holds(case: Case) -> Callable[[VariantWhen, ChildFacts], bool]:
    def holds(when: VariantWhen, child: ChildFacts) -> bool:
        return conditions_hold(when, case, child)

    return holds


def _held(case: Case) -> Held:
    def held(when: VariantWhen, child: ChildFacts, use: PastUse, span: Span) -> bool:
        then = replace(
            case,
            span=span,
            purpose=use.purpose,
            reason=use.reason,
            trial_part=(case.trial_part or 1) if use.is_trial else None,
            options=use.options or frozenset(),
        )
        return conditions_hold(when, then, child)

    return held


def _trial_fee(case: Case) -> int | None:
    """Return what a part of trial care costs all in all; None where it costs what any stay does."""
    trial = case.document.steps.trial if case.document.steps else None
    if trial is None or trial.fee is TrialFeeKind.USUAL:
        return None
    return trial.fixed_yen or 0


def _trial_line(child: ChildFacts, values: Mapping[str, int | str], yen: int) -> FeeLine:
    return FeeLine(FeeLabel.TRIAL_CARE, values, child.child_id, yen)
