"""Facts of a home as a page shows them: in words, with who said them and when."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal.families.models import Child
from portal.homes.asked import Asked
from portal.homes.models import StoredHomeFact
from portal.homes.queries import fact_of
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.words import fact_words, gate_words
from portal.kernel.actor import Actor
from portal.policies.facts import GateAnswer

PLACE_KINDS = (HomeFactKind.PREFECTURE, HomeFactKind.CITY, HomeFactKind.WARD)


@dataclass(frozen=True, slots=True)
class HomeLine:
    """One fact in words. ``is_mine``: the reader's own side said it and can end it."""

    id: uuid.UUID
    fact: HomeFact
    words: str
    is_mine: bool
    is_by_family: bool
    holds: bool


@dataclass(frozen=True, slots=True)
class GateLine:
    """A question about a child with the answer that counts; None where nobody has answered."""

    code: str
    words: str
    answer: GateAnswer | None
    is_fresh: bool
    #: Whether a facility wants its staff to look, and none of those who may be read has.
    waits_for_staff: bool
    is_for_the_morning: bool
    fact_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class ChildView:
    """What is known of one child beside its record."""

    child: Child
    enrolment: HomeLine | None
    gates: Sequence[GateLine]

    @property
    def open_count(self) -> int:
        """How many questions wait for an answer, or for a new one."""
        return sum(
            line.answer is None or not line.is_fresh
            for line in self.gates
            if not line.is_for_the_morning
        )


@dataclass(frozen=True, slots=True)
class HomeView:
    """Everything that a reader may see of a home. ``place``: the parts of where it lies."""

    lines: Sequence[HomeLine]
    place: Sequence[HomeLine]
    children: Sequence[ChildView]

    def of(self, kind: HomeFactKind) -> list[HomeLine]:
        """Return the facts of one kind, the oldest first."""
        return [line for line in self.lines if line.fact.kind is kind]

    @property
    def place_words(self) -> str:
        """Where the home lies, as on an envelope; empty where nobody has said it."""
        return "".join(line.words for line in self.place)


def home_view(
    rows: Sequence[StoredHomeFact],
    children: Iterable[Child],
    asked: Asked,
    *,
    actor: Actor,
    on: date,
    left: Mapping[str, int],
) -> HomeView:
    """Return stored facts, the oldest first, as pages show them on a local day.

    Args:
        left: How many tickets of a fact no booking has spent, by its id; of others none is left.
    """
    side = actor.organisation_id if actor.is_provider else None
    lines = [
        HomeLine(
            id=row.id,
            fact=(fact := _with_left(fact_of(row), left.get(str(row.id), 0))),
            words=fact_words(fact, asked),
            is_mine=row.organisation_id == side,
            is_by_family=row.organisation_id is None,
            holds=fact.holds_on(on),
        )
        for row in rows
    ]
    place = [_last(lines, kind) for kind in PLACE_KINDS]
    return HomeView(
        lines=lines,
        place=[line for line in place if line is not None],
        children=[
            ChildView(
                child,
                _last(lines, HomeFactKind.ENROLMENT, child.id),
                _gates(lines, child, asked, by_family=not actor.is_provider, on=on),
            )
            for child in children
        ],
    )


def _with_left(fact: HomeFact, left: int) -> HomeFact:
    return replace(fact, number=left) if fact.kind is HomeFactKind.COUPON else fact


def _gates(
    lines: Sequence[HomeLine], child: Child, asked: Asked, *, by_family: bool, on: date
) -> list[GateLine]:
    found = []
    for code in asked.gates_for(child.born_on, on, by_family=by_family):
        line = _last(lines, HomeFactKind.GATE, child.id, code)
        answer = _answer(line.fact) if line else None
        found.append(
            GateLine(
                code=code,
                words=gate_words(code, asked),
                answer=answer,
                is_fresh=answer is not None and asked.is_fresh(code, answer, on),
                waits_for_staff=answer is not None
                and not answer.is_confirmed
                and any(gate.staff_confirm for gate in asked.gates[code]),
                is_for_the_morning=asked.is_for_the_morning(code),
                fact_id=line.id if line else None,
            )
        )
    return found


def _answer(fact: HomeFact) -> GateAnswer:
    return GateAnswer(bool(fact.number), fact.said_on, is_confirmed=fact.is_seen)


def _last(
    lines: Sequence[HomeLine],
    kind: HomeFactKind,
    child_id: uuid.UUID | None = None,
    code: str | None = None,
) -> HomeLine | None:
    return next(
        (
            line
            for line in reversed(lines)
            if line.fact.kind is kind
            and line.fact.child_id == child_id
            and line.holds
            and code in {None, line.fact.code}
        ),
        None,
    )
