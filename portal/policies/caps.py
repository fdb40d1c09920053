"""Kind G6, caps: how much one child may use, in which time, counted how.

Terms stand in ``cap_terms``; ``cap_count`` counts by the rule, and ``take_places`` reads the same
fields from the stored document: a field renamed here is one renamed there.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Annotated, Self

from pydantic import Field, PlainSerializer, WithJsonSchema, model_validator

from portal.policies.cap_periods import PERIOD_WORDS, CapPeriod, PeriodRule
from portal.policies.cap_terms import (
    BREACH_WORDS,
    CLOSED_WORDS,
    HALVES,
    HOUR_METRICS,
    METRIC_WORDS,
    MINUTES,
    PER_WORDS,
    ROUNDING_WORDS,
    SCOPE_WORDS,
    SUMMED,
    TRIAL_WORDS,
    WITHOUT_PERIOD,
    Breach,
    CapMetric,
    CapScope,
    ClosedDays,
    Per,
    Rounding,
    TrialCounting,
)
from portal.policies.rule import Rule

__all__ = [
    "BREACH_WORDS",
    "CLOSED_WORDS",
    "HALVES",
    "HOUR_METRICS",
    "METRIC_WORDS",
    "MINUTES",
    "PERIOD_WORDS",
    "PER_WORDS",
    "ROUNDING_WORDS",
    "SCOPE_WORDS",
    "SUMMED",
    "TRIAL_WORDS",
    "Amount",
    "Breach",
    "CapMetric",
    "CapPeriod",
    "CapRule",
    "CapScope",
    "ClosedDays",
    "Per",
    "Rounding",
    "StayWeight",
    "TrialCounting",
]

#: No weekly average can be told for these.
_TOO_SHORT_OR_OPEN = frozenset(
    {None, CapPeriod.DAY, CapPeriod.WEEK, CapPeriod.REGISTRATION, CapPeriod.WHOLE_TIME}
)
_ROUNDINGS = {
    Rounding.DOWN: ROUND_FLOOR,
    Rounding.NEAREST: ROUND_HALF_UP,
    Rounding.UP: ROUND_CEILING,
}


def _plainly(number: Decimal) -> int | float:
    return int(number) if number == number.to_integral_value() else float(number)


#: A number of days, stays or hours, half ones allowed; written out as a plain number.
Amount = Annotated[
    Decimal,
    Field(ge=0, le=10_000, allow_inf_nan=False),
    PlainSerializer(_plainly, return_type=float, when_used="json"),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10_000}),
]


class StayWeight(Rule):
    """As how much a stay counts: one of a block's label, or one up to a length."""

    unit: str | None = Field(
        default=None,
        min_length=1,
        max_length=40,
        description="この枠（blocksのlabel）の利用は",
        examples=["午前"],
    )
    up_to_minutes: int | None = Field(
        default=None,
        ge=1,
        le=1440,
        description="この分数まで（ちょうどを含む）の利用は",
        examples=[240],
    )
    counts: Amount = Field(description="いくつと数えるか（0.5きざみ）", examples=[0.5])

    @model_validator(mode="after")
    def _one_of_both_in_halves(self) -> StayWeight:
        if (self.unit is None) == (self.up_to_minutes is None):
            raise ValueError("a weight is for a unit or for a length")
        if self.counts * HALVES % 1:
            raise ValueError("counts go in halves")
        return self


class CapRule(PeriodRule):
    """One cap. Several hold at once, each by itself.

    Of ``metric`` at most ``amount`` in a ``period`` by each child, of the stays within ``scope``;
    what is left over is never carried into the next period. A stay is judged with the wish itself
    counted: at most ``amount`` is allowed, more is not.
    """

    label: str = Field(
        default="",
        max_length=60,
        description="上限の呼び名。断るときの文に出ます",
        examples=["リフレッシュの上限"],
    )
    metric: CapMetric = Field(description="何を数えるか", examples=["days"])
    amount: Amount = Field(
        description="上限。ちょうどこの数まで使えます。日や回は0.5きざみ、時間は1分きざみで書けます",
        examples=[14],
    )
    scope: CapScope = Field(
        default=CapScope.FACILITY, description="どこでの利用を数えるか", examples=["municipality"]
    )
    all_programmes: bool = Field(
        default=False,
        description="true：ほかの事業（誰でも通園など）の利用も数える。false：この事業だけ",
        examples=[True],
    )
    per: Per = Field(
        default=Per.CHILD,
        description="だれごとに数えるか。きょうだいに譲ることはできません",
        examples=["household"],
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="この利用区分（purposesのcode）の予約だけにかかる上限。書かなければ、すべて",
        examples=[["respite"]],
    )
    except_purposes: tuple[str, ...] = Field(
        default=(),
        description="この利用区分にはかからない（数えもしません）",
        examples=[["emergency"]],
    )
    reasons: tuple[str, ...] = Field(
        default=(),
        description="この理由（purposes.reasons の符号）の予約だけにかかる上限。"
        "書かなければ、すべて",
        examples=[["childbirth"]],
    )
    except_reasons: tuple[str, ...] = Field(
        default=(),
        description="この理由にはかからない（数えもしません）",
        examples=[["hospital"]],
    )
    counts_all_purposes: bool = Field(
        default=False,
        description="true：上限がかからない利用区分や理由の利用も、使った分に数える",
        examples=[True],
    )
    half_day_minutes: int | None = Field(
        default=None,
        ge=1,
        le=1440,
        description="この分数まで（ちょうどを含む）の利用は0.5と数える。"
        "metric が half_days か visits のときだけ",
        examples=[240],
    )
    half_day_units: tuple[str, ...] = Field(
        default=(),
        description="この枠（blocksのlabel）の利用は0.5と数える。"
        "metric が half_days か visits のときだけ",
        examples=[["午前", "午後"]],
    )
    weights: tuple[StayWeight, ...] = Field(
        default=(),
        description="1回をいくつと数えるか。上から見て、最初に当てはまるもの。どれでもなければ1。"
        "metric が half_days か visits のときだけ",
        examples=[[{"up_to_minutes": 120, "counts": 0.5}, {"up_to_minutes": 480, "counts": 1}]],
    )
    round_up_minutes: int = Field(
        default=60,
        ge=1,
        le=1440,
        description="hours_rounded_upで、1回ごとに切り上げる単位（分）",
        examples=[30],
    )
    closed_days: ClosedDays = Field(
        default=ClosedDays.NOT_COUNTED,
        description="consecutive_daysで、間にある休みの日をどう数えるか",
        examples=["counted"],
    )
    counts_cancelled: bool = Field(
        default=False,
        description="true：期限までに取り消した予約も、使った分に数える",
        examples=[True],
    )
    counts_late_cancelled: bool = Field(
        default=False,
        description="true：期限のあとに取り消した予約も、使った分に数える",
        examples=[True],
    )
    counts_no_show: bool = Field(
        default=True, description="true：連絡なしのお休みも、使った分に数える", examples=[False]
    )
    counts_declared: bool = Field(
        default=True,
        description="true：ほかの施設での利用として家庭が申し出た分も数える（scopeの範囲で）",
        examples=[False],
    )
    trials: TrialCounting | None = Field(
        default=None,
        description="ならし預かりを数えるか。書かなければ、ならしの決まり（counts_toward_caps）のとおり",
        examples=["always"],
    )
    on_breach: Breach = Field(
        default=Breach.REFUSE, description="上限をこえる予約をどうするか", examples=["surcharge"]
    )
    extension: Amount | None = Field(default=None, description="延長1回で増える分", examples=[14])
    extensions: int = Field(default=0, ge=0, le=20, description="延長できる回数", examples=[1])
    extension_mark: str = Field(
        default="extension",
        min_length=1,
        max_length=40,
        description="延長が認められたことを示す事情（marks の符号）。1つで1回の延長",
        examples=["extension"],
    )
    weekly_average: bool = Field(
        default=False,
        description="true：amountは1週間あたりの平均。期間の日数÷7をかけた数が、その期間の上限",
        examples=[True],
    )
    average_rounding: Rounding = Field(
        default=Rounding.DOWN, description="平均から出した上限の端数", examples=["up"]
    )

    @property
    def in_one(self) -> int:
        """How many integer steps one day, stay or hour is counted in."""
        return MINUTES if self.metric in HOUR_METRICS else HALVES

    def steps(self, amount: Decimal) -> int:
        """Return an amount in the integers that are counted: minutes, or halves."""
        return int(amount * self.in_one)

    def limit_steps(self, extended: int, days_in_period: int | None) -> int:
        """Return the limit in integer steps.

        Args:
            extended: How many extensions staff granted; more than the rule allows count as those.
            days_in_period: Length of the period, for a weekly average; None where it is endless.
        """
        if not self.weekly_average and self.extension is None:
            return self.steps(self.amount)
        limit = self.amount
        if self.weekly_average and days_in_period is not None:
            # Whole days or hours: "13.28 days" helps nobody.
            average = self.amount * days_in_period / 7
            limit = average.to_integral_value(_ROUNDINGS[self.average_rounding])
        extra = min(extended, self.extensions) * (self.extension or Decimal(0))
        return self.steps(limit + extra)

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        self._check_period()
        self._check_weights()
        if self.amount * self.in_one % 1 or (self.extension or 0) * self.in_one % 1:
            raise ValueError("an amount goes in halves, hours in whole minutes")
        if (self.extension is None) != (self.extensions == 0):
            raise ValueError("an extension has an amount and a number")
        if set(self.purposes) & set(self.except_purposes) or (
            set(self.reasons) & set(self.except_reasons)
        ):
            raise ValueError("a cap is for a purpose or not for it")
        return self

    def _check_period(self) -> None:
        if self.metric in WITHOUT_PERIOD:
            if self.weekly_average:
                raise ValueError("a weekly average is of days, stays or hours")
        elif self.period is None and not self.per_cause:
            raise ValueError("a cap needs a period")
        if self.weekly_average and self.period in _TOO_SHORT_OR_OPEN:
            raise ValueError("a weekly average is over a longer period")

    def _check_weights(self) -> None:
        written = self.half_day_minutes is not None or self.half_day_units or self.weights
        if self.metric is CapMetric.HALF_DAYS and not written:
            raise ValueError("half days need a length or units")
        if written and self.metric not in {CapMetric.HALF_DAYS, CapMetric.VISITS}:
            raise ValueError("only half days and stays are weighed")
