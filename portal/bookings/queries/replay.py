"""What was booked in some days, with the facts to decide it again by other rules.

Read in few statements whatever the number of bookings; nothing is locked and nothing is written.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portal.bookings.models import Booking
from portal.bookings.queries.history import USES_OF_CHILDREN, use_of
from portal.bookings.queries.lists import Group, groups_of
from portal.bookings.replaying import Replayed, replayed
from portal.bookings.tickets import held_by, wanted_again
from portal.db.statements import Statement
from portal.families.models import Child
from portal.families.queries import visible
from portal.homes.models import StoredHomeFact
from portal.homes.queries import fact_of
from portal.homes.rules import HomeFact, household, with_facts
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.channel import Channel
from portal.kernel.clock import local_date
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.history import History, PastUse, UseState
from portal.policies.needs import history_days, needs_history, needs_home
from portal.policies.reasons import BookingRefusal
from portal.policies.standing import FIRST_PART, NOTHING_DONE, StepKind, StepStanding, TrialStanding
from portal.rulebooks.queries import document_of

_REGISTRATIONS = Statement("""
SELECT DISTINCT ON (a.child_id) a.child_id, a.accepted_until,
       coalesce(a.decided_at, a.applied_at), a.state, a.steps_done, a.steps_ordered,
       a.steps_waived, a.family_agreed_at IS NOT NULL, a.facility_agreed_at IS NOT NULL,
       a.has_conditions
  FROM preregistrations a
 WHERE a.child_id = ANY (%(children)s) AND a.facility_id = %(facility)s
   AND (a.accepted_until IS NOT NULL OR a.state IN ('applied', 'asked_back', 'accepted'))
 ORDER BY a.child_id, a.accepted_until DESC NULLS LAST""")

#: Thousands of ids go as one array: as many single values would take longer to write than to ask.
_MADE = Statement(
    "SELECT id, created_at, cancelled_at, options FROM bookings WHERE id = ANY (%(ids)s)"
)

#: The class age at which a child goes to school.
_SCHOOL_AGE = 6


@dataclass(frozen=True, slots=True)
class Again:
    """A group of bookings with both answers."""

    group: Group
    replayed: Replayed


@dataclass(frozen=True, slots=True)
class _Use:
    """A stay with the booking behind it; None for what a family told, or another provider's."""

    use: PastUse
    #: The same stay as long as it lay ahead, whatever became of it.
    as_booked: PastUse
    booking_id: uuid.UUID | None
    made_at: datetime | None
    cancelled_at: datetime | None


def _known_to(group: Group, uses: Sequence[_Use]) -> Iterator[PastUse]:
    """Yield the stays of a child as they stood when a group was made, without the group's own.

    Of stays made in one breath the earlier day came first.
    """
    own = {booking.id for booking in group.bookings}
    moment, day = group.first.created_at, group.first.day
    that_day = local_date(moment)
    for each in uses:
        made_at, cancelled_at = each.made_at, each.cancelled_at
        if made_at is None:
            yield each.use
        elif (made_at, each.use.day) >= (moment, day) or each.booking_id in own:
            continue
        elif each.use.day > that_day or (cancelled_at is not None and cancelled_at > moment):
            yield each.as_booked
        else:
            yield each.use


def count_booked(
    session: Session, programme_id: uuid.UUID, first: date, last: date, *, actor: Actor
) -> int:
    """Return how many groups were booked for local days, both included, seen by the actor or not.

    Nothing for a programme that is not the actor's organisation's.
    """
    return (
        session.scalar(
            select(func.count(Booking.group_id.distinct())).where(
                Booking.programme_id == programme_id,
                Booking.organisation_id == actor.organisation_id,
                Booking.day.between(first, last),
            )
        )
        or 0
    )


def booked(
    session: Session,
    programme_id: uuid.UUID,
    first: date,
    last: date,
    *,
    actor: Actor,
    limit: int,
    offset: int = 0,
) -> list[Group]:
    """Return groups booked for local days, both included, by time; cancelled ones too.

    Those of families that have left are not among them: nothing of them is read any more.
    """
    which = (
        select(Booking.group_id)
        .where(
            Booking.programme_id == programme_id,
            Booking.organisation_id == actor.organisation_id,
            Booking.day.between(first, last),
            visible(Booking.family_id, actor),
        )
        .group_by(Booking.group_id)
        .order_by(func.min(Booking.starts_at), Booking.group_id)
        .limit(limit)
        .offset(offset)
    )
    rows = session.scalars(
        select(Booking)
        .join(Booking.child)
        .where(Booking.group_id.in_(which))
        .options(joinedload(Booking.child))
        .order_by(Booking.starts_at, Booking.group_id, Child.born_on, Child.id)
    )
    return groups_of(rows)


def decided_again(
    session: Session,
    groups: Sequence[Group],
    document: RulesDocument,
    calendar: FacilityCalendar,
    *,
    actor: Actor,
) -> list[Again]:
    """Return groups of one programme decided by the rules they keep, and by ``document``.

    Facts are those of today, and each child's record counts as confirmed; what a child had used is
    counted as it stood when the group was made. Groups without a born child are left out.

    Args:
        calendar: The facility's, around the days of the groups.
    """
    if not groups:
        return []
    of_groups = {g.first.rulebook_id: document_of(session, g.first.rulebook_id) for g in groups}
    known = _read(session, groups, (document, *of_groups.values()))
    del actor  # row-level security knows who asks
    found = []
    for group in groups:
        before = of_groups[group.first.rulebook_id]
        case = _case(group, before, calendar, known)
        if case is None:
            continue
        codes = group.first.overruled.get("codes", ())
        aside = [BookingRefusal(code) for code in codes if code in set(BookingRefusal)]
        again = replayed(case, document, now=group.first.created_at, set_aside=aside)
        found.append(Again(group, again))
    return found


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read of all groups: children, what they used, and homes by family."""

    children: Mapping[uuid.UUID, ChildFacts]
    uses: Mapping[uuid.UUID, Sequence[_Use]]
    homes: Mapping[uuid.UUID, Sequence[HomeFact]]
    births: Mapping[uuid.UUID, Sequence[date]]


def _read(session: Session, groups: Sequence[Group], documents: Sequence[RulesDocument]) -> _Known:
    homes, births = _homes(session, groups) if any(map(needs_home, documents)) else ({}, {})
    return _Known(_children(session, groups), _uses(session, groups, documents), homes, births)


def _case(
    group: Group, document: RulesDocument, calendar: FacilityCalendar, known: _Known
) -> Case | None:
    """Return a group as it was wished; None where no child of it has been born."""
    first, day = group.first, group.first.day
    facts = known.homes.get(first.family_id, ())
    children = tuple(
        with_facts(known.children[b.child_id], facts, day)
        for b in group.bookings
        if b.child_id in known.children
    )
    if not children:
        return None
    past = (
        use for child in children for use in _known_to(group, known.uses.get(child.child_id, ()))
    )
    is_trial = first.trial_part is not None and len(children) == 1
    home = household(facts, day, preschoolers=known.births.get(first.family_id, ()))
    return Case(
        document=document,
        calendar=calendar,
        children=tuple(
            replace(each, trial=TrialStanding(first.trial_part or 1) if is_trial else FIRST_PART)
            for each in children
        ),
        span=group.span,
        received_at=first.received_at,
        by_staff=first.channel is not Channel.WEB,
        # What was set aside then, whoever did it might set aside.
        by_head=bool(first.overruled),
        purpose=first.use_type or first.purpose.value,
        reason=first.use_reason,
        trial_part=first.trial_part if is_trial else None,
        on_the_spot=first.referral_id is not None,
        # The tickets that it spends itself are those it could spend.
        household=replace(home, coupons=held_by(group.bookings)),
        history=History(tuple(past)),
        channel=first.channel.value,
        options=frozenset(first.options),
        coupons=wanted_again(group.bookings),
    )


def _homes(
    session: Session, groups: Sequence[Group]
) -> tuple[dict[uuid.UUID, list[HomeFact]], dict[uuid.UUID, list[date]]]:
    """Return what stands of each home for the provider, the oldest first, and its children."""
    provider, last = groups[0].first.organisation_id, groups[-1].first.day
    families = list({group.first.family_id for group in groups})
    facts: defaultdict[uuid.UUID, list[HomeFact]] = defaultdict(list)
    rows = session.scalars(
        select(StoredHomeFact)
        .where(StoredHomeFact.family_id.in_(families), StoredHomeFact.ended_at.is_(None))
        .order_by(StoredHomeFact.said_at, StoredHomeFact.id)
    )
    for row in rows:
        if row.organisation_id in {None, provider}:
            facts[row.family_id].append(fact_of(row))
    births: defaultdict[uuid.UUID, list[date]] = defaultdict(list)
    asked = select(Child.family_id, Child.born_on).where(
        Child.family_id.in_(families), Child.born_on <= last, Child.ended_at.is_(None)
    )
    for family_id, born_on in session.execute(asked):
        if born_on is not None and class_age(born_on, last) < _SCHOOL_AGE:
            births[family_id].append(born_on)
    return facts, births


def _children(session: Session, groups: Sequence[Group]) -> dict[uuid.UUID, ChildFacts]:
    """Return what is known of each born child at the facility, by its id."""
    children = {b.child_id: b.child for group in groups for b in group.bookings}
    facility = groups[0].first.facility_id
    values = {"children": list(children), "facility": facility}
    rows = {row[0]: row[1:] for row in _REGISTRATIONS.rows(session, values)}
    return {
        child.id: _facts(child.id, child.born_on, rows.get(child.id))
        for child in children.values()
        if child.born_on is not None
    }


def _facts(child_id: uuid.UUID, born_on: date, row: Sequence[Any] | None) -> ChildFacts:
    if row is None:
        return ChildFacts(child_id, born_on)
    until, since, state, done, ordered, waived, family, facility, conditions = row
    kinds = [frozenset(map(StepKind, each or ())) for each in (done, ordered, waived)]
    return ChildFacts(
        child_id=child_id,
        born_on=born_on,
        registered_until=until,
        registered_from=local_date(since) if until else None,
        has_application=state in {"applied", "asked_back", "accepted"},
        steps=StepStanding(*kinds) if any(kinds) else NOTHING_DONE,
        family_agreed=family,
        facility_agreed=facility,
        has_conditions=bool(conditions),
    )


def _uses(
    session: Session, groups: Sequence[Group], documents: Sequence[RulesDocument]
) -> dict[uuid.UUID, list[_Use]]:
    asking = [one for one in documents if needs_history(one)]
    if not asking:
        return {}
    first_day, last_day = groups[0].first.day, groups[-1].first.day
    spans = [history_days(one, day) for one in asking for day in (first_day, last_day)]
    first = groups[0].first
    ids = {b.child_id: b.child_id for group in groups for b in group.bookings}
    rows = session.execute(
        USES_OF_CHILDREN,
        {
            "children": list(ids),
            "programme": first.programme_id,
            "first": min(span[0] for span in spans),
            "last": max(span[1] for span in spans),
        },
    ).all()
    made = _made(session, [row.booking_id for row in rows if row.booking_id])
    found: defaultdict[uuid.UUID, list[_Use]] = defaultdict(list)
    for row in rows:
        made_at, cancelled_at, options = made.get(row.booking_id, (None, None, None))
        use = use_of(row, ids[row.child_id], options)
        as_booked = use if use.state is UseState.BOOKED else replace(use, state=UseState.BOOKED)
        found[use.child_id].append(_Use(use, as_booked, row.booking_id, made_at, cancelled_at))
    return found


def _made(
    session: Session, booking_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[datetime, datetime | None, frozenset[str]]]:
    """When the provider's own bookings were made and cancelled, and what was chosen beside them.

    Another's are not to be seen.
    """
    rows = _MADE.rows(session, {"ids": list(booking_ids)})
    return {
        booking_id: (made, gone, frozenset(options)) for booking_id, made, gone, options in rows
    }
