"""Where a family stands on the steps, in one line and as a list. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.policies.standing import FIRST_PART, StepKind, StepStanding, TrialStanding
from portal.policies.steps import Before, Demand, StepRule, StepsRule, is_needed, open_steps
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import PreregistrationState
from portal.preregistration.steps import standing


class StepState(StrEnum):
    """Where one step stands, for the list that both sides see."""

    DONE = "done"
    WAIVED = "waived"
    NEXT = "next"
    OPEN = "open"
    RECOMMENDED = "recommended"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step of the list: the rule, and where the child stands with it."""

    step: StepRule
    state: StepState
    is_ordered: bool


def step_lines(rule: StepsRule | None, child: StepStanding) -> tuple[StepLine, ...]:
    """Return the steps that concern this child, in order; what staff might order is left out."""
    if rule is None:
        return ()
    following = next(iter(open_steps(rule, child)), None)
    lines = []
    for step in rule.steps:
        if step.kind in child.done:
            state = StepState.DONE
        elif step.kind in child.waived:
            state = StepState.WAIVED
        elif is_needed(step, child):
            state = StepState.NEXT if step is following else StepState.OPEN
        elif step.demand is Demand.RECOMMENDED:
            state = StepState.RECOMMENDED
        else:
            continue
        lines.append(StepLine(step, state, step.kind in child.ordered))
    return tuple(lines)


class Next(StrEnum):
    """Where a family stands, in one line, and what comes next."""

    STEP = "step"
    TRIAL = "trial"  # a part to book
    TRIAL_BOOKED = "trial_booked"
    TRIAL_WAITS = "trial_waits"  # attended; what staff say of it is not recorded yet
    TRIAL_PAUSED = "trial_paused"
    ANSWER = "answer"  # the family's, to a question
    WAIT = "wait"  # for the facility's answer
    WAIT_FOR_FREE = "wait_for_free"  # for a registration to become free
    BOOK = "book"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class NextLine:
    """Where she stands: a code with what its words need."""

    code: Next
    step: StepKind | None = None
    part: int | None = None


def where_she_stands(
    preregistration: Preregistration,
    rule: StepsRule | None,
    *,
    trial: TrialStanding = FIRST_PART,
    is_trial_booked: bool = False,
) -> NextLine:
    """Return in one line where a family stands with one child at one facility.

    Args:
        trial: Whose turn it is in trial care.
        is_trial_booked: A part is booked and not over.
    """
    state = preregistration.state
    if state in _WITHOUT_STEPS:
        return NextLine(_WITHOUT_STEPS[state])
    is_accepted = state is PreregistrationState.ACCEPTED
    step = _coming(rule, standing(preregistration), is_accepted=is_accepted)
    if step is None:
        return NextLine(Next.BOOK if is_accepted else Next.WAIT)
    if step.kind is not StepKind.TRIAL_CARE:
        return NextLine(Next.STEP, step.kind)
    code = Next.TRIAL
    if is_trial_booked:
        code = Next.TRIAL_BOOKED
    elif trial.is_ahead:
        code = Next.TRIAL_WAITS
    elif trial.is_paused:
        code = Next.TRIAL_PAUSED
    return NextLine(code, step.kind, trial.next_part)


def _coming(rule: StepsRule | None, child: StepStanding, *, is_accepted: bool) -> StepRule | None:
    if not is_accepted:
        return next(iter(open_steps(rule, child, before=Before.ACCEPTANCE)), None)
    return next(
        (
            step
            for step in open_steps(rule, child)
            if step.before is Before.USE or step.kind in child.ordered
        ),
        None,
    )


_WITHOUT_STEPS = {
    PreregistrationState.ASKED_BACK: Next.ANSWER,
    PreregistrationState.WAITING: Next.WAIT_FOR_FREE,
    PreregistrationState.DECLINED: Next.ENDED,
    PreregistrationState.WITHDRAWN: Next.ENDED,
}
