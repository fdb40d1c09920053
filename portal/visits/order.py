"""Whether a visit comes in its turn among the steps that a facility asks for. Pure.

Which steps there are, and how far a child is, is said by ``policies.steps``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.policies.steps import Demand, StepKind, StepsRule, StepStanding, is_needed
from portal.visits.rules import VisitKind


@dataclass(frozen=True, slots=True)
class Turn:
    """The earlier steps that are neither done nor arranged: asked for, or only advised."""

    needed: tuple[StepKind, ...] = ()
    advised: tuple[StepKind, ...] = ()


def turn_of(
    kind: VisitKind,
    rule: StepsRule | None,
    standings: Sequence[StepStanding],
    *,
    done: frozenset[StepKind] = frozenset(),
    booked: frozenset[StepKind] = frozenset(),
) -> Turn:
    """Return what comes before a visit of ``kind``, for the child that is furthest.

    A visit that is no step of the programme can be made at any time. A step that waits for the
    visit itself (trial care before a tour) stands before it like any other.

    Args:
        standings: One for each child concerned; none where nobody has applied yet.
        done: What the family did, or has booked for before, whoever it was for.
        booked: What it has booked at all: nobody is advised to book that.
    """
    wanted = StepKind(kind.value)
    if rule is None or rule.step(wanted) is None:
        return Turn()
    turns = [_turn(wanted, rule, each, done, booked) for each in standings or (StepStanding(),)]
    return min(turns, key=lambda turn: (len(turn.needed), len(turn.advised)))


def _turn(
    wanted: StepKind,
    rule: StepsRule,
    standing: StepStanding,
    done: frozenset[StepKind],
    booked: frozenset[StepKind],
) -> Turn:
    kinds = [step.kind for step in rule.steps]
    earlier = [
        step
        for step in rule.steps[: kinds.index(wanted)]
        if not standing.is_over(step.kind) and step.kind not in done
    ]
    return Turn(
        tuple(step.kind for step in earlier if is_needed(step, standing)),
        tuple(
            step.kind
            for step in earlier
            if step.demand is Demand.RECOMMENDED
            and not is_needed(step, standing)
            and step.kind not in booked
        ),
    )
