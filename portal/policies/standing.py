"""How far a child is on the steps before the first stay. Part of ``ChildFacts``."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StepKind(StrEnum):
    """What can come before the first stay."""

    TOUR = "tour"  # 見学
    INTERVIEW = "interview"  # 面談
    TRIAL_CARE = "trial_care"  # ならし預かり
    SUPPORT_CENTRE = "support_centre"  # 地域子育て支援拠点の利用
    CONSULTATION = "consultation"  # 相談
    PRENATAL = "prenatal"  # 妊娠中の体験


@dataclass(frozen=True, slots=True)
class StepStanding:
    """How far a child is at one facility; what staff waived counts as done."""

    done: frozenset[StepKind] = frozenset()
    ordered: frozenset[StepKind] = frozenset()
    waived: frozenset[StepKind] = frozenset()

    def is_over(self, kind: StepKind) -> bool:
        """Say whether nobody waits for this step any more."""
        return kind in self.done or kind in self.waived


@dataclass(frozen=True, slots=True)
class TrialStanding:
    """How far a child is in trial care: the part whose turn it is, or why there is none now.

    ``is_ahead``: a part is booked, or its outcome is not recorded yet. ``is_paused``: staff said
    "not yet" after the last one.
    """

    next_part: int = 1
    is_ahead: bool = False
    is_paused: bool = False


NOTHING_DONE = StepStanding()
FIRST_PART = TrialStanding()
