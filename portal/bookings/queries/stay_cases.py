"""The case of what is booked already: which of its rules hold when it is cancelled or charged."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.history import history_of
from portal.bookings.queries.home import at_home
from portal.kernel.actor import Actor
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.matching import document_for


def case_of(
    session: Session,
    bookings: Sequence[Booking],
    span: Span,
    document: RulesDocument,
    calendar: FacilityCalendar,
    *,
    actor: Actor,
) -> Case | None:
    """Return the case of bookings of one group, as far as it can still change what holds for them.

    None where the rules are the same for everybody, or no child of them has been born. What the
    family chose beside the stay is not known any more.

    Args:
        bookings: At least one; all of one family, day and time.
        document: The document under which they were made.
    """
    facts = [ChildFacts(b.child_id, b.child.born_on) for b in bookings if b.child.born_on]
    if not document.variants or not facts:
        return None
    first = bookings[0]
    home, known = at_home(session, facts, first.family_id, document, first.day, actor=actor)
    return Case(
        document=document,
        calendar=calendar,
        children=tuple(known),
        span=span,
        received_at=first.received_at,
        purpose=first.use_type or first.purpose.value,
        reason=first.use_reason,
        trial_part=first.trial_part if len(known) == 1 else None,
        channel=first.channel.value,
        household=home,
        history=history_of(
            session,
            [child.child_id for child in known],
            first.programme_id,
            document,
            first.day,
            actor=actor,
            moving=[booking.id for booking in bookings],
        ),
    )


def laid_for(case: Case | None, booking: Booking) -> RulesDocument | None:
    """Return the rules that hold for the child of one booking; None where they are the usual."""
    children = case.children if case else ()
    its = next((child for child in children if child.child_id == booking.child_id), None)
    return document_for(case, its) if case and its else None
