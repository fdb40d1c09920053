"""Everything that a wish is judged by, read in few statements: the opening minute is expensive."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.queries.history import history_of
from portal.bookings.queries.home import at_home
from portal.bookings.queries.rush import ReadOnceInARush
from portal.bookings.queries.trials import attempts_of
from portal.bookings.rules import Wish
from portal.bookings.wished import as_rules_name_it
from portal.db.statements import Statement
from portal.families.queries import confirmed_days
from portal.families.record_rules import ask_again
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import local_date, today
from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.case import Case, ChildFacts
from portal.policies.document import RulesDocument
from portal.policies.facts import NOT_ASKED, Household
from portal.policies.history import NO_HISTORY, History
from portal.policies.record import RecordRule
from portal.policies.standing import NOTHING_DONE, StepKind, StepStanding
from portal.policies.steps import TrialPart, TrialRule
from portal.policies.trials import trial_standing
from portal.rulebooks.queries import document_of

#: How far around a day closures and exceptions are looked at; no deadline reaches further.
_AROUND = 60

_CALENDAR = """
    f.closed_on_holidays,
    ARRAY(SELECT DISTINCT t.weekday FROM pool_patterns t JOIN pools q ON q.id = t.pool_id
           WHERE q.facility_id = f.id AND q.kind = 'total' AND q.retired_at IS NULL
             AND t.in_force_from <= :day AND 0 < ANY (t.capacity)
             AND NOT EXISTS (SELECT 1 FROM pool_patterns u WHERE u.pool_id = t.pool_id
                              AND u.weekday = t.weekday AND u.in_force_from <= :day
                              AND u.in_force_from > t.in_force_from)) AS open_weekdays,
    ARRAY(SELECT g.day::date FROM closures c
           CROSS JOIN generate_series(greatest(c.from_day, CAST(:day AS date) - :around),
                                      least(c.to_day, CAST(:day AS date) + :around),
                                      interval '1 day') AS g (day)
           WHERE c.facility_id = f.id AND c.lifted_at IS NULL
             AND c.from_cell = 0 AND c.to_cell = 48
             AND c.to_day >= CAST(:day AS date) - :around
             AND c.from_day <= CAST(:day AS date) + :around) AS closed_days,
    ARRAY(SELECT h.day FROM holidays h WHERE h.day BETWEEN CAST(:day AS date) - :around
                                               AND CAST(:day AS date) + :around) AS holidays,
    ARRAY(SELECT o.day FROM pool_overrides o JOIN pools q ON q.id = o.pool_id
           WHERE o.facility_id = f.id AND q.kind = 'total' AND q.retired_at IS NULL
             AND o.day BETWEEN CAST(:day AS date) - :around AND CAST(:day AS date) + :around
             AND 0 < ANY (o.capacity)) AS opened_days,
    ARRAY(SELECT o.day FROM pool_overrides o JOIN pools q ON q.id = o.pool_id
           WHERE o.facility_id = f.id AND q.kind = 'total' AND q.retired_at IS NULL
             AND o.day BETWEEN CAST(:day AS date) - :around AND CAST(:day AS date) + :around
             AND NOT 0 < ANY (o.capacity)) AS emptied_days"""

_SITE = text(f"""
SELECT p.name AS programme_name, p.facility_id, p.organisation_id, f.name AS facility_name,
       f.phone, f.address,
       (SELECT r.id FROM rulebooks r WHERE r.programme_id = p.id AND r.in_force_from <= :day
           AND r.withdrawn_at IS NULL
         ORDER BY r.in_force_from DESC, r.version DESC LIMIT 1) AS rulebook_id,
       {_CALENDAR}
  FROM programmes p JOIN facilities f ON f.id = p.facility_id
 WHERE p.id = :programme
""")  # noqa: S608 # nosec B608 - put together from the constants above, no value in it
_CHILDREN = Statement("""
SELECT pg_advisory_xact_lock(hashtextextended(CAST(%(family)s AS text), 1)),
       (SELECT json_agg(json_build_array(c.id, c.name, c.born_on, a.accepted_until,
                        coalesce(a.decided_at, a.applied_at),
                        EXISTS (SELECT 1 FROM bookings b WHERE b.family_id = c.family_id
                                   AND b.child_id = c.id AND b.state IN ('confirmed', 'attended')
                                   AND b.day = %(day)s AND b.starts_at < %(ends_at)s
                                   AND b.ends_at > %(starts_at)s AND b.id <> ALL (%(moving)s)),
                        a.state,
                        json_build_array(a.steps_done, a.steps_ordered, a.steps_waived),
                        json_build_array(a.family_agreed_at IS NOT NULL,
                                         a.facility_agreed_at IS NOT NULL, a.has_conditions)))
               FROM children c
               LEFT JOIN preregistrations a ON a.child_id = c.id
                     AND a.facility_id = %(facility)s
                     AND a.state IN ('applied', 'asked_back', 'waiting', 'accepted')
              WHERE c.family_id = %(family)s AND c.id = ANY (%(children)s)
                AND c.born_on IS NOT NULL AND c.ended_at IS NULL) AS children
""")


#: In these states trial care can come before the acceptance; who waits for a place waits for both.
_OPEN_TO_TRIAL = frozenset({"applied", "asked_back", "accepted"})


@dataclass(frozen=True, slots=True)
class _Site:
    """What every wish for a programme on a day is judged by, whoever wishes."""

    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    facility_name: str
    phone: str | None
    address: str
    programme_name: str
    rulebook_id: uuid.UUID
    calendar: FacilityCalendar


_sites = ReadOnceInARush[_Site]()


@dataclass(frozen=True, slots=True)
class WishedChild:
    """A child of the wish: what rules know of it, its name for the page, and where it is then."""

    facts: ChildFacts
    name: str
    is_booked_then: bool

    @property
    def id(self) -> uuid.UUID:
        """The child's id."""
        return self.facts.child_id


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A wish with everything it is judged by and what its page needs; nothing is read later."""

    wish: Wish
    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    facility_name: str
    facility_phone: str | None
    facility_address: str
    programme_name: str
    rulebook_id: uuid.UUID
    document: RulesDocument
    calendar: FacilityCalendar
    children: tuple[WishedChild, ...]
    received_at: datetime
    by_staff: bool
    #: Whether the body that referred the family books for it.
    on_the_spot: bool = False
    #: Whether the head of the facility decides, or whoever stands in for it (園長・主任).
    by_head: bool = False
    household: Household = NOT_ASKED
    history: History = NO_HISTORY

    def case(self) -> Case:
        """Return the case as policies judge it."""
        return Case(
            document=self.document,
            calendar=self.calendar,
            children=tuple(child.facts for child in self.children),
            span=self.wish.span,
            received_at=self.received_at,
            by_staff=self.by_staff,
            by_head=self.by_head,
            overruled=self.wish.overruled,
            purpose=self.wish.use_type or self.wish.purpose.value,
            trial_part=self.wish.trial_part,
            on_the_spot=self.on_the_spot,
            household=self.household,
            history=self.history,
            reason=self.wish.use_reason,
            channel=self.wish.channel.value,
            options=self.wish.options,
            coupons=self.wish.coupons,
        )

    @property
    def trial_rule(self) -> TrialRule | None:
        """The rule of trial care, if the wish is for a part of it."""
        steps = self.document.steps if self.wish.trial_part is not None else None
        return steps.trial if steps else None

    @property
    def trial_part(self) -> TrialPart | None:
        """The limits of the part that is wished for."""
        rule, part = self.trial_rule, self.wish.trial_part
        return rule.part(part) if rule and part else None

    def only(self, children: Sequence[WishedChild]) -> CaseFile:
        """Return the same for some of the children, whose fee is another than was told for all."""
        return replace(self, children=tuple(children), wish=replace(self.wish, agreed_fee_yen=None))

    def at(self, span: Span) -> CaseFile:
        """Return the same at another time; its rules and calendar are still those of the wish."""
        return replace(self, wish=replace(self.wish, span=span))


def case_for(
    session: Session,
    wish: Wish,
    *,
    actor: Actor,
    now: datetime,
    moving: Sequence[uuid.UUID] = (),
) -> CaseFile:
    """Return all that ``wish`` is judged by, and hold the family's lock until the commit.

    The lock makes two wishes of one family wait for each other, so that what the second reads of
    the family's other bookings is true.

    Args:
        moving: Bookings that would move here; they do not count as the child's other bookings.

    Raises:
        sqlalchemy.exc.NoResultFound: the programme, its rules or a child is not the actor's to see,
            or a child is not born yet.
    """
    day = wish.span.day
    # By organisation, since staff may see what is not published yet.
    key = (wish.programme_id, day, actor.organisation_id)
    site = _sites(key, lambda: _site(session, wish.programme_id, day))
    [(_locked, children)] = _CHILDREN.rows(
        session,
        {
            "facility": site.facility_id,
            "family": wish.family_id,
            "children": list(wish.child_ids),
            "day": day,
            "starts_at": wish.span.starts_at,
            "ends_at": wish.span.ends_at,
            "moving": list(moving),
        },
    )
    document = document_of(session, site.rulebook_id)
    found = _children(children or (), wish.child_ids)
    if wish.trial_part is not None:
        found = _in_trial(session, found, site.facility_id, document, moving)
    if document.record.is_required:
        found = _with_records(session, found, document.record, today(now), actor)
    home, facts = at_home(
        session,
        [each.facts for each in found],
        wish.family_id,
        document,
        day,
        provider=site.organisation_id,
        actor=actor,
        moving=moving,
    )
    found = tuple(replace(each, facts=its) for each, its in zip(found, facts, strict=True))
    return CaseFile(
        wish=as_rules_name_it(document, wish, by_staff=actor.is_provider),
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        facility_name=site.facility_name,
        facility_phone=site.phone,
        facility_address=site.address,
        programme_name=site.programme_name,
        document=document,
        rulebook_id=site.rulebook_id,
        calendar=site.calendar,
        children=found,
        received_at=min(wish.received_at or now, now) if actor.is_provider else now,
        by_staff=actor.is_provider,
        by_head=actor.role is Role.DIRECTOR,
        on_the_spot=wish.referral_id is not None and actor.is_support,
        household=home,
        history=history_of(
            session,
            wish.child_ids,
            wish.programme_id,
            document,
            day,
            actor=actor,
            moving=moving,
        ),
    )


def _in_trial(
    session: Session,
    children: Sequence[WishedChild],
    facility_id: uuid.UUID,
    document: RulesDocument,
    moving: Sequence[uuid.UUID],
) -> tuple[WishedChild, ...]:
    """Return the children with whose turn it is; asked for trial care alone, never in a rush."""
    rule = document.steps.trial if document.steps else None
    known = []
    for child in children:
        attempts = attempts_of(session, child.id, facility_id, moving=moving)
        trial = trial_standing(rule, child.facts.steps, attempts)
        known.append(replace(child, facts=replace(child.facts, trial=trial)))
    return tuple(known)


def _with_records(
    session: Session, children: Sequence[WishedChild], rule: RecordRule, on: date, actor: Actor
) -> tuple[WishedChild, ...]:
    """Return the children with whether their records hold today; only where the rules demand it.

    By the day of care a record of today could be too old again, and nothing would help; then the
    family is asked on the way, and staff on the morning.
    """
    confirmed = confirmed_days(session, [child.id for child in children], actor=actor)
    return tuple(
        replace(
            child,
            facts=replace(
                child.facts, record_holds=not ask_again(confirmed.get(child.id), rule, on=on)
            ),
        )
        for child in children
    )


def _site(session: Session, programme_id: uuid.UUID, day: date) -> _Site:
    values = {"programme": programme_id, "day": day, "around": _AROUND}
    row = session.execute(_SITE, values).one()
    if row.rulebook_id is None:
        raise NoResultFound("the programme has no rules on this day")
    return _Site(
        facility_id=row.facility_id,
        organisation_id=row.organisation_id,
        facility_name=row.facility_name,
        phone=row.phone,
        address=row.address,
        programme_name=row.programme_name,
        rulebook_id=row.rulebook_id,
        calendar=_calendar(row),
    )


_FACILITY_CALENDAR = text(
    f"SELECT {_CALENDAR} FROM facilities f WHERE f.id = :facility"  # noqa: S608 # nosec B608 - constants of this file
)


def facility_calendar(
    session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor
) -> FacilityCalendar:
    """Return open and closed days of a facility for two months around a local day.

    Raises:
        sqlalchemy.exc.NoResultFound: the facility is not the actor's to see.
    """
    del actor  # row-level security knows who asks
    values = {"facility": facility_id, "day": day, "around": _AROUND}
    return _calendar(session.execute(_FACILITY_CALENDAR, values).one())


def _children(
    rows: Sequence[Sequence[Any]], wished: Sequence[uuid.UUID]
) -> tuple[WishedChild, ...]:
    found = {}
    for row in rows:
        child_id, name, born_on, accepted_until, accepted_at, is_booked_then, *more = row
        state, steps, agreed = more
        facts = ChildFacts(
            child_id=uuid.UUID(child_id),
            born_on=date.fromisoformat(born_on),
            registered_until=_date(accepted_until),
            registered_from=_date(accepted_until)
            and local_date(datetime.fromisoformat(accepted_at)),
            has_application=state in _OPEN_TO_TRIAL,
            steps=_standing(steps),
            family_agreed=agreed[0],
            facility_agreed=agreed[1],
            has_conditions=bool(agreed[2]),
        )
        found[facts.child_id] = WishedChild(facts, name, is_booked_then)
    if len(found) != len(wished):
        raise NoResultFound("a child of the wish is not there, or not born yet")
    return tuple(found[child_id] for child_id in wished)


def _standing(steps: Sequence[Sequence[str] | None]) -> StepStanding:
    if not any(steps):
        return NOTHING_DONE
    return StepStanding(*(frozenset(map(StepKind, kinds or ())) for kinds in steps))


def _date(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


def _calendar(row: Row[Any]) -> FacilityCalendar:
    return FacilityCalendar(
        open_weekdays=frozenset(row.open_weekdays),
        closed_days=frozenset(row.closed_days) | frozenset(row.emptied_days),
        holidays=frozenset(row.holidays),
        closed_on_holidays=row.closed_on_holidays,
        extra_open_days=frozenset(row.opened_days),
    )
