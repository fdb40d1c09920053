"""Kinds G19 (its steps) and G20: what a family and a facility do together before the first stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.kernel.spans import Span
from portal.policies.fee import Yen
from portal.policies.meeting import Meeting
from portal.policies.purposes import Code
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import ClockTime, Rule, moment_on
from portal.policies.standing import StepKind, StepStanding, TrialStanding
from portal.policies.units import UnitsRule

__all__ = [
    "MOST_PARTS",
    "Before",
    "Demand",
    "StepKind",
    "StepRule",
    "StepStanding",
    "StepsRule",
    "TrialFeeKind",
    "TrialPart",
    "TrialRule",
    "TrialStanding",
    "is_needed",
    "next_step",
    "open_steps",
    "reasons_against_trial",
    "steps_against_use",
    "steps_before_trial",
]

#: More parts than this are no trial any more.
MOST_PARTS = 10


class Demand(StrEnum):
    """Whether a step must be done."""

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    ORDERED = "ordered"  # only where staff order it for a child


class Before(StrEnum):
    """By when a step is done: before the application is accepted, or before the first use."""

    ACCEPTANCE = "acceptance"
    USE = "use"


class TrialFeeKind(StrEnum):
    """What a part of trial care costs."""

    USUAL = "usual"
    FREE = "free"
    FIXED = "fixed"


STEP_KIND_WORDS: Mapping[StepKind, str] = MappingProxyType(
    {
        StepKind.TOUR: "見学",
        StepKind.INTERVIEW: "面談",
        StepKind.TRIAL_CARE: "ならし預かり",
        StepKind.SUPPORT_CENTRE: "地域子育て支援拠点の利用",
        StepKind.CONSULTATION: "相談",
        StepKind.PRENATAL: "妊娠中の体験",
    }
)
DEMAND_WORDS: Mapping[Demand, str] = MappingProxyType(
    {
        Demand.REQUIRED: "する（しないと進めない）",
        Demand.RECOMMENDED: "すすめる（しなくてもよい）",
        Demand.ORDERED: "園がお願いしたお子さんだけ",
    }
)
BEFORE_WORDS: Mapping[Before, str] = MappingProxyType(
    {Before.ACCEPTANCE: "登録の前", Before.USE: "はじめての利用の前"}
)
TRIAL_FEE_WORDS: Mapping[TrialFeeKind, str] = MappingProxyType(
    {
        TrialFeeKind.USUAL: "ふだんの料金",
        TrialFeeKind.FREE: "無料",
        TrialFeeKind.FIXED: "1回いくら（fixed_yen）",
    }
)


class TrialPart(Rule):
    """One stay of trial care: at most so long, with or without the guardian, ended by a time."""

    longest_minutes: int = Field(
        ge=30, le=720, description="この回の長さの上限（分）", examples=[120]
    )
    with_guardian: bool = Field(
        default=False, description="trueなら、保護者もいっしょにいる", examples=[True]
    )
    ends_by: ClockTime | None = Field(
        default=None, description="この時刻までに終わる", examples=["12:00"]
    )

    @model_validator(mode="after")
    def _some_stay_is_possible(self) -> TrialPart:
        if self.ends_by is not None and self.ends_by < "00:30":
            raise ValueError("the part ends before any stay could")
        return self

    @property
    def last_cell(self) -> int:
        """The half-hour cell by which the part ends, 48 for the end of the day."""
        limit = self.ends_by or "24:00"
        return int(limit[:2]) * 2 + (int(limit[3:]) >= 30)  # noqa: PLR2004 - half an hour

    def as_units(self) -> UnitsRule:
        """Return the shape of its stays, for pages that offer half hours to choose from."""
        starts = None if self.ends_by is None else frozenset(range(self.last_cell))
        return UnitsRule(max_minutes=self.longest_minutes, start_cells=starts)


class TrialRule(Rule):
    """Trial care: its parts in order, and what they cost.

    ``may_be_prolonged``: staff may ask for a part once more. ``counts_toward_caps``: its stays are
    counted with the others wherever days or hours are limited; a cap can say otherwise for itself.
    ``free_tickets``: so many tickets are handed out after it, and spent as the coupons of ``fee``.
    """

    parts: tuple[TrialPart, ...] = Field(
        min_length=1,
        max_length=MOST_PARTS,
        description="1回目から順に、それぞれの回",
        examples=[[{"longest_minutes": 60, "with_guardian": True}, {"longest_minutes": 120}]],
    )
    may_be_prolonged: bool = Field(
        default=True, description="園がもう一度とお願いすることがあるか", examples=[False]
    )
    fee: TrialFeeKind = Field(
        default=TrialFeeKind.USUAL,
        description="ならし預かりの料金。free と fixed では、食事などの実費もかかりません",
        examples=["free"],
    )
    fixed_yen: Yen | None = Field(
        default=None, description="feeがfixedのときの、1回の円", examples=[500]
    )
    counts_toward_caps: bool = Field(
        default=True,
        description="ならし預かりも、日数や時間の上限に数えるか",
        examples=[False],
    )
    free_tickets: int = Field(
        default=0,
        ge=0,
        le=20,
        description="ならし預かりのあとに渡す、お試し券の枚数。券の使い方はcouponsに書く",
        examples=[2],
    )

    @model_validator(mode="after")
    def _a_fixed_fee_has_an_amount(self) -> TrialRule:
        if (self.fee is TrialFeeKind.FIXED) != (self.fixed_yen is not None):
            raise ValueError("a fixed fee has an amount, and no other has one")
        return self

    def part(self, number: int) -> TrialPart | None:
        """Return the part of that number, 1 being the first."""
        return self.parts[number - 1] if 1 <= number <= len(self.parts) else None


class StepRule(Rule):
    """One step. ``words`` are the provider's own, shown to parents as they stand.

    ``opens``: types of use that need this step; empty means every use. So a trial can be the
    gate to another type of use. ``meeting``: where and when it is held.
    """

    kind: StepKind = Field(description="何をするか", examples=["interview"])
    demand: Demand = Field(
        default=Demand.REQUIRED, description="しなければならないか", examples=["recommended"]
    )
    before: Before = Field(
        default=Before.USE, description="いつまでにするか", examples=["acceptance"]
    )
    words: str = Field(
        default="", max_length=400, description="家庭への説明", examples=["20分ほどです。"]
    )
    opens: tuple[Code, ...] = Field(
        default=(),
        description="この利用区分で使うときだけいる（書かなければ、どの利用でもいる）",
        examples=[["irregular_work"]],
    )
    trial: TrialRule | None = Field(
        default=None,
        description="ならし預かり（trial_care）の中身。ほかの段階では書かない",
        examples=[{"parts": [{"longest_minutes": 120}]}],
    )
    meeting: Meeting | None = Field(
        default=None,
        description="どこで、どの曜日に、何組でするか",
        examples=[{"places": ["site"], "weekdays": ["tue"], "minutes": 30, "families": 4}],
    )

    @model_validator(mode="after")
    def _trial_care_has_its_parts(self) -> StepRule:
        if (self.kind is StepKind.TRIAL_CARE) != (self.trial is not None):
            raise ValueError("trial care has its parts, and no other step has any")
        if self.opens and self.before is Before.ACCEPTANCE:
            raise ValueError("a step that opens some uses stands before use")
        return self


class StepsRule(Rule):
    """The steps of a programme in their order, each kind at most once.

    ``first_use_purposes``: types of use with which a child begins; any other is open to it once
    it has been there. Trial care is no use here.
    """

    steps: tuple[StepRule, ...] = Field(
        default=(),
        max_length=len(StepKind),
        description="利用の前にすることを、順に。同じものは1つだけ",
        examples=[[{"kind": "interview", "before": "acceptance"}]],
    )
    first_use_purposes: tuple[Code, ...] = Field(
        default=(),
        description="はじめての利用は、この利用区分から（書かなければ、どれからでも）",
        examples=[["respite"]],
    )

    @model_validator(mode="after")
    def _each_kind_once(self) -> StepsRule:
        if len({step.kind for step in self.steps}) != len(self.steps):
            raise ValueError("each step stands once")
        if not self.steps and not self.first_use_purposes:
            raise ValueError("steps name a step")
        return self

    def step(self, kind: StepKind) -> StepRule | None:
        """Return the step of that kind, if the programme has it."""
        return next((step for step in self.steps if step.kind is kind), None)

    @property
    def trial(self) -> TrialRule | None:
        """The parts of trial care, if the programme has it."""
        step = self.step(StepKind.TRIAL_CARE)
        return step.trial if step else None


def is_needed(step: StepRule, standing: StepStanding) -> bool:
    """Say whether this child must do the step: by the rule, or since staff ordered it."""
    return step.demand is Demand.REQUIRED or step.kind in standing.ordered


def open_steps(
    rule: StepsRule | None,
    standing: StepStanding,
    *,
    before: Before | None = None,
    purpose: str | None = None,
) -> tuple[StepRule, ...]:
    """Return the steps that this child must still do, in their order.

    Args:
        before: Only those that stand before this; all by default.
        purpose: Leave out those that open other reasons of use only. None: leave out none.
    """
    if rule is None:
        return ()
    return tuple(
        step
        for step in rule.steps
        if is_needed(step, standing)
        and not standing.is_over(step.kind)
        and (before is None or step.before is before)
        and (purpose is None or not step.opens or purpose in step.opens)
    )


def next_step(
    rule: StepsRule | None, standing: StepStanding, *, before: Before | None = None
) -> StepRule | None:
    """Return the first step that this child must still do, None where nothing is left."""
    return next(iter(open_steps(rule, standing, before=before)), None)


def steps_against_use(
    rule: StepsRule | None, standing: StepStanding, purpose: str | None
) -> tuple[StepRule, ...]:
    """Return the steps that stand before a stay with this reason of use.

    What comes before the acceptance was the acceptance's to ask, unless staff ordered it since.
    """
    return tuple(
        step
        for step in open_steps(rule, standing, purpose=purpose or "")
        if step.before is Before.USE or step.kind in standing.ordered
    )


def steps_before_trial(rule: StepsRule, standing: StepStanding) -> tuple[StepRule, ...]:
    """Return the steps that must be done before trial care: those that stand earlier in order."""
    kinds = [step.kind for step in rule.steps]
    earlier = kinds[: kinds.index(StepKind.TRIAL_CARE)] if StepKind.TRIAL_CARE in kinds else []
    return tuple(
        step for step in open_steps(rule, standing) if step.kind in earlier and not step.opens
    )


def reasons_against_trial(
    rule: StepsRule | None, standing: StepStanding, trial: TrialStanding, part: int, span: Span
) -> Iterator[Reason]:
    """Yield what the steps say against a stay of trial care; the child is the caller's to add."""
    step = rule.step(StepKind.TRIAL_CARE) if rule else None
    limits = step.trial.part(part) if step and step.trial else None
    is_offered = step is not None and (
        step.demand is not Demand.ORDERED or step.kind in standing.ordered
    )
    if rule is None or limits is None or not is_offered:
        yield Reason(BookingRefusal.TRIAL_NOT_OFFERED)
        return
    for earlier in steps_before_trial(rule, standing)[:1]:
        yield Reason(BookingRefusal.STEP_MISSING, {"step": earlier.kind.value})
    yield from _reasons_of_turn(standing, trial, part)
    yield from _reasons_of_part(limits, part, span)


def _reasons_of_turn(standing: StepStanding, trial: TrialStanding, part: int) -> Iterator[Reason]:
    if standing.is_over(StepKind.TRIAL_CARE):
        yield Reason(BookingRefusal.TRIAL_OVER)
    elif trial.is_ahead:
        yield Reason(BookingRefusal.TRIAL_AHEAD)
    elif trial.is_paused:
        yield Reason(BookingRefusal.TRIAL_PAUSED)
    elif part != trial.next_part:
        values: dict[str, object] = {"part": part, "next_part": trial.next_part}
        yield Reason(BookingRefusal.TRIAL_OTHER_PART, values)


def _reasons_of_part(limits: TrialPart, part: int, span: Span) -> Iterator[Reason]:
    if span.minutes > limits.longest_minutes:
        values: dict[str, object] = {"part": part, "max_minutes": limits.longest_minutes}
        yield Reason(BookingRefusal.TRIAL_TOO_LONG, values)
    if limits.ends_by is not None:
        ends_at = moment_on(span.day, limits.ends_by)
        if span.ends_at > ends_at:
            values = {"part": part, "ends_at": ends_at}
            yield Reason(BookingRefusal.TRIAL_ENDS_TOO_LATE, values)
