"""What a wish would cost and until when it could be cancelled, or every reason against it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.cases import CaseFile, case_for, facility_calendar
from portal.bookings.queries.lists import Group
from portal.bookings.queries.rush import ReadOnceInARush
from portal.bookings.queries.vacancies import DayLeft, day_left, days_with_room
from portal.bookings.rules import (
    GONE_AT_ANOTHER_TIME,
    SAID_BY_FAMILY,
    BookingChangeRefusal,
    Wish,
    late_fee_yen,
)
from portal.families.models import PickupPerson
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.clock import JST, at
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.cancel import WaivedReason
from portal.policies.decide import Decision, cancel_fee, decide, reasons_against_cancelling
from portal.policies.fee import Fee
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.queries import document_of
from portal.slots.places import Full

#: How many other times of the same day a refusal names.
_OTHER_TIMES = 2

# What a refusal says in words may be a second behind: ``take_places``, which refused, never looks
# here.
_days_left = ReadOnceInARush[DayLeft]()
_free_days = ReadOnceInARush[list[date]]()


@dataclass(frozen=True, slots=True)
class Way:
    """Another time at which the same children would get in, and how many more such wishes would."""

    span: Span
    left: int | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """Every reason against a wish, and the ways out of it.

    ``in_a_rush``: hundreds ask for these hours right now, so the ways out were not looked for yet.
    """

    reasons: tuple[Reason, ...]
    ways: tuple[Way, ...] = ()
    in_a_rush: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer to a wish before anything is taken; without ``reasons`` it can be had now."""

    file: CaseFile
    decision: Decision
    reasons: tuple[Reason, ...]
    late_fee_yen: int
    ways: tuple[Way, ...] = ()


def quote(
    session: Session, wish: Wish, *, actor: Actor, now: datetime, moving: Group | None = None
) -> Quote:
    """Return what ``wish`` would cost, with all reasons against it. Nothing is taken.

    Args:
        moving: The group that would move to the wish; its places and hours count as free.

    Raises:
        sqlalchemy.exc.NoResultFound: something of the wish is not the actor's to see.
    """
    file = open_file(session, wish, actor=actor, now=now, moving=moving)
    decision = decide(file.case(), now=now)
    against = reasons_and_ways(session, file, decision, actor=actor, now=now, moving=moving)
    reasons = against.reasons
    if moving is not None:
        reasons = (*reasons_against_moving(session, moving, file, actor=actor), *reasons)
    late_yen = late_fee_yen(file.document, decision.fee)
    return Quote(file, decision, reasons, late_yen, against.ways)


def open_file(
    session: Session, wish: Wish, *, actor: Actor, now: datetime, moving: Group | None = None
) -> CaseFile:
    """Return the case of a wish that is the actor's to make, with the family's lock held.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not, or something of it cannot be seen.
    """
    ours = [booking.id for booking in moving.live] if moving else []
    file = case_for(session, wish, actor=actor, now=now, moving=ours)
    if actor.is_provider and file.organisation_id != actor.organisation_id:
        raise NoResultFound("another provider's programme")
    if wish.pickup_person_id is not None:
        session.execute(
            select(PickupPerson.id).where(
                PickupPerson.id == wish.pickup_person_id, PickupPerson.family_id == wish.family_id
            )
        ).one()
    return file


def rules_against(file: CaseFile, decision: Decision) -> tuple[Reason, ...]:
    """Return every reason that needs no look at places."""
    found = list(decision.reasons)
    found += [
        Reason(BookingRefusal.CHILD_BOOKED_ELSEWHERE, {}, child.id)
        for child in file.children
        if child.is_booked_then
    ]
    agreed = file.wish.agreed_fee_yen
    if agreed is not None and agreed != decision.fee.total_yen:
        values: dict[str, object] = {"amount_yen": decision.fee.total_yen}
        found.append(Reason(BookingChangeRefusal.FEE_CHANGED, values))
    return tuple(found)


def reasons_against_moving(
    session: Session, moving: Group, file: CaseFile, *, actor: Actor
) -> tuple[Reason, ...]:
    """Return why a live group cannot leave its time at the moment the wish came in.

    A family moves it by itself as long as cancelling is free, so that moving is no way round the
    late fee, and not later than it could have booked the old time.
    """
    first, asked_at = moving.live[0], file.received_at
    if moving.span == file.wish.span:
        return (Reason(BookingChangeRefusal.NOTHING_TO_CHANGE),)
    if asked_at >= first.starts_at:
        return (Reason(BookingRefusal.STAY_HAS_STARTED, {"starts_at": first.starts_at}),)
    if actor.is_provider:
        return ()
    window = document_of(session, first.rulebook_id).booking_window
    latest_at = first.starts_at - timedelta(minutes=window.notice_minutes if window else 0)
    until_at = min(latest_at, first.cancel_until or latest_at)
    if asked_at >= until_at:
        return (Reason(BookingChangeRefusal.TOO_LATE_TO_CHANGE, {"until_at": until_at}),)
    return ()


def reasons_and_ways(
    session: Session,
    file: CaseFile,
    decision: Decision,
    *,
    actor: Actor,
    now: datetime,
    full: Full | None = None,
    moving: Group | None = None,
) -> Against:
    """Return every reason against a wish, places too, and other times that would do.

    Args:
        full: What ``take_places`` answered; it has the last word even if a place came free since.
    """
    span = file.wish.span
    born_on = [child.facts.born_on for child in file.children]

    def look() -> DayLeft:
        back = _given_back(moving, span)
        day = span.day
        return day_left(session, file.facility_id, day, born_on, actor=actor, given_back=back)

    in_a_rush = full is not None and moving is None
    classes = tuple(sorted(class_age(born, span.day) for born in born_on if born <= span.day))
    key = (file.facility_id, span.day, classes)
    left = _days_left(key, look) if in_a_rush else look()
    of_rules = rules_against(file, decision)
    places = left.reasons(span)
    if any(reason.code is BookingRefusal.NOT_OPEN_DAY for reason in of_rules):
        places = []
    if full is not None and not places:
        from_at = at(full.day, cell_time(full.cell))
        places = [
            Reason(BookingRefusal.FULL, {"pool": left.words_of(full.pool_id), "from_at": from_at})
        ]
    reasons = (*of_rules, *places)
    if in_a_rush and _days_left.is_rush(key) and not of_rules:
        return Against(reasons, in_a_rush=True)
    ways = _ways(session, file, left, reasons, actor=actor, now=now, in_a_rush=in_a_rush)
    return Against(reasons, tuple(ways))


def _given_back(moving: Group | None, span: Span) -> list[tuple[Sequence[uuid.UUID], int, int]]:
    if moving is None or moving.span.day != span.day:
        return []
    return [(b.pool_ids, b.from_cell, b.to_cell) for b in moving.live]


def _ways(
    session: Session,
    file: CaseFile,
    left: DayLeft,
    reasons: Sequence[Reason],
    *,
    actor: Actor,
    now: datetime,
    in_a_rush: bool,
) -> Iterator[Way]:
    """Yield other times that take away what another time can take away."""
    codes = {reason.code for reason in reasons}
    if not codes & GONE_AT_ANOTHER_TIME:
        return
    lasting = codes - GONE_AT_ANOTHER_TIME
    span = file.wish.span

    def would_do(other: Span) -> bool:
        decision = decide(file.at(other).case(), now=now)
        return {reason.code for reason in decision.reasons} <= lasting

    if BookingRefusal.CHILD_BOOKED_ELSEWHERE not in codes:
        same_day: list[Span] = []
        for other in left.other_spans(span):
            if len(same_day) == _OTHER_TIMES:
                break
            if not any(other.overlaps(named) for named in same_day) and would_do(other):
                same_day.append(other)
                yield Way(other, left.left(other))
    times = (span.starts_at.astimezone(JST).time(), span.ends_at.astimezone(JST).time())

    def look() -> list[date]:
        return days_with_room(session, left, span, actor=actor)

    key = (left.facility_id, span, left.units, tuple(pool.id for pool in left.pools))
    for day in _free_days(key, look) if in_a_rush else look():
        other = span_on(day, *times)
        if would_do(other):
            yield Way(other)
            return


def wish_to_move(moving: Group, span: Span, **changes: object) -> Wish:
    """Return the wish to have a group's live bookings at another time."""
    first = moving.live[0]
    wish = Wish(
        programme_id=first.programme_id,
        family_id=first.family_id,
        child_ids=tuple(booking.child_id for booking in moving.live),
        span=span,
        purpose=first.purpose,
        pickup_person_id=first.pickup_person_id,
        channel=first.channel,
    )
    return replace(wish, **changes)  # type: ignore[arg-type]  # fields of a wish, by name


def cancel_fees(
    session: Session,
    group: Group,
    going: Sequence[Booking],
    *,
    actor: Actor,
    now: datetime,
    because: WaivedReason | None = None,
) -> dict[uuid.UUID, int]:
    """Return what cancelling costs at ``now`` for each booking that would be cancelled.

    Raises:
        Refusal: it cannot be cancelled by the one who asks. All reasons.
    """
    first = going[0]
    document = document_of(session, first.rulebook_id)
    calendar = facility_calendar(session, first.facility_id, first.day, actor=actor)
    staff = actor.is_provider
    against = reasons_against_cancelling(document, calendar, group.span, now=now, by_staff=staff)
    if against:
        raise Refusal(against)
    waived = because if staff or because in SAID_BY_FAMILY else None
    return {
        booking.id: cancel_fee(
            document,
            calendar,
            group.span,
            fee=Fee.from_json(booking.fee_lines),
            now=now,
            waived=waived,
        ).amount_yen
        for booking in going
    }
