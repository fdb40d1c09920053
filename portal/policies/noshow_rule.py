"""Kind G12, no-show: what it is, what it costs, and what follows when it happens again."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.caps import HALVES, Amount, CapScope, Per
from portal.policies.rule import Rule


class Follows(StrEnum):
    """What follows from enough points."""

    WARNING = "warning"
    ASK_STAFF = "ask_staff"
    REFUSE = "refuse"


FOLLOWS_WORDS: Mapping[Follows, str] = MappingProxyType(
    {
        Follows.WARNING: "お知らせをする（利用はできる）",
        Follows.ASK_STAFF: "職員が話をうかがい、認めたときに利用できる",
        Follows.REFUSE: "しばらく利用できない",
    }
)


class PointsKept(StrEnum):
    """How long a point counts."""

    MONTHS = "months"
    FISCAL_YEAR = "fiscal_year"
    ALWAYS = "always"


POINTS_KEPT_WORDS: Mapping[PointsKept, str] = MappingProxyType(
    {
        PointsKept.MONTHS: "決まった月数のあいだ（points_months）",
        PointsKept.FISCAL_YEAR: "その年度のあいだ（3月31日まで）",
        PointsKept.ALWAYS: "ずっと",
    }
)


class StopBegins(StrEnum):
    """From when care is refused."""

    NEXT_DAY = "next_day"
    NEXT_MONTH = "next_month"


STOP_BEGINS_WORDS: Mapping[StopBegins, str] = MappingProxyType(
    {
        StopBegins.NEXT_DAY: "点数に達した日の次の日から",
        StopBegins.NEXT_MONTH: "点数に達した月の次の月の1日から",
    }
)


class StopOf(StrEnum):
    """What is stopped meanwhile."""

    USE = "use"
    BOOKING = "booking"
    BOTH = "both"


STOP_OF_WORDS: Mapping[StopOf, str] = MappingProxyType(
    {
        StopOf.USE: "その期間の利用",
        StopOf.BOOKING: "その期間に申し込むこと",
        StopOf.BOTH: "その期間の利用も、その期間に申し込むことも",
    }
)


class NoShowConsequence(Rule):
    """What follows once so many points came together. The strictest that applies holds."""

    at_points: Amount = Field(description="合計がこの点数になったとき（0.5きざみ）", examples=[2])
    then: Follows = Field(description="どうするか", examples=["refuse"])
    months: int | None = Field(
        default=None, ge=1, le=60, description="何か月のあいだか", examples=[6]
    )
    days: int | None = Field(
        default=None, ge=1, le=366, description="何日のあいだか（暦の日数）", examples=[14]
    )
    until_fiscal_year_end: bool = Field(
        default=False, description="true：その年度の3月31日まで", examples=[True]
    )
    begins: StopBegins = Field(
        default=StopBegins.NEXT_DAY, description="いつからか", examples=["next_month"]
    )
    stops: StopOf = Field(default=StopOf.USE, description="何を止めるか", examples=["booking"])

    @model_validator(mode="after")
    def _one_length(self) -> NoShowConsequence:
        lengths = (self.months is not None, self.days is not None, self.until_fiscal_year_end)
        if sum(lengths) > 1:
            raise ValueError("a consequence has one length")
        if not self.at_points or self.at_points * HALVES % 1:
            raise ValueError("points go in halves, and a consequence needs some")
        return self


class NoShowFee(Rule):
    """What a day costs on which the child did not come and nobody told."""

    yen: int | None = Field(
        default=None, ge=0, le=1_000_000, description="お子さん1人につき何円か", examples=[500]
    )
    percent: int | None = Field(
        default=None, ge=0, le=100, description="料金の何パーセントか", examples=[100]
    )
    of_total: bool = Field(
        default=False,
        description="percentのもと。false：利用料だけ、true：食事代なども含めた合計",
        examples=[True],
    )

    @model_validator(mode="after")
    def _one_amount(self) -> NoShowFee:
        if (self.yen is None) == (self.percent is None):
            raise ValueError("a fee is so many yen or a percentage")
        return self


class NoShowRule(Rule):
    """When a child counts as missing without a word, and what follows.

    A family that support stands beside is never punished: for it every consequence is a talk.

    *Source:* こども家庭庁, notice on the operation of temporary care, 2(2): who does not come is
    looked after.
    """

    grace_minutes: int = Field(
        default=30,
        ge=0,
        le=1440,
        description="始まりの時刻から何分たっても来なくて、連絡もないときを「連絡なし」とするか",
        examples=[60],
    )
    fee: NoShowFee | None = Field(
        default=None,
        description="連絡なしのお休みの料金。書かなければ、取り消しの決まりのとおり",
        examples=[{"percent": 100}],
    )
    points: Amount = Field(
        default=Decimal(1), description="連絡なしのお休み1回の点数（0.5きざみ）", examples=[1]
    )
    late_cancel_points: Amount = Field(
        default=Decimal(0), description="期限のあとの取り消し1回の点数（0.5きざみ）", examples=[0.5]
    )
    cancel_points: Amount = Field(
        default=Decimal(0), description="期限までの取り消し1回の点数（0.5きざみ）", examples=[0.5]
    )
    points_kept: PointsKept = Field(
        default=PointsKept.FISCAL_YEAR, description="点数がいつまで残るか", examples=["months"]
    )
    points_months: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="points_keptがmonthsのとき、何か月のあいだの点数を合わせるか",
        examples=[6],
    )
    scope: CapScope = Field(
        default=CapScope.FACILITY, description="どこでのことを数えるか", examples=["municipality"]
    )
    all_programmes: bool = Field(
        default=False, description="true：ほかの事業でのことも数える", examples=[True]
    )
    per: Per = Field(
        default=Per.CHILD, description="お子さんごとに数えるか、世帯ごとか", examples=["household"]
    )
    consequences: tuple[NoShowConsequence, ...] = Field(
        default=(),
        max_length=10,
        description="点数がたまったときにすること。書かなければ、何もしない",
        examples=[[{"at_points": 2, "then": "refuse", "months": 6}]],
    )
    spared_marks: tuple[str, ...] = Field(
        default=("referred", "needs_support"),
        description=(
            "この事情（marks の符号）がある家庭には利用を断らず、職員が話をうかがう。"
            "関係機関から紹介された家庭は、いつもそうします"
        ),
        examples=[["referred"]],
    )

    @model_validator(mode="after")
    def _points_have_their_time(self) -> NoShowRule:
        if (self.points_kept is PointsKept.MONTHS) != (self.points_months is not None):
            raise ValueError("points kept for months have their number, and no others have")
        for points in (self.points, self.late_cancel_points, self.cancel_points):
            if points * HALVES % 1:
                raise ValueError("points go in halves, and a consequence needs some")
        return self
