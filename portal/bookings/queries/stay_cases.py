"""The case of what is booked already: which of its rules hold when it is cancelled or charged."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.history import history_of
from portal.bookings.queries.home import at_home
from portal.bookings.tickets import held_by, wanted_again
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.judging import rules_laid
from portal.policies.needs import needs_history
from portal.slots.opening import facility_calendar


def case_of(
    session: Session,
    bookings: Sequence[Booking],
    document: RulesDocument,
    *,
    actor: Actor,
    group: Sequence[Booking] = (),
    calendar: FacilityCalendar | None = None,
    day: date | None = None,
) -> Case | None:
    """Return the case of bookings of one group; None where no child of them has been born.

    As it was when they were made: what was booked later does not count, and they spend the tickets
    that they hold. Nothing is read that the rules do not ask for.

    Args:
        bookings: At least one; all of one family, day and time.
        document: The document under which they were made.
        group: Others that were booked with them; they are no other use either.
        calendar: That of the facility around the day, where somebody has it already.
        day: The local day on which the home is looked at, where it is another than theirs.
    """
    first = bookings[0]
    facts = _births(session, bookings)
    if not facts:
        return None
    home, known = at_home(
        session,
        facts,
        first.family_id,
        document,
        day or first.day,
        provider=first.organisation_id,
        actor=actor,
    )
    children = [child.child_id for child in known]
    history = history_of(
        session,
        children,
        first.programme_id,
        document,
        day or first.day,
        actor=actor,
        moving=_not_before(session, [*bookings, *group], children, document),
    )
    return Case(
        document=document,
        calendar=calendar or facility_calendar(session, first.facility_id, first.day),
        children=tuple(known),
        span=Span(first.starts_at, first.ends_at),
        received_at=first.received_at,
        purpose=first.use_type or first.purpose.value,
        reason=first.use_reason,
        trial_part=first.trial_part if len(known) == 1 else None,
        channel=first.channel.value,
        household=replace(home, coupons=held_by(bookings)),
        history=history,
        options=frozenset(first.options),
        coupons=wanted_again(bookings),
    )


def laid_rules(
    session: Session,
    bookings: Sequence[Booking],
    document: RulesDocument,
    *,
    actor: Actor,
    group: Sequence[Booking] = (),
    calendar: FacilityCalendar | None = None,
) -> dict[uuid.UUID, RulesDocument]:
    """Return the rules that hold for each booking: the document itself, unless it has variants.

    Args:
        group: As of ``case_of``, as ``calendar`` is.
    """
    if not document.variants:
        return dict.fromkeys((booking.id for booking in bookings), document)
    case = case_of(session, bookings, document, actor=actor, group=group, calendar=calendar)
    laid = rules_laid(case) if case else {}
    return {booking.id: laid.get(booking.child_id, document) for booking in bookings}


def _births(session: Session, bookings: Sequence[Booking]) -> list[ChildFacts]:
    children = (session.get_one(Child, booking.child_id) for booking in bookings)
    return [ChildFacts(child.id, child.born_on) for child in children if child.born_on]


def _not_before(
    session: Session,
    bookings: Sequence[Booking],
    children: Sequence[uuid.UUID],
    document: RulesDocument,
) -> list[uuid.UUID]:
    """The bookings themselves and those made after them, where other stays count at all."""
    own = [booking.id for booking in bookings]
    if not needs_history(document):
        return own
    later = select(Booking.id).where(
        Booking.child_id.in_(children), Booking.created_at > bookings[0].created_at
    )
    return [*own, *session.scalars(later)]
