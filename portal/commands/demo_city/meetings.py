"""Tours, interviews and other dated sessions, and the families that came, come, or stayed away.

Written once, after the days are laid out, so that each lies in the open hours of its facility.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from portal.commands.demo_city import stories
from portal.commands.demo_city.meeting_plans import PLANS, Plan
from portal.commands.demo_city.places import open_hours
from portal.commands.demo_city.record import City, Site
from portal.commands.demo_city.rows import Rows, ident, is_derived
from portal.db.sealed import seal
from portal.kernel.clock import at, local_date, today
from portal.kernel.spans import cell_time
from portal.visits.rules import (
    News,
    Outcome,
    Place,
    Until,
    VisitKind,
    VisitState,
    moment_until,
    reminder_at,
)

#: How far ahead sessions are planned.
AHEAD: Final = timedelta(days=60)
#: How many families more than the applications tell come to look, miss it, or come again.
_ALSO, _MISSES, _AGAIN, _LATER = 0.35, 0.16, 0.3, 0.45
_NOTES: Final = (
    "お母さんは少し不安そうでした。次は主任が話します。",
    "庭をよろこんで歩いていました。人見知りはありません。",
    "アレルギーの紙を次に持ってきてもらいます。",
)
_FAMILIES = text("""
    SELECT f.id, f.basis, f.created_at, g.user_id, g.name,
           coalesce(array_agg(c.id ORDER BY c.born_on, c.id) FILTER (WHERE c.born_on IS NOT NULL),
                    '{}') AS born,
           coalesce(array_agg(c.id ORDER BY c.id) FILTER (WHERE c.born_on IS NULL),
                    '{}') AS expected
      FROM families f
      JOIN guardians g ON g.family_id = f.id AND g.is_primary
      JOIN children c ON c.family_id = f.id AND c.ended_at IS NULL
     GROUP BY f.id, f.basis, f.created_at, g.user_id, g.name ORDER BY f.id""")
_APPLICATIONS = text("""
    SELECT id, family_id, facility_id, child_id, state, steps_done, received_at, decided_at
      FROM preregistrations WHERE facility_id = ANY (:facilities) ORDER BY received_at, id""")


@dataclass(slots=True)
class _Session:
    id: uuid.UUID
    site: Site
    plan: Plan
    starts_at: datetime
    ends_at: datetime
    #: Nobody books it any more.
    is_off: bool = False
    families: set[uuid.UUID] = field(default_factory=set)

    @property
    def is_full(self) -> bool:
        return len(self.families) >= self.plan.seats


def happen(connection: Connection, city: City, now: datetime) -> None:
    """Write all sessions from the beginning until some weeks ahead, and who came to them."""
    ids = [site.facility_id for site in city.sites]
    days = open_hours(connection, ids, city.started_on, today(now) + AHEAD)
    rows = Rows()
    sessions = [each for plan in PLANS for each in _sessions(rows, plan, city, days, now)]
    families = {row.id: row for row in connection.execute(_FAMILIES).all() if is_derived(row.id)}
    values = {"facilities": ids}
    book = _Book(rows, sessions, families, now, city.seed)
    book.follow_applications(connection.execute(_APPLICATIONS, values).all())
    book.let_others_come()
    rows.write(connection)


def _sessions(
    rows: Rows,
    plan: Plan,
    city: City,
    days: Mapping[tuple[uuid.UUID, date], tuple[int, int]],
    now: datetime,
) -> Iterator[_Session]:
    site = city.site(plan.site)
    day = city.started_on + timedelta(days=(plan.weekday - city.started_on.weekday()) % 7)
    step = timedelta(weeks=plan.weeks)
    ahead = 0
    while day <= today(now) + AHEAD:
        opens, closes = days.get((site.facility_id, day), (0, 0))
        # An online talk needs no open door; of the others each must fit in.
        fits = opens <= plan.cell and plan.cell + -(-plan.minutes // 30) <= closes
        if fits or (plan.place is Place.ONLINE and opens < closes):
            starts_at = at(day, cell_time(plan.cell))
            ahead += starts_at > now
            is_off = plan.site == "half_days" and plan.kind is VisitKind.TOUR and ahead == 2  # noqa: PLR2004 - the second to come
            yield _add_session(rows, plan, site, starts_at, now, is_off=is_off and starts_at > now)
        day += step


def _add_session(
    rows: Rows, plan: Plan, site: Site, starts_at: datetime, now: datetime, *, is_off: bool
) -> _Session:
    ends_at = starts_at + timedelta(minutes=plan.minutes)
    session = _Session(
        ident("session", site.facility_id, plan.kind.value, starts_at.isoformat()),
        site,
        plan,
        starts_at,
        ends_at,
        is_off,
    )
    made_at = at(local_date(starts_at) - timedelta(days=75), time(16))
    off_at = max(made_at, now - timedelta(hours=20)) if is_off else None
    is_online = plan.place is Place.ONLINE
    rows.add(
        "visit_sessions",
        id=session.id,
        organisation_id=site.organisation_id,
        facility_id=site.facility_id,
        series_id=None
        if plan.is_single
        else ident("series", site.facility_id, plan.kind.value, plan.weekday),
        kind=plan.kind.value,
        day=local_date(starts_at),
        starts_at=starts_at,
        ends_at=ends_at,
        seats=plan.seats,
        place=plan.place.value,
        place_words=None,
        online_url="https://meet.portal.example/demo" if is_online else None,
        children_come=plan.children_come.value,
        takes_unregistered=True,
        takes_expecting=plan.kind is not VisitKind.SUPPORT_CENTRE,
        is_public=True,
        bring=plan.bring,
        words=plan.words,
        book_by=Until.DAY_BEFORE.value,
        cancel_by=Until.START.value,
        cancelled_at=off_at,
        cancelled_by=site.director_id if is_off else None,
        cancel_words="職員の研修と重なったため" if is_off else None,
        created_by=site.director_id,
        created_at=made_at,
        changed_at=off_at or made_at,
        sequence=int(is_off),
    )
    return session


class _Book:
    """Who is entered where; each family once in a session, and never in two places at a time."""

    def __init__(
        self,
        rows: Rows,
        sessions: Sequence[_Session],
        families: Mapping[uuid.UUID, Any],
        now: datetime,
        seed: str,
    ) -> None:
        self._rows = rows
        self._sessions = sorted(sessions, key=lambda one: (one.starts_at, one.id))
        self._families = families
        self._now = now
        self._dice = random.Random(f"{seed}|meetings")  # noqa: S311 - invented lives
        self._days: set[tuple[uuid.UUID, date]] = set()

    def follow_applications(self, applications: Sequence[Any]) -> None:
        """Let each family have been at the tour and the interview that its application tells of."""
        for row in applications:
            if row.family_id not in self._families:
                continue
            self._follow(row, VisitKind.TOUR, until=row.received_at)
            talked_until = row.decided_at if row.state == "accepted" else self._now
            self._follow(row, VisitKind.INTERVIEW, until=talked_until or self._now)

    def _follow(self, row: Any, kind: VisitKind, *, until: datetime) -> None:
        family = self._families[row.family_id]
        there = [one for one in self._sessions if one.site.facility_id == row.facility_id]
        there = [one for one in there if one.plan.kind is kind]
        if kind.value in row.steps_done:
            before = min(until, self._now)
            first = max(family.created_at, before - timedelta(days=25))
            fitting = [one for one in there if first < one.starts_at and one.ends_at < before]
            if kind is VisitKind.TOUR and not fitting:  # looked at it between form and answer
                fitting = [one for one in there if before < one.ends_at < self._now][:2]
            for one in reversed(fitting):
                if self._attend(one, family, row.child_id, Outcome.NEXT):
                    return
        elif row.state in {"applied", "asked_back"} and kind is VisitKind.INTERVIEW:
            is_wanted = family.name == stories.HALF_WAY or self._dice.random() < 0.6  # noqa: PLR2004
            ahead = [one for one in there if self._can_book(one)]
            for one in ahead[1:] if is_wanted else ():
                if self._book(one, family, row.child_id):
                    return

    def let_others_come(self) -> None:
        """Fill what is left with families that only look, come again, or stay away."""
        others = sorted(self._families.values(), key=lambda one: one.id.int)
        expecting = [family for family in others if family.expected]
        full = next((one for one in self._sessions if self._is_to_fill(one)), None)
        for one in self._sessions:
            share = _ALSO if one.plan.seats > 1 else _ALSO / 2
            share = 1.0 if one is full else share
            for _seat in range(one.plan.seats):
                if self._dice.random() < share:
                    asked = expecting if one.plan.kind is VisitKind.PRENATAL else others
                    for family in self._dice.sample(asked, min(40, len(asked))):
                        if self._suits(one, family) and self._enter(one, family):
                            break

    def _is_to_fill(self, one: _Session) -> bool:
        is_tour = one.plan.site == "every_day" and one.plan.kind is VisitKind.TOUR
        return is_tour and self._can_book(one)

    def _suits(self, one: _Session, family: Any) -> bool:
        if family.name in stories.ALONE and one.plan.kind is not VisitKind.PRENATAL:
            return False
        if one.plan.kind is VisitKind.PRENATAL:
            return bool(family.expected)
        return bool(family.born) and one.starts_at > family.created_at + timedelta(days=1)

    def _enter(self, one: _Session, family: Any) -> bool:
        # To the visit before the birth comes the child it is for, not its brother.
        those = family.expected if one.plan.kind is VisitKind.PRENATAL else family.born
        child_id = those[0] if those else None
        if one.ends_at > self._now:
            return (one.is_off or self._can_book(one)) and self._book(one, family, child_id)
        fate = self._dice.random()
        if fate < _MISSES:
            return self._add(one, family, child_id, VisitState.MISSED)
        if fate < _AGAIN:
            return self._attend(one, family, child_id, Outcome.REPEAT)
        if fate < _LATER:
            return self._attend(one, family, child_id, Outcome.NOT_YET)
        if fate < 0.55:  # noqa: PLR2004 - a few cancel
            return self._add(one, family, child_id, VisitState.CANCELLED)
        is_step = one.plan.kind in {VisitKind.TOUR, VisitKind.INTERVIEW}
        # What leads on was told by applications; of yesterday's nobody has said it yet.
        outcome = None if one.starts_at > self._now - timedelta(days=3) else Outcome.NOT_YET
        return self._attend(one, family, child_id, outcome if is_step else Outcome.NEXT)

    def _can_book(self, one: _Session) -> bool:
        return not one.is_off and moment_until(Until.DAY_BEFORE, one.starts_at) > self._now

    def _attend(
        self, one: _Session, family: Any, child_id: uuid.UUID | None, outcome: Outcome | None
    ) -> bool:
        return self._add(one, family, child_id, VisitState.ATTENDED, outcome)

    def _book(self, one: _Session, family: Any, child_id: uuid.UUID | None) -> bool:
        state = VisitState.CANCELLED if one.is_off else VisitState.BOOKED
        return self._add(one, family, child_id, state)

    def _add(
        self,
        one: _Session,
        family: Any,
        child_id: uuid.UUID | None,
        state: VisitState,
        outcome: Outcome | None = None,
    ) -> bool:
        key = family.id, local_date(one.starts_at)
        if key in self._days or one.is_full or (one.is_off and state is VisitState.BOOKED):
            return False
        latest = min(moment_until(Until.DAY_BEFORE, one.starts_at), self._now)
        earliest = max(family.created_at, one.starts_at - timedelta(days=20))
        if earliest >= latest:
            return False
        self._days.add(key)
        one.families.add(family.id)
        booked_at = earliest + (latest - earliest) * self._dice.uniform(0.2, 0.9)
        self._write(one, family, child_id, state, outcome, booked_at)
        return True

    def _write(
        self,
        one: _Session,
        family: Any,
        child_id: uuid.UUID | None,
        state: VisitState,
        outcome: Outcome | None,
        booked_at: datetime,
    ) -> None:
        visit_id = ident("visit", one.id, family.id)
        by_staff = family.user_id is None
        cancelled_at = None
        if state is VisitState.CANCELLED:
            cancelled_at = min(booked_at + timedelta(hours=18), self._now)
            cancelled_at = (
                max(booked_at, self._now - timedelta(hours=20)) if one.is_off else cancelled_at
            )
        decided_at = one.ends_at + timedelta(minutes=20) if outcome else None
        note = self._dice.choice(_NOTES) if outcome and self._dice.random() < 0.3 else None  # noqa: PLR2004 - some are noted
        binding = ("visits", "outcome_note", str(visit_id), str(family.id))
        was_there = state in {VisitState.ATTENDED, VisitState.MISSED}
        changed_at = decided_at or cancelled_at or (one.ends_at if was_there else booked_at)
        self._rows.add(
            "visits",
            id=visit_id,
            session_id=one.id,
            organisation_id=one.site.organisation_id,
            facility_id=one.site.facility_id,
            family_id=family.id,
            state=state.value,
            child_ids=[child_id] if child_id else [],
            adults=1 if self._dice.random() < 0.75 else 2,  # noqa: PLR2004 - mostly one comes
            channel="web" if family.basis == "self" else family.basis,
            received_at=booked_at,
            booked_at=booked_at,
            booked_by=one.site.staff_id if by_staff else family.user_id,
            changed_at=changed_at,
            sequence=int(state is VisitState.CANCELLED),
            cancelled_at=cancelled_at,
            cancelled_by_family=None if cancelled_at is None else not one.is_off,
            outcome=outcome.value if outcome else None,
            outcome_note_sealed=seal(note, bound_to=binding) if note else None,
            decided_by=one.site.staff_id if outcome else None,
            decided_at=decided_at,
            news=News.CANCELLED.value if one.is_off else None,
            news_at=cancelled_at if one.is_off else None,
        )
        self._trace(one, family, visit_id, "visit.booked", booked_at, by_staff=by_staff)
        if was_there:
            what = f"visit.{state.value}"
            self._trace(one, family, visit_id, what, one.ends_at, by_staff=True)
        if decided_at is not None:
            self._trace(one, family, visit_id, "visit.outcome", decided_at, by_staff=True)
        if cancelled_at is not None and not one.is_off:
            self._trace(one, family, visit_id, "visit.cancelled", cancelled_at, by_staff=by_staff)
        due = reminder_at(one.starts_at)
        if state is VisitState.BOOKED and due > self._now and not by_staff:
            self._remind(one, family, visit_id, booked_at, due)

    def _trace(
        self,
        one: _Session,
        family: Any,
        visit_id: uuid.UUID,
        action: str,
        moment: datetime,
        *,
        by_staff: bool,
    ) -> None:
        self._rows.add(
            "audit_log",
            id=ident("audit", action, visit_id),
            at=moment,
            user_id=one.site.staff_id if by_staff else family.user_id,
            organisation_id=one.site.organisation_id if by_staff else None,
            family_id=family.id,
            role="staff" if by_staff else "guardian",
            action=action,
            subjects=[visit_id, one.id] if action == "visit.booked" else [visit_id],
            detail={},
        )

    def _remind(
        self, one: _Session, family: Any, visit_id: uuid.UUID, at_: datetime, due: datetime
    ) -> None:
        message_id = ident("mail", "visits/reminder", visit_id)
        self._rows.add(
            "outbox_messages",
            id=message_id,
            message_id=f"<{message_id}@portal>",
            kind="visits/reminder",
            subject_ids=[visit_id],
            context={"starts_at": one.starts_at.isoformat()},
            organisation_id=one.site.organisation_id,
            family_id=family.id,
            created_at=at_,
            not_before=due,
            attempts=0,
            sent_at=None,
            dropped_at=None,
            last_error=None,
        )
