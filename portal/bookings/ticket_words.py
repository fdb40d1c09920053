"""What becomes of tickets when a booking is cancelled, in words for families and staff."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime

from portal.bookings.models import Booking
from portal.bookings.service import Cancelled
from portal.bookings.tickets import count_of
from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.policies.cancel import CancelFee
from portal.policies.coupons import PAID_BY_TICKET
from portal.policies.document import RulesDocument
from portal.policies.fee import Fee


def tickets_told(
    bookings: Iterable[Booking], fees: Mapping[uuid.UUID, CancelFee], *, with_reasons: bool
) -> str:
    """Return what would become of the tickets that bookings hold, before they are cancelled.

    Empty where they hold none.

    Args:
        with_reasons: Whether the rules accept reasons for which they come back.
    """
    held = [each for each in bookings if each.id in fees and count_of(each.tickets)]
    if not held:
        return ""
    if not any(fees[each.id].is_late for each in held):
        return _("使った利用券は、もどります。")
    if with_reasons:
        return _("使った利用券がもどるのは、病気など、ここにある理由のときだけです。")
    return _("使った利用券は、もどりません。")


def tickets_at_stake(
    fee: Fee, document: RulesDocument, until: datetime | None, *, now: datetime
) -> str:
    """Return what a late cancellation would leave of the tickets that a fee spends; else empty.

    Said before and after booking, since no yen of the late fee tells it.

    Args:
        until: Until when cancelling is free; None where it always is.
    """
    if until is None or not any(line.label_code in PAID_BY_TICKET for line in fee.lines):
        return ""
    if now < until:
        said = _("そのあとに取り消すと、使った利用券はもどりません。")
    else:
        said = _("取り消しても、使った利用券はもどりません。")
    if document.cancel is not None and document.cancel.waived:
        said = sentences(said, _("病気など、園のきまりにある理由のときは、もどります。"))
    return said


def would_lose_tickets(bookings: Iterable[Booking], fees: Mapping[uuid.UUID, CancelFee]) -> bool:
    """Say whether cancelling without a reason leaves a ticket spent."""
    return any(each.id in fees and fees[each.id].is_late and each.tickets for each in bookings)


def cancelled_with_tickets(said: str, cancelled: Cancelled) -> str:
    """Return what was said of a cancelling, with what became of its tickets."""
    back, spent = cancelled.tickets_back, cancelled.tickets_spent
    if back:
        said = sentences(said, _("利用券が%(count)s枚、もどりました。") % {"count": back})
    if spent:
        said = sentences(
            said, _("使った利用券（%(count)s枚）は、もどりません。") % {"count": spent}
        )
    return said
