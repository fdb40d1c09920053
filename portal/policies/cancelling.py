"""Cancelling: what it costs now, what those who still come cost, and who may do it.

Asked with the document under which the booking was made, of which the rules of its day hold; with
``laid``, those that hold for the child of the booking (``judging.rules_laid``).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelFee, WaivedReason
from portal.policies.case import Case
from portal.policies.charging import usual_fee
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee
from portal.policies.judging import fee_of, rules_laid
from portal.policies.matching import calendar_for, document_on
from portal.policies.noshow_count import no_show_fee
from portal.policies.reasons import BookingRefusal


def cancel_fee(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    fee: Fee,
    now: datetime,
    children: int = 1,
    waived: WaivedReason | None = None,
    laid: RulesDocument | None = None,
) -> CancelFee:
    """Return what cancelling costs at ``now``, whether that is late, and until when it was free.

    Args:
        document: The document under which the booking was made.
        fee: What is cancelled; ``Fee.for_child`` when one of several children stays away.
        children: How many children that are.
        waived: The family's reason, where the provider accepts it.
        laid: The rules laid for the child; those of the day where left out.
    """
    rule = (laid or document_on(document, calendar, span.day)).cancel
    if rule is None:
        return CancelFee(0, is_late=False, until=None)
    days = calendar_for(document, calendar)
    return rule.yen_at(now, fee, span, days, children=children, waived=waived)


@dataclass(frozen=True, slots=True)
class LateStep:
    """From a moment on, what cancelling all children of a wish costs, in whole yen."""

    from_at: datetime
    amount_yen: int


def late_steps(case: Case, fee: Fee, *, now: datetime) -> tuple[LateStep, ...]:
    """Return what cancelling a wish costs once it is late, and each later moment that changes it.

    Args:
        fee: What the wish costs, for all its children.
    """
    days = calendar_for(case.document, case.calendar)
    return steps_under(rules_laid(case), fee, case.span, days, now=now)


def steps_under(
    laid: Mapping[uuid.UUID, RulesDocument],
    fee: Fee,
    span: Span,
    days: FacilityCalendar,
    *,
    now: datetime,
) -> tuple[LateStep, ...]:
    """Return the same of children by the rules laid for each.

    Counted child by child, as each can be cancelled alone; a broken yen is left to the family.
    Empty where no rule speaks of it. The first step begins at ``now`` where it is late already.

    Args:
        days: The calendar as the rules count its days.
    """
    rules = {child: each.cancel for child, each in laid.items() if each.cancel}
    begins = {max(now, rule.until(span, days)) for rule in rules.values()}
    ends = {tier.ends_at(span, days) for rule in rules.values() for tier in rule.tiers}
    first = min(begins, default=span.starts_at)
    steps: list[LateStep] = []
    for moment in sorted(begins | {end for end in ends if first < end < span.starts_at}):
        amount = sum(
            rule.yen_at(moment, fee.for_child(child), span, days).amount_yen
            for child, rule in rules.items()
        )
        if not steps or steps[-1].amount_yen != amount:
            steps.append(LateStep(moment, amount))
    return tuple(steps)


def absent_yen(laid: Mapping[uuid.UUID, RulesDocument], fee: Fee) -> int:
    """Return what it costs that no child comes and nobody told, where the rules name a price.

    Args:
        laid: The rules laid for each child.
        fee: What all of them cost.
    """
    return sum(
        no_show_fee(each.no_show, fee.for_child(child), 1) or 0 for child, each in laid.items()
    )


def once_late(steps: Sequence[LateStep]) -> tuple[int, tuple[LateStep, ...]]:
    """Return what the first step costs, in whole yen, and those that follow.

    When the first one begins is the end of the free time: whoever compares two rules compares that
    on its own. No rule at all costs as much as one that asks for nothing.
    """
    return steps[0].amount_yen if steps else 0, tuple(steps[1:])


def fee_of_those_who_stay(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    told: Fee,
    staying: Sequence[ChildFacts],
    now: datetime,
    by_facility: bool = False,
    case: Case | None = None,
) -> Fee:
    """Return what the children of a booking cost who still come once others are cancelled.

    Brothers and sisters are counted anew, as if only those who stay had been booked. Once the free
    time is over, or where the facility itself cancels, the fee that was told stands: nobody pays
    more because a child fell ill on the morning, or because a door stays shut.

    Args:
        document: The document under which the booking was made.
        told: The fee of those who stay until now.
        case: The booking's case, with what is known of the family; without it the price goes by
            births and times alone.
    """
    on_the_day = document_on(document, calendar, span.day)
    if case is not None:
        on_the_day = rules_laid(case)[case.children[0].child_id]
    if by_facility or on_the_day.fee is None:
        return told
    if on_the_day.cancel is not None:
        until = on_the_day.cancel.until(span, calendar_for(document, calendar))
        if now >= until:
            return told
    if case is not None:
        return fee_of(replace(case, children=tuple(staying)), now=now)
    return usual_fee(on_the_day, staying, span)


def reasons_against_cancelling(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    now: datetime,
    by_staff: bool = False,
    laid: RulesDocument | None = None,
) -> tuple[Reason, ...]:
    """Return why the booking cannot be cancelled now by the one who asks.

    A stay that has started is ended by its departure, not cancelled. Staff may enter a caller's
    cancellation until then.

    Args:
        laid: The rules laid for the child; those of the day where left out.
    """
    if now >= span.starts_at:
        return (Reason(BookingRefusal.STAY_HAS_STARTED, {"starts_at": span.starts_at}),)
    rule = (laid or document_on(document, calendar, span.day)).cancel
    if rule is not None and not by_staff:
        until = rule.online_ends_at(span, calendar_for(document, calendar))
        if until is not None and now >= until:
            return (Reason(BookingRefusal.CANCEL_BY_PHONE_ONLY, {"until_at": until}),)
    return ()
