"""Times to book in the interview: those that fit all the children, places kept for them first."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.bookings.choices import Choices
from portal.bookings.queries.lists import Group
from portal.bookings.queries.quotes import Quote, quote
from portal.bookings.use_kinds import UseKind, offered
from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.looking import DayRules, Onlooker
from portal.policies.reasons import BookingRefusal
from portal.policies.units import Stays
from portal.referrals.models import Referral
from portal.referrals.on_the_spot import children_meant, reasons_against, wish_for
from portal.referrals.receivers import facilities_for
from portal.slots.availability import Cells
from portal.slots.day_signs import bookable_cells
from portal.slots.kept import days_for_referred
from portal.slots.opening import facility_calendar
from portal.slots.published import published_place
from portal.slots.rules import horizon_end

#: As many times are offered at once, and as many at most are asked for their fee.
MOST_OFFERED = 6
_MOST_ASKED = 24


#: What a family still says on the page of one time, since a facility's rules name it their way.
SAID_LATER = frozenset({BookingRefusal.PURPOSE_MISSING, BookingRefusal.REASON_MISSING})


@dataclass(frozen=True, slots=True)
class Wished:
    """What the family would like: a day from which to look, hours of the day, and why.

    ``use`` is the code of a type of use; None: nobody has said it, and each facility's first one
    stands for it.
    """

    from_on: date
    first_cell: int
    cells: int
    use: str | None = None

    def kind_at(self, document: RulesDocument) -> UseKind:
        """Return the kind of use to ask for by a facility's rules, with its reason where one is."""
        kinds = [kind for kind, _words in offered(document)] or [Choices().kind]
        use = self.use or kinds[0].type
        alike = [kind for kind in kinds if kind.type == use]
        return alike[0] if len(alike) == 1 else UseKind(use)


@dataclass(frozen=True, slots=True)
class Offer:
    """A time at which all the children would get in now."""

    facility_id: uuid.UUID
    facility_name: str
    address: str
    quote: Quote
    #: Whether a place kept for referred families would be taken.
    is_kept: bool
    #: Whether the family still says why it comes; what it costs is not known before.
    is_open: bool = False

    @property
    def span(self) -> Span:
        """Its day and hours."""
        return self.quote.file.wish.span


@dataclass(frozen=True, slots=True)
class Offers:
    """What can be booked for a referral, or why nothing can."""

    children: tuple[Child, ...]
    rows: tuple[Offer, ...] = ()
    #: Reasons against booking for it at all.
    against: tuple[Reason, ...] = ()
    #: The first time that has places, with what stood in its way; told where there is no offer.
    closest: Quote | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    facility_id: uuid.UUID
    programme_id: uuid.UUID
    name: str
    address: str
    document: RulesDocument
    span: Span
    is_kept: bool
    rank: tuple[object, ...]


def offers(
    session: Session,
    referral: Referral,
    *,
    actor: Actor,
    now: datetime,
    wished: Wished | None = None,
    moving: Group | None = None,
) -> Offers:
    """Return times at the receiver's facilities that fit all the children, kept places first.

    Then the facility named in the referral, the nearest, the soonest. Each has been asked: its fee
    and its deadline are what a booking would get now. Nothing is taken.

    Args:
        wished: Hours, a day from which to look, and why; three hours in the morning from tomorrow.
        moving: A booking that would move there; its own places and hours count as free.
    """
    wished = wished or usual_wish(now)
    if moving is not None:
        wished = replace(wished, use=moving.first.use_type or moving.first.purpose.value)
    children = children_meant(session, referral, actor=actor)
    is_move = moving is not None
    against = reasons_against(session, referral, actor=actor, now=now, is_move=is_move)
    if against:
        return Offers(children, against=against)
    found: list[Offer] = []
    closest: Quote | None = None
    candidates = _candidates(session, referral, children, wished, actor=actor, now=now)
    for one in sorted(candidates, key=lambda each: each.rank)[:_MOST_ASKED]:
        choices = Choices(wished.kind_at(one.document))
        wish = wish_for(referral, children, one.programme_id, one.span, choices, moving)
        answer = quote(session, wish, actor=actor, now=now, moving=moving)
        codes = {reason.code for reason in answer.reasons}
        if not codes <= SAID_LATER:
            closest = closest or answer
            continue
        found.append(
            Offer(one.facility_id, one.name, one.address, answer, one.is_kept, bool(codes))
        )
        if len(found) == MOST_OFFERED:
            break
    return Offers(children, tuple(found), closest=None if found else closest)


def usual_wish(now: datetime) -> Wished:
    """Return three hours in the morning, from tomorrow on."""
    return Wished(today(now) + timedelta(days=1), first_cell=18, cells=6)


def _candidates(
    session: Session,
    row: Referral,
    children: Sequence[Child],
    wished: Wished,
    *,
    actor: Actor,
    now: datetime,
) -> Iterator[_Candidate]:
    guardians = families.guardians(session, row.family_id, actor=actor)
    near = guardians[0].address if guardians else None
    first = max(wished.from_on, today(now))
    last = horizon_end(today(now))
    receivers = [
        each
        for each in facilities_for(session, children, near=near, actor=actor, on=today(now))
        if each.organisation_id == row.receiver_id and not each.leaves_out and each.facility_id
    ]
    meant = tuple(ChildFacts(child.id, child.born_on) for child in children if child.born_on)
    born_on = [child.born_on for child in meant]
    for nth, receiver in enumerate(receivers):
        if receiver.facility_id is None:
            continue
        place = published_place(session, receiver.facility_id, on=first)
        if place.facility.programme_id is None:
            continue
        old_enough = max((day for _child, day in receiver.from_days), default=first)
        found = days_for_referred(session, place, born_on, first, last)
        calendar = facility_calendar(session, receiver.facility_id, first)
        for day, on_day in sorted(found.items()):
            document = place.document_on(day)
            who = Onlooker(children=meant, purpose=wished.kind_at(document).type)
            rules = DayRules(document, calendar, day, who)
            cells = bookable_cells(rules, on_day.cells, now=now)
            start = _nearest(cells, rules.stays, wished)
            if start is None:
                continue
            taken = range(start, start + wished.cells)
            is_kept = any(cell in on_day.kept for cell in taken)
            span = span_on(day, cell_time(start), cell_time(start + wished.cells))
            is_other = receiver.facility_id != row.facility_id
            yield _Candidate(
                receiver.facility_id,
                place.facility.programme_id,
                receiver.name,
                receiver.address,
                document,
                span,
                is_kept,
                # Asked last: where a child is too young, a place that is kept is no place.
                (
                    day < old_enough,
                    not is_kept,
                    is_other,
                    nth,
                    day,
                    abs(start - wished.first_cell),
                ),
            )


def _nearest(cells: Cells, allowed: Stays, wished: Wished) -> int | None:
    """Return the start nearest to the one wished for at which the whole stay fits."""
    fits = [
        start
        for start in range(len(cells) - wished.cells + 1)
        if start + wished.cells in allowed[start]
        and all(cells[cell] for cell in range(start, start + wished.cells))
    ]
    return min(fits, key=lambda start: (abs(start - wished.first_cell), start), default=None)
