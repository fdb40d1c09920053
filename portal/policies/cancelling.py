"""Cancelling: what it costs now, what those who still come cost, and who may do it.

Asked with the document under which the booking was made: with ``matching.document_for`` laid for
the booking's case, or the usual one, of which the rules of its day are taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancel import CancelFee, WaivedReason
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import Fee
from portal.policies.hours import open_days
from portal.policies.matching import document_on
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
) -> CancelFee:
    """Return what cancelling costs at ``now``, whether that is late, and until when it was free.

    Args:
        document: The document under which the booking was made.
        fee: What is cancelled; ``Fee.for_child`` when one of several children stays away.
        children: How many children that are.
        waived: The family's reason, where the provider accepts it.
    """
    rule = document_on(document, calendar, span.day).cancel
    if rule is None:
        return CancelFee(0, is_late=False, until=None)
    until = rule.until(span, open_days(document.hours, calendar))
    is_late = now >= until
    if not is_late or rule.late_fee is None or waived in rule.waived:
        return CancelFee(0, is_late, until)
    return CancelFee(rule.late_fee.amount(fee, children), is_late, until)


def fee_of_those_who_stay(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    told: Fee,
    staying: Sequence[ChildFacts],
    now: datetime,
    by_facility: bool = False,
) -> Fee:
    """Return what the children of a booking cost who still come once others are cancelled.

    Brothers and sisters are counted anew, as if only those who stay had been booked. Once the free
    time is over, or where the facility itself cancels, the fee that was told stands: nobody pays
    more because a child fell ill on the morning, or because a door stays shut.

    Args:
        document: The document under which the booking was made.
        told: The fee of those who stay until now.
    """
    calendar = open_days(document.hours, calendar)
    document = document_on(document, calendar, span.day)
    if by_facility or document.fee is None:
        return told
    if document.cancel is not None and now >= document.cancel.until(span, calendar):
        return told
    return document.fee.fee(staying, span)


def reasons_against_cancelling(
    document: RulesDocument,
    calendar: FacilityCalendar,
    span: Span,
    *,
    now: datetime,
    by_staff: bool = False,
) -> tuple[Reason, ...]:
    """Return why the booking cannot be cancelled now by the one who asks.

    A stay that has started is ended by its departure, not cancelled. Staff may enter a caller's
    cancellation until then.
    """
    if now >= span.starts_at:
        return (Reason(BookingRefusal.STAY_HAS_STARTED, {"starts_at": span.starts_at}),)
    rule = document_on(document, calendar, span.day).cancel
    if rule is not None and not rule.late_online and not by_staff:
        until = rule.until(span, open_days(document.hours, calendar))
        if now >= until:
            return (Reason(BookingRefusal.CANCEL_BY_PHONE_ONLY, {"until_at": until}),)
    return ()
