"""Reads of a facility's day. Each asks who acts, and row-level security asks again behind it.

Health data stands in what ``children_of_day`` returns: whoever shows it goes through
``service.open_board``, which leaves the trace.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.attendance.models import Attendance, WordFromFamily
from portal.attendance.rules import GRACE, Presence, StayFacts, WordKind, presence
from portal.bookings.models import Booking
from portal.bookings.queries.chosen import chosen_words
from portal.bookings.rules import BookingState
from portal.facilities.models import Facility
from portal.families.models import Child, ChildRecord, Guardian, PickupPerson
from portal.families.protections import protected_families
from portal.families.record_day import allergy_parts
from portal.families.record_models import RecordReading
from portal.families.record_rules import ask_again
from portal.families.rights import withheld_in_families
from portal.families.rules import phone_digits
from portal.kernel.actor import Actor, Right
from portal.policies.record import RecordRule
from portal.rulebooks.queries import rules_of


@dataclass(frozen=True, slots=True)
class Collector:
    """Somebody to whom the child may be handed over, or whom to call."""

    name: str
    relation: str
    phone: str | None
    #: A guardian may be called without being the one who comes for the child.
    may_collect: bool = True
    photo_id: uuid.UUID | None = None
    photo_on: date | None = None

    @property
    def phone_digits(self) -> str | None:
        """The number as a phone dials it, or ``None`` where there is none."""
        return phone_digits(self.phone) if self.phone else None


@dataclass(frozen=True, slots=True)
class ChildOfDay:
    """One child on one day, as the board and the day sheet show it.

    ``allergies`` is ``None`` where nobody has asked yet, and empty where there are none.
    ``collector`` is who was named for this day; without one the guardians come.
    """

    booking: Booking
    name: str
    born_on: date | None
    facts: StayFacts
    presence: Presence
    is_first_stay: bool
    allergies: str | None
    conditions: str | None
    habits: str | None
    note: str | None
    chosen: tuple[str, ...]
    guardians: tuple[Collector, ...]
    collector: Collector | None
    collected_by: str | None
    siblings: tuple[str, ...]
    last_word: WordFromFamily | None
    has_record: bool
    #: 住所非公開: a guardian from whom it is hidden is neither called nor given the child.
    is_protected: bool = False
    #: The record says something that the provider's staff have not taken note of.
    is_record_changed: bool = False
    #: Nobody has said for long that the record still holds.
    asks_again: bool = False

    @property
    def must_not_have(self) -> str:
        """What the child is allergic to and must not eat, in lines."""
        return allergy_parts(self.allergies or "")[0]

    @property
    def when_it_had(self) -> str:
        """What is done when the child had it after all, in lines; the full record says more."""
        return allergy_parts(self.allergies or "")[1]


def facilities_of(session: Session, actor: Actor) -> Sequence[Facility]:
    """Return the facilities that the actor's provider runs, by name."""
    return session.scalars(
        select(Facility)
        .where(Facility.organisation_id == actor.organisation_id)
        .order_by(Facility.name, Facility.id)
    ).all()


def facility(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> Facility:
    """Return one facility of the actor's provider.

    Raises:
        NoResultFound: none that is the provider's own.
    """
    return session.scalars(
        select(Facility).where(
            Facility.id == facility_id, Facility.organisation_id == actor.organisation_id
        )
    ).one()


def stay(
    session: Session, booking_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> Booking:
    """Return a booking of the actor's provider or family, in any state.

    Args:
        is_to_change: Lock it until the end of the transaction, so that two taps come one by one.

    Raises:
        NoResultFound: none that is the actor's.
    """
    query = select(Booking).where(
        Booking.id == booking_id,
        Booking.family_id == actor.family_id
        if actor.family_id is not None
        else Booking.organisation_id == actor.organisation_id,
    )
    if is_to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def family_group(
    session: Session, group_id: uuid.UUID, *, actor: Actor, is_to_change: bool = False
) -> Sequence[Booking]:
    """Return what of a unit the actor's family may still speak of: the children booked to come.

    Where none is, those who came or stayed away, else the cancelled, so that the page can say so.

    Raises:
        NoResultFound: no unit of the actor's family.
    """
    query = (
        select(Booking)
        .where(Booking.group_id == group_id, Booking.family_id == actor.family_id)
        .order_by(Booking.id)
    )
    if is_to_change:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).all()
    if not found:
        raise NoResultFound
    to_come = [one for one in found if one.state is BookingState.CONFIRMED]
    return to_come or [one for one in found if one.state is not BookingState.CANCELLED] or found


def facts_of(
    session: Session, bookings: Sequence[Booking], *, actor: Actor
) -> dict[uuid.UUID, StayFacts]:
    """Return for each of the actor's bookings what the rules need of it."""
    ids = [booking.id for booking in bookings]
    times = {
        row.booking_id: row
        for row in session.scalars(select(Attendance).where(Attendance.booking_id.in_(ids)))
    }
    words = last_words(session, ids, actor=actor)
    graces = _graces(session, bookings)
    return {
        booking.id: _facts(
            booking, times.get(booking.id), words.get(booking.id), graces[booking.facility_id]
        )
        for booking in bookings
    }


def _graces(session: Session, bookings: Sequence[Booking]) -> defaultdict[uuid.UUID, timedelta]:
    rows = session.execute(
        select(Facility.id, Facility.no_show_minutes).where(
            Facility.id.in_({booking.facility_id for booking in bookings})
        )
    )
    # One that its family is not shown any more waits as usual.
    found: defaultdict[uuid.UUID, timedelta] = defaultdict(lambda: GRACE)
    found.update({row.id: timedelta(minutes=row.no_show_minutes) for row in rows})
    return found


def last_words(
    session: Session, booking_ids: Sequence[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, WordFromFamily]:
    """Return the latest word from its family for each booking that has one."""
    own = (
        WordFromFamily.family_id == actor.family_id
        if actor.family_id is not None
        else WordFromFamily.organisation_id == actor.organisation_id
    )
    rows = session.scalars(
        select(WordFromFamily)
        .where(WordFromFamily.booking_id.in_(booking_ids), own)
        .order_by(WordFromFamily.received_at, WordFromFamily.id)
    )
    return {word.booking_id: word for word in rows}


def _facts(
    booking: Booking,
    attendance: Attendance | None,
    word: WordFromFamily | None,
    grace: timedelta,
) -> StayFacts:
    is_late = word is not None and word.kind is WordKind.LATE
    return StayFacts(
        state=booking.state,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        cancel_until=booking.cancel_until,
        arrived_at=attendance.arrived_at if attendance else None,
        departed_at=attendance.departed_at if attendance else None,
        gave_place_back=booking.cancelled_at is not None,
        expected_at=word.expected_at if word is not None and is_late else None,
        grace=grace,
    )


def children_of_day(
    session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor, now: datetime
) -> list[ChildOfDay]:
    """Return who is booked at a facility on ``day``, by start, without the cancelled.

    A fixed number of statements, however many children. Holds health data.
    """
    bookings = session.scalars(
        select(Booking)
        .where(
            Booking.facility_id == facility_id,
            Booking.organisation_id == actor.organisation_id,
            Booking.day == day,
            Booking.state != BookingState.CANCELLED,
        )
        .order_by(Booking.starts_at, Booking.ends_at, Booking.id)
    ).all()
    return describe(session, bookings, actor=actor, now=now)


def _is_later(changed_at: datetime | None, seen_at: datetime | None) -> bool:
    return changed_at is not None and seen_at is not None and changed_at > seen_at


def describe(
    session: Session, bookings: Sequence[Booking], *, actor: Actor, now: datetime
) -> list[ChildOfDay]:
    """Return bookings of one facility with all that the board shows of them; holds health data."""
    if not bookings:
        return []
    child_ids = [booking.child_id for booking in bookings]
    family_ids = [booking.family_id for booking in bookings]
    facts = facts_of(session, bookings, actor=actor)
    words = last_words(session, list(facts), actor=actor)
    times = _attendances(session, list(facts))
    children = {
        row.id: row for row in session.scalars(select(Child).where(Child.id.in_(child_ids)))
    }
    seen: dict[uuid.UUID, datetime | None] = {}
    records: dict[uuid.UUID, ChildRecord] = {}
    for row, seen_at in session.execute(
        select(ChildRecord, RecordReading.seen_at)
        .outerjoin(
            RecordReading,
            and_(
                RecordReading.child_id == ChildRecord.child_id,
                RecordReading.organisation_id == actor.organisation_id,
            ),
        )
        .where(ChildRecord.child_id.in_(child_ids))
    ):
        records[row.child_id], seen[row.child_id] = row, seen_at
    protected = protected_families(session, family_ids, actor=actor)
    guardians = _guardians(session, family_ids, actor=actor)
    collectors = _collectors(session, bookings)
    known = _stayed_before(session, bookings)
    rules = record_rules(session, bookings)
    found = []
    for booking in bookings:
        child = children.get(booking.child_id)
        record = records.get(booking.child_id)
        found.append(
            ChildOfDay(
                booking=booking,
                # A family may close its record to the provider; the stay is counted all the same.
                name=(child.name if child else None) or "（お名前は見られません）",
                born_on=child.born_on if child else None,
                facts=facts[booking.id],
                presence=presence(facts[booking.id], now),
                is_first_stay=booking.child_id not in known,
                allergies=record.allergies if record else None,
                conditions=record.conditions if record else None,
                habits=record.habits if record else None,
                note=booking.note,
                chosen=chosen_words(session, booking),
                guardians=tuple(guardians[booking.family_id]),
                collector=collectors.get(booking.pickup_person_id)
                if booking.pickup_person_id
                else None,
                collected_by=times[booking.id].collected_by if booking.id in times else None,
                siblings=_siblings(booking, bookings, children),
                last_word=words.get(booking.id),
                has_record=record is not None,
                is_protected=booking.family_id in protected,
                is_record_changed=record is not None
                and _is_later(record.changed_at, seen.get(booking.child_id)),
                asks_again=record is not None
                and ask_again(record.confirmed_on, rules[booking.id], on=booking.day) is not None,
            )
        )
    return found


def record_rules(session: Session, bookings: Sequence[Booking]) -> dict[uuid.UUID, RecordRule]:
    """Return by booking when a record is asked for again, by the rules of the day of care."""
    found: dict[uuid.UUID, RecordRule] = {}
    for day in {booking.day for booking in bookings}:
        then = [booking for booking in bookings if booking.day == day]
        documents = rules_of(session, list({booking.programme_id for booking in then}), day)
        for booking in then:
            document = documents.get(booking.programme_id)
            found[booking.id] = document.record if document else RecordRule()
    return found


def _attendances(session: Session, booking_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Attendance]:
    rows = session.scalars(select(Attendance).where(Attendance.booking_id.in_(booking_ids)))
    return {row.booking_id: row for row in rows}


def _guardians(
    session: Session, family_ids: Sequence[uuid.UUID], *, actor: Actor
) -> defaultdict[uuid.UUID, list[Collector]]:
    """Return who may be told of the stay, the first to call first."""
    found: defaultdict[uuid.UUID, list[Collector]] = defaultdict(list)
    withheld = withheld_in_families(session, family_ids, actor=actor)
    for row in session.scalars(
        select(Guardian)
        .where(Guardian.family_id.in_(family_ids))
        .order_by(Guardian.is_primary.desc(), Guardian.created_at, Guardian.id)
    ):
        kept_from = withheld.get(row.id, frozenset())
        if Right.BOOKINGS not in kept_from:
            may_collect = Right.PICKUP not in kept_from
            found[row.family_id].append(Collector(row.name, row.relation, row.phone, may_collect))
    return found


def _collectors(session: Session, bookings: Iterable[Booking]) -> dict[uuid.UUID, Collector]:
    ids = [booking.pickup_person_id for booking in bookings if booking.pickup_person_id]
    rows = session.scalars(select(PickupPerson).where(PickupPerson.id.in_(ids)))
    return {
        row.id: Collector(
            row.name, row.relation, row.phone, photo_id=row.photo_id, photo_on=row.photo_on
        )
        for row in rows
    }


def _stayed_before(session: Session, bookings: Sequence[Booking]) -> frozenset[uuid.UUID]:
    """Return the children that have been cared for at this facility before this day."""
    first = bookings[0]
    return frozenset(
        session.scalars(
            select(Booking.child_id).where(
                Booking.child_id.in_([booking.child_id for booking in bookings]),
                Booking.facility_id == first.facility_id,
                Booking.state == BookingState.ATTENDED,
                Booking.day < first.day,
            )
        )
    )


def _siblings(
    booking: Booking, bookings: Iterable[Booking], children: dict[uuid.UUID, Child]
) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            children[other.child_id].name or ""
            for other in bookings
            if other.family_id == booking.family_id
            and other.child_id != booking.child_id
            and other.child_id in children
        )
    )
