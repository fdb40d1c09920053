"""Trial care in the city: its parts as stays of their own, and what staff said after each.

Planned before all other stays, so that there is room; nobody comes for anything else before.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from portal.bookings.rules import UsePurpose
from portal.commands.demo_city import stories
from portal.commands.demo_city.places import Place
from portal.commands.demo_city.planning import Client, KnownChild, PlannedStay
from portal.commands.demo_city.record import City, Site
from portal.commands.demo_city.rows import Rows, ident, is_derived
from portal.db.sealed import seal
from portal.kernel.channel import Channel
from portal.kernel.clock import at, local_date, today
from portal.kernel.spans import cell_time, span_on
from portal.policies.case import Case, ChildFacts
from portal.policies.decide import decide
from portal.policies.standing import StepKind, StepStanding, TrialStanding
from portal.policies.steps import TrialPart
from portal.policies.trials import TrialOutcome

_CHILDREN = text("""
    SELECT p.id, p.facility_id, p.family_id, p.child_id, p.steps_done, p.accepted_until,
           greatest(least(p.decided_at, p.received_at + interval '4 days'),
                    p.family_agreed_at) AS accepted_at,
           c.born_on, f.basis, g.user_id, g.name
      FROM preregistrations p
      JOIN children c ON c.id = p.child_id
      JOIN families f ON f.id = p.family_id
      JOIN guardians g ON g.family_id = f.id AND g.is_primary
     WHERE p.facility_id = ANY (:facilities) AND p.state = 'accepted'
       AND p.accepted_until >= :today AND NOT (p.has_conditions AND p.family_agreed_at IS NULL)
       AND (p.facility_agreed_at IS NULL OR p.family_agreed_at IS NOT NULL)
     ORDER BY p.facility_id, p.received_at, p.id""")
#: How long after the last event the next part is looked for, and until when.
_PAUSE, _REACH = timedelta(days=3), timedelta(days=40)
#: Where parts without an hour of their own begin: nine o'clock.
_MORNING: Final = 18
#: How often a part is done once more.
_REPEATED: Final = 0.15
_NOTES: Final = (
    "はじめの10分は泣きました。音の出るつみきで落ち着きました。",
    "お母さんのひざからはなれて、あそび始めました。",
    "お茶は飲みませんでした。次は、いつものコップを持ってきてもらいます。",
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A part as it goes: in the past with what staff said, or still ahead."""

    part: int
    outcome: TrialOutcome | None = None
    is_ahead: bool = False


#: How it goes in families of which a story is told.
_TOLD: Final = {
    stories.TRIAL_ONCE: (_Attempt(1, TrialOutcome.NEXT), _Attempt(2, is_ahead=True)),
    stories.TRIAL_AGAIN: (_Attempt(1, TrialOutcome.REPEAT), _Attempt(1, is_ahead=True)),
    stories.TRIAL_OPEN: (_Attempt(1),),
}


@dataclass(slots=True)
class Trials:
    """What was planned: stays by facility and day, and when a child was through with it."""

    stays: dict[tuple[uuid.UUID, date], list[PlannedStay]]
    through: dict[tuple[uuid.UUID, uuid.UUID], datetime]

    def later(
        self, clients: Mapping[uuid.UUID, Sequence[Client]]
    ) -> Mapping[uuid.UUID, list[Client]]:
        """Return the families, none of which comes for anything else before it is through."""
        return {
            facility_id: [
                replace(
                    client,
                    children=tuple(
                        replace(
                            child,
                            accepted_at=self.through.get(
                                (facility_id, child.child_id), child.accepted_at
                            ),
                        )
                        for child in client.children
                    ),
                )
                for client in known
            ]
            for facility_id, known in clients.items()
        }


def plan_trials(
    connection: Connection,
    rows: Rows,
    city: City,
    places: Sequence[Place],
    busy: set[tuple[uuid.UUID, date]],
    now: datetime,
) -> Trials:
    """Plan all parts of trial care and take their places; outcomes go into ``rows``."""
    found = Trials({}, {})
    with_trial = {
        place.facility_id: place
        for place in places
        if place.document.steps and place.document.steps.trial
    }
    sites = {site.facility_id: site for site in city.sites}
    values = {"facilities": list(with_trial), "today": today(now)}
    for row in connection.execute(_CHILDREN, values).all():
        if not is_derived(row.family_id) or row.accepted_at < at(city.started_on, time(0)):
            continue
        place = with_trial[row.facility_id]
        way = _Way(rows, place, sites[row.facility_id], row, busy, now, city)
        for stay in way.go(found):
            found.stays.setdefault((row.facility_id, stay.span.day), []).append(stay)
    return found


class _Way:
    """One child's way through trial care."""

    def __init__(
        self,
        rows: Rows,
        place: Place,
        site: Site,
        row: Any,
        busy: set[tuple[uuid.UUID, date]],
        now: datetime,
        city: City,
    ) -> None:
        self._rows, self._place, self._site, self._row = rows, place, site, row
        self._busy, self._now, self._seed = busy, now, city.seed
        self._storm_on = city.storm_on
        self._dice = random.Random(f"{city.seed}|trial|{row.id}")  # noqa: S311 - invented lives

    def go(self, found: Trials) -> Iterator[PlannedStay]:
        """Yield its stays; a child whose parts do not fit in had them before, by word of staff."""
        moment = self._row.accepted_at + timedelta(hours=2)
        attempts = list(self._attempts())
        planned: list[tuple[_Attempt, PlannedStay]] = []
        for attempt in attempts:
            stay = self._stay(attempt, moment, len(planned))
            if stay is None:
                break
            planned.append((attempt, stay))
            moment = stay.span.ends_at + timedelta(hours=1)
        is_done = StepKind.TRIAL_CARE.value in self._row.steps_done
        if is_done and len(planned) < len(attempts):
            return
        for attempt, stay in planned:
            self._take(stay)
            if attempt.outcome is not None:
                self._say(stay, attempt.outcome)
            yield stay
        if is_done:
            found.through[self._row.facility_id, self._row.child_id] = moment

    def _attempts(self) -> Iterator[_Attempt]:
        steps = self._place.document.steps
        count = len(steps.trial.parts) if steps and steps.trial else 0
        if StepKind.TRIAL_CARE.value in self._row.steps_done:
            for part in range(1, count + 1):
                if self._dice.random() < _REPEATED:
                    yield _Attempt(part, TrialOutcome.REPEAT)
                yield _Attempt(part, TrialOutcome.NEXT)
            return
        fate = self._dice.random()
        if told := _TOLD.get(self._row.name):
            yield from told
        elif fate < 0.4:  # noqa: PLR2004 - shares of those in the midst of it
            yield _Attempt(1, is_ahead=True)
        elif fate < 0.6 and count > 1:  # noqa: PLR2004
            yield from (_Attempt(1, TrialOutcome.NEXT), _Attempt(2, is_ahead=True))
        elif fate < 0.75:  # noqa: PLR2004
            yield _Attempt(1)
        elif fate < 0.85:  # noqa: PLR2004
            yield _Attempt(1, TrialOutcome.NOT_YET)

    def _stay(self, attempt: _Attempt, since: datetime, number: int) -> PlannedStay | None:
        steps = self._place.document.steps
        part = steps.trial.part(attempt.part) if steps and steps.trial else None
        if part is None:
            return None
        first = local_date(since + _PAUSE)
        last = min(first + _REACH, today(self._now) - timedelta(days=1))
        if attempt.is_ahead:
            first = max(today(self._now) + timedelta(days=1), first)
            last = first + _REACH
        day = first
        while day <= last:
            stay = self._on(day, attempt, part, since, number)
            if stay is not None:
                return stay
            day += timedelta(days=1)
        return None

    def _on(
        self, day: date, attempt: _Attempt, part: TrialPart, since: datetime, number: int
    ) -> PlannedStay | None:
        place, row = self._place, self._row
        hours = place.open_cells(day)
        pools = place.pools_of(row.born_on, day)
        if hours is None or not pools or day == self._storm_on:
            return None
        if (row.child_id, day) in self._busy:
            return None
        length = part.longest_minutes // 30
        end = min(part.last_cell, hours[1])
        start = max(hours[0], end - length if part.ends_by else _MORNING)
        cells = range(start, min(start + length, end))
        if not cells or not place.fits([pools], day, cells):
            return None
        span = span_on(day, cell_time(cells.start), cell_time(cells.stop))
        booked_at = min(since + timedelta(hours=5), self._now - timedelta(minutes=10))
        known = KnownChild(row.child_id, row.born_on, row.accepted_at, row.accepted_until)
        facts = ChildFacts(
            row.child_id,
            row.born_on,
            row.accepted_until,
            local_date(row.accepted_at),
            has_application=True,
            steps=StepStanding(done=frozenset(StepKind) - {StepKind.TRIAL_CARE}),
            trial=TrialStanding(next_part=attempt.part),
            family_agreed=True,
            facility_agreed=True,
        )
        channel = Channel.WEB if row.basis == "self" else Channel(row.basis)
        case = Case(
            place.document,
            place.calendar(day),
            (facts,),
            span,
            booked_at,
            by_staff=channel is not Channel.WEB,
            trial_part=attempt.part,
        )
        decision = decide(case, now=booked_at)
        if decision.reasons or booked_at <= row.accepted_at:
            return None
        steps = place.document.steps
        counts = steps is None or steps.trial is None or steps.trial.counts_toward_caps
        return PlannedStay(
            key=f"{self._seed}|trial|{row.id}|{number}",
            place=place,
            client=Client(row.family_id, row.user_id, channel, frozenset(), (known,)),
            children=(known,),
            span=span,
            booked_at=booked_at,
            channel=channel,
            purpose=UsePurpose.RESPITE,
            decision=decision,
            trial_part=attempt.part,
            guardian_stays=part.with_guardian,
            counts_toward_caps=counts,
        )

    def _take(self, stay: PlannedStay) -> None:
        pools = self._place.pools_of(self._row.born_on, stay.span.day)
        self._place.take(pools, stay.span.day, stay.cells)
        self._busy.add((self._row.child_id, stay.span.day))

    def _say(self, stay: PlannedStay, outcome: TrialOutcome) -> None:
        row, site = self._row, self._site
        booking_id = ident("booking", stay.key, row.child_id)
        said_at = stay.span.ends_at + timedelta(minutes=30)
        ours = {"organisation_id": site.organisation_id, "family_id": row.family_id}
        self._rows.add(
            "trial_outcomes",
            booking_id=booking_id,
            preregistration_id=row.id,
            **ours,
            child_id=row.child_id,
            part=stay.trial_part,
            outcome=outcome.value,
            decided_by=site.staff_id,
            decided_at=said_at,
        )
        has_note = outcome is not TrialOutcome.NEXT or self._dice.random() < 0.3  # noqa: PLR2004 - few are noted
        if has_note:
            binding = ("trial_notes", "note", str(booking_id), str(row.family_id))
            self._rows.add(
                "trial_notes",
                booking_id=booking_id,
                **ours,
                note_sealed=seal(self._dice.choice(_NOTES), bound_to=binding),
                written_by=site.staff_id,
                written_at=said_at,
            )
        self._rows.add(
            "audit_log",
            id=ident("audit", "trial.outcome", booking_id),
            at=said_at,
            user_id=site.staff_id,
            organisation_id=site.organisation_id,
            family_id=row.family_id,
            role="staff",
            action="trial.outcome",
            subjects=[booking_id, row.id],
            detail={"part": stay.trial_part, "outcome": outcome.value, "has_note": has_note},
        )
