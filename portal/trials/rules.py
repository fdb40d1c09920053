"""What came of a part of trial care, and whose turn it is after it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.policies.steps import StepKind, StepStanding, TrialRule, TrialStanding


class TrialOutcome(StrEnum):
    """What staff say after a part that was attended."""

    NEXT = "next"
    REPEAT = "repeat"
    NOT_YET = "not_yet"


OUTCOME_LABELS: Mapping[TrialOutcome, str] = MappingProxyType(
    {
        TrialOutcome.NEXT: "次へ進む",
        TrialOutcome.REPEAT: "同じ回をもう一度",
        TrialOutcome.NOT_YET: "少し間をおく",
    }
)


class TrialRefusal(StrEnum):
    """Why an outcome is not recorded; sentences stand in ``documents/wording``."""

    NOT_A_TRIAL = "not_a_trial"
    NOT_ATTENDED = "not_attended"
    NOT_PROLONGED = "not_prolonged"  # the rules know no part once more
    DECIDED_MEANWHILE = "decided_meanwhile"  # somebody else recorded one since the page was opened
    NOT_THE_LAST = "not_the_last"  # a later part is booked or was attended
    NO_APPLICATION = "no_application"  # withdrawn meanwhile


@dataclass(frozen=True, slots=True)
class Attempt:
    """A part that is booked or was attended, and what came of it."""

    part: int
    is_attended: bool
    outcome: TrialOutcome | None = None


def trial_standing(
    rule: TrialRule | None, steps: StepStanding, attempts: Sequence[Attempt]
) -> TrialStanding:
    """Return whose turn it is, from the attempts in order of time.

    Where every part has passed but staff undid the step, the last part's turn comes again.
    """
    if rule is None or steps.is_over(StepKind.TRIAL_CARE):
        return TrialStanding()
    if not attempts:
        return TrialStanding()
    last = attempts[-1]
    is_ahead = any(attempt.outcome is None for attempt in attempts)
    part = last.part + (last.outcome is TrialOutcome.NEXT)
    return TrialStanding(
        next_part=min(part, len(rule.parts)),
        is_ahead=is_ahead,
        is_paused=last.outcome is TrialOutcome.NOT_YET,
    )


def ends_trial(rule: TrialRule, part: int, outcome: TrialOutcome) -> bool:
    """Say whether trial care is over with this outcome."""
    return outcome is TrialOutcome.NEXT and part >= len(rule.parts)
