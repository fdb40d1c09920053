"""What a wish would cost and until when it could be cancelled, or every reason against it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.queries.cases import CaseFile, WishedChild, case_for
from portal.bookings.queries.leaving import reasons_against_moving
from portal.bookings.queries.lists import Group
from portal.bookings.queries.rush import ReadOnceInARush
from portal.bookings.queries.vacancies import DayLeft, day_left, days_with_room
from portal.bookings.rules import (
    GONE_AT_ANOTHER_TIME,
    BookingChangeRefusal,
    Wish,
)
from portal.bookings.tickets import wanted_again
from portal.families.models import PickupPerson
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.clock import JST, at
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.cancelling import LateStep, absent_yen, late_steps
from portal.policies.decide import Decision, decide
from portal.policies.judging import by_people, rules_laid
from portal.policies.looking import DayRules, Onlooker
from portal.policies.outcome import Outcome
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.policies.siblings_rule import may_part
from portal.slots.places import Full

#: How many other times of the same day a refusal names.
_OTHER_TIMES = 2
#: For how many other times a refusal reads everything anew; after that it names no more.
_MOST_READ = 5

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
    #: How many such wishes there are places for.
    left: int = 0


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer to a wish before anything is taken; without ``reasons`` it can be had now."""

    file: CaseFile
    decision: Decision
    reasons: tuple[Reason, ...]
    #: What cancelling costs once it is late, and from when on it costs more or less than that.
    late_steps: tuple[LateStep, ...] = ()
    #: What an absence costs that nobody told, in whole yen; 0 where the rules say nothing of it.
    absent_yen: int = 0
    ways: tuple[Way, ...] = ()
    #: Where some may come without the others: those who may not, and why.
    left_out: tuple[WishedChild, ...] = ()
    reasons_left_out: tuple[Reason, ...] = ()
    #: How many such wishes there are places for, this one among them.
    left: int = 0

    @property
    def late_fee_yen(self) -> int:
        """What cancelling costs as soon as it is late, in whole yen."""
        return self.late_steps[0].amount_yen if self.late_steps else 0


def quote(
    session: Session, wish: Wish, *, actor: Actor, now: datetime, moving: Group | None = None
) -> Quote:
    """Return what ``wish`` would cost, with all reasons against it. Nothing is taken.

    Where the family did not ask for all together and not all get in, it is the answer for as many
    as do, as ``place_booking`` would book them.

    Args:
        moving: The group that would move to the wish; its places and hours count as free.

    Raises:
        sqlalchemy.exc.NoResultFound: something of the wish is not the actor's to see.
    """
    file = open_file(session, wish, actor=actor, now=now, moving=moving)
    quoted = _quote(session, file, actor=actor, now=now, moving=moving)
    for some in fewer(file) if quoted.reasons and moving is None else ():
        part = _quote(session, file.only(some), actor=actor, now=now)
        if not part.reasons:
            left_out = tuple(child for child in file.children if child not in some)
            ids = {None, *(child.id for child in left_out)}
            why = tuple(reason for reason in quoted.reasons if reason.child_id in ids)
            return replace(part, left_out=left_out, reasons_left_out=why)
    return quoted


def fewer(file: CaseFile) -> Iterator[tuple[WishedChild, ...]]:
    """Yield ever fewer of the children, if the family wants that and the rules let some come."""
    if not file.wish.together and may_part(file.document.siblings):
        yield from _some_of(file)


def _some_of(file: CaseFile) -> Iterator[tuple[WishedChild, ...]]:
    for count in range(len(file.children) - 1, 0, -1):
        yield from combinations(file.children, count)


def who_gets_in(
    session: Session,
    file: CaseFile,
    reasons: Sequence[Reason],
    *,
    actor: Actor,
    now: datetime,
) -> tuple[WishedChild, ...]:
    """Return the most of several refused children who would get in without the others.

    Empty where the day or the time itself stands against all of them.
    """
    shared = {reason.code for reason in reasons if reason.child_id is None}
    if shared <= {BookingRefusal.FULL, BookingChangeRefusal.FEE_CHANGED}:
        for some in _some_of(file):
            if not _quote(session, file.only(some), actor=actor, now=now).reasons:
                return some
    return ()


def _quote(
    session: Session, file: CaseFile, *, actor: Actor, now: datetime, moving: Group | None = None
) -> Quote:
    case = file.case()
    decision = decide(case, now=now)
    against = reasons_and_ways(session, file, decision, actor=actor, now=now, moving=moving)
    late = late_steps(case, decision.fee, now=now)
    leaving: tuple[Reason, ...] = ()
    if moving is not None:
        leaving = reasons_against_moving(session, moving, file, actor=actor)
    ways = ways_besides(leaving, against.ways)
    reasons = (*leaving, *against.reasons)
    absent = absent_yen(rules_laid(case), decision.fee)
    return Quote(file, decision, reasons, late, absent, ways, left=against.left)


def ways_besides(leaving: Sequence[Reason], ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """Return the ways out that help a move, given what stands against leaving the old time."""
    stays = any(reason.code is not BookingChangeRefusal.NOTHING_TO_CHANGE for reason in leaving)
    return () if stays else ways


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
    if decision.outcome is not Outcome.CONFIRMED and not file.by_staff:
        found.append(_decided(file))
    agreed = file.wish.agreed_fee_yen
    if agreed is not None and agreed != decision.fee.total_yen:
        values: dict[str, object] = {"amount_yen": decision.fee.total_yen}
        found.append(Reason(BookingChangeRefusal.FEE_CHANGED, values))
    return tuple(found)


def _decided(file: CaseFile) -> Reason:
    """Say how it is decided: staff enter it, or the city does; nobody is confirmed unseen."""
    onlooker = Onlooker(case=file.case())
    rules = DayRules(file.document, file.calendar, file.wish.span.day, onlooker)
    pairs = zip(rules.documents, rules.windows, strict=True)
    found = (by_people(document, window.at(file.received_at)) for document, window in pairs)
    return next(filter(None, found), Reason(BookingRefusal.DECIDED_BY_PEOPLE))


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

    with_kept = file.wish.with_kept

    def look() -> DayLeft:
        back = _given_back(moving, span)
        day = span.day
        return day_left(
            session,
            file.facility_id,
            day,
            born_on,
            actor=actor,
            given_back=back,
            with_kept=with_kept,
        )

    in_a_rush = full is not None and moving is None and not with_kept
    classes = tuple(sorted(class_age(born, span.day) for born in born_on if born <= span.day))
    key = (file.facility_id, span.day, classes)
    left = _days_left(key, look) if in_a_rush else look()
    of_rules = rules_against(file, decision)
    places = left.reasons(span)
    codes = {reason.code for reason in of_rules}
    far_ahead = BookingRefusal.NOT_YET_OPEN in codes and not left.is_laid_out
    if far_ahead or BookingRefusal.NOT_OPEN_DAY in codes:
        places = []
    if full is not None and not places:
        from_at, pool = at(full.day, cell_time(full.cell)), left.words_of(full.pool_id)
        values = {"pool": pool, "from_at": from_at, "count": None}
        places = [Reason(BookingRefusal.FULL, values)]
    reasons = (*of_rules, *places)
    if in_a_rush and _days_left.is_rush(key) and not of_rules:
        return Against(reasons, in_a_rush=True)
    ways = _ways(
        session, file, left, reasons, actor=actor, now=now, in_a_rush=in_a_rush, moving=moving
    )
    return Against(reasons, tuple(ways), left=left.left(span))


def _given_back(moving: Group | None, span: Span) -> list[tuple[Sequence[uuid.UUID], int, int]]:
    if moving is None or moving.span.day != span.day:
        return []
    return [(b.pool_ids, b.from_cell, b.to_cell) for b in moving.live]


@dataclass(slots=True)
class _Looking:
    """Whether a wish would do at another time, with all that is true of that time read anew.

    There other rules may hold, the children may be somewhere, a cap may be used up. ``unread``:
    how many more times are read; then no other time is named.
    """

    session: Session
    file: CaseFile
    besides: Collection[object]
    actor: Actor
    now: datetime
    ours: Sequence[uuid.UUID]
    unread: int = _MOST_READ
    refused: list[Span] = field(default_factory=list)

    def would_do(self, other: Span) -> bool:
        """Say so of one time; what stands against the wish besides may stand."""
        if any(other.overlaps(each) for each in self.refused):
            return False
        if not self._stands(decide(self.file.at(other).case(), now=self.now).reasons):
            return False
        if self.unread == 0:
            return False
        self.unread -= 1
        wish = replace(self.file.wish, span=other, agreed_fee_yen=None)
        then = case_for(self.session, wish, actor=self.actor, now=self.now, moving=self.ours)
        if self._stands(rules_against(then, decide(then.case(), now=self.now))):
            return True
        self.refused.append(other)
        return False

    def _stands(self, against: Iterable[Reason]) -> bool:
        return all(reason.code in self.besides for reason in against)


def _ways(
    session: Session,
    file: CaseFile,
    left: DayLeft,
    reasons: Sequence[Reason],
    *,
    actor: Actor,
    now: datetime,
    in_a_rush: bool,
    moving: Group | None,
) -> Iterator[Way]:
    """Yield other times that would do; none where another time is not all that is missing.

    Staff read them too where what is missing besides is theirs to see to or to set aside.
    """
    codes = {reason.code for reason in reasons} - {BookingChangeRefusal.FEE_CHANGED}
    besides = codes - GONE_AT_ANOTHER_TIME
    is_staffs_to_mend = actor.is_provider and besides <= OVERRULABLE
    if codes == besides or (besides and not is_staffs_to_mend):
        return
    span = file.wish.span
    ours = [booking.id for booking in moving.live] if moving else []
    if BookingRefusal.CHILD_BOOKED_ELSEWHERE not in codes:
        looking = _Looking(session, file, besides, actor, now, ours)
        same_day: list[Span] = []
        for other in left.other_spans(span):
            if len(same_day) == _OTHER_TIMES:
                break
            if not any(other.overlaps(named) for named in same_day) and looking.would_do(other):
                same_day.append(other)
                yield Way(other, left.left(other))
    times = (span.starts_at.astimezone(JST).time(), span.ends_at.astimezone(JST).time())

    def look() -> list[date]:
        with_kept = file.wish.with_kept
        return days_with_room(session, left, span, actor=actor, with_kept=with_kept)

    key = (left.facility_id, span, left.units, tuple(pool.id for pool in left.pools))
    looking = _Looking(session, file, besides, actor, now, ours)
    for day in _free_days(key, look) if in_a_rush else look():
        other = span_on(day, *times)
        if looking.would_do(other):
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
        trial_part=first.trial_part,
        referral_id=first.referral_id,
        priority_id=first.priority_id,
        use_type=first.use_type,
        use_reason=first.use_reason,
        options=frozenset(first.options),
        coupons=wanted_again(moving.live),
    )
    return replace(wish, **changes)  # type: ignore[arg-type]  # fields of a wish, by name
