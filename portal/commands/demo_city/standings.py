"""How far applications have come by the rules of each facility: steps, agreement, who waits.

Founding writes each as plain applied, accepted or ended; this says the rest, before it is stored.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.commands.demo_city.rows import Rows, ident
from portal.kernel.clock import local_date, today
from portal.policies.document import RulesDocument
from portal.policies.registration import RegistrationRule
from portal.policies.steps import Demand
from portal.preregistration.rules import PreregistrationState as State

_WEEKEND = 5
#: The longest between an application and its answer in the city.
DECIDED_WITHIN = timedelta(days=4)
#: How long a family takes to say that she has read everything.
AGREES_AFTER = timedelta(hours=9)
#: Whoever was accepted since may be in the midst of trial care.
TRIED_WITHIN = timedelta(days=18)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a facility asks, and who decides there."""

    facility_id: uuid.UUID
    document: RulesDocument
    director_id: uuid.UUID

    @property
    def rule(self) -> RegistrationRule:
        """What it asks of a registration."""
        return self.document.registration or RegistrationRule()

    @property
    def rulebook_id(self) -> uuid.UUID:
        """The one version of its rules."""
        return ident("rulebook", self.facility_id)

    @property
    def kinds(self) -> list[str]:
        """The steps that whoever is accepted has done by and by, in their order."""
        steps = self.document.steps.steps if self.document.steps else ()
        return [step.kind.value for step in steps if step.demand is not Demand.ORDERED]


def settle(rows: Rows, terms: Sequence[Terms], now: datetime, told: frozenset[uuid.UUID]) -> None:
    """Complete all applications but those in ``told``, whose story is told elsewhere."""
    by_facility = {each.facility_id: each for each in terms}
    born = {row["id"]: row["born_on"] for row in rows.of("children")}
    for row in rows.of("preregistrations"):
        there = by_facility.get(row["facility_id"])
        if there is None or row["id"] in told:
            continue
        row["application_id"] = ident("application", row["family_id"], there.facility_id)
        dice = random.Random(f"standing|{row['id']}")  # noqa: S311 - invented lives
        if row["state"] == State.ACCEPTED.value:
            _accepted(row, there, born[row["child_id"]], now, dice)
        elif row["state"] in {State.APPLIED.value, State.ASKED_BACK.value}:
            _applied(row, there, dice)
    for there in terms:
        if there.rule.limit is not None:
            _limit(rows, there, now)


def _applied(row: dict[str, Any], there: Terms, dice: random.Random) -> None:
    before = [kind for kind in there.kinds if kind != "trial_care"]
    row["steps_done"] = before[: dice.randint(0, len(before))]
    if row["state"] == State.APPLIED.value and there.rule.answer_days is not None:
        row["answer_by"] = working_day(local_date(row["applied_at"]), there.rule.answer_days)


def _accepted(
    row: dict[str, Any], there: Terms, born_on: date, now: datetime, dice: random.Random
) -> None:
    row["steps_done"] = there.kinds
    if row["accepted_until"] < today(now):
        return
    decided_at = min(row["decided_at"], row["received_at"] + DECIDED_WITHIN)
    if there.rule.validity.value != "fiscal_year":
        row["accepted_until"] = max(
            there.rule.until(local_date(decided_at), born_on), today(now) + timedelta(days=3)
        )
    is_new = decided_at > now - TRIED_WITHIN and dice.random() < 0.6  # noqa: PLR2004 - six in ten
    if is_new and "trial_care" in there.kinds:
        row["steps_done"] = [kind for kind in there.kinds if kind != "trial_care"]
    if there.rule.agreement:
        agree(row, there, decided_at, decided_at + AGREES_AFTER, now)
    opens = there.rule.renewal_opens(row["accepted_until"])
    if opens is not None and opens <= today(now):
        row["renewal_told_for"] = row["accepted_until"]
        asked_at = now - timedelta(days=dice.uniform(0.5, 6))
        if dice.random() < 0.4 and asked_at > decided_at:  # noqa: PLR2004 - four in ten have asked
            row["renewal_asked_at"] = asked_at
            row["renewal_asked_by"] = row["created_by"]
            row["renewal_channel"] = row["channel"]


def agree(
    row: dict[str, Any], there: Terms, read_at: datetime, agreed_at: datetime, now: datetime
) -> None:
    """Let the facility have read the record, and the family have agreed since, if it is so late."""
    row["facility_agreed_at"], row["facility_agreed_by"] = read_at, there.director_id
    if agreed_at < now:
        row["family_agreed_at"], row["family_agreed_by"] = agreed_at, row["created_by"]
        row["family_agreed_channel"] = row["channel"]
        row["family_agreed_rulebook_id"] = there.rulebook_id


def _limit(rows: Rows, there: Terms, now: datetime) -> None:
    """Let those who came last wait, where only so many are registered."""
    mine = [row for row in rows.of("preregistrations") if row["facility_id"] == there.facility_id]
    held = [
        row
        for row in mine
        if row["state"] == State.ACCEPTED.value and row["accepted_until"] >= today(now)
    ]
    for book in rows.of("rulebooks"):
        if book["facility_id"] == there.facility_id:
            # In a city of few families fewer are registered: somebody waits all the same.
            limit = min(there.rule.limit or len(held), len(held))
            book["document"]["registration"]["limit"] = limit
    held.sort(key=lambda row: (row["received_at"], row["id"]))
    late = {row["id"]: row for row in held[there.rule.limit :]}
    # Brothers and sisters wait together; whoever has come since does not overtake them.
    for row in late.values():
        row.update(state=State.WAITING.value, accepted_until=None, steps_done=[], answer_by=None)
        row.update(renewal_asked_at=None, renewal_asked_by=None, renewal_channel=None)
    for trace in rows.of("audit_log"):
        if trace["action"] == "preregistration.accept" and set(trace["subjects"]) & set(late):
            trace["action"] = "preregistration.wait"


def working_day(day: date, ahead: int) -> date:
    """Return the weekday that lies so many weekdays after ``day``."""
    while ahead:
        day += timedelta(days=1)
        ahead -= day.weekday() < _WEEKEND
    return day
