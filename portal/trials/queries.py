"""Trial care as pages show it: whose turn it is, what was, and the free times of the next part."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, false, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.models import Booking
from portal.bookings.queries.cases import CaseFile
from portal.bookings.queries.quotes import open_file
from portal.bookings.queries.vacancies import DayLeft, booked_cells, day_left
from portal.bookings.rules import GONE_AT_ANOTHER_TIME, BookingState, UsePurpose, Wish
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.kernel.errors import Reason
from portal.kernel.spans import CELLS, Span, cell_time, span_on
from portal.policies.blocks import minutes_of
from portal.policies.decide import Decision, decide
from portal.policies.looking import DayRules, Onlooker
from portal.policies.reasons import BookingRefusal
from portal.policies.standing import FIRST_PART, StepKind, TrialStanding
from portal.policies.steps import StepsRule, TrialPart
from portal.policies.trials import Attempt, TrialOutcome, trial_standing
from portal.policies.units import UnitsRule
from portal.policies.window import WindowState
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import mine
from portal.preregistration.rules import LIVE
from portal.preregistration.steps import rule_of, standing
from portal.preregistration.where import Next, NextLine, StepLine, step_lines, where_she_stands
from portal.rulebooks.models import Rulebook
from portal.trials.models import TrialNote, TrialResult

#: How far ahead free times are looked for, and how many days and times of a day are offered.
_AHEAD, _DAYS, _TIMES = 42, 6, 4
#: Stays begin at whole hours where the rules name no times.
_STEP = 2


@dataclass(frozen=True, slots=True)
class TrialStay:
    """A stay of trial care, with what staff said after it."""

    booking: Booking
    outcome: TrialOutcome | None

    @property
    def part(self) -> int:
        """Which part it is."""
        return self.booking.trial_part or 0

    @property
    def waits_for_outcome(self) -> bool:
        """Whether the child was there and staff have not said yet what comes next."""
        return self.booking.state is BookingState.ATTENDED and self.outcome is None


@dataclass(frozen=True, slots=True)
class StepsOfChild:
    """Where a child stands with one facility's steps: all that a page shows of it."""

    rule: StepsRule | None
    lines: tuple[StepLine, ...]
    next: NextLine
    trial: TrialStanding
    stays: tuple[TrialStay, ...]

    @property
    def part(self) -> TrialPart | None:
        """The limits of the part of trial care whose turn it is."""
        rule = self.rule.trial if self.rule else None
        return rule.part(self.trial.next_part) if rule else None

    @property
    def parts(self) -> int:
        """How many parts trial care has; 0 where there is none."""
        rule = self.rule.trial if self.rule else None
        return len(rule.parts) if rule else 0

    @property
    def may_book_trial(self) -> bool:
        """Whether the next part can be booked now, as far as steps go."""
        return self.next.code is Next.TRIAL or (
            self._is_recommended and not self.trial.is_ahead and not self.trial.is_paused
        )

    @property
    def _is_recommended(self) -> bool:
        open_states = {"recommended", "open"}
        return self.next.code in {Next.BOOK, Next.WAIT} and any(
            line.step.kind is StepKind.TRIAL_CARE and line.state.value in open_states
            for line in self.lines
        )

    @property
    def coming(self) -> TrialStay | None:
        """The stay of trial care that is booked."""
        return next(
            (stay for stay in self.stays if stay.booking.state is BookingState.CONFIRMED), None
        )


def steps_of(
    session: Session, row: Preregistration, *, actor: Actor, now: datetime
) -> StepsOfChild:
    """Return where the child of an application stands, by the rules in force today."""
    rule = rule_of(session, row.facility_id, today(now), actor=actor)
    if rule is None:
        return StepsOfChild(None, (), where_she_stands(row, None), FIRST_PART, ())
    stays = stays_of(session, row, actor=actor) if rule.trial else ()
    attempts = [
        Attempt(stay.part, stay.outcome)
        for stay in stays
        if stay.booking.state in {BookingState.CONFIRMED, BookingState.ATTENDED}
    ]
    trial = trial_standing(rule.trial, standing(row), attempts)
    is_booked = any(
        stay.booking.state is BookingState.CONFIRMED and stay.booking.ends_at > now
        for stay in stays
    )
    following = where_she_stands(row, rule, trial=trial, is_trial_booked=is_booked)
    return StepsOfChild(rule, step_lines(rule, standing(row)), following, trial, stays)


def stays_of(session: Session, row: Preregistration, *, actor: Actor) -> tuple[TrialStay, ...]:
    """Return the child's stays of trial care at the facility, in order of time, not the cancelled.

    Nothing of a child that is not the actor's to see.
    """
    wanted = (
        select(Booking, TrialResult.outcome)
        .outerjoin(TrialResult, TrialResult.booking_id == Booking.id)
        .where(
            Booking.child_id == row.child_id,
            Booking.facility_id == row.facility_id,
            Booking.trial_part.is_not(None),
            Booking.state != BookingState.CANCELLED,
            _mine(actor),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    return tuple(TrialStay(booking, outcome) for booking, outcome in session.execute(wanted))


def application_at(
    session: Session, child_id: uuid.UUID, facility_id: uuid.UUID, *, actor: Actor
) -> Preregistration | None:
    """Return the child's live application at a facility, if the actor may see one."""
    return session.scalars(
        select(Preregistration).where(
            Preregistration.child_id == child_id,
            Preregistration.facility_id == facility_id,
            Preregistration.state.in_(LIVE),
            mine(actor),
        )
    ).one_or_none()


def trial_to_decide(
    session: Session, booking_id: uuid.UUID, *, actor: Actor
) -> tuple[Booking, TrialResult | None]:
    """Return a stay of trial care at the actor's provider, with what was said of it.

    Raises:
        sqlalchemy.exc.NoResultFound: there is none, or it is no trial care.
    """
    if not actor.is_provider:
        raise NoResultFound("outcomes are the provider's to record")
    booking = session.scalars(
        select(Booking)
        .where(Booking.id == booking_id, Booking.trial_part.is_not(None), _mine(actor))
        .execution_options(populate_existing=True)
    ).one()
    result = session.get(TrialResult, booking_id, populate_existing=True)
    return booking, result


def waiting_for_outcome(
    session: Session, *, actor: Actor, before: date | None = None
) -> Sequence[Booking]:
    """Return the stays of trial care that were attended and have no outcome, the oldest first.

    Args:
        before: Only those of local days before this one.
    """
    wanted = (
        select(Booking)
        .outerjoin(TrialResult, TrialResult.booking_id == Booking.id)
        .where(
            Booking.trial_part.is_not(None),
            Booking.state == BookingState.ATTENDED,
            TrialResult.booking_id.is_(None),
            _mine(actor),
        )
        .order_by(Booking.starts_at, Booking.id)
    )
    if before is not None:
        wanted = wanted.where(Booking.day < before)
    return session.scalars(wanted).all()


def notes_of(
    session: Session, booking_ids: Sequence[uuid.UUID], *, actor: Actor
) -> dict[uuid.UUID, TrialNote]:
    """Return what staff noted of stays; ``service.open_notes`` leaves the trace.

    Families get nothing.
    """
    if not actor.is_provider:
        return {}
    found = session.scalars(
        select(TrialNote).where(
            TrialNote.id.in_(booking_ids), TrialNote.organisation_id == actor.organisation_id
        )
    )
    return {note.id: note for note in found}


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """When the next part can be had: reasons that no time would mend, or the times themselves."""

    reasons: tuple[Reason, ...]
    times: tuple[tuple[date, tuple[Span, ...]], ...]
    decision: Decision | None


def wish_for_part(row: Preregistration, programme_id: uuid.UUID, part: int, span: Span) -> Wish:
    """Return the wish for a part of trial care. It counts as respite, whatever comes later."""
    return Wish(
        programme_id=programme_id,
        family_id=row.family_id,
        child_ids=(row.child_id,),
        span=span,
        purpose=UsePurpose.RESPITE,
        trial_part=part,
    )


def free_times(
    session: Session,
    row: Preregistration,
    programme_id: uuid.UUID,
    part: int,
    *,
    actor: Actor,
    now: datetime,
) -> FreeTimes:
    """Return times at which a part of trial care could be booked now, as long as it may be.

    Each day goes by the rules in force on it.
    """
    days = [today(now) + timedelta(days=n) for n in range(_AHEAD)]
    begins = _changes_of_rules(session, programme_id, days[0], days[-1])
    file: CaseFile | None = None
    against: list[tuple[Reason, ...]] = []
    found: list[tuple[date, tuple[Span, ...]]] = []
    decision: Decision | None = None
    for day in days:
        if file is None or day in begins:
            probe = wish_for_part(
                row, programme_id, part, span_on(day, cell_time(18), cell_time(19))
            )
            file = open_file(session, probe, actor=actor, now=now)
            against.append(_lasting(file, now))
        limits = file.trial_part
        if limits is None or against[-1]:
            continue
        spans = tuple(_on_day(session, file, limits, day, actor=actor, now=now))
        if spans:
            decision = decision or decide(file.at(spans[0]).case(), now=now)
            found.append((day, spans))
        if len(found) == _DAYS:
            break
    return FreeTimes(() if found else against[0], tuple(found), decision)


def _changes_of_rules(
    session: Session, programme_id: uuid.UUID, first: date, last: date
) -> Sequence[date]:
    """Return the days after ``first`` until ``last`` on which other rules come into force."""
    return session.scalars(
        select(Rulebook.in_force_from).where(
            Rulebook.programme_id == programme_id,
            Rulebook.withdrawn_at.is_(None),
            Rulebook.in_force_from > first,
            Rulebook.in_force_from <= last,
        )
    ).all()


def _lasting(file: CaseFile, now: datetime) -> tuple[Reason, ...]:
    """Return the reasons that no other time or day under these rules would mend."""
    reasons = decide(file.case(), now=now).reasons
    lasting = tuple(
        reason
        for reason in reasons
        if reason.code not in GONE_AT_ANOTHER_TIME and reason.code not in _OF_THE_DAY
    )
    return lasting or (reasons if file.trial_part is None else ())


#: Reasons that another day may take away, beside those that bookings know.
_OF_THE_DAY = frozenset(
    {
        BookingRefusal.TOO_YOUNG,
        BookingRefusal.REGISTRATION_NOT_YET_VALID,
        BookingRefusal.REGISTRATION_TOO_RECENT,
        BookingRefusal.TRIAL_TOO_LONG,
    }
)


def _on_day(
    session: Session,
    file: CaseFile,
    limits: TrialPart,
    day: date,
    *,
    actor: Actor,
    now: datetime,
) -> Iterator[Span]:
    rules = DayRules(file.document, file.calendar, day, Onlooker(case=file.case()))
    if not rules.days.is_open(day) or rules.state(now) is not WindowState.OPEN:
        return
    child = file.children[0]
    left = day_left(session, file.facility_id, day, [child.facts.born_on], actor=actor)
    taken = booked_cells(session, [child.id], day, actor=actor)
    offered = 0
    for start in _starts(rules.documents[0].units, left):
        end = min(start + limits.longest_minutes // 30, limits.last_cell, CELLS)
        if offered == _TIMES:
            return
        if end <= start or taken & set(range(start, end)):
            continue
        span = span_on(day, cell_time(start), cell_time(end))
        if not left.reasons(span) and not decide(file.at(span).case(), now=now).reasons:
            offered += 1
            yield span


def _starts(units: UnitsRule | None, left: DayLeft) -> Sequence[int]:
    """Return the half hours at which a stay may begin: the rules' own, or the full hours."""
    if units and (units.listed_starts or units.blocks):
        starts = units.listed_starts or [minutes_of(block.starts) for block in units.blocks]
        return sorted({minutes // 30 for minutes in starts if not minutes % 30})
    if not left.pools:
        return ()
    capacity = left.pools[0].capacity
    first = next((cell for cell, places in enumerate(capacity) if places), None)
    return () if first is None else range(first, CELLS, _STEP)


def _mine(actor: Actor) -> ColumnElement[bool]:
    if actor.family_id is not None:
        return Booking.family_id == actor.family_id
    if actor.is_provider:
        return Booking.organisation_id == actor.organisation_id
    return false()
