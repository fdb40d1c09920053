"""Kind G20, trial care: whose turn it is, from what came of the parts until now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.policies.standing import FIRST_PART, StepKind, StepStanding, TrialStanding
from portal.policies.steps import TrialRule


class TrialOutcome(StrEnum):
    """What staff say after a part that was attended."""

    NEXT = "next"
    REPEAT = "repeat"
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A part that is booked or was attended, and what came of it; None as long as nobody said."""

    part: int
    outcome: TrialOutcome | None = None


def trial_standing(
    rule: TrialRule | None, steps: StepStanding, attempts: Sequence[Attempt]
) -> TrialStanding:
    """Return whose turn it is, from the attempts in order of time.

    Where every part has passed but staff undid the step, the last part's turn comes again.
    """
    if rule is None or not attempts or steps.is_over(StepKind.TRIAL_CARE):
        return FIRST_PART
    last = attempts[-1]
    part = last.part + (last.outcome is TrialOutcome.NEXT)
    return TrialStanding(
        next_part=min(part, len(rule.parts)),
        is_ahead=any(attempt.outcome is None for attempt in attempts),
        is_paused=last.outcome is TrialOutcome.NOT_YET,
    )


def ends_trial(rule: TrialRule, part: int, outcome: TrialOutcome) -> bool:
    """Say whether trial care is over with this outcome."""
    return outcome is TrialOutcome.NEXT and part >= len(rule.parts)
