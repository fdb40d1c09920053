"""For which reasons of a family a late cancellation of its stays costs nothing."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.stay_cases import laid_rules
from portal.kernel.actor import Actor
from portal.policies.cancel import WaivedReason
from portal.policies.document import RulesDocument


def waived_reasons(
    session: Session,
    bookings: Sequence[Booking],
    document: RulesDocument,
    *,
    actor: Actor,
    group: Sequence[Booking] = (),
) -> frozenset[WaivedReason]:
    """Return the reasons that the rules laid for any of the bookings accept.

    Args:
        bookings: Of one family, day and time; none have none.
        document: The document under which they were made.
        group: Others that were booked with them.
    """
    if not bookings:
        return frozenset()
    laid = laid_rules(session, bookings, document, actor=actor, group=group)
    return frozenset().union(*(rules.cancel.waived for rules in laid.values() if rules.cancel))
